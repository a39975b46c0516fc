"""A stamp is a new decision: what may not leave any more is not stamped anew.

The venue holds its answer to a child order until the test lets it go on, and then
refuses the order's time (-1021). Meanwhile somebody halts, stops, cancels, or the
order's own time is over.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bending_proxy import Asked, Bend, BendingProxy, refusal
from tests.chaos.exchange import Exchange
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"
HELD_SECONDS_MAX = 8.0
"""A test lets it go on before; below what the service waits for an answer."""

LIVES_SECONDS = 4.0
"""An order that expires: its child has left by then on any machine."""

STOP_BEGINS_SECONDS = 2.0
"""After the signal; far more than it takes, and less than a stop may take."""

ORDER, TIME = "/api/v3/order", "/api/v3/time"
LATE = refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


@dataclass
class LateVenue:
    """Before the exchange: refuses the time of the first order, when it is let."""

    proxy: BendingProxy
    held: str = ORDER
    """What is answered only once ``may_go_on`` is set: the order, or what time it is
    after the order was refused for its time."""

    may_go_on: threading.Event = field(default_factory=threading.Event)
    has_order: threading.Event = field(default_factory=threading.Event)
    has_refused: threading.Event = field(default_factory=threading.Event)

    def __call__(self, asked: Asked) -> Bend | None:
        if asked.is_for("GET", TIME) and self.has_order.is_set():
            self.has_refused.set()
            self._hold(TIME)
            return None
        if not asked.is_for("POST", ORDER) or self.has_order.is_set():
            return None
        self.has_order.set()
        self._hold(ORDER)
        return Bend(answer=LATE)

    def _hold(self, what: str) -> None:
        if what == self.held:
            self.may_go_on.wait(HELD_SECONDS_MAX)

    def orders(self) -> list[Asked]:
        return [one for one in self.proxy.asked if one.method == "POST"]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(11, "--symbols", SYMBOL) as running:
        yield running


@pytest.fixture
def venue(exchange: Exchange) -> Iterator[LateVenue]:
    parts = urlsplit(exchange.url)
    assert parts.hostname is not None
    assert parts.port is not None
    with BendingProxy(parts.hostname, parts.port) as proxy:
        proxy.bend = venue = LateVenue(proxy)
        yield venue


@pytest.fixture
def service(exchange: Exchange, venue: LateVenue, tmp_path: Path) -> Iterator[Service]:
    options = (*exchange.as_venue, "--rest-url", venue.proxy.url, "--symbols", SYMBOL)
    with Service(
        tmp_path / "orders.db", *options, variables=exchange.variables
    ) as service:
        service.await_trading()
        yield service


def sell(service: Service, venue: LateVenue, **more: str) -> str:
    """Place an order that can be filled at once; returns when its child has left."""
    answer = service.client.place(SYMBOL, "SELL", "0.05", "400", **more)
    assert answer.status == 201, answer
    assert venue.has_order.wait(10)
    order_id: str = answer.body["id"]
    return order_id


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a client's


def halt(service: Service, _order_id: str) -> None:
    answer = service.client.post("/api/v1/halt", {})
    assert answer.status in (200, 202), answer
    assert answer.body["halted"]


def cancel(service: Service, order_id: str) -> None:
    answer = service.client.delete(f"/api/v1/orders/{order_id}")
    assert answer.status in (200, 202), answer


def await_end(service: Service, order_id: str, status: str) -> None:
    eventually(
        lambda: service.client.order(order_id)["status"] == status,
        within_seconds=HELD_SECONDS_MAX + 5,
        what=f"the order is {status}",
    )


def await_child_end(service: Service, order_id: str) -> None:
    """Wait until the order's history says that its child has ended."""
    path = f"/api/v1/orders/{order_id}/events"
    eventually(
        lambda: "CHILD_ENDED" in str(service.client.get(path).body),
        within_seconds=HELD_SECONDS_MAX + 5,
        what="the child has ended",
    )


def test_the_order_is_sent_again_when_nobody_is_against_it(
    service: Service, venue: LateVenue
) -> None:
    order_id = sell(service, venue)

    venue.may_go_on.set()

    await_end(service, order_id, "FILLED")

    assert len(venue.orders()) == 2


@pytest.mark.parametrize("act", [halt, cancel])
def test_nothing_leaves_after_a_halt_or_a_cancel_was_answered(
    service: Service, venue: LateVenue, act: Callable[[Service, str], None]
) -> None:
    order_id = sell(service, venue)

    act(service, order_id)
    venue.may_go_on.set()

    await_child_end(service, order_id)
    assert len(venue.orders()) == 1
    assert service.client.order(order_id)["filled"] == "0"


def test_nothing_leaves_after_the_orders_time_is_over(
    service: Service, venue: LateVenue
) -> None:
    until = now() + timedelta(seconds=LIVES_SECONDS)
    order_id = sell(service, venue, time_in_force="GTD", expires_at=until.isoformat())

    eventually(lambda: now() > until, within_seconds=LIVES_SECONDS + 1, what="its end")
    venue.may_go_on.set()

    await_end(service, order_id, "EXPIRED")

    assert len(venue.orders()) == 1


def test_nothing_leaves_after_the_service_was_told_to_stop(
    service: Service, venue: LateVenue
) -> None:
    sell(service, venue)

    service.send(signal.SIGTERM)
    threading.Timer(STOP_BEGINS_SECONDS, venue.may_go_on.set).start()

    assert service.wait() == 0
    assert len(venue.orders()) == 1


def test_nothing_leaves_after_a_halt_while_the_clock_is_measured(
    service: Service, venue: LateVenue
) -> None:
    venue.held = TIME
    order_id = sell(service, venue)
    assert venue.has_refused.wait(10)

    answer = service.client.post("/api/v1/halt", {})

    assert answer.body["children_in_flight"] == 0  # what came back is not in flight
    venue.may_go_on.set()
    await_child_end(service, order_id)
    assert len(venue.orders()) == 1
