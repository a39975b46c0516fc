"""The audit trail on disk."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Final

from peewee import SQL

from adapters.access.audit_log import AuditEntry
from adapters.persistence.backends import Backend, backend_of
from adapters.persistence.cell_values import Row, time, write_time
from adapters.persistence.failures import Translated
from adapters.persistence.page_cursors import read_cursor, write_cursor
from adapters.persistence.tables import AuditRow
from domain.pages import Page, PageWanted


_MARK: Final = "a"
"""Of this list's cursors."""

COLUMNS: Final = ("at", "caller", "peer", "call", "order_id", "status", "code")


class SqlAuditTrail:
    """Implements ``adapters.access.audit_log.AuditTrail``, and reads the trail.

    It has connections of its own, so that the service's writer never waits for them
    but for the moment in which SQLite commits. One thread writes, any may read.
    """

    def __init__(self, backend: Backend) -> None:
        self._shown: Final = backend.shown
        self._writer: Final = backend.writer()
        self._readers: Final = backend.readers()
        self._insert: Final = insert_statement(self._writer.param)

    def append(self, entries: Sequence[AuditEntry]) -> None:
        """Write entries, all or none.

        Raises:
            StoreUnavailableError: the database is locked, full or out of reach.
        """
        rows = [row_of(entry) for entry in entries]
        database = self._writer
        with Translated(self._shown), database.connection_context(), database.atomic():
            database.cursor().executemany(self._insert, rows)

    def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete so many of the oldest entries that are older; return how many.

        Raises:
            StoreUnavailableError: the database is locked, full or out of reach.
        """
        oldest = AuditRow.select(AuditRow.number, AuditRow.at)
        oldest = oldest.order_by(AuditRow.number).limit(limit)
        database, before = self._writer, write_time(moment)
        with Translated(self._shown), database.connection_context(), database.atomic():
            found = list(oldest.tuples().execute(database))
            old = [number for number, at in found if at < before]
            if old:
                last = AuditRow.number <= max(old)
                AuditRow.delete().where(last & (AuditRow.at < before)).execute(database)
        return len(old)

    def page(self, wanted: PageWanted) -> Page[AuditEntry]:
        """Read a page of the trail, newest first.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            StoreUnavailableError: when the database is out of reach.
        """
        query = AuditRow.select(AuditRow.number, *(SQL(name) for name in COLUMNS))
        if wanted.cursor is not None:
            query = query.where(AuditRow.number < read_cursor(_MARK, wanted.cursor))
        query = query.order_by(AuditRow.number.desc()).limit(wanted.limit + 1)
        with Translated(self._shown), self._readers.connection_context():
            rows = list(query.tuples().execute(self._readers))
        page = rows[: wanted.limit]
        more = len(rows) > len(page) > 0
        return Page(
            items=tuple(_entry_of(row[1:]) for row in page),
            next_cursor=write_cursor(_MARK, page[-1][0]) if more else None,
        )

    def close(self) -> None:
        """Close the connections that are kept for reading."""
        self._readers.close_idle()  # type: ignore[attr-defined]  # the pool's own


def open_audit_trail(url: str, stack: ExitStack) -> SqlAuditTrail:
    """Open the audit trail of a database that is open already.

    Args:
        url: of the database.
        stack: closes it.
    """
    trail = SqlAuditTrail(backend_of(url))
    stack.callback(trail.close)
    return trail


def insert_statement(mark: str) -> str:
    """Return the statement that writes a row, with the driver's mark for a value."""
    marks = ", ".join([mark] * len(COLUMNS))
    return f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608 - constants


def row_of(entry: AuditEntry) -> Row:
    """Return the cells of an entry's row."""
    return (
        write_time(entry.at),
        entry.caller,
        entry.peer,
        entry.call,
        entry.order_id,
        entry.status,
        entry.code,
    )


def _entry_of(row: Row) -> AuditEntry:
    at, caller, peer, call, order_id, status, code = row
    return AuditEntry(
        at=time("at", at),
        caller=caller,
        peer=peer,
        call=call,
        order_id=order_id,
        status=status,
        code=code,
    )
