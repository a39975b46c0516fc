"""SQLite: one file, write-ahead log, every commit synced to the disk."""

import ctypes
import sqlite3
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import peewee

from adapters.persistence.event_positions import SQLITE
from adapters.persistence.failures import UnsavedError, is_full
from adapters.persistence.service_claim import Claim
from adapters.persistence.sqlite_claim import claim_file
from adapters.persistence.sqlite_file_modes import close_files_beside, create_private
from adapters.persistence.sqlite_log_rescue import (
    Inode,
    inode_of,
    remove_log,
    save_again,
)
from adapters.persistence.sqlite_readers import SqliteReaders
from adapters.persistence.tables import READ_TENURE
from domain.errors import ConfigurationError


BUSY_TIMEOUT_SECONDS: Final = 1.5
"""How long a caller waits for a locked database."""

MIGRATION_TIMEOUT_SECONDS: Final = 10.0
"""How long we wait for another process that may be migrating."""

READER_CACHE: Final = -256
"""KiB per reading connection (negative, as SQLite wants it). Its default of 2,000 would
be 64 MB for 32 connections, and the system caches the file once for all of them."""

_PREFIX: Final = "sqlite:///"
_WAL_ATTEMPTS: Final = 20

_DURABLE: Final = {"synchronous": "FULL", "foreign_keys": "ON"}

_READ_BOTH: Final = f"SELECT * FROM ({READ_TENURE}), ({SQLITE.begin})"  # noqa: S608 - constants
"""Both in one statement, because each statement releases the GIL."""

_TRANSIENT: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
    }
)


class Files(NamedTuple):
    """The files that the names of a database and its write-ahead log lead to."""

    database: Inode
    log: Inode


