"""The trade store over Peewee: the disk, for its single writer."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.clock import pause
from adapters.persistence.backends import Backend, backend_of
from adapters.persistence.cell_values import Row, write_time
from adapters.persistence.child_histories import history_reader
from adapters.persistence.event_positions import EventLog
from adapters.persistence.failures import (
    DATABASE_ERRORS,
    Translated,
    UnsavedError,
    is_of_a_record,
)
from adapters.persistence.fill_rows import read_fill
from adapters.persistence.lock_retries import opening_error
from adapters.persistence.order_rows import ORDER_COLUMNS, read_open_order
from adapters.persistence.record_batch import write_batch, write_each
from adapters.persistence.schema import migrate
from adapters.persistence.service_claim import Claim
from adapters.persistence.sql_statements import SqlStatements
from adapters.persistence.tenure import Tenure, leave, take_over
from adapters.persistence.transaction import Transaction
from adapters.persistence.unreadable_rows import (
    read_all,
    read_halt,
    read_rate_limit_ban,
)
from domain.errors import StoreOutcomeUnknownError, StoreUnavailableError
from domain.orders.child_order import Fill
from domain.orders.committed import NOBODY_KNOWS, CommittedBatch
from domain.orders.records import Record, RecordOutcome
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


SAVING_SECONDS: Final = 20.0
"""How long the end waits for what is in no file to be written to one, at most."""

SAVING_PAUSE_SECONDS: Final = 0.5

_SEQUENCE: Final = ORDER_COLUMNS.index("sequence")
_BEFORE_ALL: Final = -(2**63)
_HALT: Final = "halt"
"""Name of the row."""

_SILENCE: Final = "silence "
"""What the name of the fact begins with; the venue follows."""

logger = logging.getLogger(__name__)


class SqlTradeStore:
    """Implements ``domain.ports.store.TradeStore`` for SQLite and PostgreSQL.

    One connection, opened by the first call and again after every error: a closed
    connection has rolled back what was not committed, whatever was wrong with it.
    Records are idempotent, so a batch whose fate is unknown is just written again.
    """

    def __init__(
        self, backend: Backend, tenure: Tenure, claim: Claim | None = None
    ) -> None:
        self._shown: Final = backend.shown
        self._of_any_call: Final = Translated(self._shown)
        self._of_commit: Final = Translated(self._shown, StoreOutcomeUnknownError)
        self._backend: Final = backend
        self._tenure: Final = tenure
        self._claim: Final = claim
        self._identify: Final = backend.identity
        self._identity: object = None
        self._database: Final = backend.writer()
        self._statements: Final = SqlStatements.of(
            self._database.param, backend.positions
        )
        self._lock: Final = threading.Lock()
        self._committed = NOBODY_KNOWS
        self._closed = False
        self._unsaved = ""  # why what was committed is in no file

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Write all records in one transaction, durably; one outcome for each.

        A record that contradicts what is on disk, or that the database refuses, is
        left out and said so; all others are written.

        Raises:
            StoreUnavailableError: when the database is full, locked or out of reach;
                nothing was written.
            StoreOutcomeUnknownError: when COMMIT failed. It may have landed all the
                same: the server went away before it could say so, or the sync of a
                file failed whose content is there after a restart.
            TenureLostError: when another service has taken the database over; nothing
                was written.
            AssertionError: when a statement is wrong; a bug.
        """
        with self._cursor(StoreOutcomeUnknownError) as cursor:
            transaction = self._begin(cursor)
            try:
                outcomes = write_batch(transaction, records)
            except Exception as error:
                if not is_of_a_record(error):
                    raise
                cursor.execute("ROLLBACK")
                transaction = self._begin(cursor)
                outcomes = write_each(transaction, records)
            self._commit(cursor)
        self._committed = transaction.log.batch()
        return outcomes

    def committed(self) -> CommittedBatch:
        """Return the events that the last write has put on disk."""
        return self._committed

    def check_tenure(self) -> None:
        """Find out whether another service has taken the database over.

        If not, what keeps others from doing so is looked at as well, elsewhere.

        Raises:
            TenureLostError: it has.
        """
        with self._cursor() as cursor:
            cursor.execute(self._statements.tenure)
            self._tenure.require(cursor.fetchone())
        if self._claim is not None:
            self._claim.keep()

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        """Read open orders of the symbol by ascending sequence.

        From the start it begins below zero: an order that is there makes no sense, and
        has to be said so.
        """
        after_sequence = after_sequence or _BEFORE_ALL
        found: list[OpenOrder] = []
        while not found:  # a page of nothing but unreadable ones is not the last
            with self._cursor() as cursor:
                cursor.execute(
                    self._statements.open_orders, (symbol, after_sequence, limit)
                )
                rows = cursor.fetchall()
            if not rows:
                break
            found = read_all(rows, read_open_order)
            after_sequence = rows[-1][_SEQUENCE]
        return found

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        """Read one order; None when it is unknown or has ended."""
        with self._cursor() as cursor:
            cursor.execute(self._statements.open_order, (order_id,))
            found = read_all(cursor.fetchall(), read_open_order)
        return found[0] if found else None

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        """Read the fills of the symbol that were executed in a span, ends included."""
        span = (write_time(since), write_time(until))
        with self._cursor() as cursor:
            cursor.execute(self._statements.fills_between, (symbol, *span))
            return read_all(cursor.fetchall(), read_fill)

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        """Read the children of the symbol that have no final answer."""
        with self._cursor() as cursor:
            cursor.execute(self._statements.children_in_flight, (symbol,))
            return [ChildId(row[0]) for row in cursor.fetchall()]

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read all about a child; None when its order is unknown."""
        with self._cursor() as cursor:

            def run(statement: str, keys: tuple[str, ...]) -> Sequence[Row]:
                cursor.execute(statement, keys)
                rows: Sequence[Row] = cursor.fetchall()
                return rows

            found = history_reader(run, self._statements, child_id)
        if found is None:
            return None
        row, read = found
        return next(iter(read_all((row,), read)), None)

    def last_sequence(self) -> int:
        """Return the highest sequence ever given; 0 when there is none.

        One that makes no sense is of an order that is not read, and does not count.
        """
        with self._cursor() as cursor:
            cursor.execute(self._statements.last_sequence)
            return int(cursor.fetchone()[0] or 0)

    def halt(self) -> Halt:
        """Read how the halt switch stands; on when that makes no sense."""
        with self._cursor() as cursor:
            cursor.execute(self._statements.switch, (_HALT,))
            row = cursor.fetchone()
        if row is None:
            return NEVER_HALTED
        return read_halt(row)

    def save_halt(self, halt: Halt) -> None:
        """Write how the halt switch stands, durably."""
        since = None if halt.since is None else write_time(halt.since)
        row = (_HALT, int(halt.is_on), halt.reason, since)
        with self._cursor(StoreOutcomeUnknownError) as cursor:
            self._begin(cursor)
            cursor.execute(self._statements.save_switch, row)
            self._commit(cursor)

    def rate_limited_until(self, venue: str) -> datetime | None:
        """Read until when a venue has banned us; None when it never did.

        None, too, when that makes no sense: it will say so again.
        """
        with self._cursor() as cursor:
            cursor.execute(self._statements.fact, (_SILENCE + venue,))
            row = cursor.fetchone()
        return None if row is None else read_rate_limit_ban(venue, row)

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        """Write until when a venue has banned us, durably, in place of earlier ones."""
        row = (_SILENCE + ban.venue, write_time(ban.until))
        with self._cursor(StoreOutcomeUnknownError) as cursor:
            self._begin(cursor)
            cursor.execute(self._statements.save_fact, row)
            self._commit(cursor)

    @property
    def predecessor_may_live(self) -> bool:
        """Whether nobody knows that the service before us has ended."""
        return self._tenure.predecessor_may_live

    def close(self) -> None:
        """Leave the database, and close the connection.

        Later calls raise StoreUnavailableError.

        Raises:
            StoreUnavailableError: something is lost that was acknowledged: it is in no
                file, and could not be written to one for ``SAVING_SECONDS``.
        """
        with self._lock:
            self._closed = True
            if self._database.is_closed():  # out of reach, or never used
                return
            with contextlib.suppress(*DATABASE_ERRORS):
                if self._identify() == self._identity:
                    leave(self._database, self._tenure)
            self._disconnect()
            self._insist_on_saving()
            with contextlib.suppress(*DATABASE_ERRORS):
                self._database.close()

    def _begin(self, cursor: Any) -> Transaction:
        """Start a transaction, unless another service has taken over."""
        tenure, position = self._backend.begin(cursor)
        self._tenure.require(tenure)
        log = EventLog(self._backend.positions, position)
        return Transaction(cursor=cursor, statements=self._statements, log=log)

    def _commit(self, cursor: Any) -> None:
        with self._of_commit:
            cursor.execute("COMMIT")

    @contextlib.contextmanager
    def _cursor(
        self, moved: type[StoreUnavailableError] = StoreUnavailableError
    ) -> Iterator[Any]:
        """Raise what is given unless it was our database to the end of the body."""
        with self._lock, self._of_any_call:
            if self._closed:
                msg = f"database {self._shown} is closed"
                raise StoreUnavailableError(msg)
            try:
                cursor = self._connection().cursor()
                try:
                    yield cursor
                finally:
                    cursor.close()
                self._require_same(moved)
            except BaseException as error:
                self._disconnect()
                self._free_locks(error)
                raise

    def _free_locks(self, error: BaseException) -> None:
        """Have the next call find free what a connection of ours has left locked."""
        if isinstance(error, DATABASE_ERRORS) and self._backend.is_lock_held(error):
            with contextlib.suppress(*DATABASE_ERRORS):
                self._backend.end_abandoned()

    def _connection(self) -> Any:
        if self._database.is_closed():
            self._database.connect()
            # A read, for SQLite opens its log no earlier.
            self._database.execute_sql(self._statements.tenure).fetchone()
            self._identity = self._identify()
        return self._database.connection()

    def _require_same(self, kind: type[StoreUnavailableError]) -> None:
        if self._identify() != self._identity:
            msg = f"database {self._shown}, or its log, was moved, deleted or replaced"
            raise kind(msg)

    def _disconnect(self) -> None:
        """Close the connection; not yet, if something would be lost by that."""
        try:
            if not self._database.is_closed():
                self._backend.rescue(self._database, self._identity)
            self._database.close()
            self._identity = None
        except UnsavedError as error:
            self._note_unsaved(str(error))
            return
        except DATABASE_ERRORS:
            logger.debug("Connection not closed", exc_info=True)
        self._note_unsaved("")

    def _note_unsaved(self, problem: str) -> None:
        before, self._unsaved = self._unsaved, problem
        if problem and problem != before:
            logger.critical(
                "Acknowledged orders are in no file any more, and end with this "
                "process: leave it running, and mend this problem=%s",
                problem,
            )
        elif before and not problem:
            logger.warning("Acknowledged orders are in a file again")

    def _insist_on_saving(self) -> None:
        if not self._unsaved:
            return
        text = "Stopping loses acknowledged orders, mend that problem now seconds=%s"
        logger.critical(text, SAVING_SECONDS)
        until = time.monotonic() + SAVING_SECONDS
        while self._unsaved and time.monotonic() < until:
            pause(SAVING_PAUSE_SECONDS)
            self._disconnect()
        if self._unsaved:
            msg = f"acknowledged orders are lost: {self._unsaved}"
            raise StoreUnavailableError(msg)


def open_store(
    url: str, venue: str | None = None, claim: Claim | None = None
) -> SqlTradeStore:
    """Take the database of the URL over for writing; its tables are made or updated.

    From then on a store that was opened before writes no more.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
            ``postgresql://user:password@host/name``.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``;
            None leaves that as it is.
        claim: on the database, which the store is to keep while it owns it.

    Raises:
        ConfigurationError: the URL, the file or the server cannot be used, or the
            orders in it belong to another venue.
        StoreUnavailableError: it is locked, full or out of reach for now.
    """
    backend = backend_of(url)
    migrate(backend)
    return SqlTradeStore(backend, take_over(backend, venue), claim)


def claim_database(url: str) -> Claim:
    """Keep every other service off the database of the URL.

    Two services on one database would both work each order, and sell it twice.

    Returns:
        The claim; the end of the process gives it back, too.

    Raises:
        ConfigurationError: another service has it, or the URL cannot be used.
        StoreUnavailableError: the server is out of reach for now.
    """
    backend = backend_of(url)
    try:
        return backend.claim()
    except DATABASE_ERRORS as error:
        raise opening_error(backend, error) from error
