"""A database that is locked or full while the service trades."""

import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.system.client import Answer
from tests.system.on_disk import find_faults
from tests.system.processes import Service
from tests.system.waiting import eventually


RECOVERS_WITHIN_SECONDS = 5.0
REFUSES_WITHIN_SECONDS = 15.0
"""Orders of the commit that fails first are kept until their clients time out."""

ROOM_BYTES = 40_000
"""That a full disk still has when it begins to be full."""


@contextmanager
def locked(service: Service) -> Iterator[None]:
    """Hold the write lock from another connection."""
    with closing(sqlite3.connect(service.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@contextmanager
def full(service: Service) -> Iterator[None]:
    """Let no file of the service grow much more; the system then refuses writes."""
    if sys.platform != "linux":
        pytest.skip("only Linux limits another process")
    log = service.database.with_name(f"{service.database.name}-wal")
    size = max(log.stat().st_size, service.database.stat().st_size)
    with no_file_longer_than(size + ROOM_BYTES, service):
        yield


@contextmanager
def no_file_longer_than(size: int, service: Service) -> Iterator[None]:
    no_limit = resource.RLIM_INFINITY
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (size, no_limit))
    yield
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))


TAKEN = (201, None)
REFUSED = (503, "STORE_UNAVAILABLE")
UNKNOWN = (503, "TIMEOUT")

Trouble = Callable[[Service], AbstractContextManager[None]]


def place_until(
    service: Service,
    accepted: list[str],
    answered: tuple[int, str | None],
    within_seconds: float = RECOVERS_WITHIN_SECONDS,
) -> Answer:
    """Place orders that wait, until one gets this status and problem code.

    Notes those that are taken.
    """

    def place() -> Answer | None:
        answer = service.client.place("BTCUSDT", "SELL", "0.01", "80000")
        if answer.status == 201:
            accepted.append(answer.body["id"])
        is_so = (answer.status, answer.body.get("code"))
        assert is_so in (TAKEN, REFUSED, UNKNOWN)
        return answer if is_so == answered else None

    found = eventually(
        place, within_seconds=within_seconds, what=f"an order gets {answered}"
    )
    assert found is not None
    return found


@pytest.mark.parametrize("trouble", [locked, full])
def test_orders_are_refused_and_nothing_acknowledged_is_lost(
    trouble: Trouble, tmp_path: Path
) -> None:
    accepted: list[str] = []
    with Service(tmp_path / "orders.db") as service:
        service.await_trading()
        place_until(service, accepted, TAKEN)
        selling = service.client.place("BNBUSDT", "SELL", "9000", "400").body["id"]
        accepted.append(selling)

        with trouble(service):
            refused = place_until(
                service, accepted, REFUSED, within_seconds=REFUSES_WITHIN_SECONDS
            )
            ready = service.client.get("/readyz")
            sold = Decimal(service.client.order(selling)["filled"])

        place_until(service, accepted, TAKEN)
        service.await_trading(RECOVERS_WITHIN_SECONDS)
        eventually(
            lambda: Decimal(service.client.order(selling)["filled"]) > sold,
            within_seconds=RECOVERS_WITHIN_SECONDS,
            what="an order sells on",
        )
        assert service.interrupt() == 0

    assert refused.content_type == "application/problem+json"
    assert (ready.status, ready.body["intake"]["ok"]) == (503, False)
    assert "Traceback" not in service.err.text
    assert not find_faults(service.database, accepted)


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
def test_a_stop_on_a_full_disk_waits_to_save_a_log_that_was_deleted(
    tmp_path: Path,
) -> None:
    accepted: list[str] = []
    with Service(tmp_path / "orders.db") as service:
        service.await_trading()
        place_until(service, accepted, TAKEN)
        with no_file_longer_than(0, service):
            service.database.with_name("orders.db-wal").unlink()
            place_until(service, accepted, REFUSED)
            service.send(signal.SIGTERM)
            eventually(
                lambda: "Stopping loses acknowledged orders" in service.err.text,
                within_seconds=RECOVERS_WITHIN_SECONDS + REFUSES_WITHIN_SECONDS,
                what="it says so",
            )
        assert service.wait() == 0

    assert not find_faults(service.database, accepted)
