"""How far a symbol's records have been held against the venue's, and what is open."""

from datetime import datetime, timedelta
from typing import Final

from actors.runtime.timers import NANOSECONDS
from domain.reconciliation.comparison import (
    CONFIRMATION,
    EDGE,
    Comparison,
    DifferenceKey,
    ReconciliationBreak,
    SymbolReconciliation,
)
from domain.reconciliation.repair import Verdict
from domain.values import Symbol
from domain.venue.answers import Since


FIRST_LOOK_BACK: Final = timedelta(hours=24)
"""At the start: longer than a service is usually away, one request at the venue."""

MARGIN: Final = timedelta(minutes=5)
"""How far a look reaches back behind the end of the one before, so that it sees what
lists that lag kept from that one: far more than ``LAG`` and ``EDGE``."""

_SEAM: Final = 2 * EDGE
"""The same when that one ended early: so long ago nothing lags, but its last fills
were not due yet."""


class SymbolNotes:
    """What the reconciler knows of one symbol."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.clear_until: datetime | None = None
        """By the venue's clock: up to then nothing is open; None while nothing is
        known. Ours may be set, and stand still while the machine sleeps."""

        self.has_more = False
        """Whether the last look ended early, and the next one will get further."""

        self._behind = timedelta(0)

        self._first_seen_ns: dict[DifferenceKey, int] = {}
        self._settled: set[DifferenceKey] = set()
        self._open: dict[DifferenceKey, ReconciliationBreak] = {}
        self._comparison: Comparison | None = None
        self._matched_at: datetime | None = None
        self.problem = ""
        """Why the last look failed; empty when it did not."""

    def since(self) -> Since:
        """Return from when on the next look has to see everything."""
        if self.clear_until is None:
            return FIRST_LOOK_BACK
        return self.clear_until - (_SEAM if self.has_more else MARGIN)

    def compared(
        self, comparison: Comparison, asked_ns: int, now: datetime
    ) -> list[ReconciliationBreak]:
        """Take what came of a look; return what something has to be done about.

        Args:
            comparison: what came of it.
            asked_ns: monotonic, when the venue was asked.
            now: the wall clock.
        """
        self._comparison, self._matched_at, self.problem = comparison, now, ""
        found = {one.key: one for one in comparison.breaks}
        self._first_seen_ns = {
            key: self._first_seen_ns.get(key, asked_ns) for key in found
        }
        self._open = {
            key: one for key, one in found.items() if key not in self._settled
        }
        self._advance(comparison)
        return [one for one in self._open.values() if self._is_certain(one, asked_ns)]

    def judged(self, break_: ReconciliationBreak, verdict: Verdict) -> None:
        """Note what is done about a break.

        What is booked or held stays open until a later look finds that on disk.
        """
        if verdict in (Verdict.KNOWN, Verdict.REPORT):
            self._open.pop(break_.key, None)
            self._settled.add(break_.key)

    @property
    def open_breaks(self) -> tuple[str, ...]:
        """Those that are not seen to yet."""
        return tuple(one.describe() for one in self._open.values())

    @property
    def trades(self) -> int:
        """How many trades the venue listed at the last look."""
        return 0 if self._comparison is None else self._comparison.trades

    @property
    def foreign(self) -> int:
        """How many of them were none of ours."""
        return 0 if self._comparison is None else self._comparison.foreign

    def status(self) -> SymbolReconciliation:
        """Say what the last look came to."""
        return SymbolReconciliation(
            symbol=self.symbol,
            matched_at=self._matched_at,
            problem=self.problem,
            behind=self._behind,
            trades=self.trades,
            foreign=self.foreign,
            open_breaks=self.open_breaks,
        )

    def _advance(self, comparison: Comparison) -> None:
        """Note up to when nothing is open; a later look begins there."""
        times = [comparison.compared_until]
        times += (one.executed_at for one in self._open.values() if one.executed_at)
        until = min(times)
        self._behind = comparison.as_of - until
        self.clear_until = until
        # Not by milliseconds, or the same would be read again and again.
        is_further = until - _SEAM > comparison.since + EDGE
        self.has_more = comparison.has_more and is_further

    def _is_certain(self, break_: ReconciliationBreak, now_ns: int) -> bool:
        seen_ns = now_ns - self._first_seen_ns[break_.key]
        confirmed_ns = CONFIRMATION // timedelta(seconds=1) * NANOSECONDS
        return not break_.may_be_lag or seen_ns >= confirmed_ns
