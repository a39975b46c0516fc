from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from adapters.persistence.evidence_queries import REACHED_SECONDS_MAX
from adapters.persistence.price_rows import PRUNED_SECONDS_MAX
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from adapters.replay.memory_store import MemoryStore
from domain.errors import InvalidRequestError, TenureLostError, UnreadableRecordError
from domain.market.price_path import PathWanted, PricePoint
from domain.orders.order import Order
from domain.orders.records import OrderChange
from domain.orders.transitions import hold
from domain.pages import PageWanted, every_entry
from domain.values import ChildId, Side, Symbol
from tests.adapters.persistence.builders import (
    BNBUSDT,
    BTCUSDT,
    NOW,
    at,
    child_in,
    intent,
    new_order,
)
from tests.builders import traded_second


ALL = PathWanted(symbol=BTCUSDT, since=0, until=10**10)


def point(second: int, symbol: Symbol = BTCUSDT, bid: str | None = "100") -> PricePoint:
    return PricePoint(
        symbol=symbol,
        second=second,
        bid=None if bid is None else Decimal(bid),
        ask=Decimal("103.25"),
        update_id=4_700_000_000 + second,
    )


def path(queries: SqlOrderQueries, wanted: PathWanted = ALL) -> list[PricePoint]:
    return list(every_entry(partial(queries.price_path, wanted)))


def seconds(queries: SqlOrderQueries, wanted: PathWanted = ALL) -> list[int]:
    return [one.second for one in path(queries, wanted)]


