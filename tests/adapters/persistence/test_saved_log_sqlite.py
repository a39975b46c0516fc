"""Saving what is in a log without a name: neither a kill nor a full disk harms it."""

import gc
import logging
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence import sqlite_log_rescue, unsaved_records
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import StoreUnavailableError
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import new_order
from tests.adapters.persistence.lost_logs import (
    Damage,
    after_a_kill,
    beside,
    delete_log,
)


MOST, ALL = 601, 671


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def queries(queries: SqlOrderQueries) -> SqlOrderQueries:
    """Its pool has a connection that is idle."""
    queries.orders(OrderFilter())
    return queries


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Have the system write no byte behind that, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_most_to_the_file(store: SqlTradeStore, file: Path) -> list[int]:
    """Have much in the file, and a little in its log that changes and lengthens it."""
    store.write([new_order(number) for number in range(1, MOST)])
    store._disconnect()  # nobody else has it open: all of it goes to the file
    store.write([new_order(number) for number in range(MOST, ALL)])
    assert beside(file, "-wal").stat().st_size < file.stat().st_size
    return list(range(1, ALL))


@pytest.mark.parametrize("pages", range(3))
def test_a_kill_while_the_file_is_overwritten_loses_nothing(
    store: SqlTradeStore, file: Path, damage: Damage, pages: int
) -> None:
    """SQLite is kept from going on where the kill comes."""
    written = write_most_to_the_file(store, file)
    before = file.read_bytes()
    damage(file)

    with (
        no_file_longer_than(len(before) + pages * 4096),
        pytest.raises(StoreUnavailableError),
    ):
        store.check_tenure()

    after = file.read_bytes()
    assert after[: len(before)] != before
    assert len(after) == len(before) + pages * 4096
    assert after_a_kill(file) == written
    with pytest.raises(StoreUnavailableError):
        store.write([new_order(ALL)])
    store.write([new_order(ALL)])
    assert after_a_kill(file) == [*written, ALL]


@contextmanager
def no_room() -> Iterator[None]:
    with no_file_longer_than(0):
        yield


@contextmanager
def no_list_of_descriptors() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_log_rescue, "DESCRIPTORS", ())
        yield


@pytest.fixture(params=[no_room, no_list_of_descriptors])
def cannot_save(request: pytest.FixtureRequest) -> Callable[[], Any]:
    found: Callable[[], Any] = request.param
    return found


def said(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == level]


def test_a_log_that_cannot_be_written_again_is_kept_and_nothing_overwritten(
    store: SqlTradeStore,
    file: Path,
    damage: Damage,
    cannot_save: Callable[[], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = write_most_to_the_file(store, file)
    before = file.read_bytes()
    damage(file)

    with cannot_save():
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                store.write([new_order(ALL)])

    assert file.read_bytes() == before
    (alarm,) = said(caplog, logging.CRITICAL)
    assert "end with this process: leave it running" in alarm
    assert "orders.db-wal was deleted or replaced" in alarm
    with pytest.raises(StoreUnavailableError):
        store.write([new_order(ALL)])
    store.write([new_order(ALL)])
    assert after_a_kill(file) == [*written, ALL]
    assert said(caplog, logging.WARNING) == [
        "Acknowledged orders are in a file again",
    ]
    assert not beside(file, "-wal-copy").exists()


def test_a_stop_that_loses_something_says_so_and_leaves_the_file_as_it_is(
    file: Path,
    damage: Damage,
    cannot_save: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(unsaved_records, "SAVING_SECONDS", 0.0)
    store = open_store(f"sqlite:///{file}")
    write_most_to_the_file(store, file)
    before = file.read_bytes()
    damage(file)

    with cannot_save():
        with pytest.raises(StoreUnavailableError, match="acknowledged orders are lost"):
            store.close()
        del store
        gc.collect()  # which would close the connection

    assert file.read_bytes() == before
    assert after_a_kill(file) == list(range(1, MOST))
    assert "Stopping loses acknowledged orders" in said(caplog, logging.CRITICAL)[1]


def test_a_stop_waits_until_there_is_room(
    file: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"sqlite:///{file}")
    written = write_most_to_the_file(store, file)
    damage(file)
    with ExitStack() as full:
        full.enter_context(no_room())
        pauses: list[Callable[[], object]] = [full.close, list]

        def pause(_: float) -> None:
            pauses.pop()()

        monkeypatch.setattr(unsaved_records, "pause", pause)
        store.close()

    assert not pauses
    assert after_a_kill(file) == written


def test_a_log_that_was_begun_anew_and_is_longer_than_what_is_in_it(
    store: SqlTradeStore, file: Path, damage: Damage
) -> None:
    """Behind its end are parts of what was in it before."""
    for number in range(1, 121):
        store.write([new_order(number)])
        if number == 100:
            store._database.execute_sql("PRAGMA wal_checkpoint(RESTART)")
    damage(file)

    with pytest.raises(StoreUnavailableError):
        store.check_tenure()
    store.write([new_order(121)])

    assert after_a_kill(file) == list(range(1, 122))


@pytest.mark.usefixtures("queries")
def test_a_log_that_somebody_else_has_put_there_is_kept_beside(
    store: SqlTradeStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.write([new_order(1)])
    delete_log(file)
    beside(file, "-wal").write_bytes(b"another")

    with pytest.raises(StoreUnavailableError):
        store.check_tenure()

    assert after_a_kill(file) == [1]
    assert beside(file, "-wal-found").read_bytes() == b"another"
    assert said(caplog, logging.WARNING)


@pytest.mark.usefixtures("queries")
def test_the_log_written_again_is_as_private_as_it_was(
    store: SqlTradeStore, file: Path
) -> None:
    store.write([new_order(1)])
    mode = beside(file, "-wal").stat().st_mode
    delete_log(file)

    with pytest.raises(StoreUnavailableError):
        store.check_tenure()

    assert beside(file, "-wal").stat().st_mode == mode
