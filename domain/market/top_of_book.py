"""A book made of the touch alone, for a feed that sends only best bid and ask."""

from typing import Final

from domain.market.synchronisation import BookLoaded, BookLost, SyncOutput, lateness
from domain.market.updates import (
    GONE,
    DepthSnapshot,
    DepthUpdate,
    Statement,
    TopOfBook,
    late_ns,
)
from domain.reasons import BookState
from domain.values import Symbol


OLD_IN_A_ROW_MAX: Final = 5
"""Old touches in a row after which the venue must have started its ids over. Fewer
than with depth, because no snapshot can show it for a quiet symbol. Each touch states
both sides, so a wrong guess costs nothing."""


class TopOfBookFollower:
    """Turns touches of one symbol into level statements.

    A touch is sent whenever either side changes, and contains both sides. Only the side
    that changed is a new statement: the other one's liquidity may be taken already.
    """

    def __init__(self, symbol: Symbol) -> None:
        self._symbol = symbol
        self._last: TopOfBook | None = None
        self.is_late = False
        """Whether the latest touch was too old to be of use."""

        self._old_in_a_row = 0

    @property
    def is_in_step(self) -> bool:
        """Whether there is a touch to trade on."""
        return self._last is not None

    def lost(self, state: BookState, detail: str) -> list[SyncOutput]:
        """Forget the touch: it cannot be trusted."""
        self._last = None
        self.is_late = False
        return [BookLost(symbol=self._symbol, state=state, detail=detail)]

    def updated(self, top: TopOfBook) -> list[SyncOutput]:
        """Take in the next touch; one that is older than the last is dropped."""
        if late := late_ns(top):
            return self._come_late(late)
        last = self._last
        if last is None:
            self._last = top
            self.is_late = False
            self._old_in_a_row = 0
            return [self._load(top)]
        if top.update_id <= last.update_id:
            return self._drop_old(top, last)
        self._last = top
        self._old_in_a_row = 0
        return [
            DepthUpdate(
                symbol=self._symbol,
                first_update_id=last.update_id + 1,
                last_update_id=top.update_id,
                bids=_restated(last.bid, top.bid),
                asks=_restated(last.ask, top.ask),
                received_ns=top.received_ns,
                stated_ns=top.stated_ns,
            )
        ]

    def _drop_old(self, top: TopOfBook, last: TopOfBook) -> list[SyncOutput]:
        """Drop an old touch; after too many, the ids have started over."""
        self._old_in_a_row += 1
        if self._old_in_a_row < OLD_IN_A_ROW_MAX:
            return []
        detail = f"expected update {last.update_id + 1}, got {top.update_id}"
        outputs = self.lost(BookState.GAP, detail)
        return [*outputs, *self.updated(top)]

    def _come_late(self, by_ns: int) -> list[SyncOutput]:
        """Forget the touch, once, and drop touches until one comes in time."""
        if self.is_late:
            return []
        outputs = self.lost(BookState.STALE, lateness(by_ns))
        self.is_late = True
        return outputs

    def _load(self, top: TopOfBook) -> BookLoaded:
        snapshot = DepthSnapshot(
            symbol=self._symbol,
            last_update_id=top.update_id,
            bids=(top.bid,),
            asks=(top.ask,),
        )
        return BookLoaded(
            symbol=self._symbol, snapshot=snapshot, updates=(), touch_only=True
        )


def _restated(before: Statement, after: Statement) -> tuple[Statement, ...]:
    if before[0] != after[0]:
        return ((before[0], GONE), after)
    return () if before[1] == after[1] else (after,)
