"""A pool of reading connections that notices when file or log have been replaced."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from playhouse.pool import PooledSqliteDatabase


class _Reader(sqlite3.Connection):
    files: object = None
    """The files that the names led to when it was opened."""


class SqliteReaders(PooledSqliteDatabase):
    """Renews each connection whose files have lost their names.

    It would read outdated data: from a log that was deleted, for example, and that the
    writer has replaced.
    """

    def __init__(
        self, database: str, identify: Callable[[], object], **options: Any
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # Peewee has no types
            database, factory=_Reader, **options
        )
        self._identify: Final = identify

    def _connect(self) -> _Reader:
        files = self._identify()  # before connecting: SQLite opens its log later
        connection: _Reader = super()._connect()
        if connection.files is None:
            connection.files = files
        return connection

    def _is_closed(self, conn: _Reader) -> bool:
        if conn.files == self._identify():
            return False
        conn.close()
        return True
