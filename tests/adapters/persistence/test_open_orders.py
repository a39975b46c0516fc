from dataclasses import replace

import pytest

from adapters.persistence.store import SqlTradeStore
from domain.orders.child_order import ChildStatus
from domain.orders.order import OrderStatus
from domain.orders.stored_orders import OpenOrder
from domain.values import OrderId, TimeInForce
from tests.adapters.persistence.builders import (
    BNBUSDT,
    BTCUSDT,
    amended,
    canceled,
    child_in,
    intent,
    new_order,
    settled,
    whole_life,
)


def test_open_orders_come_by_sequence_and_page_by_page(store: SqlTradeStore) -> None:
    records = [new_order(sequence) for sequence in (5, 3, 9, 1, 7)]
    store.write(records)

    first = store.open_orders(BTCUSDT, 0, 2)
    second = store.open_orders(BTCUSDT, first[-1].order.sequence, 2)
    third = store.open_orders(BTCUSDT, second[-1].order.sequence, 2)

    sequences = [[found.order.sequence for found in page] for page in (first, second)]
    assert sequences == [[1, 3], [5, 7]]
    assert [found.order.sequence for found in third] == [9]


def test_open_orders_of_one_symbol_leave_out_the_others(store: SqlTradeStore) -> None:
    wanted = new_order(1, symbol=BNBUSDT)
    store.write([wanted, new_order(2)])

    found = store.open_orders(BNBUSDT, 0, 10)

    assert found == [OpenOrder(order=wanted.order, unresolved=None)]


def test_ended_orders_are_not_open(store: SqlTradeStore) -> None:
    ended, waiting = new_order(1), new_order(2)
    store.write([ended, waiting, canceled(ended.order)])

    assert [found.order for found in store.open_orders(BTCUSDT, 0, 10)] == [
        waiting.order
    ]
    assert store.open_order(ended.order.order_id) is None


def test_every_status_on_disk_that_is_not_final_is_open(store: SqlTradeStore) -> None:
    on_disk = [one for one in OrderStatus if one is not OrderStatus.PENDING_NEW]
    records = [new_order(number) for number in range(1, len(on_disk) + 1)]
    stored = [
        replace(record, order=replace(record.order, status=status))
        for record, status in zip(records, on_disk, strict=True)
    ]
    store.write(stored)

    found = {open_.order.status for open_ in store.open_orders(BTCUSDT, 0, 100)}

    assert found == {status for status in on_disk if not status.is_final}


def test_open_order_has_the_intent_without_a_result(store: SqlTradeStore) -> None:
    life = whole_life(1)
    store.write([life.new, life.first_intent, life.first_result, life.second_intent])

    found = store.open_order(life.new.order.order_id)

    expected = OpenOrder(
        order=life.second_intent.order, unresolved=child_in(life.second_intent)
    )
    assert found == expected
    assert store.open_orders(BTCUSDT, 0, 10) == [expected]


@pytest.mark.parametrize(
    ("time_in_force", "counted"),
    [(TimeInForce.IOC, 2), (TimeInForce.FOK, 2), (TimeInForce.GTC, 0)],
)
def test_children_that_were_never_sent_are_counted_where_there_is_but_one(
    store: SqlTradeStore, time_in_force: TimeInForce, counted: int
) -> None:
    new, other = new_order(1, time_in_force=time_in_force), new_order(2)
    first = intent(new.order, "1")
    unsent = settled(first, status=ChildStatus.NEVER_SENT)
    second = intent(unsent.order, "1")
    again = settled(second, status=ChildStatus.NEVER_SENT)
    third = intent(again.order, "1")
    store.write([new, other, intent(other.order, "1")])

    store.write([first, unsent, second, again, third])

    expected = OpenOrder(
        order=third.order, unresolved=child_in(third), never_sent=counted
    )
    assert store.open_order(new.order.order_id) == expected
    assert store.open_orders(BTCUSDT, 0, 1) == [expected]


def test_unknown_order_is_not_open(store: SqlTradeStore) -> None:
    assert store.open_order(OrderId("NOBODY")) is None


def test_last_sequence_of_an_empty_database_is_zero(store: SqlTradeStore) -> None:
    assert store.last_sequence() == 0


def test_last_sequence_counts_amended_and_ended_orders(store: SqlTradeStore) -> None:
    first, second = new_order(1), new_order(2)
    change = amended(first.order, sequence=8)
    store.write([first, second, change])
    store.write([canceled(change.order)])

    assert store.last_sequence() == 8


def test_amended_order_is_found_at_its_new_place(store: SqlTradeStore) -> None:
    first, second = new_order(1), new_order(2)
    change = amended(first.order, sequence=3)

    store.write([first, second, change])

    assert [found.order for found in store.open_orders(BTCUSDT, 0, 9)] == [
        second.order,
        change.order,
    ]


def test_nothing_to_write_is_no_trouble(store: SqlTradeStore) -> None:
    assert store.write([]) == ()


def test_several_intents_of_different_orders_share_a_batch(
    store: SqlTradeStore,
) -> None:
    records = [new_order(number) for number in range(1, 4)]
    changes = [intent(record.order) for record in records]

    store.write([*records, *changes])

    assert store.open_orders(BTCUSDT, 0, 9) == [
        OpenOrder(order=change.order, unresolved=change.intent) for change in changes
    ]
