"""A COMMIT that fails, before or after it landed: said to be unknown, told later."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import StoreOutcomeUnknownError, StoreUnavailableError
from domain.orders.records import Stored
from tests.adapters.persistence.builders import new_order


class FailingCursor(sqlite3.Cursor):
    """Fails like a disk whose sync fails, at the statement that is named."""

    fails_at: str | None = None
    lands = False
    code = sqlite3.SQLITE_IOERR_FSYNC

    def execute(self, sql: str, *parameters: Any) -> Any:
        kind = FailingCursor
        if kind.fails_at is None or not sql.startswith(kind.fails_at):
            return super().execute(sql, *parameters)
        kind.fails_at = None
        if kind.lands:
            super().execute(sql, *parameters)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = kind.code
        raise error


class FailingConnection(sqlite3.Connection):
    made = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        FailingConnection.made += 1

    def cursor(self, *_: Any) -> Any:
        return super().cursor(FailingCursor)


Fail = Callable[..., None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Have the next statement that starts so fail, before or after its effect."""

    def arm(statement: str, *, lands: bool = False) -> None:
        monkeypatch.setattr(FailingCursor, "fails_at", statement)
        monkeypatch.setattr(FailingCursor, "lands", lands)

    monkeypatch.setattr(FailingConnection, "made", 0)
    return arm


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlTradeStore]:
    opened = open_store(f"sqlite:///{tmp_path}/orders.db")
    database: Any = opened._database
    database.connect_params["factory"] = FailingConnection
    yield opened
    opened.close()


def test_commit_that_landed_before_it_failed_is_unknown_and_found_by_the_next_try(
    store: SqlTradeStore, fail: Fail
) -> None:
    record = new_order(1)
    fail("COMMIT", lands=True)

    with pytest.raises(StoreOutcomeUnknownError, match="disk I/O error"):
        store.write([record])

    assert store.last_sequence() == 1
    assert store.write([record]) == (Stored(order=record.order, was_there=True),)


def test_commit_that_failed_before_it_landed_is_unknown_and_made_by_the_next_try(
    store: SqlTradeStore, fail: Fail
) -> None:
    record = new_order(1)
    fail("COMMIT")

    with pytest.raises(StoreOutcomeUnknownError):
        store.write([record])

    assert store.last_sequence() == 0
    assert store.write([record]) == (Stored(order=record.order),)


def test_connection_of_a_failed_commit_is_dropped_and_the_next_call_makes_another(
    store: SqlTradeStore, fail: Fail
) -> None:
    fail("COMMIT")
    with pytest.raises(StoreOutcomeUnknownError):
        store.write([new_order(1)])
    assert FailingConnection.made == 1
    assert store._database.is_closed()

    store.write([new_order(1)])

    assert FailingConnection.made == 2


def test_failure_before_the_commit_is_certain(store: SqlTradeStore, fail: Fail) -> None:
    fail("BEGIN")

    with pytest.raises(StoreUnavailableError) as failed:
        store.write([new_order(1)])

    assert not isinstance(failed.value, StoreOutcomeUnknownError)
    assert store.last_sequence() == 0


def test_commit_for_which_there_was_no_room_certainly_failed(
    store: SqlTradeStore, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FailingCursor, "code", sqlite3.SQLITE_FULL)
    fail("COMMIT")

    with pytest.raises(StoreUnavailableError) as failed:
        store.write([new_order(1)])

    assert not isinstance(failed.value, StoreOutcomeUnknownError)
