"""A database of before gives its events positions, and its orders go on."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.persistence import schema
from adapters.persistence.backends import backend_of
from adapters.persistence.event_positions import EventLog, PositionDialect
from adapters.persistence.queries import open_queries
from adapters.persistence.record_batch import write_batch
from adapters.persistence.sql_statements import SqlStatements
from adapters.persistence.store import open_store
from adapters.persistence.transaction import Transaction
from domain.orders.committed import BEGINNING
from domain.orders.records import OrderChange, Record
from tests.adapters.persistence.builders import (
    BTCUSDT,
    at,
    intent,
    new_order,
    settled,
    whole_life,
)


BEFORE = PositionDialect(columns=(), begin="", last="", after="")


@pytest.fixture
def before(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a database as it was before events had positions."""
    old = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, old)
    (old / "0008_event_positions.py").unlink()
    backend = backend_of(database_url)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", old)
        patch.setattr(backend, "positions", BEFORE)
        schema.migrate(backend)
    return database_url


def write_as_before(url: str, *records: Record) -> None:
    database = backend_of(url).writer()
    database.connect()
    cursor = database.connection().cursor()
    cursor.execute("BEGIN")
    statements = SqlStatements.of(database.param, BEFORE)
    log = EventLog(BEFORE, (0, 0, 0, 0, True))
    transaction = Transaction(cursor=cursor, statements=statements, log=log)
    for record in records:
        write_batch(transaction, (record,))
    cursor.execute("COMMIT")
    database.close()


def steps(url: str) -> Sequence[tuple[str, int]]:
    queries = open_queries(url)
    page = queries.events_after(BEGINNING, 100)
    queries.close()
    positions = [one.position for one in page.events]
    assert positions == sorted(set(positions))
    return [(one.event.order_id[-1], one.event.number) for one in page.events]


def test_events_that_are_there_are_told_as_they_happened(before: str) -> None:
    life, other = whole_life(1), new_order(2)
    later = replace(other, event=replace(other.event, occurred_at=at(3)))
    write_as_before(before, life.new, *life.changes[:2], later, *life.changes[2:])

    open_store(before).close()

    found = steps(before)
    numbers = [number for name, number in found if name == "1"]
    assert numbers == list(range(1, life.end.order.version + 1))
    assert 0 < found.index(("2", 1)) < len(found) - 1


def test_an_order_is_told_in_sequence_though_a_clock_was_set_back(before: str) -> None:
    new = new_order(1)
    change = intent(new.order)
    (event,) = change.events
    back = replace(change, events=(replace(event, occurred_at=at(-3_600)),))
    write_as_before(before, new, back, new_order(2))

    open_store(before).close()

    found = steps(before)
    assert found.index(("1", 1)) < found.index(("1", 2))


def test_open_orders_go_on_and_their_events_come_after(before: str) -> None:
    new = new_order(1)
    child = intent(new.order)
    write_as_before(before, new, child, new_order(2))

    store = open_store(before)
    (first, second) = store.open_orders(BTCUSDT, 0, 10)
    result: OrderChange = settled(child, "1")
    store.write([result, new_order(3)])

    assert (first.order, first.unresolved) == (child.order, child.intent)
    assert second.order == new_order(2).order
    store.close()
    found = steps(before)
    assert sorted(found[:3]) == [("1", 1), ("1", 2), ("2", 1)]
    assert sorted(found[3:]) == [
        *(("1", event.number) for event in result.events),
        ("3", 1),
    ]


def test_an_event_is_still_unique_by_order_and_number(before: str) -> None:
    new = new_order(1)
    write_as_before(before, new)

    store = open_store(before)
    store.write([new])
    store.close()

    assert steps(before) == [("1", 1)]
