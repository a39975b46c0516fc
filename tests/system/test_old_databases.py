"""A database of an earlier version, and what becomes of the orders in it.

The whole tree on one thread, with today's store on the database; the venue and its
market are the test's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.listener import ListenerTimes
from actors.messages.client_requests import PlaceRequest, ReleaseRequest
from actors.messages.gateway import SetHalt
from actors.system import SystemDependencies, drain, start_system
from adapters.events.stream import EventStream
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.market.updates import FeedConnected
from domain.orders.child_order import ChildOrder
from domain.orders.commands import PlaceOrder, ReleaseOrder
from domain.orders.committed import BEGINNING, CommittedEvent
from domain.orders.order import Order, OrderStatus
from domain.orders.records import Stored
from domain.ports.venue import Permit
from domain.reasons import EndReason, WaitReason
from domain.risk.halt import HaltSet
from domain.values import ChildId, OrderId, Side, TimeInForce
from domain.venue.answers import VenueAnswer
from tests.actors.builders import RULES, SYMBOL, placement, snapshot, update
from tests.actors.gateway.venue_stage import ABSENT, TIMES, ScriptedVenue, done
from tests.actors.stage import Stage
from tests.adapters.persistence.audit import fills_of
from tests.adapters.persistence.old_databases import (
    BEFORE_POSITIONS,
    NAMES,
    TOLD,
    TOLD_OF_HELD,
    VENUE,
    VERSIONS,
    make_database,
)
from tests.fakes import FakeFeed, Recorder


ASKED = {"DONE": 3, "PART": 5, "FLIGHT": 4, "WAITS": 2, "HELD": 2}
"""Of each order in an old database."""

WINDOW_SECONDS = 2 * TIMES.window.total_seconds()
"""After which "no such order" is final, whatever look-up comes last."""


class RememberingVenue(ScriptedVenue):
    """Fills what it is sent, once, and says of earlier children what the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.earlier: dict[ChildId, VenueAnswer] = {}
        self._trade_ids = iter(range(1_001, 2_000))

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        assert permit.claim() is None
        self.placed.append(child)
        return self._filled(child)

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        self.looked_up.append((child, since, thoroughly))
        return self.earlier.get(child.child_id, ABSENT)

    def executed(self, child_id: str, quantity: int) -> None:
        """Have executed so much of a child that another version had sent."""
        child = ChildOrder(
            child_id=ChildId(child_id),
            order_id=OrderId(child_id.partition("-")[0]),
            symbol=SYMBOL,
            side=Side.SELL,
            price=Decimal(100),
            quantity=Decimal(quantity),
            slices=(),
            intended_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.earlier[child.child_id] = self._filled(child)

    def ids(self) -> list[str]:
        return [child.child_id for child in self.placed]

    def _filled(self, child: ChildOrder) -> VenueAnswer:
        answer = done(child, (int(child.price), int(child.quantity)))
        assert answer.result is not None
        fills = [
            replace(fill, trade_id=next(self._trade_ids))
            for fill in answer.result.fills
        ]
        return replace(answer, result=replace(answer.result, fills=tuple(fills)))


class Service:
    """Today's service on a database of another version."""

    def __init__(self, stage: Stage, stack: ExitStack, url: str, *, real: bool) -> None:
        self.stage = stage
        self.venue = RememberingVenue()
        self.store = open_store(url, VENUE if real else "paper")
        stack.callback(self.store.close)
        self.queries = open_queries(url)
        stack.callback(self.queries.close)
        self.stream = EventStream(self.queries)
        self.feed = FakeFeed()
        self._is_real = real

    def start(self) -> None:
        around = SystemDependencies(
            rules={SYMBOL: RULES},
            feed=self.feed,
            store=self.store,
            publisher=self.stream,
            access=(
                GatewayConfig(venue=self.venue, workers=4, times=TIMES)
                if self._is_real
                else GatewayConfig(venue=PaperVenue(self.stage.clock.now))
            ),
            listener_times=ListenerTimes(checks_quiet=False),
        )
        self.watcher = Recorder()
        self.root = start_system(self.stage.runtime, around, self.watcher)
        self.stage.run()

    def show_book(self) -> None:
        """Get in step, with more bids than are asked for, and no ask to buy at."""
        self.feed.send(FeedConnected(symbol=SYMBOL))
        self.feed.send(update(11, 12))
        self.feed.send(snapshot(12, bids=((100, 50),)))
        self.stage.pass_seconds(2.0)

    def show_asks(self) -> None:
        self.feed.send(update(13, 13, bids=((100, 0), (80, 5)), asks=((90, 50),)))
        self.stage.pass_seconds(2.0)

    def stop(self) -> None:
        drain(self.root)
        self.stage.pass_seconds(10.0)
        assert self.watcher.received

    def tell(self, name: str, message: Callable[[Recorder], Any]) -> Any:
        """Send a request; return its answer."""
        client = Recorder()
        self.stage.directory.tell(name, message(client))
        self.stage.run()
        (answer,) = client.received
        return answer

    def resume(self) -> None:
        answer = self.tell(
            names.GATEWAY, lambda to: SetHalt(is_on=False, reason="", reply_to=to)
        )
        assert isinstance(answer, HaltSet)
        self.stage.pass_seconds(2.0)

    def release(self, name: str) -> None:
        command = ReleaseOrder(order_id=OrderId(name), symbol=SYMBOL)
        answer = self.tell(
            names.MANAGER, lambda to: ReleaseRequest(command=command, reply_to=to)
        )
        assert isinstance(answer, Order)
        self.stage.pass_seconds(2.0)

    def order(self, name: str) -> Order:
        found = self.queries.order(OrderId(name))
        assert found is not None
        return found

    def assert_filled(self, *orders: str) -> None:
        """Hold that orders have got what was asked for, and no more, in their fills."""
        for name in orders:
            order, asked = self.order(name), ASKED[name]
            assert order.status is OrderStatus.FILLED
            assert order.filled == asked
            fills = fills_of(self.queries, order.order_id)
            assert sum(fill.quantity for fill in fills) == asked


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.clear()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def migrated(stage: Stage, stack: ExitStack, database_url: str) -> Service:
    """A service that was not started yet, on a database of the version before."""
    make_database(database_url, BEFORE_POSITIONS)
    return Service(stage, stack, database_url, real=True)


def keys(events: Sequence[CommittedEvent]) -> list[tuple[str, int]]:
    return [(one.event.order_id, one.event.number) for one in events]


def test_open_orders_of_the_version_before_are_filled_as_asked(
    migrated: Service,
) -> None:
    migrated.venue.executed("FLIGHT-1", 3)
    migrated.start()

    migrated.show_book()
    migrated.show_asks()
    migrated.stop()

    migrated.assert_filled("PART", "FLIGHT", "WAITS")
    sent = Counter(migrated.venue.ids())
    assert sent == Counter(("PART-2", "FLIGHT-2", "WAITS-1"))


def test_a_child_in_flight_is_looked_up_and_booked_and_not_sent_again(
    migrated: Service,
) -> None:
    migrated.venue.executed("FLIGHT-1", 2)  # of 3
    migrated.start()
    assert migrated.venue.placed == []

    migrated.stage.pass_seconds(2.0)

    order = migrated.order("FLIGHT")
    assert order.filled == 2
    assert order.at_venue == 0
    (looked_up,) = {child.child_id for child, _, _ in migrated.venue.looked_up}
    assert looked_up == "FLIGHT-1"
    migrated.show_book()
    assert "FLIGHT-1" not in migrated.venue.ids()
    migrated.stop()
    migrated.assert_filled("FLIGHT")


def test_a_child_in_flight_of_which_the_venue_never_knew_is_replaced(
    migrated: Service,
) -> None:
    migrated.start()
    migrated.show_book()
    assert "FLIGHT" not in {child.order_id for child in migrated.venue.placed}

    migrated.stage.pass_seconds(WINDOW_SECONDS)
    migrated.feed.send(update(13, 13, bids=((100, 50),)))
    migrated.stage.pass_seconds(2.0)
    migrated.stop()

    migrated.assert_filled("FLIGHT")
    assert migrated.venue.ids().count("FLIGHT-2") == 1
    assert "FLIGHT-1" not in migrated.venue.ids()


def test_an_order_that_had_ended_stays_as_it_was(migrated: Service) -> None:
    before = migrated.order("DONE"), fills_of(migrated.queries, OrderId("DONE"))
    migrated.start()
    migrated.show_book()
    migrated.stop()

    after = migrated.order("DONE"), fills_of(migrated.queries, OrderId("DONE"))
    assert after == before
    order, fills = after
    assert (order.status, order.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)
    assert order.filled_quote == 303
    assert [fill.trade_id for fill in fills] == [11, 13]
    assert "DONE" not in {child.order_id for child in migrated.venue.placed}


def test_an_order_on_hold_stays_so_until_it_is_released(migrated: Service) -> None:
    migrated.start()
    migrated.show_book()
    assert migrated.order("HELD").reason is WaitReason.ON_HOLD
    assert "HELD-1" not in migrated.venue.ids()

    migrated.release("HELD")
    migrated.stop()

    migrated.assert_filled("HELD")


def test_a_halt_of_the_version_before_holds_until_it_is_resumed(
    stage: Stage, stack: ExitStack, database_url: str
) -> None:
    make_database(database_url, BEFORE_POSITIONS, is_halted=True)
    service = Service(stage, stack, database_url, real=True)
    assert service.store.halt().reason == "over the weekend"
    service.venue.executed("FLIGHT-1", 3)
    service.start()
    service.show_book()
    assert service.venue.placed == []
    assert service.order("FLIGHT").filled == 3  # what is known may be booked

    service.resume()
    service.stop()

    service.assert_filled("PART", "FLIGHT")


def test_a_request_that_comes_again_after_the_migration_makes_no_second_order(
    migrated: Service,
) -> None:
    migrated.start()
    expires_at = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
    command = PlaceOrder(
        symbol=SYMBOL,
        side=Side.BUY,
        quantity=Decimal(2),
        price=Decimal(90),
        time_in_force=TimeInForce.GTD,
        expires_at=expires_at,
        client_order_id="mine",
        idempotency_key="key",
    )
    request = PlaceRequest(
        order_id=OrderId("NEW"), command=command, reply_to=Recorder()
    )

    answer = migrated.tell(names.MANAGER, lambda to: replace(request, reply_to=to))
    migrated.stop()

    assert isinstance(answer, Stored)
    assert answer.order.order_id == "WAITS"
    assert migrated.queries.order(OrderId("NEW")) is None


def test_a_new_order_comes_after_those_that_were_there(migrated: Service) -> None:
    migrated.start()
    command = placement(price=Decimal(300))
    request = PlaceRequest(
        order_id=OrderId("NEW"), command=command, reply_to=Recorder()
    )

    answer = migrated.tell(names.MANAGER, lambda to: replace(request, reply_to=to))
    migrated.stop()

    assert isinstance(answer, Stored)
    assert answer.order.sequence == 6


def test_a_subscriber_from_the_beginning_is_told_what_was_and_then_what_comes(
    migrated: Service,
) -> None:
    from_the_beginning = migrated.stream.subscribe("all", BEGINNING)
    from_now_on = migrated.stream.subscribe("new")
    before = list(from_the_beginning.read())
    assert sorted(keys(before)) == sorted((*TOLD, *TOLD_OF_HELD))
    assert [key for key in keys(before) if key[0] != "HELD"] == list(TOLD)
    assert from_now_on.position == before[-1].position
    migrated.venue.executed("FLIGHT-1", 3)

    migrated.start()
    migrated.show_book()
    migrated.stop()

    new: list[CommittedEvent] = []
    while more := from_now_on.read():
        new += more
    assert new[0].position > before[-1].position
    found = before + new
    positions = [one.position for one in found]
    assert positions == sorted(set(positions))
    for name in ASKED:
        numbers = [number for order_id, number in keys(found) if order_id == name]
        assert numbers == list(range(1, migrated.order(name).version + 1))
    ended = [one.order.order_id for one in new if one.is_end]
    assert sorted(ended) == ["FLIGHT", "PART"]
    again: list[CommittedEvent] = []
    while more := from_the_beginning.read():
        again += more
    assert keys(again) == keys(new)


def test_an_order_expires_at_the_time_that_an_earlier_version_has_written(
    migrated: Service,
) -> None:
    migrated.start()

    migrated.stage.pass_seconds(timedelta(minutes=10).total_seconds())
    migrated.stop()

    assert migrated.order("WAITS").status is OrderStatus.EXPIRED


@pytest.mark.parametrize("steps", VERSIONS, ids=NAMES)
def test_open_orders_of_every_version_are_filled_as_asked(
    stage: Stage, stack: ExitStack, database_url: str, steps: tuple[str, ...]
) -> None:
    make_database(database_url, steps)
    is_real = "0004_venue" in steps
    service = Service(stage, stack, database_url, real=is_real)
    service.venue.executed("FLIGHT-1", 3)
    everything = service.stream.subscribe("all", BEGINNING)
    told = keys(everything.read())

    service.start()
    service.show_book()
    service.show_asks()
    service.stop()

    service.assert_filled("DONE", "PART", "FLIGHT", "WAITS")
    assert [key for key in told if key[0] != "HELD"] == list(TOLD)
    assert "FLIGHT-1" not in service.venue.ids()
