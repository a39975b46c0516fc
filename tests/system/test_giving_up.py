"""Actors that fail more often than they may: who pays for it, and who does not."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from urllib3.exceptions import HTTPError

from tests.system.on_disk import find_faults
from tests.system.processes import Service
from tests.system.waiting import eventually


PRICES = {"BTCUSDT": "50000", "BNBUSDT": "400", "ETHBTC": "0.02"}
"""For which anybody buys."""

REST_SECONDS = 5.0
ENDS_WITHIN_SECONDS = 10.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(
        tmp_path / "orders.db", program=("-m", "tests.system.poisoned_service")
    ) as running:
        running.await_trading()
        yield running


def sell(service: Service, symbol: str, quantity: str) -> str:
    answer = service.client.place(symbol, "SELL", quantity, PRICES[symbol])
    assert answer.status == 201, answer.body
    order_id: str = answer.body["id"]
    return order_id


def is_filled(service: Service, order_id: str) -> bool:
    return bool(service.client.order(order_id)["status"] == "FILLED")


def test_failing_symbol_rests_alone_and_comes_back(service: Service) -> None:
    def fail() -> bool:
        service.say("BTCUSDT/router")
        return bool(service.client.status_of("BTCUSDT")["state"] == "DEGRADED")

    eventually(fail, within_seconds=5, what="BTCUSDT is degraded")
    degraded = service.client.get("/readyz")
    waiting, cancelled = (sell(service, "BTCUSDT", "0.5") for _ in range(2))
    answer = service.client.delete(f"/api/v1/orders/{cancelled}")
    others = [sell(service, "BNBUSDT", "20"), sell(service, "ETHBTC", "10")]
    eventually(
        lambda: all(is_filled(service, order_id) for order_id in others),
        within_seconds=REST_SECONDS,
        what="the others trade on",
    )

    assert (degraded.status, degraded.body["status"]) == (200, "degraded")
    assert (answer.status, answer.body["status"]) == (200, "CANCELED")
    status = service.client.order(waiting)["status"]
    is_resting = service.client.status_of("BTCUSDT")["state"] == "DEGRADED"
    # Asked in this order: still at rest now, it was so when the order was read.
    assert status == "NEW" or not is_resting
    service.await_trading(REST_SECONDS + 10)
    eventually(
        lambda: is_filled(service, waiting),
        within_seconds=5,
        what="the order of the resting symbol is filled in the end",
    )
    assert service.interrupt() == 0
    assert not find_faults(service.database, [waiting, cancelled, *others])


@pytest.mark.parametrize("actor", ["ledger", "manager"])
def test_vital_actor_that_fails_too_often_ends_the_process(
    service: Service, actor: str
) -> None:
    order_id = sell(service, "BTCUSDT", "0.5")

    def fail() -> bool:
        service.say(actor)
        return service.exit_code is not None

    eventually(fail, within_seconds=ENDS_WITHIN_SECONDS, what="the service ends")

    assert service.wait() == 1
    critical = [line for line in service.err.lines if " CRITICAL " in line]
    assert len(critical) == 1
    assert f"{actor} failed" in critical[0]
    assert not find_faults(service.database, [order_id])


@pytest.mark.parametrize(
    "name", ["timers", "http", "Ledger", "binance-feed", "terminal-printer"]
)
def test_the_end_of_any_kind_of_thread_is_the_end_of_the_process(
    service: Service, name: str
) -> None:
    service.say(f"thread {name}")

    def give_it_work() -> bool:
        with suppress(HTTPError):
            service.client.place("BTCUSDT", "SELL", "0.5", PRICES["BTCUSDT"])
        return service.exit_code is not None

    eventually(give_it_work, within_seconds=ENDS_WITHIN_SECONDS, what="the end")
    assert service.wait() == 1
    critical = [line for line in service.err.lines if " CRITICAL " in line]
    assert len(critical) == 1
    assert f"the process ends thread={name}" in critical[0]


@pytest.mark.parametrize(
    "who", ["panic ledger", "panic manager", "panic BTCUSDT/router", "thread"]
)
def test_what_nobody_may_survive_ends_the_process_in_order(
    service: Service, who: str
) -> None:
    order_id = sell(service, "BTCUSDT", "0.5")

    service.say(who)

    assert service.wait(ENDS_WITHIN_SECONDS) == 1
    critical = [line for line in service.err.lines if " CRITICAL " in line]
    assert len(critical) == 1
    assert "SystemExit" in service.err.text
    assert "Thread ended by an exception, the process ends" in critical[0]
    assert not find_faults(service.database, [order_id])