def test_points_are_read_as_they_were_written_oldest_first(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    points = [point(second) for second in (7, 5, 6)]
    store.save_prices([*points, point(5, BNBUSDT), point(8, bid=None)], 0)

    expected = [*sorted(points, key=lambda one: one.second), point(8, bid=None)]
    assert path(queries) == expected


def test_a_second_that_is_there_stays_as_it_is(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.save_prices([point(5)], 0)
    store.save_prices([point(5, bid="1"), point(6)], 0)

    assert path(queries) == [point(5), point(6)]


def test_a_path_is_read_in_pages_and_between_two_seconds(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.save_prices([point(second) for second in range(1_200)], 0)

    wanted = PathWanted(symbol=BTCUSDT, since=3, until=1_100)
    assert seconds(queries, wanted) == list(range(3, 1_101))
    first = queries.price_path(wanted, PageWanted(limit=2))
    assert [one.second for one in first.items] == [3, 4]


def test_a_path_in_steps_has_the_first_point_of_each(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    memory = MemoryStore()
    points = [point(second) for second in (10, 11, 14, 15, 16, 26, 29)]
    for one in (store, memory):
        one.save_prices(points, 0)

    wanted = PathWanted(symbol=BTCUSDT, since=10, until=28, step=5)
    assert seconds(queries, wanted) == [10, 15, 26]
    assert list(memory.price_path(wanted, PageWanted()).items) == path(queries, wanted)
    page = queries.price_path(wanted, PageWanted(limit=1))
    rest = queries.price_path(wanted, PageWanted(cursor=page.next_cursor))
    assert [one.second for one in rest.items] == [15, 26]


def test_old_points_go_a_symbol_at_a_time(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    bnb = PathWanted(symbol=BNBUSDT, since=0, until=10**10)
    store.save_prices([point(n, symbol) for n in (1, 9) for symbol in (BTCUSDT,)], 0)
    store.save_prices([point(n, BNBUSDT) for n in (1, 9)], 0)

    for _ in range(3):  # after the last symbol comes nobody, then the first again
        store.save_prices([], 9)

    assert seconds(queries) == [9]
    assert seconds(queries, bnb) == [9]


def test_few_points_are_deleted_in_one_go(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    last = PRUNED_SECONDS_MAX + 10
    store.save_prices([point(second) for second in (0, 1, last)], 0)
    store.save_prices([], 0)

    store.save_prices([], last + 1)
    assert seconds(queries) == [last]


def traded(queries: SqlOrderQueries, since: int, until: int) -> list[int]:
    wanted = PathWanted(symbol=BTCUSDT, since=since, until=until)
    return [one.second for one in queries.traded_seconds(wanted, 100)]


def test_what_was_traded_is_read_as_it_was_written_with_what_is_around_it(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    volumes = {"100.5": "1", "101": "0.00000001"}
    seconds = [traded_second(at, volumes, first_id=at * 2) for at in (3, 5, 8, 9, 12)]
    other = replace(seconds[0], symbol=BNBUSDT, second=6)
    memory = MemoryStore()
    for one in (store, memory):
        one.save_prices([], 0, [*seconds[::-1], other])
        one.save_prices([], 0, [replace(seconds[0], count=1)])

    wanted = PathWanted(symbol=BTCUSDT, since=0, until=99)
    assert list(queries.traded_seconds(wanted, 100)) == seconds
    assert list(memory.traded_seconds(wanted, 100)) == seconds
    assert traded(queries, 5, 8) == [3, 5, 8, 9]
    assert traded(queries, 6, 7) == [5, 8]
    assert traded(queries, 20, 30) == [12]
    assert [one.second for one in queries.traded_seconds(wanted, 2)] == [3, 5]


def test_what_was_traded_goes_with_the_path_and_without_one(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    seconds = [traded_second(at, {"1": "1"}, first_id=at) for at in (1, 2, 9)]
    store.save_prices([point(1), point(9)], 0, seconds)
    store.save_prices([], 0, [replace(seconds[0], symbol=BNBUSDT)])
    for _ in range(3):
        store.save_prices([], 9)

    assert traded(queries, 0, 99) == [9]
    bnb = PathWanted(symbol=BNBUSDT, since=0, until=99)
    assert list(queries.traded_seconds(bnb, 9)) == []


def test_a_second_that_is_no_sum_is_refused(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.save_prices([], 0, [traded_second(1, {"1": "1"}, first_id=1)])
    spoil = "UPDATE traded_seconds SET volumes = '1:'"
    store.transact(lambda cursor, _: cursor.execute(spoil))
    wanted = PathWanted(symbol=BTCUSDT, since=0, until=9)

    (second,) = queries.traded_seconds(wanted, 9)
    with pytest.raises(UnreadableRecordError):
        len(second.volumes)
    spoil = "UPDATE traded_seconds SET quote = '-1'"
    store.transact(lambda cursor, _: cursor.execute(spoil))
    with pytest.raises(UnreadableRecordError):
        queries.traded_seconds(wanted, 9)


def test_a_service_that_lost_the_database_writes_no_points(
    store: SqlTradeStore, queries: SqlOrderQueries, database_url: str
) -> None:
    open_store(database_url).close()

    with pytest.raises(TenureLostError):
        store.save_prices([point(1)], 0)
    assert path(queries) == []


def test_a_cursor_of_another_list_is_refused(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.save_prices([point(second) for second in range(3)], 0)
    cursor = queries.price_path(ALL, PageWanted(limit=1)).next_cursor
    assert cursor is not None

    with pytest.raises(InvalidRequestError, match="cursor"):
        queries.price_path(ALL, PageWanted(cursor="zzz"))


def test_an_unreadable_point_is_said_to_be_so(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    store.save_prices([point(1)], 0)
    store._database.execute_sql("UPDATE price_path SET bid = 'many'")

    with pytest.raises(UnreadableRecordError):
        path(queries)


def seen(queries: SqlOrderQueries, order: Order) -> tuple[int, int] | None:
    reached = queries.past(order).reached
    if reached is None:
        return None
    return int(reached.at.timestamp()), reached.update_id


@pytest.mark.parametrize(
    ("side", "price", "second"),
    [
        (Side.SELL, "100", 7),
        (Side.SELL, "100.000000000001", None),
        (Side.SELL, "99.5", 7),
        (Side.SELL, "9.5", 8),  # as numbers, not as texts
        (Side.BUY, "103.25", 8),
        (Side.BUY, "103.24", None),
        (Side.BUY, "1000", 8),
    ],
)
def test_the_path_says_when_a_limit_was_last_reached(
    store: SqlTradeStore,
    queries: SqlOrderQueries,
    side: Side,
    price: str,
    second: int | None,
) -> None:
    now = int(NOW.timestamp())
    order = replace(new_order(1).order, side=side, price=Decimal(price))
    points = [point(now + n) for n in (-1, 5, 7)]
    store.save_prices([*points, point(now + 8, bid="10"), point(now, BNBUSDT)], 0)

    found = seen(queries, order)
    if second is None:
        assert found is None
    else:
        assert found == (now + second, 4_700_000_000 + now + second)


def test_what_was_more_than_a_day_ago_is_not_searched(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    order = replace(new_order(1).order, price=Decimal(90))
    first = int(NOW.timestamp()) + 1
    for length, expected in ((REACHED_SECONDS_MAX, first), (86_401, None)):
        store.save_prices([point(first), point(first + length, bid="80")], 0)

        found = seen(queries, order)
        assert (None if found is None else found[0]) == expected


def test_what_was_before_the_order_does_not_count(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    order = replace(new_order(1).order, price=Decimal(90))
    store.save_prices([point(int(NOW.timestamp()) - 1)], 0)

    assert seen(queries, order) is None


def test_a_child_has_reached_the_limit_too(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = new_order(1)
    sent = intent(new.order)
    store.write([new])
    store.write([sent])

    reached = queries.past(sent.order).reached
    child = child_in(sent)
    assert reached is not None
    assert (reached.at, reached.update_id) == (
        child.intended_at,
        child.slices[0].update_id,
    )


def test_the_words_of_the_last_hold_are_kept(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = new_order(1)
    child = ChildId(f"{new.order.order_id}-1")
    first, first_event = hold(new.order, child, "first", now=at(1))
    again, second_event = hold(first, child, "second", now=at(2))
    assert queries.past(new.order).hold is None
    store.write(
        [
            new,
            OrderChange(order=first, events=(first_event,)),
            OrderChange(order=again, events=(second_event,)),
        ]
    )

    assert queries.past(again).hold == "second"
