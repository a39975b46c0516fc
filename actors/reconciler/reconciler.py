"""Compares our records with the venue's: at the start, every minute, and on demand."""

import logging
from collections import deque
from datetime import UTC, datetime
from typing import Final, assert_never

from actors import names
from actors.messages.gateway import ActivityCall, ActivityRead
from actors.messages.ledger import (
    ChildHistoryLoaded,
    FillsLoaded,
    LoadChildHistory,
    LoadFills,
)
from actors.messages.reconciliation import (
    BreakFound,
    BreakJudged,
    GetReconciliation,
    ReconcileNow,
)
from actors.messages.timers import ReconciliationDue
from actors.reconciler.symbol_notes import SymbolNotes
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import Timer
from domain.orders.order import Order
from domain.orders.stored_orders import ChildHistory
from domain.reconciliation.comparison import (
    LAG,
    ReconciliationBreak,
    ReconciliationStatus,
    compare,
)
from domain.reconciliation.repair import Verdict, judge
from domain.values import ChildId, Symbol
from domain.venue.answers import Since, VenueActivity, moment_of


logger = logging.getLogger(__name__)

ReconcilerMessage = (
    ReconcileNow
    | ActivityRead
    | FillsLoaded
    | ChildHistoryLoaded
    | BreakJudged
    | GetReconciliation
    | NameTaken
    | ReconciliationDue
)
"""What the reconciler understands."""

PASS_SECONDS: Final = 60.0
"""Pause between the end of a pass and the next one."""

RETRY_SECONDS: Final = 5.0
"""The same when the order of a break has no executor yet."""


