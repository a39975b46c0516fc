"""An unreadable row affects one order: all others are read."""

import logging
from collections.abc import Callable

import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import UnreadableRecordError
from domain.orders.records import OrderChange
from domain.orders.stored_orders import OrderFilter
from domain.values import OrderId
from tests.adapters.persistence.audit import events_of, fills_of
from tests.adapters.persistence.builders import (
    BTCUSDT,
    at,
    child_in,
    intent,
    new_order,
    settled,
)


Spoil = Callable[[str], None]

TAMPERINGS = (
    "UPDATE orders SET filled = '9' WHERE sequence = {sequence}",
    "UPDATE orders SET price = 'much' WHERE sequence = {sequence}",
    "UPDATE orders SET reason = 'BORED' WHERE sequence = {sequence}",
    "UPDATE children SET slices = '[' WHERE order_id = 'ORDER{sequence:010d}'",
    "UPDATE children SET quantity = 'Infinity' WHERE order_id = 'ORDER{sequence:010d}'",
    "UPDATE children SET price = '0' WHERE order_id = 'ORDER{sequence:010d}'",
)
CHILDREN = [intent(new_order(sequence).order) for sequence in (1, 2, 3)]


@pytest.fixture
def spoil(database_url: str) -> Spoil:
    """Tamper with the database by a statement of SQL."""

    def spoil(statement: str) -> None:
        database = backend_of(database_url).migrator()
        with database.connection_context(), database.atomic():
            database.execute_sql(statement)

    return spoil


@pytest.fixture
def filled(store: SqlTradeStore) -> SqlTradeStore:
    """Three open orders, each with a child in flight."""
    store.write([new_order(sequence) for sequence in (1, 2, 3)])
    store.write(CHILDREN * 2)  # each by itself then, so with its order's row
    return store


