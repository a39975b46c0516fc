"""Ctrl-C, a second one, and no Ctrl-C at all: how the service ends."""

import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from urllib3.exceptions import HTTPError

from adapters.persistence.queries import open_queries
from domain.values import OrderId
from tests.system.client import Answer
from tests.system.processes import Service, is_gone
from tests.system.waiting import eventually


STOP_SECONDS = 5.0
STUCK_STOP_SECONDS = 8.0
"""What every part may take when its neighbours leave it waiting, and some more."""

FAR = "90000"
"""Nobody buys a BTC for that."""


def place(service: Service) -> Answer:
    """Place an order that will wait."""
    return service.client.place("BTCUSDT", "SELL", "0.5", FAR)


def status_on_disk(database: Path, order_id: str) -> str:
    queries = open_queries(f"sqlite:///{database}")
    order = queries.order(OrderId(order_id))
    queries.close()
    assert order is not None
    return order.status


def await_end_of(url: str) -> None:
    eventually(lambda: is_gone(url), within_seconds=5, what=f"{url} is gone")


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_service_stops_in_order_and_takes_its_simulator_along(
    tmp_path: Path, wish: signal.Signals
) -> None:
    with Service(tmp_path / "orders.db") as service:
        simulator_url = service.simulator_url
        order_id = place(service).body["id"]

        service.send(wish)
        exit_code = service.wait(STOP_SECONDS)

    assert exit_code == 0
    assert "Traceback" not in service.err.text
    assert f"Trading ended signal={wish.name} open_orders=1" in service.err.text
    await_end_of(simulator_url)
    assert status_on_disk(service.database, order_id) == "NEW"


def test_second_signal_ends_a_slow_stop_at_once_and_loses_nothing(
    tmp_path: Path,
) -> None:
    database = tmp_path / "orders.db"
    with Service(database) as service, held_up(service) as order_id:
        simulator_url = service.simulator_url
        service.send(signal.SIGINT)
        eventually(
            lambda: place(service).body.get("code") == "STOPPING",
            within_seconds=2,
            what="intake is closed",
        )

        begun = time.monotonic()
        exit_code = service.interrupt(STOP_SECONDS)
        took = time.monotonic() - begun

    assert exit_code == 128 + signal.SIGINT
    assert took < 2
    await_end_of(simulator_url)
    assert status_on_disk(database, order_id) == "NEW"


def test_stop_is_bounded_while_the_database_is_locked(tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    with Service(database) as service, held_up(service) as order_id:
        simulator_url = service.simulator_url

        exit_code = service.interrupt(STUCK_STOP_SECONDS)

    assert exit_code == 0
    await_end_of(simulator_url)
    assert status_on_disk(database, order_id) == "NEW"


@contextmanager
def held_up(service: Service) -> Iterator[str]:
    """Lock the database, and have a cancellation wait for it to be written down."""
    order_id = place(service).body["id"]
    with closing(sqlite3.connect(service.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=cancel, args=(service, order_id))
        thread.start()
        service.err.wait_for("Database unavailable", STOP_SECONDS)
        yield order_id
    thread.join()


def cancel(service: Service, order_id: str) -> None:
    with suppress(HTTPError):  # the service may end before it has an answer
        service.client.delete(f"/api/v1/orders/{order_id}")


def test_killed_service_leaves_no_simulator_behind(tmp_path: Path) -> None:
    with Service(tmp_path / "orders.db") as service:
        simulator_url = service.simulator_url

        service.kill()

    await_end_of(simulator_url)
