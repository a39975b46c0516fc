"""The reasons why no child order may leave, for all symbols or for one."""

from collections.abc import Callable
from typing import Final

from actors.runtime.timers import NANOSECONDS
from domain.risk.halt import Halt
from domain.values import Symbol
from domain.venue.answers import PauseReason, TradingPause


SYMBOL_REST_NS: Final = 60 * NANOSECONDS
"""After this a symbol that the venue has halted is tried again."""

NEVER_NS: Final = 2**63
"""The end of a pause that lasts until the venue's rules say otherwise."""

_QUIET: Final = (PauseReason.RATE_LIMITED, PauseReason.VENUE_BLOCKED)

_Key = tuple[Symbol | None, PauseReason]
"""The symbol; None for all of them."""


class PauseRegistry:
    """The pauses in force, each with its end."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        """Make a registry without pauses.

        Args:
            now_ns: the monotonic clock.
        """
        self._now_ns = now_ns
        self._held: dict[_Key, TradingPause] = {}
        self._ends_ns: dict[_Key, int] = {}

    def of(self, symbol: Symbol, halt: Halt) -> TradingPause | None:
        """Return why no child of the symbol may leave; an operator's halt first."""
        if halt.is_on:
            detail = halt.reason or "trading is halted until somebody resumes it"
            return TradingPause(reason=PauseReason.HALTED, detail=detail)
        for scope in (None, symbol):
            for (held_scope, _), pause in self._held.items():
                if held_scope == scope:
                    return pause
        return None

    def hold(self, pause: TradingPause, symbol: Symbol) -> int | None:
        """Put a pause in force that the answer to a call about ``symbol`` implies.

        Returns:
            Nanoseconds until it ends; None when only a probe ends it.
        """
        is_own = pause.reason is PauseReason.SYMBOL_NOT_TRADING
        key = (symbol if is_own else None, pause.reason)
        self._held[key] = pause
        length_ns = SYMBOL_REST_NS if is_own else None
        if pause.duration is not None:
            length_ns = round(pause.duration.total_seconds() * NANOSECONDS)
        if length_ns is None:
            self._ends_ns.pop(key, None)
        else:
            # Answers may overtake each other: keep the longest ban.
            end_ns = max(self._now_ns() + length_ns, self._ends_ns.get(key, 0))
            self._ends_ns[key] = end_ns
            length_ns = end_ns - self._now_ns()
        return length_ns

    def hold_symbol(self, pause: TradingPause, symbol: Symbol) -> None:
        """Put a pause in force until ``end_symbol``."""
        key = (symbol, pause.reason)
        self._held[key] = pause
        self._ends_ns[key] = NEVER_NS

    def end_symbol(self, symbol: Symbol) -> None:
        """End the pause of a symbol that the venue trades again."""
        key = (symbol, PauseReason.SYMBOL_NOT_TRADING)
        self._held.pop(key, None)
        self._ends_ns.pop(key, None)

    def end_due(self) -> None:
        """End the pauses whose time is over."""
        now_ns = self._now_ns()
        for key in [key for key, end in self._ends_ns.items() if end <= now_ns]:
            del self._held[key], self._ends_ns[key]

    def end_probed(self) -> None:
        """End the pauses that wait for a probe: it found that orders could be sent."""
        for key in [key for key in self._held if key not in self._ends_ns]:
            del self._held[key]

    @property
    def next_end_ns(self) -> int | None:
        """When the next pause ends by itself, monotonic; None when none does."""
        ends = [end_ns for end_ns in self._ends_ns.values() if end_ns != NEVER_NS]
        return min(ends, default=None)

    @property
    def needs_probe(self) -> bool:
        """Whether a pause is in force that only a probe can end."""
        return len(self._held) > len(self._ends_ns)

    @property
    def is_all_paused(self) -> bool:
        """Whether a pause of all symbols is in force."""
        return any(symbol is None for symbol, _ in self._held)

    @property
    def are_keys_rejected(self) -> bool:
        """Whether the venue rejects the keys, or does not let them trade."""
        return (None, PauseReason.KEYS_REJECTED) in self._held

    @property
    def is_venue_quiet(self) -> bool:
        """Whether no request at all may be sent to the venue for now."""
        return any((None, reason) in self._held for reason in _QUIET)
