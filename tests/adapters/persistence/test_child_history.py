"""What reconciliation reads: fills by time, children in flight, a child's history."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.replay.memory_store import MemoryStore
from domain.orders import child_settlement, lifecycle, transitions
from domain.orders.child_order import ChildStatus, Fill, VenueFill
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.records import OrderChange
from domain.orders.stated_settlement import is_as_stated
from domain.orders.stored_orders import ChildHistory
from domain.ports.store import TradeStore
from domain.values import ChildId
from tests.adapters.persistence.builders import (
    BNBUSDT,
    BTCUSDT,
    at,
    canceled,
    child_in,
    intent,
    new_order,
    settled,
    whole_life,
)


@pytest.fixture(params=["disk", "memory"])
def either(request: pytest.FixtureRequest, store: SqlTradeStore) -> TradeStore:
    return MemoryStore() if request.param == "memory" else store


def test_fills_are_found_by_symbol_and_time(either: TradeStore) -> None:
    life = whole_life(1)
    other = new_order(2, symbol=BNBUSDT)
    either.write([life.new, *life.changes, other])
    fills = [fill for change in life.changes for fill in change.fills]
    last = max(fill.executed_at for fill in fills)

    def between(since: datetime, until: datetime) -> list[Fill]:
        return list(either.fills_between(BTCUSDT, since, until))

    a_little = timedelta(microseconds=1)
    assert between(at(0), last) == fills
    assert between(at(0), last - a_little) == fills[:-1]
    assert between(last, last) == fills[-1:]
    assert not between(last + a_little, last + 2 * a_little)
    assert not either.fills_between(BNBUSDT, at(0), last)


def test_children_without_a_final_answer_are_in_flight(either: TradeStore) -> None:
    first, second, third = new_order(1), new_order(2), new_order(3, symbol=BNBUSDT)
    sent, answered, other = (intent(one.order) for one in (first, second, third))
    either.write([first, second, third, sent, answered, other, settled(answered)])

    assert either.children_in_flight(BTCUSDT) == [child_in(sent).child_id]
    assert either.children_in_flight(BNBUSDT) == [child_in(other).child_id]


def test_history_of_a_child_has_its_own_fills_and_its_order(
    either: TradeStore,
) -> None:
    life = whole_life(1)
    either.write([life.new, *life.changes])

    found = either.child_history(child_in(life.first_intent).child_id)

    assert found == ChildHistory(
        order=life.end.order,
        child=child_in(life.first_intent),
        status=ChildStatus.DONE,
        fills=life.first_result.fills,
        holds=(),
    )


def test_history_of_a_child_in_flight_says_so(either: TradeStore) -> None:
    new = new_order(1)
    sent = intent(new.order)
    either.write([new, sent])

    found = either.child_history(child_in(sent).child_id)

    assert found is not None
    assert (found.status, found.fills) == (ChildStatus.INTENDED, ())


def test_history_of_an_ended_order_is_found(either: TradeStore) -> None:
    new = new_order(1)
    ended = canceled(new.order)
    either.write([new, ended])

    found = either.child_history(ChildId(f"{new.order.order_id}-1"))

    assert found == ChildHistory(
        order=ended.order, child=None, status=None, fills=(), holds=()
    )


def test_child_of_an_order_that_is_not_there_has_no_history(
    either: TradeStore,
) -> None:
    assert either.child_history(ChildId("NOBODY-1")) is None


def test_hold_late_fill_and_release_are_kept(either: TradeStore) -> None:
    new = new_order(1)
    sent = intent(new.order)
    result = settled(sent, "0.4", trade_ids=(7,))
    child_id = child_in(sent).child_id
    missing = replace(_venue_fill(result), trade_id=8)
    held, first_hold = transitions.hold(result.order, child_id, "first", now=at(5))
    again, second_hold = transitions.hold(held, child_id, "second", now=at(6))
    late, (booked,), fill = child_settlement.late_fill(
        again, child_in(sent), missing, result.fills, now=at(7)
    )
    free, release = lifecycle.release(late, now=at(8))
    either.write(
        [
            new,
            sent,
            result,
            OrderChange(order=held, events=(first_hold,)),
            OrderChange(order=again, events=(second_hold,)),
        ]
    )

    open_order = either.open_order(new.order.order_id)
    assert open_order is not None
    assert open_order.order == again
    assert open_order.order.is_on_hold

    either.write(
        [
            OrderChange(order=late, events=(booked,), fills=(fill,)),
            OrderChange(order=free, events=(release,)),
        ]
    )

    assert either.child_history(child_id) == ChildHistory(
        order=free,
        child=child_in(sent),
        status=ChildStatus.DONE,
        fills=(*result.fills, fill),
        holds=("first", "second"),
    )


def test_what_an_operator_has_stated_of_a_child_is_kept(
    either: TradeStore,
) -> None:
    change, command = stated_by_hand()
    new = new_order(1)
    either.write([new, intent(new.order), change])

    found = either.child_history(command.child_id)

    assert found is not None
    assert (found.order, found.status) == (change.order, ChildStatus.SETTLED_BY_HAND)
    assert found.stated == change.events[0].detail
    assert found.stated.quantity == Decimal(4)
    assert is_as_stated(found, command)
    other = either.child_history(ChildId(f"{new.order.order_id}-2"))
    assert other is not None
    assert other.stated is None


def stated_by_hand() -> tuple[OrderChange, SettleChild]:
    """State 4 at an average that has no end, of an order of 3."""
    sent = intent(new_order(1).order)
    child = child_in(sent)
    fills = (
        StatedFill(price=Decimal(270), quantity=Decimal(2)),
        StatedFill(price=Decimal("270.1"), quantity=Decimal("0.7")),
        StatedFill(price=Decimal("270.2"), quantity=Decimal("1.3")),
    )
    command = SettleChild(
        order_id=child.order_id,
        symbol=child.symbol,
        child_id=child.child_id,
        fills=fills,
        note="seen there",
    )
    order, events, result, booked = child_settlement.settle_by_hand(
        sent.order, child, command, now=at(5)
    )
    change = OrderChange(order=order, events=events, result=result, fills=booked)
    return change, command


def _venue_fill(result: OrderChange) -> VenueFill:
    assert result.result is not None
    return result.result.fills[0]


def test_clients_read_the_same_about_a_child_as_the_service(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    life = whole_life(2)
    child = child_in(life.first_intent)
    held, event = transitions.hold(
        life.first_result.order, child.child_id, "why", now=at(9)
    )
    stop = OrderChange(order=held, events=(event,))
    by_hand, command = stated_by_hand()
    store.write([new_order(1), intent(new_order(1).order), by_hand])
    store.write([life.new, life.first_intent, life.first_result, stop])

    for name in (
        child.child_id,
        command.child_id,
        ChildId("ORDER0000000001-9"),
        ChildId("NOBODY-1"),
    ):
        assert queries.child_history(name) == store.child_history(name)


def test_a_trade_is_known_by_the_child_that_it_is_booked_for(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    life = whole_life(1)
    store.write([life.new, *life.changes])
    memory = MemoryStore()
    memory.write([life.new, *life.changes])

    for read in (queries, memory):
        assert read.child_of_trade(BTCUSDT, 11) == child_in(life.first_intent).child_id
        assert read.child_of_trade(BTCUSDT, 12) == child_in(life.second_intent).child_id
        assert read.child_of_trade(BTCUSDT, 13) is None
        assert read.child_of_trade(BNBUSDT, 11) is None
