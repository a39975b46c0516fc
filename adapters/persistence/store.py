"""The trade store over Peewee, for the database's single writer."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

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
from adapters.persistence.intents import write_alone
from adapters.persistence.order_rows import ORDER_COLUMNS, read_open_order
from adapters.persistence.own_events import OwnEvents
from adapters.persistence.price_rows import write_prices
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
from adapters.persistence.unsaved_records import UnsavedRecords
from adapters.persistence.untold_intents import UntoldIntents
from domain.errors import StoreOutcomeUnknownError, StoreUnavailableError
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.committed import NOBODY_KNOWS, NOTHING_TOLD, CommittedBatch
from domain.orders.records import OrderChange, Record, RecordOutcome, Stored
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


_SEQUENCE: Final = ORDER_COLUMNS.index("sequence")
_BEFORE_ALL: Final = -(2**63)
_HALT: Final = "halt"
"""Name of the halt switch's row."""

_SILENCE: Final = "silence "
"""Prefix of a ban's fact; the venue follows."""

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SqlTradeStore:
    """Implements ``domain.ports.store.TradeStore`` for SQLite and PostgreSQL.

    One connection, opened by the first call and again after every error: closing a
    connection rolls back what was not committed, whatever was wrong with it. Records
    are idempotent, so a batch with an unknown outcome is simply written again.
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
            self._database.param, backend.positions, backend.row_lock
        )
        self._untold: Final = UntoldIntents()
        self._own_events: Final = OwnEvents(tenure, backend.positions)
        self._lock: Final = threading.Lock()
        self._committed = NOBODY_KNOWS
        self._closed = False
        self._unsaved: Final = UnsavedRecords()
        self._pruned = ""  # the symbol whose price path was pruned last

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Write all records in one transaction, durably; one outcome for each.

        A record that contradicts what is on disk, or that the database refuses, is left
        out, as its outcome says; all others are written.

        Raises:
            StoreUnavailableError: when the database is full, locked or out of reach;
                nothing was written.
            StoreOutcomeUnknownError: when COMMIT failed. It may have succeeded all the
                same: the server went away before it could answer, or a file's sync
                failed but its content is there after a restart.
            TenureLostError: when another service has taken the database over; nothing
                was written.
            AssertionError: when a statement is wrong; a bug.
        """
        first = records[0] if len(records) == 1 else None
        if isinstance(first, OrderChange) and first.is_intent:
            with self._cursor(StoreOutcomeUnknownError) as cursor, self._of_commit:
                is_kept = write_alone(
                    cursor, self._statements, self._tenure.keys, first
                )
            if is_kept:
                self._untold.add(first.events[0])
                self._committed = NOTHING_TOLD
                return (Stored(order=first.order),)
        return self._write_batch(records)

    def _write_batch(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
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
        self._untold.note(records, outcomes, transaction.alone)
        self._committed = transaction.log.batch()
        self._own_events.note(self._committed)
        return outcomes

    def committed(self) -> CommittedBatch:
        """Return the events that the last write has put on disk."""
        return self._committed

    def check_tenure(self) -> None:
        """Check that no other service has taken the database over.

        If none has, a check of the claim is started as well, in another thread.

        Raises:
            TenureLostError: another service has.
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

        The first page begins below zero, so that unreadable orders there are logged,
        too.
        """
        after_sequence = after_sequence or _BEFORE_ALL
        found: list[OpenOrder] = []
        while not found:  # a page of only unreadable orders is not the last one
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
        """Read a child's history; None when its order is unknown."""
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

        An impossible one belongs to an unreadable order, and does not count.
        """
        with self._cursor() as cursor:
            cursor.execute(self._statements.last_sequence)
            return int(cursor.fetchone()[0] or 0)

    def halt(self) -> Halt:
        """Read the setting of the halt switch; on when it is unreadable."""
        with self._cursor() as cursor:
            cursor.execute(self._statements.switch, (_HALT,))
            row = cursor.fetchone()
        if row is None:
            return NEVER_HALTED
        return read_halt(row)

    def save_halt(self, halt: Halt) -> None:
        """Write the setting of the halt switch, durably."""
        since = None if halt.since is None else write_time(halt.since)
        row = (_HALT, int(halt.is_on), halt.reason, since)
        self.transact(
            lambda cursor, _: cursor.execute(self._statements.save_switch, row)
        )

    def rate_limited_until(self, venue: str) -> datetime | None:
        """Read until when a venue has banned us; None: it never did, or will say so."""
        with self._cursor() as cursor:
            cursor.execute(self._statements.fact, (_SILENCE + venue,))
            row = cursor.fetchone()
        return None if row is None else read_rate_limit_ban(venue, row)

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        """Write until when a venue has banned us, durably; replaces an earlier ban."""
        row = (_SILENCE + ban.venue, write_time(ban.until))
        save = self._statements.save_fact
        self.transact(lambda cursor, _: cursor.execute(save, row))

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        """Write what the market was like, and delete some of what is old."""
        pruned = self._pruned
        self._pruned = self.transact(
            lambda cursor, mark: write_prices(
                cursor, mark, points, traded, pruned, keep_from
            )
        )

    def transact(self, work: Callable[[Any, str], T]) -> T:
        """Do what ``work`` does in a transaction, durably; return what it returns.

        Args:
            work: takes a cursor of the driver's, and its mark for a parameter.

        Raises:
            StoreUnavailableError: when the database is out of reach.
            TenureLostError: when another service has taken it over.
        """
        with self._cursor(StoreOutcomeUnknownError) as cursor:
            self._begin(cursor)
            done = work(cursor, self._database.param)
            self._commit(cursor)
        return done

    @property
    def predecessor_may_live(self) -> bool:
        """Whether the service before us may still be running."""
        return self._tenure.predecessor_may_live

    def close(self) -> None:
        """Leave the database, and close the connection.

        Later calls raise StoreUnavailableError.

        Raises:
            StoreUnavailableError: acknowledged data is lost: it is in no file, and
                could not be written to one for a while.
        """
        with self._lock:
            self._closed = True
            if self._database.is_closed():  # out of reach, or never used
                return
            with contextlib.suppress(*DATABASE_ERRORS):
                if self._identify() == self._identity:
                    leave(self._database, self._tenure)
            self._disconnect()
            self._unsaved.insist(self._disconnect)
            with contextlib.suppress(*DATABASE_ERRORS):
                self._database.close()

    def _begin(self, cursor: Any) -> Transaction:
        """Start a transaction, unless another service has taken over."""
        tenure, position = self._backend.begin(cursor)
        self._tenure.require(tenure)
        log = EventLog(self._backend.positions, position)
        return Transaction(
            cursor=cursor, statements=self._statements, log=log, untold=self._untold
        )

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
                if not self._backend.goes_on(self._database, self._identity, error):
                    self._disconnect()
                    self._free_locks(error)
                raise

    def _free_locks(self, error: BaseException) -> None:
        """Free locks that a lost connection of ours still holds, for the next call."""
        if isinstance(error, DATABASE_ERRORS) and self._backend.is_lock_held(error):
            with contextlib.suppress(*DATABASE_ERRORS):
                self._backend.end_abandoned()

    def _connection(self) -> Any:
        if self._database.is_closed():
            self._database.connect()
            self._own_events.require(self._database)
            self._identity = self._identify()
        return self._database.connection()

    def _require_same(self, kind: type[StoreUnavailableError]) -> None:
        if self._identify() != self._identity:
            msg = f"database {self._shown}, or its log, was moved, deleted or replaced"
            raise kind(msg)

    def _disconnect(self) -> None:
        """Close the connection, but not while that would lose data."""
        try:
            if not self._database.is_closed():
                self._backend.rescue(self._database, self._identity)
            self._database.close()
            self._identity = None
        except UnsavedError as error:
            self._unsaved.note(str(error))
            return
        except DATABASE_ERRORS:
            logger.debug("Connection not closed", exc_info=True)
        self._unsaved.note("")


def open_store(
    url: str, venue: str | None = None, claim: Claim | None = None
) -> SqlTradeStore:
    """Take the database of the URL over for writing; its tables are made or updated.

    A store that was opened before can write no more from then on.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
            ``postgresql://user:password@host/name``.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``;
            None leaves that as it is.
        claim: on the database, which the store keeps while it owns that.

    Raises:
        ConfigurationError: the URL, the file or the server cannot be used, or the
            orders in it belong to another venue.
        StoreUnavailableError: it is locked, full or out of reach for now.
    """
    backend = backend_of(url)
    migrate(backend)
    return SqlTradeStore(backend, take_over(backend, venue), claim)
