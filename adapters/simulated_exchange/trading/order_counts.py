"""Unfilled orders of each account, as the venue limits them.

rest-api.md, "Unfilled Order Count" (read 2026-07-21): one more for each placement, one
less when an order fills for the first time; windows follow the calendar.
"""

from collections import Counter

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.rest.exchange_info import RATE_LIMITS
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.accounts import TraderAccount


TOO_MANY = 429
UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
UNIT_LETTERS = {"SECOND": "S", "MINUTE": "M", "HOUR": "H", "DAY": "D"}


class _Window:
    """One limit, and the counts of its present interval."""

    def __init__(self, unit: str, number: int, limit: int) -> None:
        self.unit, self.number, self.limit = unit, number, limit
        self.length_ms = UNIT_SECONDS[unit] * number * 1000
        self.counts: Counter[TraderAccount] = Counter()
        self._interval = 0

    def turn(self, now_ms: int) -> None:
        if now_ms // self.length_ms != self._interval:
            self._interval = now_ms // self.length_ms
            self.counts.clear()


class OrderCounts:
    """Counts placements and refuses too many."""

    def __init__(self, clock: WallClock, *, enforce: bool) -> None:
        """Count always; refuse only when enforcing."""
        self._clock = clock
        self._enforce = enforce
        self._windows = [
            _Window(unit, number, limit)
            for kind, unit, number, limit in RATE_LIMITS
            if kind == "ORDERS"
        ]

    def charge(self, account: TraderAccount) -> None:
        """Count a placement.

        Raises:
            VenueError: -1015 (429) when the account has too many.
        """
        now_ms = self._clock()
        for window in self._windows:
            window.turn(now_ms)
            if self._enforce and window.counts[account] >= window.limit:
                left_ms = window.length_ms - now_ms % window.length_ms
                raise too_many_orders(window.limit, window.number, window.unit, left_ms)
        for window in self._windows:
            window.counts[account] += 1

    def fill(self, account: TraderAccount) -> None:
        """Count an order that is filled for the first time."""
        for window in self._windows:
            window.turn(self._clock())
            window.counts[account] = max(window.counts[account] - 1, 0)

    def headers(self, account: TraderAccount) -> dict[str, str]:
        """Return the counts as headers."""
        return {
            f"X-MBX-ORDER-COUNT-{one.number}{UNIT_LETTERS[one.unit]}": str(
                one.counts[account]
            )
            for one in self._windows
        }

    def describe(self, account: TraderAccount) -> list[dict[str, object]]:
        """Return the limits and counts as replies show them."""
        for window in self._windows:
            window.turn(self._clock())
        return [
            {
                "rateLimitType": "ORDERS",
                "interval": one.unit,
                "intervalNum": one.number,
                "limit": one.limit,
                "count": one.counts[account],
            }
            for one in self._windows
        ]


def too_many_orders(limit: int, number: int, unit: str, wait_ms: int) -> VenueError:
    """Return the refusal of one order too many."""
    text = f"Too many new orders; current limit is {limit} orders per {number} {unit}."
    refusal = VenueError(-1015, text, TOO_MANY)
    refusal.retry_after = -(-wait_ms // 1000)
    return refusal
