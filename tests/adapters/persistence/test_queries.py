import base64
import threading
from dataclasses import replace
from typing import Any

import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.order_lists import order_list
from adapters.persistence.order_overview import OrderOverview
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import InvalidRequestError, StoreUnavailableError
from domain.orders.order import Order
from domain.orders.stored_orders import OrderFilter
from domain.values import OrderId, Side, Symbol
from tests.adapters.persistence.audit import events_of, fills_of
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


def sequences(orders: tuple[Order, ...]) -> list[int]:
    return [order.sequence for order in orders]


def test_unknown_order_has_nothing(queries: SqlOrderQueries) -> None:
    nobody = OrderId("NOBODY")

    assert queries.order(nobody) is None
    assert fills_of(queries, nobody) == []
    assert events_of(queries, nobody) == []


def test_pages_come_newest_first_and_cover_everything_once(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.write([new_order(number) for number in range(1, 8)])

    pages = []
    cursor = None
    while True:
        page = queries.orders(OrderFilter(limit=3, cursor=cursor))
        pages.append(sequences(page.orders))
        cursor = page.next_cursor
        if cursor is None:
            break

    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


def test_orders_are_of_a_side_and_of_a_span_whose_end_is_not_in_it(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    accepted = [new_order(number) for number in range(1, 5)]
    for second, record in enumerate(accepted):
        order = replace(record.order, created_at=at(second))
        if second == 2:
            order = replace(order, side=Side.BUY)
        store.write([replace(record, order=order)])

    def found(**wanted: Any) -> list[int]:
        return sequences(queries.orders(OrderFilter(**wanted)).orders)

    assert found(side=Side.BUY) == [3]
    assert found(side=Side.SELL) == [4, 2, 1]
    assert found(since=at(1), until=at(3)) == [3, 2]
    assert found(since=at(1), side=Side.SELL, status="open") == [4, 2]
    page = queries.orders(OrderFilter(until=at(3), limit=2))
    last = queries.orders(OrderFilter(until=at(3), limit=2, cursor=page.next_cursor))
    assert [sequences(page.orders), sequences(last.orders)] == [[3, 2], [1]]


def test_open_orders_of_all_symbols_are_counted(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    assert OrderOverview(queries).count() == 0

    store.write([new_order(number) for number in range(1, 4)])
    store.write([canceled(new_order(2).order)])

    assert OrderOverview(queries).count() == 2
    counts = OrderOverview(queries).by_status()
    assert {status: count for status, count in counts.items() if count} == {"NEW": 2}
    assert counts["PARTIALLY_FILLED"] == 0


def test_the_oldest_child_without_a_result_is_found(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    assert OrderOverview(queries).oldest_unsettled_intent() is None

    first, second = new_order(1), new_order(2)
    store.write([first, second])
    intents = [intent(first.order), intent(second.order)]
    store.write(intents)
    store.write([settled(intents[0], "1")])

    assert (
        OrderOverview(queries).oldest_unsettled_intent()
        == child_in(intents[1]).intended_at
    )


def test_page_that_is_just_full_has_no_next(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.write([new_order(number) for number in range(1, 4)])

    assert queries.orders(OrderFilter(limit=3)).next_cursor is None


def test_orders_placed_meanwhile_do_not_shift_the_next_page(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.write([new_order(number) for number in range(1, 5)])
    first = queries.orders(OrderFilter(limit=2))

    store.write([new_order(5)])
    second = queries.orders(OrderFilter(limit=2, cursor=first.next_cursor))

    assert sequences(second.orders) == [2, 1]


@pytest.mark.parametrize(
    ("status", "symbol", "found"),
    [
        ("open", None, [4, 2]),
        ("ended", None, [3, 1]),
        ("CANCELED", None, [1]),
        ("FILLED", None, [3]),
        ("NEW", None, [4, 2]),
        ("EXPIRED", None, []),
        (None, BTCUSDT, [3, 2, 1]),
        (None, BNBUSDT, [4]),
        ("open", BTCUSDT, [2]),
        ("NEW", BNBUSDT, [4]),
        (None, Symbol("ETHBTC"), []),
    ],
)
def test_orders_are_picked_by_status_and_symbol(
    store: SqlTradeStore,
    queries: SqlOrderQueries,
    status: str | None,
    symbol: Symbol | None,
    found: list[int],
) -> None:
    first, filled = new_order(1), whole_life(3)
    store.write([first, canceled(first.order), new_order(2)])
    store.write([filled.new, *filled.changes, new_order(4, symbol=BNBUSDT)])

    page = queries.orders(OrderFilter(status=status, symbol=symbol))

    assert sequences(page.orders) == found


@pytest.mark.parametrize(
    "text", ["s", "", "x7", "s-1", "s1.5", "s٣", "s" + "9" * 30, "7", "s1 OR 1=1"]
)
def test_cursor_that_is_none_of_ours_is_refused(
    queries: SqlOrderQueries, text: str
) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    with pytest.raises(InvalidRequestError, match="cursor"):
        queries.orders(OrderFilter(cursor=cursor))


@pytest.mark.parametrize("cursor", ["", "!", "a", "é", "====", "\x00", "czE\n"])
def test_cursor_that_is_no_base64_is_refused(
    queries: SqlOrderQueries, cursor: str
) -> None:
    with pytest.raises(InvalidRequestError, match="cursor"):
        queries.orders(OrderFilter(cursor=cursor))


def test_status_that_no_order_has_is_refused(queries: SqlOrderQueries) -> None:
    with pytest.raises(InvalidRequestError, match="open, ended, PENDING_NEW"):
        queries.orders(OrderFilter(status="SLEEPING"))


def test_closed_queries_are_unavailable(queries: SqlOrderQueries) -> None:
    queries.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        queries.orders(OrderFilter())


def read_until(queries: SqlOrderQueries, count: int, problems: list[str]) -> None:
    """Read until ``count`` orders are there, noting what is inconsistent."""
    found = 0
    while found < count and not problems:
        orders = queries.orders(OrderFilter(limit=count)).orders
        found = len(orders)
        if sequences(orders) != list(range(found, 0, -1)):
            problems.append(f"a hole in {sequences(orders)}")
        if orders and not events_of(queries, orders[0].order_id):
            problems.append(f"no event of {orders[0].order_id}")


def test_two_threads_read_consistently_while_one_writes(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    problems: list[str] = []
    readers = [
        threading.Thread(target=read_until, args=(queries, 150, problems))
        for _ in range(2)
    ]
    for reader in readers:
        reader.start()

    try:
        for number in range(1, 151):
            store.write([new_order(number)])
    except BaseException:
        problems.append("the writer failed")
        raise
    finally:
        for reader in readers:
            reader.join(timeout=30)

    assert problems == []
    assert not any(reader.is_alive() for reader in readers)


def test_symbols_with_orders_are_known_and_those_with_open_ones(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    ended = new_order(4, symbol=BNBUSDT)
    store.write([new_order(1), new_order(2), ended])
    store.write([canceled(ended.order)])

    assert OrderOverview(queries).open_symbols_besides([]) == (BTCUSDT,)
    assert OrderOverview(queries).open_symbols_besides([BTCUSDT]) == ()
    assert OrderOverview(queries).has_orders(BNBUSDT)
    assert not OrderOverview(queries).has_orders(Symbol("ETHBTC"))


def test_open_orders_are_listed_newest_first_and_below_a_sequence(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    ended = new_order(4)
    store.write([new_order(1), new_order(2, symbol=BNBUSDT), new_order(3), ended])
    store.write([canceled(ended.order)])

    def found(symbol: Symbol | None, before: int | None, limit: int = 9) -> list[int]:
        return [key.sequence for key in queries.open_keys(symbol, before, limit)]

    assert found(None, None) == [3, 2, 1]
    assert found(None, 3) == [2, 1]
    assert found(BTCUSDT, None) == [3, 1]
    assert found(BTCUSDT, 3, limit=1) == [1]
    assert found(None, None, limit=2) == [3, 2]
    assert queries.open_keys(BNBUSDT, None, 1)[0].symbol == BNBUSDT


def test_an_order_is_listed_by_the_name_of_its_client(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.write([new_order(1, client_order_id="a"), new_order(2, client_order_id="b")])

    assert sequences(queries.orders(OrderFilter(client_order_id="a")).orders) == [1]
    other = OrderFilter(client_order_id="a", symbol=BNBUSDT)
    assert queries.orders(other).orders == ()
    assert queries.orders(OrderFilter(client_order_id="c")).orders == ()


def test_the_order_of_a_client_is_found_by_an_index(database_url: str) -> None:
    open_store(database_url).close()
    database = backend_of(database_url).writer()
    wanted = order_list(OrderFilter(client_order_id="a"))
    text, keys = database.get_sql_context().sql(wanted).query()

    with database.connection_context():
        plan = database.execute_sql(f"EXPLAIN {_PLAN[database_url[:6]]}{text}", keys)
        steps = " ".join(str(row) for row in plan.fetchall())

    assert "orders_client_order_id" in steps
    assert "SCAN orders" not in steps


_PLAN = {"sqlite": "QUERY PLAN ", "postgr": ""}
