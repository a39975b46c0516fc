"""What is on disk of the book: touches, and levels as they were stated."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, open_store
from adapters.persistence.touch_cells import read_touch, write_touch
from adapters.replay.memory_store import MemoryStore
from domain.errors import InvalidRequestError, UnreadableRecordError
from domain.market.touch import Touch
from domain.orders.child_order import ChildStatus, Slice
from domain.orders.lifecycle import child_of, intend_child
from domain.orders.order import Order
from domain.orders.records import OrderChange
from domain.orders.stored_orders import OrderTouches, StoredChild
from domain.pages import Page, PageWanted
from domain.values import ChildId, OrderId
from tests.adapters.persistence.audit import fills_of
from tests.adapters.persistence.builders import (
    at,
    canceled,
    child_in,
    new_order,
    settled,
)
from tests.adapters.persistence.old_databases import (
    BEFORE_TOUCHES,
    VERSIONS,
    make_database,
)
from tests.builders import touch_at


ARRIVAL = touch_at("271", "271.5", update_id=3)
END = touch_at("270.5", None, update_id=9)
OFFERED = touch_at("271.5", "272")
NOTHING = OrderTouches(arrival=None, end=None)


def offered(order: Order, *, touch: Touch | None = OFFERED) -> OrderChange:
    """An intent with all that the book showed."""
    part = Slice(
        price=Decimal("271.5"),
        quantity=Decimal(1),
        update_id=12,
        stated=Decimal(4),
        taken_before=Decimal("0.5"),
    )
    child = child_of(order, (part,), now=at(order.version), touch=touch)
    changed, event = intend_child(order, child, now=at(order.version))
    return OrderChange(order=changed, events=(event,), intent=child)


def written(store: SqlTradeStore | MemoryStore) -> tuple[OrderId, list[StoredChild]]:
    """Write an order with two children, one of them in flight."""
    new = replace(new_order(1), touch=ARRIVAL)
    first = offered(new.order)
    result = settled(first, "0.25", "0.5", trade_ids=(7, 8))
    second = offered(result.order, touch=None)
    for record in (new, first, result, second):
        store.write([record])
    done = StoredChild(child=child_in(first), status=ChildStatus.DONE, reason="")
    open_ = StoredChild(child=child_in(second), status=ChildStatus.INTENDED, reason="")
    return new.order.order_id, [done, open_]


def exact(stored: StoredChild) -> tuple[Any, ...]:
    """Return what is not compared otherwise, too."""
    levels = [
        (part, part.stated, part.taken_before, stored.child.touch)
        for part in stored.child.slices
    ]
    return stored, levels


def test_touches_are_read_as_they_were_written(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = replace(new_order(1), touch=ARRIVAL)
    order_id = new.order.order_id
    store.write([new])
    assert queries.touches(order_id) == OrderTouches(arrival=ARRIVAL, end=None)

    store.write([replace(canceled(new.order), touch=END)])
    assert queries.touches(order_id) == OrderTouches(arrival=ARRIVAL, end=END)


def test_an_order_without_touches_has_none(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = new_order(1)
    store.write([new])
    store.write([canceled(new.order)])

    assert queries.touches(new.order.order_id) == NOTHING
    assert queries.touches(OrderId("NOBODY")) == NOTHING


def test_a_record_that_is_written_again_leaves_the_first_touch(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = replace(new_order(1), touch=ARRIVAL)
    end = replace(canceled(new.order), touch=END)
    store.write([new])
    store.write([end])

    store.write([replace(new, touch=OFFERED), replace(end, touch=OFFERED)])

    found = queries.touches(new.order.order_id)
    assert found == OrderTouches(arrival=ARRIVAL, end=END)


def test_children_are_read_with_what_they_were_offered(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    order_id, children = written(store)

    found = queries.child_page(order_id, PageWanted()).items

    assert [exact(one) for one in found] == [exact(one) for one in children]


def test_a_store_in_memory_says_the_same(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    memory = MemoryStore()
    order_id, _ = written(memory)
    written(store)

    of_memory = memory.child_page(order_id, PageWanted()).items
    of_disk = queries.child_page(order_id, PageWanted()).items
    assert [exact(one) for one in of_memory] == [exact(one) for one in of_disk]
    assert memory.touches(order_id) == queries.touches(order_id)
    assert memory.fills(order_id) == fills_of(queries, order_id)
    assert memory.touches(OrderId("NOBODY")) == NOTHING
    assert memory.child_page(OrderId("NOBODY"), PageWanted()).items == ()


def test_fills_say_which_statement_they_took(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    order_id, _ = written(store)

    taken = [
        (fill.update_id, fill.stated, fill.taken_before)
        for fill in fills_of(queries, order_id)
    ]

    assert taken == [
        (12, Decimal(4), Decimal("0.5")),
        (12, Decimal(4), Decimal("0.75")),
    ]


def test_an_intent_found_on_disk_has_what_it_was_offered(store: SqlTradeStore) -> None:
    order_id, children = written(store)

    found = store.open_order(order_id)

    assert found is not None
    assert found.unresolved == children[1].child
    assert found.unresolved.slices[0].stated == Decimal(4)


def test_children_come_in_pages_by_number_not_by_text(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = new_order(1, quantity="20")
    order = new.order
    store.write([new])
    for _ in range(11):
        sent = offered(order)
        result = settled(sent, "1")
        store.write([sent])
        store.write([result])
        order = result.order

    numbers, cursor = [], None
    while True:
        wanted = PageWanted(limit=4, cursor=cursor)
        page = queries.child_page(order.order_id, wanted)
        numbers.append([one.child.child_id.rpartition("-")[2] for one in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break

    assert numbers == [list("1234"), list("5678"), ["9", "10", "11"]]


def test_children_of_nobody_are_no_page_and_another_lists_cursor_is_refused(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    order_id, _ = written(store)
    cursor = queries.fill_page(order_id, PageWanted(limit=1)).next_cursor

    assert queries.child_page(OrderId("NOBODY"), PageWanted()) == Page(items=())
    with pytest.raises(InvalidRequestError, match="cursor"):
        queries.child_page(order_id, PageWanted(cursor=cursor))


@pytest.mark.parametrize("steps", [VERSIONS[0], BEFORE_TOUCHES])
def test_of_earlier_versions_nothing_is_known(
    database_url: str, steps: tuple[str, ...]
) -> None:
    make_database(database_url, steps)
    open_store(database_url).close()
    queries = open_queries(database_url)

    (child,) = queries.child_page(OrderId("PART"), PageWanted()).items
    (fill,) = fills_of(queries, OrderId("PART"))

    assert queries.touches(OrderId("DONE")) == NOTHING
    assert child.child.touch is None
    (part,) = child.child.slices
    assert (part.stated, part.taken_before) == (None, None)
    assert (fill.update_id, fill.stated, fill.taken_before) == (6, None, None)
    queries.close()


def test_a_child_of_an_earlier_version_is_settled_with_what_is_known(
    database_url: str,
) -> None:
    make_database(database_url, BEFORE_TOUCHES)
    store, queries = open_store(database_url), open_queries(database_url)
    found = store.open_order(OrderId("FLIGHT"))
    assert found is not None
    assert found.unresolved is not None
    sent = OrderChange(order=found.order, events=(), intent=found.unresolved)
    executed = settled(sent, "1", trade_ids=(99,))
    store.write([executed])

    (fill,) = fills_of(queries, OrderId("FLIGHT"))

    assert fill == executed.fills[0]
    assert fill.stated is None
    assert store.child_history(ChildId("FLIGHT-1")) is not None
    store.close()
    queries.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '["1","1","2","1",7]',
        '["1","1","2","1",null,"2026-01-02T03:04:05+00:00"]',
        '["1","1","2","1",-7,"2026-01-02T03:04:05+00:00"]',
        '["1","1","2","1",7,"2026-01-02T03:04:05"]',
        '["-1","1","2","1",7,"2026-01-02T03:04:05+00:00"]',
        '["1e5","1","2","1",7,"2026-01-02T03:04:05+00:00"]',
        '[1,"1","2","1",7,"2026-01-02T03:04:05+00:00"]',
        b"[]",
    ],
)
def test_what_the_service_cannot_have_written_is_no_touch(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever value it is
        read_touch("touch", text)


@pytest.mark.parametrize("touch", [ARRIVAL, END, replace(END, best_bid=None), None])
def test_a_touch_is_read_as_it_was_written(touch: Touch | None) -> None:
    assert read_touch("touch", write_touch(touch)) == touch


def test_an_unreadable_touch_is_no_answer_about_touches_and_nothing_else(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = new_order(1)
    store.write([new])
    store._database.execute_sql("UPDATE orders SET arrival_touch = 'torn'")

    with pytest.raises(UnreadableRecordError):
        queries.touches(new.order.order_id)
    assert queries.order(new.order.order_id) == new.order
    assert store.open_order(new.order.order_id) is not None
