"""An intent is on disk as its child's row; its order is shown with it all the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import peewee
import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.cell_values import Row
from adapters.persistence.child_rows import CHILD_COLUMNS, child_row
from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import TenureLostError
from domain.orders.committed import BEGINNING, NOTHING_TOLD
from domain.orders.lifecycle import doubt_child, request_cancel
from domain.orders.order import OrderEvent
from domain.orders.records import Contradicted, OrderChange, PredecessorMissing, Stored
from domain.orders.stored_orders import OpenOrder, OrderFilter
from domain.pages import PageWanted
from tests.adapters.persistence.audit import events_of
from tests.adapters.persistence.builders import (
    BTCUSDT,
    at,
    child_in,
    intent,
    new_order,
    settled,
    whole_life,
)


LIFE = whole_life(1)
ORDER_ID = LIFE.new.order.order_id

Count = Callable[[str], int]


@pytest.fixture
def intended(store: SqlTradeStore) -> SqlTradeStore:
    """An order whose first child may leave."""
    store.write([LIFE.new])
    assert store.write([LIFE.first_intent]) == (Stored(order=LIFE.first_intent.order),)
    return store


@pytest.fixture
def rows(database_url: str) -> Count:
    """Run a statement that counts something, beside the service."""
    database = backend_of(database_url).migrator()

    def run(statement: str) -> int:
        with database.connection_context():
            return int(database.execute_sql(statement).fetchone()[0])

    return run


def spoil(database_url: str, statement: str) -> None:
    """Change the database by hand."""
    database = backend_of(database_url).migrator()
    with database.connection_context(), database.atomic():
        database.execute_sql(statement)


def insert_beside(database_url: str, child: Row) -> None:
    """Leave on disk what an intent does whose connection is lost before the answer."""
    database = backend_of(database_url).migrator()
    marks = ", ".join([database.param] * len(child))
    columns = ", ".join(CHILD_COLUMNS)
    with database.connection_context():
        statement = f"INSERT INTO children ({columns}) VALUES ({marks})"  # noqa: S608 - constants
        database.execute_sql(statement, child)


def doubted(before: OrderChange) -> OrderChange:
    child = child_in(before)
    order, event = doubt_child(before.order, child.child_id, "cut", now=at(9))
    return OrderChange(order=order, events=(event,))


def test_an_intent_is_one_row(intended: SqlTradeStore, rows: Count) -> None:
    assert intended.committed() == NOTHING_TOLD
    assert rows("SELECT count(*) FROM children") == 1
    assert rows("SELECT version FROM orders") == 1
    assert rows("SELECT count(*) FROM order_events") == 1


def test_an_order_is_read_with_its_intent(
    intended: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    after = LIFE.first_intent.order
    child = child_in(LIFE.first_intent)

    assert queries.order(ORDER_ID) == after
    assert queries.orders(OrderFilter(status="open")).orders == (after,)
    assert queries.orders(OrderFilter(status="NEW", symbol=BTCUSDT)).orders == (after,)
    found = OpenOrder(order=after, unresolved=child)
    assert intended.open_order(ORDER_ID) == found
    assert intended.open_orders(BTCUSDT, 0, 10) == [found]
    history = intended.child_history(child.child_id)
    assert history is not None
    assert (history.order, history.child) == (after, child)
    assert intended.children_in_flight(BTCUSDT) == [child.child_id]


@pytest.mark.usefixtures("intended")
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_history_ends_with_the_intent(queries: SqlOrderQueries, limit: int) -> None:
    found: list[OrderEvent] = []
    cursor: str | None = None
    while True:
        page = queries.event_page(ORDER_ID, PageWanted(limit=limit, cursor=cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == [LIFE.new.event, *LIFE.first_intent.events]
    assert len(page.items) > 0


def test_a_history_that_is_read_while_the_intent_is_told_has_it(
    intended: SqlTradeStore,
    queries: SqlOrderQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The history of an order must not be behind the order, nor go back."""
    run: Any = peewee.Database.execute_sql

    def and_then_settle(database: peewee.Database, *statement: Any) -> Any:
        found = run(database, *statement)
        monkeypatch.undo()
        intended.write([LIFE.first_result])
        return found

    monkeypatch.setattr(peewee.Database, "execute_sql", and_then_settle)

    assert events_of(queries, ORDER_ID) == [
        LIFE.new.event,
        *LIFE.first_intent.events,
        *LIFE.first_result.events,
    ]


@pytest.mark.parametrize("ends", [doubted, lambda one: settled(one, "1")])
def test_the_next_step_is_written_with_the_intent(
    intended: SqlTradeStore,
    queries: SqlOrderQueries,
    ends: Callable[[OrderChange], OrderChange],
) -> None:
    step = ends(LIFE.first_intent)

    assert intended.write([step]) == (Stored(order=step.order),)

    told = [one.event for one in intended.committed().events]
    assert told == [*LIFE.first_intent.events, *step.events]
    assert queries.order(ORDER_ID) == step.order
    assert events_of(queries, ORDER_ID) == [LIFE.new.event, *told]


def test_an_intent_written_again_is_recognised(intended: SqlTradeStore) -> None:
    again = intended.write([LIFE.first_intent])
    with_others = intended.write([new_order(2), LIFE.first_intent])

    assert again == (Stored(order=LIFE.first_intent.order),)
    assert [type(one) for one in with_others] == [Stored, Stored]
    (result,) = intended.write([LIFE.first_result])
    assert result == Stored(order=LIFE.first_result.order)


