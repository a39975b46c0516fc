import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from domain.orders.child_order import ChildOrder, ChildStatus, Fill, Slice
from domain.orders.order import Order, OrderEvent, OrderStatus, OrderStep, StepDetail
from domain.orders.records import NewOrder, OrderChange, Stored
from domain.reasons import EndReason
from domain.values import ZERO, ChildId, OrderId, Side, Symbol, TimeInForce
from tests.adapters.persistence.audit import events_of, fills_of
from tests.adapters.persistence.builders import new_order, settled, whole_life


ids = itertools.count(1)
"""Examples of one test share a database."""

amounts = st.integers(min_value=1, max_value=10**27).map(
    lambda units: Decimal(units).scaleb(-12)
)
maybe_amounts = st.none() | amounts
ON_DISK = [one for one in OrderStatus if one is not OrderStatus.PENDING_NEW]
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
)
maybe_texts = st.none() | texts
big_ids = st.integers(min_value=1, max_value=2**63 - 1)
maybe_big_ids = st.none() | big_ids
times = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
one_database = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def orders(draw: st.DrawFn, statuses: Sequence[OrderStatus] = ON_DISK) -> Order:
    number = next(ids)
    status = draw(st.sampled_from(statuses))
    filled, at_venue, waiting = draw(amounts), draw(amounts), draw(amounts)
    if status is OrderStatus.FILLED:
        at_venue = waiting = ZERO
    return Order(
        order_id=OrderId(f"ORDER{number}"),
        sequence=number,
        client_order_id=draw(st.none() | texts.map(lambda text: f"{number} {text}")),
        symbol=Symbol("BTCUSDT"),
        side=draw(st.sampled_from(Side)),
        quantity=filled + at_venue + waiting,
        price=draw(amounts),
        time_in_force=draw(st.sampled_from(TimeInForce)),
        expires_at=draw(st.none() | times),
        created_at=draw(times),
        updated_at=draw(times),
        status=status,
        reason=draw(st.none() | st.sampled_from(EndReason)),
        filled=filled,
        filled_quote=draw(amounts) * 10**20,
        at_venue=at_venue,
        children=draw(st.integers(min_value=0, max_value=10**6)),
        version=draw(st.integers(min_value=1, max_value=10**6)),
    )


@st.composite
def events(draw: st.DrawFn, order: Order, number: int) -> OrderEvent:
    return OrderEvent(
        order_id=order.order_id,
        number=number,
        step=draw(st.sampled_from(OrderStep)),
        status=draw(st.sampled_from(OrderStatus)),
        occurred_at=draw(times),
        detail=StepDetail(
            quantity=draw(maybe_amounts),
            price=draw(maybe_amounts),
            update_id=draw(maybe_big_ids),
            child_id=draw(st.none() | texts.map(ChildId)),
            reason=draw(maybe_texts),
        ),
    )


@st.composite
def children(draw: st.DrawFn, order: Order) -> ChildOrder:
    slices = draw(
        st.lists(
            st.builds(Slice, price=amounts, quantity=amounts, update_id=big_ids),
            min_size=1,
            max_size=4,
        )
    )
    return ChildOrder(
        child_id=ChildId(f"{order.order_id}-1"),
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        price=draw(amounts),
        quantity=draw(amounts),
        slices=tuple(slices),
        intended_at=draw(times),
    )


@st.composite
def fills(draw: st.DrawFn, child: ChildOrder, number: int) -> Fill:
    return Fill(
        order_id=child.order_id,
        child_id=child.child_id,
        number=number,
        price=draw(amounts),
        quantity=draw(amounts),
        fee=draw(st.just(Decimal(0)) | amounts | amounts.map(lambda fee: -fee)),
        fee_asset=draw(maybe_texts),
        trade_id=draw(st.none() | st.just(next(ids))),
        update_id=draw(maybe_big_ids),
        executed_at=draw(times),
    )


@one_database
@given(data=st.data())
def test_new_order_reads_as_it_was_written(
    store: SqlTradeStore, queries: SqlOrderQueries, data: st.DataObject
) -> None:
    order = data.draw(orders())
    event = data.draw(events(order, 1))
    record = NewOrder(
        order=order, event=event, idempotency_key=None, fingerprint="request"
    )

    outcomes = store.write([record])

    assert outcomes == (Stored(order=order),)
    assert queries.order(order.order_id) == order
    assert events_of(queries, order.order_id) == [event]


@one_database
@given(data=st.data())
def test_change_reads_as_it_was_written(
    store: SqlTradeStore, queries: SqlOrderQueries, data: st.DataObject
) -> None:
    after = replace(data.draw(orders([OrderStatus.PARTIALLY_FILLED])), version=3)
    before = replace(after, version=1)
    acceptance = data.draw(events(before, 1))
    child = data.draw(children(after))
    told = tuple(data.draw(events(after, number)) for number in (2, 3))
    booked = tuple(data.draw(fills(child, number)) for number in (1, 2))
    store.write(
        [NewOrder(order=before, event=acceptance, idempotency_key=None, fingerprint="")]
    )

    store.write([OrderChange(order=after, events=told, intent=child, fills=booked)])

    found = store.open_order(after.order_id)
    assert found is not None
    assert found.order == after
    assert found.unresolved == child
    assert queries.order(after.order_id) == after
    assert events_of(queries, after.order_id) == [acceptance, *told]
    assert fills_of(queries, after.order_id) == list(booked)


@pytest.mark.parametrize(
    "quantity", ["12345678.123456789012", "9999999999999999.999999999999", "1e-12"]
)
def test_amount_keeps_every_digit(
    store: SqlTradeStore, queries: SqlOrderQueries, quantity: str
) -> None:
    record = new_order(1, quantity=quantity)

    store.write([record])

    read = queries.order(record.order.order_id)
    assert read is not None
    assert read.quantity == Decimal(quantity)


def test_whole_life_reads_as_it_was_written(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    life = whole_life(1)

    store.write([life.new])
    for change in life.changes:
        store.write([change])

    order_id = life.new.order.order_id
    told = [life.new.event, *(event for step in life.changes for event in step.events)]
    assert queries.order(order_id) == life.end.order
    assert events_of(queries, order_id) == told
    assert fills_of(queries, order_id) == [*life.first_result.fills, *life.end.fills]
    assert store.open_order(order_id) is None


def test_child_that_never_left_is_resolved_without_fills(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    life = whole_life(1)
    released = settled(life.first_intent, status=ChildStatus.NEVER_SENT)
    store.write([life.new, life.first_intent])

    store.write([released])

    found = store.open_order(released.order.order_id)
    assert found is not None
    assert found.unresolved is None
    assert fills_of(queries, released.order.order_id) == []
