"""Keeping in step with the venue: which update may be applied after which.

Source: Binance, "How to manage a local order book correctly" (2025-11-12). An update
covers the ids ``U`` to ``u``; it fits a book of id ``n`` when ``U <= n + 1 <= u``.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from domain.market.updates import DepthSnapshot, DepthUpdate, late_ns
from domain.reasons import BookState
from domain.values import Symbol


BUFFER_MAX = 5_000
"""Updates kept while a snapshot is on its way: over eight minutes at 100 ms."""

OLD_IN_A_ROW_MAX: Final = 20
"""Old updates in a row after which the venue must have started its ids over.

A repeated update is one, and a slower connection that replaces a faster one may bring
a second's worth of them. This is two seconds of a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotWanted:
    """A snapshot of the symbol is needed now."""

    symbol: Symbol
    again: bool
    """Whether an earlier one was of no use, so that requests should be paced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLoaded:
    """In step again: the snapshot and the updates that follow it, in order."""

    symbol: Symbol
    snapshot: DepthSnapshot
    updates: tuple[DepthUpdate, ...]
    touch_only: bool = False
    """Whether the feed shows only the best level of each side."""

    stalls: int = 0
    """How often the process had stalled when this book was begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLost:
    """The book must not be traded on until the next BookLoaded."""

    symbol: Symbol
    state: BookState
    detail: str


SyncOutput = SnapshotWanted | BookLoaded | DepthUpdate | BookLost


class _Phase(Enum):
    DISCONNECTED = auto()
    AWAITING_UPDATE = auto()
    AWAITING_SNAPSHOT = auto()
    AWAITING_BRIDGE = auto()
    """The snapshot is there; the first update that fits it is not."""

    IN_STEP = auto()


