"""Several writers on PostgreSQL: what commits late is not skipped."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.event_positions import OFFSET_FACT, POSTGRESQL, EventLog
from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.record_batch import write_batch
from adapters.persistence.sql_statements import SqlStatements
from adapters.persistence.store import open_store
from adapters.persistence.transaction import Transaction
from domain.orders.committed import BEGINNING, CommittedBatch, Position
from domain.orders.records import Record
from tests.adapters.persistence.builders import canceled, new_order


pytest.importorskip("psycopg", reason="psycopg, the extra 'postgres', is not installed")

COUNT_OFFSETS = "SELECT count(*) FROM facts WHERE name = %s"


class Writer:
    """A writing transaction of its own connection."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._database = backend_of(url).writer()
        self._database.connect()
        stack.callback(self._database.close)
        self._cursor = self._database.connection().cursor()
        self._cursor.execute("BEGIN")
        statements = SqlStatements.of(self._database.param, POSTGRESQL)
        self._cursor.execute(POSTGRESQL.begin)
        log = EventLog(POSTGRESQL, self._cursor.fetchone())
        self._transaction = Transaction(
            cursor=self._cursor, statements=statements, log=log
        )

    def write(self, *records: Record) -> None:
        write_batch(self._transaction, records)

    def commit(self) -> CommittedBatch:
        self._cursor.execute("COMMIT")
        return self._transaction.log.batch()

    def roll_back(self) -> None:
        self._cursor.execute("ROLLBACK")


Begin = Callable[[], Writer]


@pytest.fixture
def queries(postgres_url: str) -> Iterator[SqlOrderQueries]:
    open_store(postgres_url).close()
    opened = open_queries(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def begin(queries: SqlOrderQueries, postgres_url: str) -> Iterator[Begin]:
    del queries  # the tables are there
    with ExitStack() as stack:
        yield lambda: Writer(postgres_url, stack)


def told(queries: SqlOrderQueries, position: Position = BEGINNING) -> Sequence[str]:
    page = queries.events_after(position, 100)
    return [one.event.order_id[-1] for one in page.events]


def test_what_commits_later_than_a_higher_number_is_not_skipped(
    queries: SqlOrderQueries, begin: Begin
) -> None:
    early, late = begin(), begin()
    early.write(new_order(1))
    late.write(new_order(2))

    batch = late.commit()
    assert told(queries) == []
    assert queries.last_position() == BEGINNING
    assert queries.highest_position() == batch.events[-1].position
    early.commit()

    assert told(queries) == ["1", "2"]


def test_what_is_over_is_read_while_others_are_under_way(
    queries: SqlOrderQueries, begin: Begin
) -> None:
    first = begin()
    first.write(new_order(1))
    second, third = begin(), begin()
    first.commit()
    third.write(new_order(3))
    third.commit()

    assert told(queries) == ["1"]
    last = queries.last_position()
    second.roll_back()

    assert told(queries, last) == ["3"]
    assert told(queries) == ["1", "3"]


def test_a_batch_knows_what_it_follows_only_if_nobody_older_writes(
    begin: Begin,
) -> None:
    first = begin()
    first.write(new_order(1))
    before = first.commit().events[-1].position

    older, newer = begin(), begin()
    older.write(new_order(2))
    newer.write(new_order(3))

    assert newer.commit().follows is None
    assert older.commit().follows == before


def test_who_only_reads_holds_nobody_up(
    queries: SqlOrderQueries, begin: Begin, postgres_admin: Any
) -> None:
    with postgres_admin.transaction():
        postgres_admin.execute("SELECT count(*) FROM pg_class")
        writer = begin()
        writer.write(new_order(1))
        batch = writer.commit()

        assert batch.follows == BEGINNING
        assert told(queries) == ["1"]


def test_positions_grow_on_a_server_that_a_dump_was_read_into(
    postgres_url: str, postgres_admin: Any
) -> None:
    store, queries = open_store(postgres_url), open_queries(postgres_url)
    first, second = new_order(1), new_order(2)
    store.write([first])
    store.close()
    run = postgres_admin.execute
    run(f"SET search_path = {postgres_url.rpartition('%3D')[2]}")
    run("UPDATE order_events SET transaction_id = 7000000000000")
    assert told(queries) == []

    store = open_store(postgres_url)
    store.write([second, canceled(first.order)])

    assert store.committed().follows == Position(transaction=7 * 10**12, number=1)
    assert told(queries) == ["1", "2", "1"]
    again = open_store(postgres_url)
    again.write([new_order(3)])
    assert told(queries) == ["1", "2", "1", "3"]
    assert run(COUNT_OFFSETS, (OFFSET_FACT,)).fetchone() == (1,)
    for one in (store, again, queries):
        one.close()


def test_a_server_that_goes_on_counting_needs_no_offset(
    postgres_url: str, postgres_admin: Any
) -> None:
    store = open_store(postgres_url)
    store.write([new_order(1)])
    other = open_store(postgres_url)
    other.write([new_order(2)])

    run = postgres_admin.execute
    run(f"SET search_path = {postgres_url.rpartition('%3D')[2]}")
    assert run(COUNT_OFFSETS, (OFFSET_FACT,)).fetchone() == (0,)
    store.close()
    other.close()
