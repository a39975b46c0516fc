"""Keeps one symbol in step with the venue, and passes on only consistent updates."""

import logging
from dataclasses import dataclass, replace
from typing import assert_never

from actors import names
from actors.messages.routing import CREDIT_WINDOW, BookSuspect, Credit
from actors.messages.timers import (
    CatchUpDue,
    LateCheckDue,
    QuietCheckDue,
    SettleDue,
    SnapshotDue,
)
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from domain.market.synchronisation import (
    BookLoaded,
    BookLost,
    DepthSynchroniser,
    SnapshotWanted,
    SyncOutput,
    merge,
)
from domain.market.top_of_book import TopOfBookFollower
from domain.market.updates import (
    Burst,
    DepthSnapshot,
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    SnapshotFailed,
    TopOfBook,
    together,
)
from domain.ports.market_feed import MarketFeed
from domain.reasons import BookState
from domain.values import Symbol


logger = logging.getLogger(__name__)

ListenerTimer = SnapshotDue | SettleDue | QuietCheckDue | LateCheckDue | CatchUpDue

ListenerMessage = (
    DepthUpdate
    | TopOfBook
    | Burst
    | FeedConnected
    | FeedDisconnected
    | DepthSnapshot
    | SnapshotFailed
    | Credit
    | BookSuspect
    | ListenerTimer
)
"""What a listener understands."""

TRIES_AFTER_LOADING = 4
"""Tries that still count once the book is loaded; after a calm period, none do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerTimes:
    """How patient a listener is, in seconds."""

    snapshot_again: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15, 30)
    """Wait before the 2nd, 3rd, ... try of a snapshot; the last one repeats."""

    settle: float | None = 2.0
    """How long to wait for an update that connects to the snapshot before trusting the
    snapshot alone (a quiet symbol); None: for ever."""

    quiet: float = 5.0
    """Silence after which, or after as long again, the venue is asked whether its book
    really has not changed."""

    checks_quiet: bool = True
    """False when there is no venue to ask."""

    quiet_max: float = 60.0
    """The pause between such checks doubles up to this while the answer is yes."""

    catch_up: float = 2.0
    """How long the stream may lag behind the answer of a check."""

    late: float = 10.0
    """How long updates may be late before the connection is renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSnapshot:
    """A listener's state between two messages."""

    symbol: Symbol
    has_started: bool
    """Whether it has told the router that there is no book yet."""

    is_in_step: bool


