"""Fills and events are read a page at a time, and added up without being held."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.replay.memory_store import MemoryStore
from domain.errors import InvalidRequestError
from domain.orders.child_order import Fill
from domain.orders.order import Order
from domain.orders.records import OrderChange, Record
from domain.orders.stored_orders import BookedFill, FillFilter, OrderFilter
from domain.orders.summary import add_up
from domain.pages import Page, PageWanted, every_entry
from domain.values import OrderId
from tests.adapters.persistence.builders import (
    BNBUSDT,
    BTCUSDT,
    at,
    intent,
    new_order,
    settled,
)


FILLS = 1203
"""Odd, and more than are added up at once."""


def order_with_fills(sequence: int, count: int, **fees: str) -> list[Record]:
    """An order, filled in one child, whose fees can be told from one another."""
    new = new_order(sequence, quantity="100000")
    child = intent(new.order, str(count))
    result = settled(child, *["1"] * count)
    first = result.fills[0].number
    fills = tuple(
        replace(
            fill, fee=fee_of(fill.number - first), fee_asset=fees.get("asset", "BNB")
        )
        for fill in result.fills
    )
    return [new, child, replace(result, fills=fills)]


def fee_of(number: int) -> Decimal:
    """Fees that floats add up wrongly, and every tenth fill has none."""
    return (
        Decimal(0) if number % 10 == 9 else Decimal("0.1") + Decimal(number).scaleb(-18)
    )


def order_in(records: list[Record]) -> Order:
    last = records[-1]
    assert isinstance(last, OrderChange)
    return last.order


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_pages_of_fills_together_are_all_fills_in_their_order(
    store: SqlTradeStore, queries: SqlOrderQueries, limit: int
) -> None:
    mine, other = order_with_fills(1, 15), order_with_fills(2, 15)
    for record in (*mine, *other):
        store.write([record])
    order_id = order_in(mine).order_id
    found: list[Fill] = []
    sizes = []

    page = queries.fill_page(order_id, PageWanted(limit=limit))
    found += page.items
    while page.next_cursor is not None:
        sizes.append(len(page.items))
        wanted = PageWanted(limit=limit, cursor=page.next_cursor)
        page = queries.fill_page(order_id, wanted)
        found += page.items

    assert isinstance(mine[-1], OrderChange)
    assert found == list(mine[-1].fills)
    assert set(sizes) <= {limit}
    assert page.items


def test_pages_of_events_together_are_the_whole_history(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    records = order_with_fills(1, 3)
    for record in records:
        store.write([record])
    order_id = order_in(records).order_id

    def small(wanted: PageWanted) -> Page[object]:
        page = queries.event_page(order_id, replace(wanted, limit=1))
        return Page(items=page.items, next_cursor=page.next_cursor)

    told = list(every_entry(small))

    assert told == list(queries.event_page(order_id, PageWanted()).items)
    assert len(told) > 2


def test_a_fill_that_is_booked_between_two_pages_comes_last(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    records = order_with_fills(1, 3)
    for record in records:
        store.write([record])
    order = order_in(records)
    first = queries.fill_page(order.order_id, PageWanted(limit=2))
    child = intent(order, "1")
    later = settled(child, "1")
    store.write([child])
    store.write([later])

    wanted = PageWanted(limit=5, cursor=first.next_cursor)
    second = queries.fill_page(order.order_id, wanted)

    assert second.items[-1] == later.fills[0]
    assert len(first.items + second.items) == 4


def test_totals_are_exact_whatever_the_number_of_fills(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    records = order_with_fills(1, FILLS)
    for record in (*records, *order_with_fills(2, 2)):
        store.write([record])
    assert isinstance(records[-1], OrderChange)

    totals = queries.fill_totals(order_in(records).order_id)

    assert totals == add_up(records[-1].fills)
    assert totals.count == FILLS
    fees = sum(map(fee_of, range(FILLS)), Decimal(0))
    assert totals.fees == (("BNB", fees),)


def test_totals_in_memory_are_those_on_disk(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    memory = MemoryStore()
    records = order_with_fills(1, 7)
    for record in records:
        store.write([record])
        memory.write([record])
    order_id = order_in(records).order_id

    assert memory.fill_totals(order_id) == queries.fill_totals(order_id)


def test_order_that_nobody_knows_has_no_pages_and_no_totals(
    queries: SqlOrderQueries,
) -> None:
    nobody = OrderId("NOBODY")

    assert queries.fill_page(nobody, PageWanted()) == Page(items=())
    assert queries.event_page(nobody, PageWanted()) == Page(items=())
    assert queries.fill_totals(nobody) == add_up([])


def test_cursor_of_another_list_is_refused(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    records = order_with_fills(1, 3)
    for record in (*records, new_order(2)):
        store.write([record])
    order_id = order_in(records).order_id
    one = PageWanted(limit=1)
    cursors = {
        "orders": queries.orders(OrderFilter(limit=1)).next_cursor,
        "fills": queries.fill_page(order_id, one).next_cursor,
        "events": queries.event_page(order_id, one).next_cursor,
    }
    reads: dict[str, Callable[[PageWanted], object]] = {
        "orders": lambda wanted: queries.orders(OrderFilter(cursor=wanted.cursor)),
        "fills": partial(queries.fill_page, order_id),
        "events": partial(queries.event_page, order_id),
    }

    for asked, read in reads.items():
        for given, cursor in cursors.items():
            assert cursor is not None
            if asked != given:
                with pytest.raises(InvalidRequestError, match="cursor"):
                    read(PageWanted(cursor=cursor))


def all_fills(
    queries: SqlOrderQueries, **wanted: Any
) -> tuple[list[BookedFill], list[int]]:
    """Read all pages; return the fills, and how many there were in each."""
    found: list[BookedFill] = []
    sizes = []
    cursor = None
    while True:
        page = queries.booked_fills(FillFilter(cursor=cursor, **wanted))
        found += page.items
        sizes.append(len(page.items))
        cursor = page.next_cursor
        if cursor is None:
            return found, sizes


def booked(records: list[Record], seconds: int) -> list[Record]:
    """The records, with all fills executed at once, so long after the first ones."""
    result = records[-1]
    assert isinstance(result, OrderChange)
    fills = tuple(replace(fill, executed_at=at(seconds)) for fill in result.fills)
    return [*records[:-1], replace(result, fills=fills)]


def test_fills_of_all_orders_come_newest_first_each_once(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    early, late = order_with_fills(1, 3), order_with_fills(2, 4)
    for record in (*booked(late, 60), *booked(early, 0)):  # the late ones booked first
        store.write([record])

    found, sizes = all_fills(queries, limit=2)

    assert sizes == [2, 2, 2, 1]
    numbers = [(one.fill.order_id, one.fill.number) for one in found]
    assert numbers == [
        *((order_in(late).order_id, number) for number in (4, 3, 2, 1)),
        *((order_in(early).order_id, number) for number in (3, 2, 1)),
    ]
    assert {(one.symbol, one.side) for one in found} == {("BTCUSDT", "SELL")}
    assert all_fills(queries, limit=7)[0] == found


def test_fills_are_of_a_symbol_and_of_a_span_whose_end_is_not_in_it(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    for number in range(1, 4):
        for record in booked(order_with_fills(number, 1), number):
            store.write([record])

    def seconds(**wanted: Any) -> list[int]:
        found, _ = all_fills(queries, **wanted)
        return [(one.fill.executed_at - at(0)).seconds for one in found]

    assert seconds(since=at(2)) == [3, 2]
    assert seconds(until=at(2)) == [1]
    assert seconds(since=at(1), until=at(3), limit=1) == [2, 1]
    assert seconds(symbol=BTCUSDT, limit=2) == [3, 2, 1]
    assert seconds(symbol=BNBUSDT) == []


@pytest.mark.parametrize("cursor", ["YjE", "czE", "YjEuMi4z", "YngueQ", "!"])
def test_cursors_of_other_lists_are_refused(
    queries: SqlOrderQueries, cursor: str
) -> None:
    with pytest.raises(InvalidRequestError):
        queries.booked_fills(FillFilter(cursor=cursor))