def test_a_step_behind_an_intent_that_was_written_unnoticed_is_written(
    database_url: str, queries: SqlOrderQueries, store: SqlTradeStore
) -> None:
    """Both are in the batch that the ledger writes after an unknown outcome."""
    store.write([LIFE.new])
    insert_beside(database_url, child_row(child_in(LIFE.first_intent)))
    order, event = request_cancel(LIFE.first_intent.order, now=at(9))
    cancel = OrderChange(order=order, events=(event,))

    outcomes = store.write([LIFE.first_intent, cancel])

    assert outcomes == (
        Stored(order=LIFE.first_intent.order),
        Stored(order=cancel.order),
    )
    assert queries.order(ORDER_ID) == cancel.order
    told = [one.event for one in store.committed().events]
    assert told == [*LIFE.first_intent.events, *cancel.events]
    assert events_of(queries, ORDER_ID) == [LIFE.new.event, *told]
    result = settled(replace(LIFE.first_intent, order=order), "1")
    assert store.write([result]) == (Stored(order=result.order),)


def test_the_step_after_an_intent_that_nobody_noted_is_written(
    database_url: str, queries: SqlOrderQueries, store: SqlTradeStore
) -> None:
    """A takeover could not read it, say, and its row was mended since."""
    store.write([LIFE.new])
    insert_beside(database_url, child_row(child_in(LIFE.first_intent)))

    outcomes = store.write([LIFE.first_result])

    assert outcomes == (Stored(order=LIFE.first_result.order),)
    told = [one.event for one in store.committed().events]
    assert told == [*LIFE.first_intent.events, *LIFE.first_result.events]
    assert queries.order(ORDER_ID) == LIFE.first_result.order


def test_an_intent_whose_predecessor_is_missing_is_not_written(
    intended: SqlTradeStore,
) -> None:
    (outcome,) = intended.write([LIFE.second_intent])

    assert outcome == PredecessorMissing(order=LIFE.first_intent.order)


def test_intents_of_several_orders_are_written_with_what_else_there_is(
    intended: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    others = [new_order(sequence) for sequence in (2, 3)]
    intents = [intent(one.order) for one in others]
    intended.write(others)

    intended.write([intents[0], LIFE.first_result, intents[1]])

    told = [one.event for one in intended.committed().events]
    assert told == [*LIFE.first_intent.events, *LIFE.first_result.events]
    for one in intents:
        assert queries.order(one.order.order_id) == one.order
    results = [settled(one, "1") for one in intents]
    assert intended.write(results) == tuple(Stored(order=one.order) for one in results)


@pytest.mark.usefixtures("intended")
def test_an_intent_that_a_service_left_is_completed_by_the_next(
    database_url: str, rows: Count
) -> None:
    second, queries = open_store(database_url), open_queries(database_url)

    told = [one.event for one in queries.events_after(BEGINNING, 10).events]
    assert told == [LIFE.new.event, *LIFE.first_intent.events]
    assert rows("SELECT version FROM orders") == LIFE.first_intent.order.version
    second.write([LIFE.first_result])
    told = [one.event for one in second.committed().events]
    assert told == list(LIFE.first_result.events)
    queries.close()
    second.close()


SPOILT = (
    """INSERT INTO order_events (order_id, number, step, status, occurred_at{columns})
    SELECT order_id, 2, 'HELD', 'NEW', occurred_at{values} FROM order_events
    WHERE order_id = '{order_id}' AND number = 1""",
    """UPDATE children SET slices = '[["271.5", "1", 99999999999999999999999]]'
    WHERE order_id = '{order_id}'""",
)
"""By hand: the intent's event is there already; a number that no column takes."""


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_intent_that_contradicts_other_rows_stops_its_order_alone(
    store: SqlTradeStore,
    database_url: str,
    spoilt: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    new = [new_order(sequence) for sequence in (1, 2, 3)]
    intents = [intent(one.order) for one in new]
    store.write(new)
    for one in intents:
        store.write([one])
    is_sqlite = database_url.startswith("sqlite")
    positions = "" if is_sqlite else ", transaction_id, position"
    spoil(
        database_url,
        spoilt.format(
            order_id=new[1].order.order_id,
            columns=positions,
            values=positions.replace("position", "position + 1000"),
        ),
    )

    second = open_store(database_url)

    outcomes = second.write([settled(one, "1") for one in intents])
    assert [type(one) for one in outcomes] == [Stored, Contradicted, Stored]
    assert f"Intent not completed order_id={new[1].order.order_id}" in caplog.text
    second.close()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_the_server_s_default_isolation_does_not_count(
    postgres_url: str, level: str
) -> None:
    default = " -c default_transaction_isolation=" + level.replace(" ", "\\ ")
    store = open_store(postgres_url + quote(default))

    found = store._database.execute_sql("SHOW transaction_isolation").fetchone()

    assert found == ("read committed",)
    store.close()


def test_no_child_of_a_service_that_was_replaced_gets_on_disk(
    store: SqlTradeStore, database_url: str, rows: Count
) -> None:
    store.write([LIFE.new])
    second = open_store(database_url)

    with pytest.raises(TenureLostError):
        store.write([LIFE.first_intent])

    assert rows("SELECT count(*) FROM children") == 0
    second.close()


def test_an_intent_at_a_time_of_its_own_is_written_whole(
    store: SqlTradeStore, rows: Count
) -> None:
    """What cannot be read back from the child's row has to be in the others."""
    store.write([LIFE.new])
    (event,) = LIFE.first_intent.events
    later = replace(LIFE.first_intent, events=(replace(event, occurred_at=at(50)),))

    store.write([later])

    assert rows("SELECT count(*) FROM order_events") == 2
