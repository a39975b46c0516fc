"""A locked, full or vanished SQLite file: refused in time, and well again later."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence.queries import open_queries
from adapters.persistence.store import SqlTradeStore
from domain.errors import StoreUnavailableError
from domain.orders.records import Stored
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import BTCUSDT, new_order, whole_life


REFUSED_WITHIN_SECONDS = 2.5
"""The store's own bound is 1.5; the rest is for a busy machine."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_locked_database_is_refused_in_time_and_works_later(
    store: SqlTradeStore, file: Path
) -> None:
    record = new_order(1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()

        with pytest.raises(StoreUnavailableError, match="locked"):
            store.write([record])

        took = time.monotonic() - started
        other.execute("ROLLBACK")
    assert took < REFUSED_WITHIN_SECONDS
    assert store.write([record]) == (Stored(order=record.order),)


def test_locked_database_can_still_be_read(store: SqlTradeStore, file: Path) -> None:
    record = new_order(1)
    store.write([record])
    queries = open_queries(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        page = queries.orders(OrderFilter())
        found = store.open_orders(BTCUSDT, 0, 10)

    queries.close()
    assert page.orders == (record.order,)
    assert [open_.order for open_ in found] == [record.order]


def test_full_database_keeps_what_was_acknowledged_and_works_later(
    store: SqlTradeStore,
) -> None:
    first = whole_life(1)
    store.write([first.new, *first.changes])
    database: Any = store._database
    pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
    database._pragmas.append(("max_page_count", pages))
    store._disconnect()
    many = [new_order(sequence) for sequence in range(2, 300)]

    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match="full"):
            store.write(many)
    kept = store.last_sequence()
    database._pragmas.pop()
    store._disconnect()
    outcomes = store.write(many)

    assert kept == 1
    assert outcomes == tuple(Stored(order=record.order) for record in many)


def test_file_that_has_gone_is_not_made_anew(store: SqlTradeStore, file: Path) -> None:
    store.write([new_order(1)])
    moved = file.with_suffix(".moved")
    file.rename(moved)

    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            store.write([new_order(2)])

    assert not file.exists()
    moved.rename(file)
    store.write([new_order(2)])
    assert store.last_sequence() == 2


def test_damaged_file_is_unavailable_for_the_running_service(
    store: SqlTradeStore, file: Path
) -> None:
    store.write([new_order(1)])
    store._disconnect()
    file.write_bytes(b"no database at all" * 1_000)

    with pytest.raises(StoreUnavailableError):
        store.write([new_order(2)])


def test_closed_store_is_unavailable(store: SqlTradeStore) -> None:
    store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        store.write([new_order(1)])
