"""The only writer of the database: takes all that waits, commits once, then answers."""

import logging
from collections import deque
from typing import assert_never

from actors.committed_counts import count_committed
from actors.gateway.permits import Permits
from actors.messages.ledger import (
    ChildHistoryLoaded,
    FillsLoaded,
    GetLedgerStatus,
    HaltLoaded,
    HaltSaved,
    LastSequenceLoaded,
    LedgerStatus,
    LoadChildHistory,
    LoadFills,
    LoadHalt,
    LoadLastSequence,
    LoadOpenOrders,
    LoadOrder,
    OpenOrdersLoaded,
    OrderLoaded,
    SaveHalt,
    SavePrices,
    SaveRateLimitBan,
    WriteRecord,
    Written,
)
from actors.messages.timers import TenureCheckDue, WriteRetryDue
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS
from domain.errors import (
    StoreOutcomeUnknownError,
    StoreUnavailableError,
    TenureLostError,
)
from domain.orders.committed import NOBODY_KNOWS, NOTHING_TOLD
from domain.orders.completion import WithheldReason
from domain.orders.records import Contradicted, NewOrder, RecordOutcome
from domain.ports.events import EventPublisher
from domain.ports.store import TradeStore
from domain.reasons import RefusalCode
from domain.refusals import Refusal


logger = logging.getLogger(__name__)

Load = (
    LoadOpenOrders
    | LoadOrder
    | LoadLastSequence
    | LoadHalt
    | SaveHalt
    | SaveRateLimitBan
    | LoadFills
    | LoadChildHistory
)

LedgerMessage = (
    WriteRecord | Load | SavePrices | GetLedgerStatus | WriteRetryDue | TenureCheckDue
)
"""What the ledger understands."""

BATCH_MAX = 256
"""Records in one transaction."""

PAGE_SIZE = 256
"""Open orders in one answer. The symbol supervisor starts as many executors in one go,
and other actors wait for its thread."""

RETRY_SECONDS = 0.5
"""Pause between tries while the database is out of reach."""


PRICES_MAX = 100
"""Messages with points of price paths that are kept while nothing can be written."""

CHECK_SECONDS = 1.0
"""Interval of checks that the database is still ours; each transaction checks, too."""