class SqliteBackend:
    """A database file."""

    def __init__(self, url: str) -> None:
        """Read the URL.

        Raises:
            ConfigurationError: when it does not name a file in an existing folder.
        """
        self.shown: Final = url
        name = url.removeprefix(_PREFIX)
        # SQLite would end the name at a zero byte, and open another file.
        unusable = not name or name == ":memory:" or "\0" in name
        if not url.startswith(_PREFIX) or unusable:
            msg = (
                f"--database {url!r}: name a file, as in sqlite:///file.db or "
                "sqlite:////absolute/file.db"
            )
            raise ConfigurationError(msg)
        try:
            self._path: Final = Path(name).absolute()
            # Beside the file itself, not beside a symbolic link.
            file = self._path.resolve()
            self._log: Final = file.with_name(f"{file.name}-wal")
            self._names: Final = (str(self._path), str(self._log))
            there = self._path.parent.is_dir()
        except (OSError, ValueError) as error:
            msg = f"--database {url}: {error}"
            raise ConfigurationError(msg) from error
        if not there:
            msg = f"--database {url}: there is no folder {self._path.parent}"
            raise ConfigurationError(msg)
        self._copy: Inode = None  # of a log that lost its name, until it is merged

    positions: Final = SQLITE

    row_lock: Final = ""
    """A writing transaction keeps all others out anyway."""

    def migrator(self) -> peewee.Database:
        """Make a database that creates its file; foreign keys are off for rebuilds."""
        create_private(self._path)
        close_files_beside(self._path)
        return peewee.SqliteDatabase(
            self._uri("rwc"),
            uri=True,
            lock_type="IMMEDIATE",
            timeout=MIGRATION_TIMEOUT_SECONDS,
        )

    def lock(self, database: peewee.Database) -> None:
        """Do nothing: an immediate transaction has the write lock already."""

    def expect_long_statements(self, database: peewee.Database) -> None:
        """Do nothing: statements have no time limit."""

    def begin(self, cursor: Any) -> tuple[Any, Any]:
        """Start a writing transaction; return epoch and owner, and where events stand.

        Immediate: it waits for the write lock here, where the busy timeout bounds the
        wait, and from then on nobody else can write.
        """
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(_READ_BOTH)
        row = cursor.fetchone()
        return (None, None) if row is None else (row[:2], row[2:])

    def bound_lock_waits(self, database: peewee.Database) -> None:
        """Do nothing: a migrator has waited for the write lock already."""

    lock_attempts: Final = 1
    """A migrator's own timeout is long enough."""

    def end_abandoned(self) -> None:
        """Do nothing: a lock ends with its process."""

    def lock_holders(self) -> str:
        """Return nothing: the system does not know."""
        return ""

    def prepare(self, database: peewee.Database) -> None:
        """Switch to the write-ahead log, so that readers never block the writer.

        The switch fails at once, without the busy timeout, while another process is
        switching, too; but beginning a transaction waits for that one.
        """
        for _ in range(_WAL_ATTEMPTS):
            try:
                database.execute_sql("PRAGMA journal_mode = WAL")
            except peewee.OperationalError:
                with database.atomic():
                    pass
            else:
                return
        database.execute_sql("PRAGMA journal_mode = WAL")

    def writer(self) -> peewee.Database:
        """Make the writer's database; it never creates a missing file."""
        return peewee.SqliteDatabase(
            self._uri("rw"),
            uri=True,
            thread_safe=False,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_SECONDS,
            pragmas=_DURABLE,
        )

    def readers(self) -> peewee.Database:
        """Make the readers' database; a write through it fails."""
        return SqliteReaders(
            self._uri("rw"),
            self.identity,
            uri=True,
            max_connections=0,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_SECONDS,
            pragmas={"query_only": "ON", "cache_size": READER_CACHE},
        )

    claim_ends_with_process: Final = True
    """The kernel's lock ends with its process."""

    def claim(self) -> Claim:
        """Lock the file, under any of its names; the system unlocks it when we die.

        Raises:
            ConfigurationError: when another process has it.
        """
        return Claim(give_back=claim_file(self._path, self.shown))

    def identity(self) -> Files:
        """Return the inodes of the file and its log.

        SQLite goes on writing to files that were deleted or moved away, and all that it
        writes there would be lost.
        """
        database, log = self._names
        return Files(database=inode_of(database), log=inode_of(log))

    def goes_on(
        self, database: peewee.Database, opened: object, error: BaseException
    ) -> bool:
        """Keep a connection that lacked nothing but room on the disk.

        Closed, it could not bring its log into the file, and only the log's name would
        still lead to what was acknowledged.
        """
        if not (is_full(error) or is_full(error.__cause__)):
            return False
        if database.is_closed() or self.identity() != opened:
            return False
        try:
            database.connection().rollback()
        except sqlite3.Error:
            return False
        return True

    def rescue(self, database: peewee.Database, opened: object) -> None:
        """Merge a log that has lost its name into the file, if the file still has its.

        The log gets its name back first: a crash half way would leave a file that is
        partly overwritten and, without its log, unreadable. What is left of the copy
        does no harm: it says the same as the file, and the next writer overwrites it.

        The log is merged completely and truncated: otherwise a reading connection keeps
        its index alive, and the next writer would use that to continue in the new log
        where the old one ended, and leave it unreadable.
        """
        now = self.identity()
        if not isinstance(opened, Files) or now == opened:
            return
        if now.database != opened.database:
            if now.log is not None and now.log == opened.log:
                self._remove_log(database)
            else:
                self._bring_in_lost_log(database)
            return
        if self._copy is None or self._copy != now.log:
            database.connection().rollback()
            self._save_log(database, opened.log)
        _bring_in_log(database)
        self._copy = None

    def _remove_log(self, database: peewee.Database) -> None:
        """Take the log from a name that is not that of the file that we have open.

        Readers would keep it there, and SQLite would take it for the log of any other
        file of that name, and damage that. Ours may be put back: it has all of the log.
        """
        _bring_in_log(database)
        try:
            remove_log(self._log)
        except OSError as error:
            msg = f"{self._log} belongs to another file: {error.strerror or error}"
            raise peewee.OperationalError(msg) from error

    def _bring_in_lost_log(self, database: peewee.Database) -> None:
        """Use the only way that is left while neither log nor file has its name."""
        try:
            _bring_in_log(database)
        except peewee.PeeweeException as error:
            _never_close(database)
            msg = f"{self._log} and its database were moved, deleted or replaced"
            raise UnsavedError(f"{msg}: {error}") from error

    def _save_log(self, database: peewee.Database, lost: Inode) -> None:
        try:
            self._copy = save_again(lost, self._log)
        except OSError as error:
            _never_close(database)
            msg = f"{self._log} was deleted or replaced, and cannot be written again"
            raise UnsavedError(f"{msg}: {error.strerror or error}") from error

    def is_lock_held(self, error: Exception) -> bool:
        """Whether another process held the write lock for too long."""
        cause = getattr(error, "orig", error)
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY

    def is_misconfigured(self, error: Exception) -> bool:
        """Whether the file is not ours or cannot be written."""
        cause = getattr(error, "orig", error)
        code = getattr(cause, "sqlite_errorcode", None)
        # The low byte is the primary code; the rest are details.
        return code is not None and code & 0xFF not in _TRANSIENT

    def _uri(self, mode: str) -> str:
        return f"file:{quote(str(self._path))}?mode={mode}"


def _bring_in_log(database: peewee.Database) -> None:
    """Write all of the log into the file that is open, whatever its name is now.

    Raises:
        OperationalError: that cannot be done now.
    """
    database.connection().rollback()
    statement = "PRAGMA wal_checkpoint(TRUNCATE)"
    is_busy, _, _ = database.execute_sql(statement).fetchone()
    if is_busy:
        msg = "the log is being read"
        raise peewee.OperationalError(msg)


def _never_close(database: peewee.Database) -> None:
    """Keep a connection for good.

    Even at the interpreter's exit, SQLite would begin to overwrite the file, and leave
    it unreadable if it does not finish.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(database.connection()))
