"""One place where errors of the database become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import peewee

from domain.errors import StoreUnavailableError


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
"""DB-API's names for what our own statements or records did wrong."""


def first_line(error: Exception) -> str:
    """Return the first line of what the database said."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def translated(shown: str) -> Iterator[None]:
    """Translate what the body raises.

    Args:
        shown: the database as an operator may see it, without a password.

    Raises:
        StoreUnavailableError: the database is full, locked, damaged or out of reach.
        AssertionError: the records contradict what is on disk; a bug of ours.
    """
    try:
        yield
    except DATABASE_ERRORS as error:
        names = {kind.__name__ for kind in type(error).__mro__}
        message = f"database {shown}: {first_line(error)}"
        if names & _CONTRADICTIONS:
            raise AssertionError(message) from error
        raise StoreUnavailableError(message) from error