class Ledger(RuntimeActor):
    """Owns the database, until another service takes it over.

    Owns: the store; the records that are not committed yet; the right to void the
        permits of all children.
    Receives: WriteRecord, SaveHalt, SaveRateLimitBan, SavePrices; LoadOpenOrders,
        LoadOrder, LoadLastSequence, LoadHalt, LoadFills, LoadChildHistory;
        GetLedgerStatus; WriteRetryDue, TenureCheckDue.
    Sends: Written and what was loaded to whoever asked; to its publisher, the events of
        each commit, in the order of commits. While the database is out of reach, orders
        that are certainly not on disk are refused, and everything else is kept and
        tried again: changes, and orders that a commit of unknown outcome may have
        written.
    Asks: nobody.
    Ends: when its supervisor stops it, after writing what is in its mailbox; for good,
        by failing, when another service has taken the database over.
    """

    blocking = True

    def __init__(
        self,
        *,
        context: ActorContext,
        store: TradeStore,
        permits: Permits,
        publisher: EventPublisher,
    ) -> None:
        super().__init__(context=context)
        self._store = store
        self._permits = permits
        self._publisher = publisher
        self._batch: list[WriteRecord] = []
        self._doubtful = 0  # how many of the batch, from its start, may be on disk
        self._loads: list[Load] = []
        self._prices: deque[SavePrices] = deque(maxlen=PRICES_MAX)
        self._problem: str | None = None
        self._logged_problem: str | None = None
        self._commit_ns: int | None = None
        self._must_try = False
        self._must_check = False

    def on_start(self) -> None:
        """Start to check that the database is still ours."""
        # A predecessor may have failed between its last commit and publishing it.
        self._publisher.publish(NOBODY_KNOWS)
        self._plan_check()

    def on_stop(self) -> None:
        """Write what is left, one last time."""
        # With nothing to write, a problem of the database would not show.
        if self.failure is None and (self._batch or self._loads or self._prices):
            self._flush()

    def on_receive(self, message: LedgerMessage) -> None:  # noqa: C901 - a list of cases
        """Take one message; commit when no other waits or the batch is full."""
        match message:
            case WriteRecord():
                self._write(message)
            case (
                LoadOpenOrders()
                | LoadOrder()
                | LoadLastSequence()
                | LoadHalt()
                | SaveHalt()
                | SaveRateLimitBan()
                | LoadFills()
                | LoadChildHistory()
            ):
                self._loads.append(message)
            case SavePrices():
                self._prices.append(message)
            case GetLedgerStatus():
                message.reply_to.tell(
                    LedgerStatus(problem=self._problem, commit_ns=self._commit_ns)
                )
            case TenureCheckDue():
                self._tenure_check_due()
            case WriteRetryDue():
                self._write_retry_due()
            case _:
                assert_never(message)
        if self._problem is not None:
            return
        is_last = self.actor_inbox.empty()
        if is_last or self._loads or len(self._batch) >= BATCH_MAX:
            self._flush()

    def _tenure_check_due(self) -> None:
        if self.failure is None:
            self._must_check = True
            self._plan_check()

    def _write_retry_due(self) -> None:
        if self.failure is None:
            self._problem = None  # unless the next try fails, too
            self._must_try = True

    def _write(self, message: WriteRecord) -> None:
        if self._problem is not None and _is_refusable(message):
            _refuse(message, self._problem)
        else:
            self._batch.append(message)

    def _flush(self) -> None:
        must_try, self._must_try = self._must_try, False
        try:
            if self._batch or must_try:
                self._commit()
            if self._must_check:  # a commit has checked, but not the claim
                self._store.check_tenure()
                self._must_check = False
            while self._loads:
                self._load(self._loads[0])
                del self._loads[0]
            self._save_prices()
        except StoreOutcomeUnknownError as error:
            self._doubtful = len(self._batch)
            self._suspend(str(error))
        except StoreUnavailableError as error:
            self._suspend(str(error))
        except TenureLostError as error:
            self._lose_tenure(error)
        else:
            self._log_change(None)

    def _commit(self) -> None:
        batch = self._batch  # empty to test if the database can be written again
        clock, meter = self.context.runtime.clock, self.context.runtime.meter
        began_ns = clock.monotonic_ns()
        outcomes = self._store.write([message.record for message in batch])
        self._commit_ns = clock.monotonic_ns() - began_ns
        self._batch, self._doubtful = [], 0
        with self.context.runtime.dispatcher.run_woken_actors():
            for message, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Contradicted):
                    _answer_contradicted(message, outcome)
                else:
                    _answer(message, outcome)
        # After the answers: a child that may leave must not wait for subscribers.
        if (committed := self._store.committed()) != NOTHING_TOLD:
            self._publisher.publish(committed)
        meter.observe_seconds("commit_seconds", self._commit_ns / NANOSECONDS)
        count_committed(meter, [message.record for message in batch], outcomes)

    def _save_prices(self) -> None:
        """Write points of price paths, but only while nobody waits for the disk."""
        while self._prices and self.actor_inbox.empty():
            first = self._prices[0]
            self._store.save_prices(first.points, first.keep_from, first.traded)
            self._prices.popleft()

    def _suspend(self, problem: str) -> None:
        self._log_change(problem)
        self._keep_back(problem)
        timers = self.context.runtime.timers
        timers.schedule(RETRY_SECONDS, self.address, WriteRetryDue())

    def _lose_tenure(self, error: TenureLostError) -> None:
        """Write and send nothing more, and end: another service works the orders."""
        self._permits.close(WithheldReason.TENURE_LOST.value)
        if error.is_replaced:
            logger.critical("Database replaced by another, shutting down: %s", error)
        else:
            logger.critical(
                "Database taken over by another service, shutting down: %s", error
            )
        self._keep_back("another service has taken the database over")
        self.failure = error
        if self.actor_ref.is_alive():  # otherwise we are being stopped already
            self.stop()

    def _keep_back(self, problem: str) -> None:
        """Refuse new orders that are certainly not on disk; keep everything else."""
        self._problem = problem
        kept = self._batch[: self._doubtful]
        for message in self._batch[self._doubtful :]:
            if _is_refusable(message):
                _refuse(message, problem)
            else:
                kept.append(message)
        self._batch = kept

    def _plan_check(self) -> None:
        timers = self.context.runtime.timers
        timers.schedule(CHECK_SECONDS, self.address, TenureCheckDue())

    def _log_change(self, problem: str | None) -> None:
        if problem == self._logged_problem:
            return
        self._logged_problem = problem
        if problem is None:
            logger.warning("Database available again")
        else:
            logger.error("Database unavailable problem=%s", problem)

    def _load(self, message: Load) -> None:  # noqa: C901 - a list of cases
        match message:
            case LoadOpenOrders():
                self._load_page(message)
            case LoadOrder(order_id=order_id):
                found = self._store.open_order(order_id)
                answer = OrderLoaded(order_id=order_id, open_order=found)
                message.reply_to.tell(answer)
            case LoadLastSequence():
                sequence = self._store.last_sequence()
                message.reply_to.tell(LastSequenceLoaded(sequence=sequence))
            case LoadHalt():
                message.reply_to.tell(HaltLoaded(halt=self._store.halt()))
            case SaveHalt(halt=halt):
                self._store.save_halt(halt)
                message.reply_to.tell(HaltSaved(halt=halt))
            case SaveRateLimitBan(ban=ban):
                self._store.save_rate_limit_ban(ban)
            case LoadFills():
                self._load_fills(message)
            case LoadChildHistory(child_id=child_id):
                history = self._store.child_history(child_id)
                loaded = ChildHistoryLoaded(child_id=child_id, history=history)
                message.reply_to.tell(loaded)
            case _:
                assert_never(message)

    def _load_fills(self, message: LoadFills) -> None:
        symbol = message.symbol
        fills = self._store.fills_between(symbol, message.since, message.until)
        in_flight = self._store.children_in_flight(symbol)
        message.reply_to.tell(
            FillsLoaded(
                symbol=symbol,
                since=message.since,
                until=message.until,
                fills=tuple(fills),
                in_flight=frozenset(in_flight),
            )
        )

    def _load_page(self, message: LoadOpenOrders) -> None:
        symbol, after = message.symbol, message.after_sequence
        orders = self._store.open_orders(symbol, after, PAGE_SIZE)
        page = OpenOrdersLoaded(
            reading=message.reading,
            symbol=symbol,
            after_sequence=after,
            last_sequence=self._store.last_sequence(),
            orders=tuple(orders),
        )
        if message.copy_to is not None:
            message.copy_to.tell(page)
        message.reply_to.tell(page)


def _is_refusable(message: WriteRecord) -> bool:
    return isinstance(message.record, NewOrder) and message.attempt == 1


def _answer(message: WriteRecord, outcome: RecordOutcome) -> None:
    order = message.record.order
    message.reply_to.tell(
        Written(
            order_id=order.order_id,
            version=order.version,
            outcome=outcome,
            attempt=message.attempt,
        )
    )


def _answer_contradicted(message: WriteRecord, outcome: Contradicted) -> None:
    """Answer that the disk contradicts a record, and log it in case nobody listens."""
    order, problem = message.record.order, outcome.problem
    words = "Record not written order_id=%s version=%s problem=%s"
    logger.critical(words, order.order_id, order.version, problem)
    if isinstance(message.record, NewOrder):
        _refuse(message, problem)
    else:
        _answer(message, outcome)


def _refuse(message: WriteRecord, problem: str) -> None:
    detail = f"the order was not taken in: {problem}"
    _answer(message, Refusal(code=RefusalCode.STORE_UNAVAILABLE, detail=detail))