class Listener(RuntimeActor):
    """Owns one symbol's sequence of updates.

    Owns: the synchroniser; the updates that wait for credit.
    Receives: DepthUpdate, TopOfBook, Burst, FeedConnected, FeedDisconnected,
        DepthSnapshot, SnapshotFailed from the feed; Credit, BookSuspect from the
        router; its timers.
    Sends: BookLoaded, BookLost, DepthUpdate, Burst to the router.
    Asks: nobody; calls to the feed never block.
    Ends: when its supervisor stops it, or with its router.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        symbol: Symbol,
        feed: MarketFeed,
        times: ListenerTimes,
    ) -> None:
        super().__init__(context=context)
        self._symbol = symbol
        self._feed = feed
        self._times = times
        self._router = names.router(symbol)
        self._synchroniser = DepthSynchroniser(symbol)
        self._touch = TopOfBookFollower(symbol)
        self._credit = CREDIT_WINDOW
        self._held: list[DepthUpdate] = []
        self._snapshot_tries = 0
        self._updates_seen = 0
        self._updates_at_watch = 0
        self._unanswered = False
        self._unanswered_at_watch = False
        self._quiet = times.quiet
        self._is_checking = False
        self._must_reach = 0
        self._id_at_check = 0
        self._stalls = 0

    def snapshot(self) -> ListenerSnapshot:
        """Return the listener's state; read-only, for inspection."""
        return ListenerSnapshot(
            symbol=self._symbol,
            has_started=self._was_set_up,
            is_in_step=self._synchroniser.is_in_step,
        )

    def on_start(self) -> None:
        """Subscribe; the feed answers with FeedConnected when updates flow."""
        # The router may still have the book of a predecessor that failed.
        self._stalls = self.context.runtime.stalls.look()
        self._pass_on(self._synchroniser.lost(BookState.CONNECTING, "subscribing"))
        self._feed.subscribe(self._symbol, self.address)
        self._watch_later()

    def on_receive(self, message: ListenerMessage) -> None:  # noqa: C901 - a list of cases
        """Handle one message."""
        match message:
            case DepthUpdate():
                self._follow(self._synchroniser.updated(message))
            case TopOfBook():
                self._follow(self._touch.updated(message))
            case Burst():
                events = message.events
                self._follow([one for event in events for one in self._taken_in(event)])
            case FeedConnected():
                self._connected()
            case FeedDisconnected():
                self._lose(BookState.CONNECTING, message.cause)
            case DepthSnapshot():
                self._snapshot(message)
            case SnapshotFailed():
                self._snapshot_failed(message)
            case Credit():
                self._credit_granted(message)
            case BookSuspect():
                self._lose(message.state, message.detail)
            case _:
                self._timer_due(message)

    def _taken_in(self, event: DepthUpdate | TopOfBook) -> list[SyncOutput]:
        if isinstance(event, DepthUpdate):
            return self._synchroniser.updated(event)
        return self._touch.updated(event)

    def _follow(self, outputs: list[SyncOutput]) -> None:
        # Outdated or late messages are no sign of life.
        self._updates_seen += len(outputs)
        self._pass_on(outputs)

    def _pass_on(self, outputs: list[SyncOutput]) -> None:
        updates: list[DepthUpdate] = []
        for output in outputs:
            if isinstance(output, DepthUpdate):
                updates.append(output)
                continue
            self._send_updates(updates)
            updates = []
            if isinstance(output, SnapshotWanted):
                self._want_snapshot(again=output.again)
            else:
                self._book_changed(output)
        if updates:
            self._send_updates(updates)

    def _book_changed(self, output: BookLoaded | BookLost) -> None:
        self._held.clear()
        meter = self.context.runtime.meter
        if isinstance(output, BookLost):
            self.context.tell(self._router, output)
            meter.count("book_losses", kind=output.state)
            self._is_checking = False  # the snapshot is needed for a new book now
            if self._is_late:
                self._later(self._times.late, LateCheckDue())
        else:
            self.context.tell(self._router, replace(output, stalls=self._stalls))
            meter.count("book_syncs", kind=self._symbol)
            self._credit -= 1
            # Earlier failures must not cost half a minute at the next gap.
            self._snapshot_tries = min(self._snapshot_tries, TRIES_AFTER_LOADING)

    def _send_updates(self, updates: list[DepthUpdate]) -> None:
        """Send what the credit covers, hold the rest."""
        if updates and not self._held and len(updates) <= self._credit:
            self._credit -= len(updates)
            self.context.tell(self._router, together(updates))
            return
        covered = 0 if self._held else max(0, min(self._credit, len(updates)))
        if covered:
            self._credit -= covered
            self.context.tell(self._router, together(updates[:covered]))
        self._held += updates[covered:]
        if len(self._held) >= CREDIT_WINDOW:
            self._held = [merge(self._held)]

    def _want_snapshot(self, *, again: bool) -> None:
        if not again and self._snapshot_tries == 0:
            self._snapshot_tries = 1
            self._request_snapshot()
            return
        waits = self._times.snapshot_again
        delay = waits[min(self._snapshot_tries, len(waits)) - 1]
        self._snapshot_tries += 1
        self._later(delay, SnapshotDue())

    def _connected(self) -> None:
        self._synchroniser.connected()
        if not (self._synchroniser.is_in_step or self._touch.is_in_step):
            self._say_syncing("waiting for an update and a snapshot")

    def _say_syncing(self, detail: str) -> None:
        lost = BookLost(symbol=self._symbol, state=BookState.SYNCING, detail=detail)
        self.context.tell(self._router, lost)

    @property
    def _is_late(self) -> bool:
        return self._synchroniser.is_late or self._touch.is_late

    def _lose(self, state: BookState, detail: str) -> None:
        # First of all: whatever comes from here on is from after the last stall.
        self._stalls = self.context.runtime.stalls.look()
        self._touch.lost(state, detail)
        self._pass_on(self._synchroniser.lost(state, detail))

    def _snapshot(self, snapshot: DepthSnapshot) -> None:
        self._unanswered = False
        if self._is_checking:
            self._compare(snapshot)
            return
        self._pass_on(self._synchroniser.snapshot_arrived(snapshot))
        if self._synchroniser.awaits_bridge and self._times.settle is not None:
            self._later(self._times.settle, SettleDue())

    def _snapshot_failed(self, failed: SnapshotFailed) -> None:
        self._unanswered = False
        logger.warning("Snapshot failed symbol=%s cause=%s", self._symbol, failed.cause)
        if self._is_checking:
            # A failed check says nothing about the stream, whose connection is alive.
            # The next update has to be consistent anyway, and the next check is soon.
            self._is_checking = False
            return
        if self._synchroniser.awaits_snapshot:
            self._say_syncing(f"no snapshot yet: {failed.cause}")
        self._pass_on(self._synchroniser.snapshot_failed())

    def _credit_granted(self, message: Credit) -> None:
        self._credit += message.updates
        if self._held and self._credit > 0:
            held, self._held = self._held, []
            self._credit -= 1
            self.context.tell(self._router, merge(held))

    def _timer_due(self, timer: ListenerTimer) -> None:
        match timer:
            case SnapshotDue():
                if self._synchroniser.awaits_snapshot:
                    self._request_snapshot()
            case SettleDue():
                self._pass_on(self._synchroniser.settle_without_bridge())
            case QuietCheckDue():
                self._watch()
            case LateCheckDue():
                self._check_late()
            case CatchUpDue():
                self._check_caught_up()
            case _:
                assert_never(timer)

    # A silent symbol may be quiet, or its stream may be dead. The venue's own book
    # tells which.

    def _watch_later(self) -> None:
        self._updates_at_watch = self._updates_seen
        self._unanswered_at_watch = self._unanswered
        self._later(self._quiet, QuietCheckDue())

    def _watch(self) -> None:
        is_quiet = self._updates_seen == self._updates_at_watch
        is_in_step = self._synchroniser.is_in_step
        if not is_quiet:
            # In steps: a symbol that is often quiet is not checked each time.
            self._quiet = max(self._times.quiet, self._quiet / 2)
            if is_in_step:
                self._snapshot_tries = 0  # calm again: the next request goes at once
        elif is_in_step and not self._is_checking and self._times.checks_quiet:
            self._is_checking = True
            self._id_at_check = self._synchroniser.update_id
            self._quiet = min(self._quiet * 2, self._times.quiet_max)
            self._request_snapshot()
        if self._unanswered_at_watch and self._unanswered:
            self._request_snapshot()  # the answer may have got lost
        self._watch_later()

    def _compare(self, snapshot: DepthSnapshot) -> None:
        self._is_checking = False
        if snapshot.last_update_id < self._id_at_check:
            detail = f"book is at update {self._id_at_check}, venue's only at "
            self._lose(BookState.GAP, f"{detail}{snapshot.last_update_id}")
        elif snapshot.last_update_id > self._synchroniser.update_id:
            self._must_reach = snapshot.last_update_id
            self._later(self._times.catch_up, CatchUpDue())

    def _check_caught_up(self) -> None:
        behind = self._synchroniser.update_id < self._must_reach
        if behind and self._synchroniser.is_in_step:
            detail = f"stream is silent, venue is at update {self._must_reach}"
            self._lose(BookState.STALE, detail)
            self._feed.renew(self._symbol, detail)

    def _check_late(self) -> None:
        if self._is_late:  # still, or again: this connection is of no use
            self._feed.renew(self._symbol, "updates come late")
            self._later(self._times.late, LateCheckDue())

    def _request_snapshot(self) -> None:
        self._unanswered = True
        self._feed.request_snapshot(self._symbol)

    def _later(self, delay: float, timer: ListenerTimer) -> None:
        self.context.runtime.timers.schedule(delay, self.address, timer)
