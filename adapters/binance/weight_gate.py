"""The request weight of this process, and the pauses that the venue demands.

Source: Binance spot API documentation, limits (2026-07-21): 6000 a minute for each IP;
after 429 or 418 nothing may be sent before ``Retry-After`` has passed.
"""

import logging
import threading

from adapters.binance.pacing import SECOND_NS, WeightBudget
from domain.ports import Clock


logger = logging.getLogger(__name__)


class WeightGate:
    """Says when a request may be sent. Usable from every thread; never blocks."""

    def __init__(self, *, per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._budget = WeightBudget(per_minute=per_minute)
        self._paused_until_ns = 0

    def claim(self, weight: int) -> float:
        """Claim a request; returns 0, or the seconds after which to ask again."""
        with self._lock:
            pause = self._pause_seconds()
            if pause:
                return pause
            now = self._clock.now()
            wait = self._budget.wait_seconds(weight, now)
            if not wait:
                self._budget.spend(weight, now)
            return wait

    def is_scarce(self) -> bool:
        """Whether the minute's weight is running out, so that one should be thrifty."""
        with self._lock:
            return self._budget.is_scarce(self._clock.now())

    def learn(self, used_weight: str | None) -> None:
        """Take the header ``X-MBX-USED-WEIGHT-1M`` of a reply."""
        if used_weight is None or not used_weight.isdecimal():
            return
        with self._lock:
            self._budget.learn(int(used_weight), self._clock.now())

    def pause(self, seconds: float) -> None:
        """Have nothing sent for some time."""
        logger.warning("Venue wants no requests for a while seconds=%s", seconds)
        until_ns = self._clock.monotonic_ns() + round(seconds * SECOND_NS)
        with self._lock:
            self._paused_until_ns = max(self._paused_until_ns, until_ns)

    def pause_seconds(self) -> float:
        """Return how much of the pause is left; 0 when there is none."""
        with self._lock:
            return self._pause_seconds()

    def _pause_seconds(self) -> float:
        left_ns = self._paused_until_ns - self._clock.monotonic_ns()
        return max(0.0, left_ns / SECOND_NS)