def read_by_pages(store: SqlTradeStore, limit: int) -> list[int]:
    found, last = [], 0
    while page := store.open_orders(BTCUSDT, last, limit):
        found += [one.order.sequence for one in page]
        last = page[-1].order.sequence
    return found


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.parametrize("bad", [1, 2, 3])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_an_open_order_that_makes_no_sense_hides_no_other(
    filled: SqlTradeStore, spoil: Spoil, bad: int, limit: int, tampering: str
) -> None:
    spoil(tampering.format(sequence=bad))

    assert read_by_pages(filled, limit) == [one for one in (1, 2, 3) if one != bad]


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_an_order_that_makes_no_sense_is_not_worked_and_the_log_says_so(
    filled: SqlTradeStore,
    spoil: Spoil,
    tampering: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(tampering.format(sequence=1))
    bad, good = (one.order.order_id for one in CHILDREN[:2])

    assert filled.open_order(bad) is None
    assert filled.open_order(good) is not None
    assert filled.child_history(child_in(CHILDREN[0]).child_id) is None
    (line, _) = (one for one in caplog.records if one.levelno == logging.CRITICAL)
    assert line.getMessage().startswith(f"Row not readable order_id={bad} problem=")


ORDER_TAMPERINGS = TAMPERINGS[:3]


def listed_by_pages(queries: SqlOrderQueries, limit: int) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        wanted = OrderFilter(symbol=None, status="open", limit=limit, cursor=cursor)
        page = queries.orders(wanted)
        found += [one.sequence for one in page.orders]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("tampering", ORDER_TAMPERINGS)
@pytest.mark.parametrize("bad", [1, 2, 3])
@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.usefixtures("filled")
def test_clients_are_told_of_all_orders_but_the_one_that_makes_no_sense(
    queries: SqlOrderQueries, spoil: Spoil, bad: int, limit: int, tampering: str
) -> None:
    spoil(tampering.format(sequence=bad))

    assert listed_by_pages(queries, limit) == [one for one in (3, 2, 1) if one != bad]


@pytest.mark.parametrize("tampering", ORDER_TAMPERINGS)
@pytest.mark.usefixtures("filled")
def test_a_client_who_asks_for_what_makes_no_sense_is_told_so_and_the_log_once(
    queries: SqlOrderQueries,
    spoil: Spoil,
    tampering: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(tampering.format(sequence=1))
    bad, good = (one.order.order_id for one in CHILDREN[:2])

    for _ in range(2):
        with pytest.raises(UnreadableRecordError, match=bad):
            queries.order(bad)
        with pytest.raises(UnreadableRecordError, match=bad):
            queries.child_history(child_in(CHILDREN[0]).child_id)
    assert queries.order(good) is not None
    (line,) = (one for one in caplog.records if one.levelno == logging.CRITICAL)
    assert line.getMessage().startswith(f"Row not readable order_id={bad} problem=")


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("filled = '9'", "filled 9 and at_venue 1 are above quantity 3"),
        ("quantity = '0'", "quantity 0 is not above 0"),
        ("filled = '-1'", "filled -1 is below 0"),
        ("at_venue = '-1'", "at_venue -1 is below 0"),
        ("quantity = 'Infinity'", "quantity 'Infinity' is no amount in plain digits"),
        ("quantity = '1e400'", "quantity '1e400' is no amount in plain digits"),
        ("quantity = 'NaN'", "quantity 'NaN' is no amount in plain digits"),
        ("quantity = '12345678901234567'", "is no amount in plain digits, or too long"),
        ("price = '0'", "price 0 is not above 0"),
        ("price = '-1'", "price -1 is not above 0"),
        ("price = '1e30'", "price '1e30' is no amount in plain digits"),
        ("filled = 'Infinity'", "filled 'Infinity' is no amount in plain digits"),
        ("filled_quote = 'NaN'", "filled_quote 'NaN' is no amount in plain digits"),
        ("filled_quote = '-5'", "filled_quote -5 is below 0"),
        ("at_venue = 'Infinity'", "at_venue 'Infinity' is no amount in plain digits"),
        ("filled = '0.1234567890123'", "is no amount in plain digits, or too long"),
        ("filled = '3', at_venue = '0.0'", "status NEW does not go with filled 3 of"),
        ("status = 'PENDING_NEW'", "status PENDING_NEW is of no order on disk"),
        ("time_in_force = 'DAY'", "time_in_force 'DAY' is none of GTC, GTD, IOC, FOK"),
        ("expires_at = '2020-01-01'", "expires_at '2020-01-01' is no time with"),
        ("updated_at = 'x'", "updated_at 'x' is no time with an offset from UTC"),
        ("children = -1", "children -1 is no whole number from 0 to"),
        ("children = 2147483647", "children 2147483647 is no whole number from 0 to"),
        ("version = -1", "version -1 is no whole number from 0 to"),
        ("sequence = 9223372036854775806", "is no whole number from 1 to"),
    ],
)
def test_the_log_says_what_is_to_be_mended(
    filled: SqlTradeStore,
    spoil: Spoil,
    tampering: str,
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(f"UPDATE orders SET {tampering} WHERE sequence = 1")  # noqa: S608 - constants

    assert filled.open_order(CHILDREN[0].order.order_id) is None
    assert words in caplog.text


def test_a_statement_by_hand_that_makes_no_sense_is_none(
    filled: SqlTradeStore, spoil: Spoil, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(
        "UPDATE order_events SET step = 'SETTLED_BY_HAND', quantity = 'Infinity' "
        "WHERE number = 2"
    )

    assert filled.child_history(child_in(CHILDREN[0]).child_id) is None
    assert "event quantity 'Infinity' is no amount in plain digits" in caplog.text


def test_a_part_of_a_number_is_none(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite keeps what is no whole number, whatever its column is for."""
    store = open_store(sqlite_url)
    store.write([new_order(1)])
    store._database.execute_sql("UPDATE orders SET children = 0.5")

    assert store.open_orders(BTCUSDT, 0, 10) == []
    assert "children 0.5 is no whole number from 0 to" in caplog.text
    store.close()


@pytest.mark.parametrize(
    ("tampering", "read"),
    [
        ("UPDATE fills SET price = 'much'", fills_of),
        ("UPDATE fills SET fee = 'much'", SqlOrderQueries.fill_totals),
        ("UPDATE fills SET fee = 'NaN'", SqlOrderQueries.fill_totals),
        ("UPDATE fills SET fee = '1e400'", SqlOrderQueries.fill_totals),
        ("UPDATE orders SET filled = 'Infinity'", SqlOrderQueries.fill_totals),
        ("UPDATE orders SET filled_quote = '-1'", SqlOrderQueries.fill_totals),
        ("UPDATE order_events SET step = 'BORED'", events_of),
        ("UPDATE orders SET filled_quote = 'much'", SqlOrderQueries.fill_totals),
        ("UPDATE orders SET status = 'FILLED'", SqlOrderQueries.order),
        ("UPDATE orders SET filled = '3'", SqlOrderQueries.order),
        ("UPDATE fills SET price = 'Infinity'", fills_of),
        ("UPDATE fills SET price = '0'", fills_of),
        ("UPDATE fills SET quantity = '-1'", fills_of),
        ("UPDATE fills SET quantity = '1e400'", fills_of),
        ("UPDATE fills SET fee = 'NaN'", fills_of),
        ("UPDATE fills SET number = -1", fills_of),
        ("UPDATE fills SET trade_id = -1", fills_of),
        ("UPDATE fills SET update_id = -1", fills_of),
        ("UPDATE fills SET executed_at = '2020-01-01'", fills_of),
        ("UPDATE order_events SET quantity = 'Infinity'", events_of),
    ],
)
def test_what_is_asked_of_one_order_is_told_whole_or_not_at_all(
    filled: SqlTradeStore,
    queries: SqlOrderQueries,
    spoil: Spoil,
    tampering: str,
    read: Callable[[SqlOrderQueries, OrderId], object],
) -> None:
    filled.write([settled(CHILDREN[0], "1", trade_ids=(7,))])
    order_id = CHILDREN[0].order.order_id
    spoil(f"{tampering} WHERE order_id = '{order_id}'")

    with pytest.raises(UnreadableRecordError, match=order_id):
        read(queries, order_id)


@pytest.mark.parametrize("sequence", [0, -1, -(2**62)])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_an_open_order_whose_rank_is_below_one_is_not_passed_over_in_silence(
    filled: SqlTradeStore,
    spoil: Spoil,
    sequence: int,
    limit: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(f"UPDATE orders SET sequence = {sequence} WHERE sequence = 2")  # noqa: S608 - constants

    assert read_by_pages(filled, limit) == [1, 3]
    assert f"sequence {sequence} is no whole number from 1 to" in caplog.text
    assert f"order_id={CHILDREN[1].order.order_id}" in caplog.text


def test_a_fill_that_makes_no_sense_hides_no_other(
    filled: SqlTradeStore, spoil: Spoil
) -> None:
    results: list[OrderChange] = [
        settled(one, "1", trade_ids=(number,)) for number, one in enumerate(CHILDREN)
    ]
    filled.write(results)
    spoil("UPDATE fills SET price = 'much' WHERE trade_id = 1")

    found = filled.fills_between(BTCUSDT, at(-99), at(99))

    assert sorted(fill.trade_id or 0 for fill in found) == [0, 2]
