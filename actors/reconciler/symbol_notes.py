"""How far a symbol's records have been compared with the venue's, and what is open."""

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
"""At the start: longer than a service is usually down, yet one request at the venue."""

MARGIN: Final = timedelta(minutes=5)
"""How far a comparison overlaps the one before, to see what the venue's lagging lists
did not show then: far more than ``LAG`` and ``EDGE``."""

_SEAM: Final = 2 * EDGE
"""The same after a comparison that ended early: at its end nothing lags any more, but
its last fills were not yet due."""


class SymbolNotes:
    """What the reconciler knows of one symbol."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.clear_until: datetime | None = None
        """Up to then nothing is open; None while that is unknown. By the venue's clock:
        ours may be set, or stand still while the machine sleeps."""

        self.has_more = False
        """Whether the last comparison ended early, and another one gets further."""

        self._behind = timedelta(0)

        self._first_seen_ns: dict[DifferenceKey, int] = {}
        self._settled: set[DifferenceKey] = set()
        self._open: dict[DifferenceKey, ReconciliationBreak] = {}
        self._comparison: Comparison | None = None
        self._matched_at: datetime | None = None
        self.problem = ""
        """Why the last comparison failed; empty when it did not."""

    def since(self) -> Since:
        """Return the start of the next comparison."""
        if self.clear_until is None:
            return FIRST_LOOK_BACK
        return self.clear_until - (_SEAM if self.has_more else MARGIN)

    def compared(
        self, comparison: Comparison, asked_ns: int, now: datetime
    ) -> list[ReconciliationBreak]:
        """Take a comparison; return the breaks that need a judgement.

        Args:
            comparison: of the symbol's records.
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
        """Note the verdict on a break.

        One that is booked or held stays open until a later comparison sees it on disk.
        """
        if verdict in (Verdict.KNOWN, Verdict.REPORT):
            self._open.pop(break_.key, None)
            self._settled.add(break_.key)

    @property
    def open_breaks(self) -> tuple[str, ...]:
        """The breaks that are not dealt with yet, described."""
        return tuple(one.describe() for one in self._open.values())

    @property
    def trades(self) -> int:
        """How many trades the venue listed for the last comparison."""
        return 0 if self._comparison is None else self._comparison.trades

    @property
    def foreign(self) -> int:
        """How many of these trades were not ours."""
        return 0 if self._comparison is None else self._comparison.foreign

    def status(self) -> SymbolReconciliation:
        """Return the outcome of the last comparison."""
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
        """Note up to when nothing is open; the next comparison begins there."""
        times = [comparison.compared_until]
        times += (one.executed_at for one in self._open.values() if one.executed_at)
        until = min(times)
        self._behind = comparison.as_of - until
        self.clear_until = until
        # By more than ``EDGE``, or the same span would be read again and again.
        is_further = until - _SEAM > comparison.since + EDGE
        self.has_more = comparison.has_more and is_further

    def _is_certain(self, break_: ReconciliationBreak, now_ns: int) -> bool:
        seen_ns = now_ns - self._first_seen_ns[break_.key]
        confirmed_ns = CONFIRMATION // timedelta(seconds=1) * NANOSECONDS
        return not break_.may_be_lag or seen_ns >= confirmed_ns
