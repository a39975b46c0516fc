"""The one place where database errors are translated into ours."""

import sqlite3
from types import TracebackType
from typing import Final

import peewee

from domain.errors import StoreUnavailableError, TradeExecutorError


try:
    import psycopg
except ImportError:  # The extra is not installed; then there is no PostgreSQL.
    DATABASE_ERRORS: tuple[type[Exception], ...] = (
        sqlite3.Error,
        peewee.PeeweeException,
    )
else:
    DATABASE_ERRORS = (sqlite3.Error, peewee.PeeweeException, psycopg.Error)

_CONTRADICTIONS: Final = frozenset(
    {"IntegrityError", "DataError", "NotSupportedError", "ProgrammingError"}
)
"""DB-API's names for errors of our own statements or records."""


_INSUFFICIENT_PRIVILEGE: Final = "42501"

_OF_A_RECORD: Final = frozenset({"IntegrityError", "DataError"})
"""Those that a single record can cause; a wrong statement fails for all records."""


class UnsavedError(StoreUnavailableError):
    """Committed data is in no file that has a name: only this process has it."""


def is_of_a_record(error: Exception) -> bool:
    """Whether the content of a record is at fault, not the database or a statement."""
    if isinstance(error, DATABASE_ERRORS):
        return bool({kind.__name__ for kind in type(error).__mro__} & _OF_A_RECORD)
    # Otherwise the driver, or we, could not make a row of it: too large a number, say.
    return not isinstance(error, TradeExecutorError | OSError | MemoryError)


def first_line(error: Exception) -> str:
    """Return the first line of the database's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class Translated:
    """A reusable context around driver calls, which translates what they raise.

    Raises:
        StoreUnavailableError: or the given kind; the database is full, locked, damaged
            or out of reach.
        AssertionError: the records contradict what is on disk; a bug of ours.
    """

    # Not a generator: this is entered twice for each child order that leaves, and every
    # function call costs microseconds while the CPU's caches are cold.

    __slots__ = ("_kind", "_shown")

    def __init__(
        self, shown: str, kind: type[StoreUnavailableError] = StoreUnavailableError
    ) -> None:
        """Translate.

        Args:
            shown: the database's URL without its password.
            kind: the error for an unavailable database, unless it is full.
        """
        self._shown = shown
        self._kind = kind

    def __enter__(self) -> None:
        """Watch what follows."""

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Raise ours in place of the driver's."""
        if not isinstance(error, DATABASE_ERRORS):
            return
        names = {kind.__name__ for kind in type(error).__mro__}
        message = f"database {self._shown}: {first_line(error)}"
        if names & _CONTRADICTIONS and not _is_forbidden(error):
            raise AssertionError(message) from error
        if is_full(error):
            raise StoreUnavailableError(message) from error
        raise self._kind(message) from error


def _is_forbidden(error: Exception) -> bool:
    """Whether our role lacks a right, which may have been revoked and may come back.

    DB-API counts that among a statement's errors.
    """
    cause = getattr(error, "orig", error)
    return getattr(cause, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE


def is_full(error: object) -> bool:
    """Whether SQLite had no room for a whole transaction, so that none of it counts.

    The last frame in its log commits, and it was not fully written. A failed sync comes
    after that frame and has another code, even if no room was left.
    """
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
