from dataclasses import replace

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from domain.orders.records import Record, Stored
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.audit import events_of, fills_of
from tests.adapters.persistence.builders import (
    Life,
    intent,
    new_order,
    whole_life,
)


def everything(store: SqlTradeStore, queries: SqlOrderQueries) -> tuple[object, ...]:
    page = queries.orders(OrderFilter(limit=1_000))
    return (
        page,
        [events_of(queries, order.order_id) for order in page.orders],
        [fills_of(queries, order.order_id) for order in page.orders],
        [store.open_order(order.order_id) for order in page.orders],
    )


def records_of(life: Life) -> tuple[Record, ...]:
    return (life.new, *life.changes)


@pytest.mark.parametrize("position", range(5))
def test_record_written_again_at_once_changes_nothing(
    store: SqlTradeStore, queries: SqlOrderQueries, position: int
) -> None:
    records = records_of(whole_life(1))
    for record in records[: position + 1]:
        store.write([record])
    before = everything(store, queries)

    outcomes = store.write([records[position]])

    is_new_order = position == 0
    expected = Stored(order=records[position].order, was_there=is_new_order)
    assert outcomes == (expected,)
    assert everything(store, queries) == before


@pytest.mark.parametrize("position", range(5))
def test_record_written_again_at_the_end_changes_nothing(
    store: SqlTradeStore, queries: SqlOrderQueries, position: int
) -> None:
    life = whole_life(1)
    records = records_of(life)
    store.write(records)
    before = everything(store, queries)

    outcomes = store.write([records[position]])

    is_new_order = position == 0
    assert outcomes == (Stored(order=life.end.order, was_there=is_new_order),)
    assert everything(store, queries) == before


def test_whole_batch_written_again_changes_nothing(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    batch = [*records_of(whole_life(1)), *records_of(whole_life(2)), new_order(3)]
    store.write(batch)
    before = everything(store, queries)

    store.write(batch)

    assert everything(store, queries) == before


def test_change_may_settle_one_child_and_intend_the_next(
    store: SqlTradeStore,
) -> None:
    life = whole_life(1)
    both = replace(
        life.second_intent,
        events=life.first_result.events + life.second_intent.events,
        result=life.first_result.result,
        fills=life.first_result.fills,
    )
    store.write([life.new, life.first_intent])

    store.write([both])

    found = store.open_order(life.new.order.order_id)
    assert found is not None
    assert found.order == life.second_intent.order
    assert found.unresolved == life.second_intent.intent


def test_unresolved_intent_survives_being_written_again(
    store: SqlTradeStore,
) -> None:
    new = new_order(1)
    change = intent(new.order)

    store.write([new, change, change])
    store.write([change])

    found = store.open_order(new.order.order_id)
    assert found is not None
    assert found.unresolved == change.intent
