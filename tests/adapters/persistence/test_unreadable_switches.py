"""Unreadable rows outside of orders do not keep the service from starting."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.store import SqlTradeStore, open_store
from domain.risk.halt import Halt
from domain.venue.answers import RateLimitBan
from tests.adapters.persistence.builders import new_order


VENUE = "https://api.example"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def spoil(database_url: str) -> Callable[[str], None]:
    """Tamper with the database by a statement of SQL."""

    def spoil(statement: str) -> None:
        database = backend_of(database_url).migrator()
        with database.connection_context(), database.atomic():
            database.execute_sql(statement)

    return spoil


@pytest.mark.parametrize(
    "tampering",
    ["since = 'yesterday'", "since = '2026-11-23T12:00:00'", "is_on = 7"],
)
def test_a_halt_that_makes_no_sense_is_a_halt_until_somebody_resumes(
    store: SqlTradeStore,
    spoil: Callable[[str], None],
    tampering: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.save_halt(Halt(is_on=False, reason="", since=NOW))
    spoil(f"UPDATE switches SET {tampering}")  # noqa: S608 - constants

    assert store.halt().is_on
    assert "Halt switch not readable, halted problem=" in caplog.text

    store.save_halt(Halt(is_on=False, reason="", since=NOW))
    assert not store.halt().is_on


@pytest.mark.parametrize("value", ["z", "", "2026-11-23T12:00:00"])
def test_a_silence_that_makes_no_sense_is_none_and_a_warning(
    store: SqlTradeStore,
    spoil: Callable[[str], None],
    value: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.save_rate_limit_ban(RateLimitBan(venue=VENUE, until=NOW))
    spoil(f"UPDATE facts SET value = '{value}' WHERE name <> 'venue'")  # noqa: S608 - constants

    assert store.rate_limited_until(VENUE) is None
    assert f"Ban not readable venue={VENUE} problem=silence {value!r}" in (caplog.text)


@pytest.mark.parametrize("nonsense", ["-5", "9223372036854775806"])
def test_a_rank_that_makes_no_sense_is_not_the_last_one(
    store: SqlTradeStore, spoil: Callable[[str], None], nonsense: str
) -> None:
    store.write([new_order(number) for number in (1, 2, 3)])
    spoil(f"UPDATE orders SET sequence = {nonsense} WHERE sequence = 2")  # noqa: S608 - constants

    assert store.last_sequence() == 3


def test_words_that_are_none_are_a_halt_as_well(sqlite_url: str) -> None:
    """SQLite lets a text be bytes."""
    store = open_store(sqlite_url)
    store.save_halt(Halt(is_on=False, reason="", since=None))
    store._database.execute_sql("UPDATE switches SET reason = x'00'")

    assert store.halt().is_on
    store.close()


def test_a_rank_that_is_no_number_is_not_the_last_one(
    sqlite_url: str,
) -> None:
    store = open_store(sqlite_url)
    store.write([new_order(number) for number in (1, 2, 3)])
    database = backend_of(sqlite_url).migrator()
    with database.connection_context(), database.atomic():
        database.execute_sql("UPDATE orders SET sequence = 'abc' WHERE sequence = 2")

    assert store.last_sequence() == 3
    store.close()
