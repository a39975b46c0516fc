"""SQLite's log loses its name while we write to it: nothing acknowledged is lost."""

import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence import sqlite
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import (
    StoreOutcomeUnknownError,
    StoreUnavailableError,
    TenureLostError,
)
from domain.orders.records import Stored
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import new_order
from tests.adapters.persistence.lost_logs import (
    Damage,
    after_a_kill,
    delete_log,
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def queries(queries: SqlOrderQueries) -> SqlOrderQueries:
    """Its pool has a connection that is idle."""
    queries.orders(OrderFilter())
    return queries


def listed(queries: SqlOrderQueries) -> list[int]:
    return sorted(one.sequence for one in queries.orders(OrderFilter()).orders)


@pytest.mark.usefixtures("queries")
def test_what_was_acknowledged_is_in_the_file_once_it_is_noticed(
    store: SqlTradeStore, file: Path, damage: Damage
) -> None:
    store.write([new_order(1)])
    damage(file)

    with pytest.raises(StoreUnavailableError, match="or its log, was moved, deleted"):
        store.check_tenure()

    assert after_a_kill(file) == [1]


def test_all_goes_on_with_a_new_log_and_readers_read_it(
    store: SqlTradeStore, queries: SqlOrderQueries, file: Path, damage: Damage
) -> None:
    store.write([new_order(1)])
    damage(file)
    with pytest.raises(StoreUnavailableError):
        store.write([new_order(2)])

    (outcome,) = store.write([new_order(2)])
    read = [listed(queries) for _ in range(2)]
    store.write([new_order(3)])

    assert isinstance(outcome, Stored)
    assert outcome.order == new_order(2).order
    assert read == [[1, 2], [1, 2]]
    assert listed(queries) == [1, 2, 3]
    assert after_a_kill(file) == [1, 2, 3]


def test_a_reader_that_came_before_it_was_noticed_reads_on_afterwards(
    store: SqlTradeStore, queries: SqlOrderQueries, file: Path, damage: Damage
) -> None:
    store.write([new_order(1)])
    listed(queries)
    damage(file)
    with pytest.raises(StoreUnavailableError):
        listed(queries)  # it would read a log in which nothing is

    with pytest.raises(StoreUnavailableError):
        store.check_tenure()
    store.write([new_order(2)])

    assert listed(queries) == [1, 2]
    assert after_a_kill(file) == [1, 2]


class DamagingCursor(sqlite3.Cursor):
    """Runs what is armed when it comes to a COMMIT."""

    armed: Callable[[], None] | None = None

    def execute(self, sql: str, *parameters: Any) -> Any:
        run, kind = DamagingCursor.armed, DamagingCursor
        if sql == "COMMIT" and run is not None:
            kind.armed = None
            run()
        return super().execute(sql, *parameters)


class DamagingConnection(sqlite3.Connection):
    def cursor(self, *_: Any) -> Any:
        return super().cursor(DamagingCursor)


@pytest.mark.usefixtures("queries")
def test_what_was_committed_to_a_log_that_has_gone_is_acknowledged_once_it_is_safe(
    store: SqlTradeStore, file: Path, damage: Damage
) -> None:
    database: Any = store._database
    database.connect_params["factory"] = DamagingConnection
    store._disconnect()
    DamagingCursor.armed = lambda: damage(file)

    with pytest.raises(StoreOutcomeUnknownError):
        store.write([new_order(1)])

    assert after_a_kill(file) == [1]
    (outcome,) = store.write([new_order(1)])
    assert outcome == Stored(order=new_order(1).order, was_there=True)


@pytest.mark.usefixtures("queries")
def test_an_error_meanwhile_loses_nothing(
    store: SqlTradeStore, file: Path, damage: Damage
) -> None:
    """The connection is closed for another reason, in the middle of a transaction."""
    store.write([new_order(1)])
    transaction = store._cursor()
    store._begin(transaction.__enter__())
    damage(file)
    error = ZeroDivisionError()
    assert not transaction.__exit__(type(error), error, None)

    store.write([new_order(2)])

    assert after_a_kill(file) == [1, 2]


def test_a_log_that_cannot_be_saved_yet_is_kept_and_saved_later(
    store: SqlTradeStore, file: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    store._disconnect()
    store.write([new_order(1)])
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM orders").fetchone()
        store.write([new_order(2)])
        damage(file)
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                store.write([new_order(3)])
    with pytest.raises(StoreUnavailableError):
        store.write([new_order(3)])

    store.write([new_order(3)])

    assert after_a_kill(file) == [1, 2, 3]


def test_a_full_disk_meanwhile_loses_nothing(
    store: SqlTradeStore, file: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log does not fit into the file then, and has nothing but its name."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    store._disconnect()
    database: Any = store._database
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")  # for the disk is full for SQLite's pages alone
        reader.execute("SELECT * FROM orders").fetchone()
        store.write([new_order(1)])
        database.execute_sql("PRAGMA max_page_count = 1")  # as many as there are
        with pytest.raises(StoreUnavailableError, match="full"):
            store.write([new_order(sequence) for sequence in range(2, 300)])
        damage(file)
        database.execute_sql("PRAGMA max_page_count = 1000000")
        for _ in range(2):
            with contextlib.suppress(StoreUnavailableError):
                store.write([new_order(2)])

        assert after_a_kill(file) == [1, 2]


def test_a_file_that_goes_as_well_and_comes_back_loses_nothing(
    store: SqlTradeStore, file: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    store._disconnect()
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM orders").fetchone()
        store.write([new_order(1)])
        damage(file)
        moved = file.rename(file.with_suffix(".moved"))
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                store.write([new_order(2)])
        moved.rename(file)
        with pytest.raises(StoreUnavailableError):
            store.write([new_order(2)])

        assert after_a_kill(file) == [1, 2]


@pytest.mark.usefixtures("queries")
def test_the_end_of_the_service_saves_it_too(
    store: SqlTradeStore, file: Path, damage: Damage
) -> None:
    store.write([new_order(1)])
    damage(file)

    store.close()

    assert after_a_kill(file) == [1]


def test_the_log_of_a_symbolic_link_is_beside_the_file(
    file: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link.db"
    link.symlink_to(file)
    store = open_store(f"sqlite:///{link}")
    store.write([new_order(1)])
    delete_log(file)

    with pytest.raises(StoreUnavailableError, match="its log"):
        store.check_tenure()

    store.write([new_order(2)])
    store.close()


def test_log_of_the_former_file_does_not_damage_the_copy_in_its_place(
    store: SqlTradeStore, queries: SqlOrderQueries, file: Path
) -> None:
    """Readers keep that log in its place, and SQLite would take it for the copy's."""
    store.write([new_order(1)])
    copy = file.with_suffix(".copy")
    with (
        closing(sqlite3.connect(file)) as ours,
        closing(sqlite3.connect(copy)) as other,
    ):
        ours.backup(other)
    store.write([new_order(sequence) for sequence in range(2, 100)])
    assert len(listed(queries)) > 1
    former = file.rename(file.with_suffix(".former"))
    copy.rename(file)
    with pytest.raises(StoreUnavailableError):
        store.write([new_order(100)])

    with pytest.raises(TenureLostError, match="lacks what this service has committed"):
        store.write([new_order(100)])

    assert after_a_kill(file) == [1]
    assert listed(queries) == [1]
    assert after_a_kill(former) == list(range(1, 101))