class DepthSynchroniser:
    """Checks every update of one symbol; passes on only what fits.

    Each call returns what to pass on, in order.
    """

    def __init__(self, symbol: Symbol) -> None:
        self._symbol = symbol
        self._phase = _Phase.DISCONNECTED
        self._buffer: deque[DepthUpdate] = deque(maxlen=BUFFER_MAX)
        self._snapshot: DepthSnapshot | None = None
        self.update_id = 0
        """Id of the book; valid while in step."""

        self.is_late = False
        """Whether the latest update was too old to be of use."""

        self._stream_id = 0
        """Last id of the stream's latest update, while the book is not in step."""

        self._old_in_a_row = 0
        self._came_since_asked = False
        """Whether updates have come since the snapshot was requested."""

        self._is_answer = False
        """Whether the snapshot is one that was requested."""

        self._wants_another = False
        """Whether another snapshot was requested beside the one that is there."""

    @property
    def is_in_step(self) -> bool:
        """Whether the book may be traded on."""
        return self._phase is _Phase.IN_STEP

    def connected(self) -> None:
        """Note that updates flow. A book in step stays so; the ids will show."""
        if self._phase is _Phase.DISCONNECTED:
            self._phase = _Phase.AWAITING_UPDATE

    def lost(self, state: BookState, detail: str) -> list[SyncOutput]:
        """Drop the book for a reason from outside, and start again if connected."""
        if state is BookState.CONNECTING:
            self._phase = _Phase.DISCONNECTED
        elif self._phase is not _Phase.DISCONNECTED:
            self._phase = _Phase.AWAITING_UPDATE
        self._buffer.clear()
        self._snapshot = None
        self._wants_another = False
        self._stream_id = 0
        self.is_late = False
        return [BookLost(symbol=self._symbol, state=state, detail=detail)]

    def updated(self, update: DepthUpdate) -> list[SyncOutput]:
        """Take in the next update of the stream."""
        if late := late_ns(update):
            return self._come_late(late)
        if self._phase is _Phase.IN_STEP:
            return self._follow(update)
        if self._phase is _Phase.DISCONNECTED:
            return []
        self.is_late = False
        self._keep(update)
        if self._phase is _Phase.AWAITING_UPDATE:
            if self._snapshot is None:
                # Requested only now: a snapshot must not be older than the stream.
                return [self._ask(again=False)]
            self._phase = _Phase.AWAITING_BRIDGE
        self._came_since_asked = True
        if self._phase is _Phase.AWAITING_BRIDGE:
            return self._bridge() or self._outlast()
        return []

    def snapshot_arrived(self, snapshot: DepthSnapshot) -> list[SyncOutput]:
        """Take in a snapshot; one that is no longer needed is dropped."""
        if self.awaits_snapshot:
            self._snapshot = snapshot
            self._wants_another = False
            self._phase = _Phase.AWAITING_BRIDGE
            self._is_answer = True
            self._old_in_a_row = 0
            return self._bridge()
        if self._phase is _Phase.AWAITING_UPDATE:
            self._snapshot = snapshot  # in a replay it comes before the first frame
            self._is_answer = False
        return []

    def snapshot_failed(self) -> list[SyncOutput]:
        """Request it again, paced, if it is still needed."""
        if self.awaits_snapshot:
            return [SnapshotWanted(symbol=self._symbol, again=True)]
        return []

    def settle_without_bridge(self) -> list[SyncOutput]:
        """Trust the snapshot alone: no update came for long enough after it.

        A quiet symbol's book would otherwise stay unusable until its next change. The
        next update must still fit, or the book is lost. If updates did come but were
        not newer, another snapshot tells a symbol that has become quiet from a stream
        whose ids have nothing to do with the snapshot's.
        """
        if self._phase is not _Phase.AWAITING_BRIDGE:
            return []
        if self._came_since_asked:
            # Keep the one that is there: the next update may fit it.
            self._came_since_asked = False
            self._wants_another = True
            return [SnapshotWanted(symbol=self._symbol, again=True)]
        return [] if self._wants_another else self._load(())

    @property
    def awaits_snapshot(self) -> bool:
        """Whether a snapshot is of use now."""
        return self._phase is _Phase.AWAITING_SNAPSHOT or self._wants_another

    @property
    def awaits_bridge(self) -> bool:
        """Whether only the first fitting update is missing."""
        return self._phase is _Phase.AWAITING_BRIDGE

    def _come_late(self, by_ns: int) -> list[SyncOutput]:
        """Drop the book, once, and all updates until one comes in time."""
        if self.is_late or self._phase is _Phase.DISCONNECTED:
            return []
        outputs = self.lost(BookState.STALE, lateness(by_ns))
        self.is_late = True
        return outputs

    def _ask(self, *, again: bool) -> SnapshotWanted:
        self._snapshot = None
        self._wants_another = False
        self._phase = _Phase.AWAITING_SNAPSHOT
        self._came_since_asked = False
        return SnapshotWanted(symbol=self._symbol, again=again)

    def _keep(self, update: DepthUpdate) -> None:
        """Buffer an update; if the ids go back, drop what was buffered before."""
        self._stream_id = update.last_update_id
        if self._buffer:
            before_id = self._buffer[-1].last_update_id
            if update.last_update_id == before_id:
                return  # a repeated one
            if update.last_update_id < before_id:
                self._buffer.clear()
        self._buffer.append(update)

    def _outlast(self) -> list[SyncOutput]:
        """Count an update that the snapshot seems to contain.

        Too many in a row: the venue has started its ids over. Does not apply to a
        recording's snapshot, which may be far ahead.
        """
        self._old_in_a_row += 1
        if self._old_in_a_row < OLD_IN_A_ROW_MAX or not self._is_answer:
            return []
        return [self._ask(again=True)]

    def _bridge(self) -> list[SyncOutput]:
        assert self._snapshot is not None
        book_id = self._snapshot.last_update_id
        while self._buffer and self._buffer[0].last_update_id <= book_id:
            self._buffer.popleft()
        if not self._buffer:
            # With a newer snapshot before this one, updates that this one lacks were
            # dropped as contained in the newer one.
            return [self._ask(again=True)] if self._stream_id > book_id else []
        if self._buffer[0].first_update_id > book_id + 1:
            # The snapshot is older than the stream: this one will never fit.
            return [self._ask(again=True)]
        updates = []
        for number, update in enumerate(self._buffer):  # of ids that only grow
            if update.first_update_id > book_id + 1:
                kept = list(self._buffer)[number:]
                return self._restart_after_gap(kept, book_id)
            updates.append(update)
            book_id = update.last_update_id
        return self._load(tuple(updates))

    def _load(self, updates: tuple[DepthUpdate, ...]) -> list[SyncOutput]:
        assert self._snapshot is not None
        snapshot = self._snapshot
        self._snapshot = None
        self._wants_another = False
        self._buffer.clear()
        self._phase = _Phase.IN_STEP
        last = updates[-1] if updates else snapshot
        self.update_id = last.last_update_id
        self._old_in_a_row = 0
        return [BookLoaded(symbol=self._symbol, snapshot=snapshot, updates=updates)]

    def _follow(self, update: DepthUpdate) -> list[SyncOutput]:
        if update.last_update_id <= self.update_id:
            return self._drop_old(update)
        if update.first_update_id > self.update_id + 1:
            return self._restart_after_gap([update], self.update_id)
        self.update_id = update.last_update_id
        self._old_in_a_row = 0
        return [update]

    def _drop_old(self, update: DepthUpdate) -> list[SyncOutput]:
        """Drop an update that the book contains; too many: the ids started over."""
        self._old_in_a_row += 1
        if self._old_in_a_row < OLD_IN_A_ROW_MAX:
            return []
        return self._restart_after_gap([update], self.update_id)

    def _restart_after_gap(
        self, behind: list[DepthUpdate], book_id: int
    ) -> list[SyncOutput]:
        """Start again, keeping what came after the gap: the next snapshot needs it."""
        detail = f"expected update {book_id + 1}, got {behind[0].first_update_id}"
        self._buffer.clear()
        self._buffer.extend(behind)
        self._stream_id = behind[-1].last_update_id
        return [
            BookLost(symbol=self._symbol, state=BookState.GAP, detail=detail),
            self._ask(again=False),
        ]


def lateness(by_ns: int) -> str:
    """Say how late a stream is."""
    return f"updates come {by_ns / 1_000_000_000:.1f} s late"


def merge(updates: list[DepthUpdate]) -> DepthUpdate:
    """Merge consecutive updates into one; the latest statement of a level wins.

    All statements get the last id of the merged range.
    """
    first, last = updates[0], updates[-1]
    bids = {price: quantity for one in updates for price, quantity in one.bids}
    asks = {price: quantity for one in updates for price, quantity in one.asks}
    return DepthUpdate(
        symbol=first.symbol,
        first_update_id=first.first_update_id,
        last_update_id=last.last_update_id,
        bids=tuple(bids.items()),
        asks=tuple(asks.items()),
        received_ns=first.received_ns,
        stated_ns=first.stated_ns,
    )