class Reconciler(RuntimeActor):
    """Owns the comparison of our records with the venue's; changes neither.

    Takes one symbol after the other, and reads the venue before the disk: a child's
    intent is on disk before it trades, so every trade finds its child there, settled or
    in flight. Breaks go to the order's executor, which alone can judge and repair them.

    Owns: the pass under way, what is open in each symbol.
    Receives: ReconcileNow from any actor; ActivityRead from the gateway; FillsLoaded,
        ChildHistoryLoaded from the ledger; BreakJudged from executors;
        GetReconciliation; NameTaken; ReconciliationDue.
    Sends: ActivityCall to the gateway; LoadFills, LoadChildHistory to the ledger;
        BreakFound to executors; ReconciliationStatus to whoever asked.
    Asks: nobody.
    Ends: when its supervisor stops it. A successor compares the last day again.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        symbols: tuple[Symbol, ...],
        records_since: datetime | None = None,
    ) -> None:
        super().__init__(context=context)
        self._notes = {symbol: SymbolNotes(symbol) for symbol in symbols}
        self._records_since = records_since
        self._queue: deque[SymbolNotes] = deque()
        self._current: SymbolNotes | None = None
        self._call: ActivityCall | None = None
        self._asked_ns = 0
        self._activity: VenueActivity | None = None
        self._homeless: dict[ChildId, list[ReconciliationBreak]] = {}
        self._is_wanted = False
        self._must_retry = False
        self._timer: Timer | None = None
        self._finished_at: datetime | None = None
        self._has_compared = False
        self._told_problems: tuple[Symbol, ...] = ()

    def on_start(self) -> None:
        """Compare the last day."""
        for name in (names.GATEWAY, names.LEDGER):
            self.context.runtime.directory.watch(name, self.address)
        self._begin()

    def on_receive(self, message: ReconcilerMessage) -> None:
        """Handle one message."""
        match message:
            case ReconcileNow() | ReconciliationDue():
                self._begin()
            case ActivityRead():
                self._activity_read(message)
            case FillsLoaded():
                self._fills_loaded(message)
            case ChildHistoryLoaded():
                self._history_loaded(message)
            case BreakJudged(break_=break_, verdict=verdict):
                self._notes[break_.symbol].judged(break_, verdict)
            case GetReconciliation():
                message.reply_to.tell(self._status())
            case NameTaken():
                self._ask_again(message.name)
            case _:
                assert_never(message)

    def _begin(self) -> None:
        if self._current is not None:
            self._is_wanted = True
            return
        self._forget_plan()
        self._is_wanted = self._must_retry = False
        # Least recently compared first: the venue's limits may end the pass early.
        oldest_first = sorted(self._notes.values(), key=_oldest_first)
        self._queue = deque(oldest_first)
        self._go_on()

    def _go_on(self) -> None:
        """Read the next symbol, or end the pass."""
        self._current = self._call = self._activity = None
        if not self._queue:
            self._finish()
            return
        notes = self._current = self._queue.popleft()
        self._asked_ns = self._now_ns()
        self._call = ActivityCall(
            symbol=notes.symbol,
            since=self._since(notes),
            reply_to=self.address,
        )
        self.context.tell(names.GATEWAY, self._call)

    def _since(self, notes: SymbolNotes) -> Since:
        since = notes.since()
        if self._records_since is None:
            return since
        # Only a simulated exchange on this machine has it, so its clock is ours.
        return max(moment_of(since, self._now()), self._records_since)

    def _activity_read(self, message: ActivityRead) -> None:
        if self._current is None or message.call is not self._call:
            return  # answered twice, around a restart of the gateway
        self._call = None
        if message.activity is None:
            self._current.problem = "the venue's records could not be read"
            self._go_on()
            return
        self._activity = message.activity
        self._load_fills(message.activity)

    def _fills_loaded(self, message: FillsLoaded) -> None:
        activity, notes = self._activity, self._current
        if activity is None or notes is None:
            return
        if message.since != activity.since or message.symbol != activity.symbol:
            return  # loaded twice, around a restart of the ledger
        comparison = compare(activity, message.fills, message.in_flight)
        for break_ in notes.compared(comparison, self._asked_ns, self._now()):
            self._tell(break_)
        if notes.has_more:
            self._queue.append(notes)
        self._go_on()

    def _tell(self, break_: ReconciliationBreak) -> None:
        name = names.executor(break_.symbol, break_.order_id)
        found = BreakFound(break_=break_, reply_to=self.address)
        if not self.context.tell(name, found):
            self._homeless.setdefault(break_.child_id, []).append(break_)
            self._load_history(break_.child_id)

    def _history_loaded(self, message: ChildHistoryLoaded) -> None:
        for break_ in self._homeless.pop(message.child_id, ()):
            self._judge(break_, message.history)

    def _judge(self, break_: ReconciliationBreak, history: ChildHistory | None) -> None:
        """Report a break of an order without executor, unless one will be started."""
        if history is not None and _is_to_be_worked(history.order, break_):
            self._must_retry = True
            if self._current is None:
                self._plan()
            return
        judgement = judge(break_, history)
        if judgement.verdict is Verdict.REPORT:
            logger.error(
                "Records differ order_id=%s %s", break_.order_id, judgement.reason
            )
        self._notes[break_.symbol].judged(break_, judgement.verdict)

    def _finish(self) -> None:
        self._finished_at = self._now()
        notes = self._notes.values()
        different = sum(len(one.open_breaks) for one in notes)
        problems = tuple(one.symbol for one in notes if one.problem)
        if problems != self._told_problems:
            self._told_problems = problems
            told = ",".join(problems) or "none"
            logger.warning("Records could not be compared symbols=%s", told)
        is_first = not self._has_compared and len(problems) < len(notes)
        if is_first or different:
            self._has_compared = True
            logger.log(
                logging.WARNING if different else logging.INFO,
                "Records compared symbols=%s trades=%s foreign=%s differences=%s",
                len(notes) - len(problems),
                sum(one.trades for one in notes),
                sum(one.foreign for one in notes),
                different,
            )
        self._plan()

    def _ask_again(self, name: str) -> None:
        """Repeat the requests that are lost with the old gateway or ledger."""
        if name == names.GATEWAY:
            if self._call is not None:
                self.context.tell(names.GATEWAY, self._call)
            return
        if self._activity is not None:
            self._load_fills(self._activity)
        for child_id in self._homeless:
            self._load_history(child_id)

    def _load_fills(self, activity: VenueActivity) -> None:
        load = LoadFills(
            symbol=activity.symbol,
            since=activity.since,
            until=activity.until + LAG,
            reply_to=self.address,
        )
        self.context.tell(names.LEDGER, load)

    def _load_history(self, child_id: ChildId) -> None:
        load = LoadChildHistory(child_id=child_id, reply_to=self.address)
        self.context.tell(names.LEDGER, load)

    def _status(self) -> ReconciliationStatus:
        return ReconciliationStatus(
            finished_at=self._finished_at,
            symbols=tuple(one.status() for one in self._notes.values()),
        )

    def _plan(self) -> None:
        """Plan the next pass, replacing an earlier plan."""
        self._forget_plan()
        seconds = RETRY_SECONDS if self._must_retry else PASS_SECONDS
        if self._is_wanted:
            seconds = 0.0
        timers = self.context.runtime.timers
        self._timer = timers.schedule(seconds, self.address, ReconciliationDue())

    def _forget_plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> datetime:
        return self.context.runtime.clock.now()

    def _now_ns(self) -> int:
        return self.context.runtime.clock.monotonic_ns()


def _oldest_first(notes: SymbolNotes) -> datetime:
    return notes.clear_until or datetime.min.replace(tzinfo=UTC)


def _is_to_be_worked(order: Order, break_: ReconciliationBreak) -> bool:
    return order.symbol == break_.symbol and not order.status.is_final
