"""A limit of so many calls a second, with some in reserve for a burst.

The library ``limits`` starts a thread every 10 ms of traffic, keeps every key for ever
and reads the clock by itself; this is what is needed of it, without these.
"""

from collections.abc import Callable
from typing import Final


class TokenBucket:
    """Fills at a steady rate, and gives one to each call; one thread at a time."""

    __slots__ = ("_at", "_capacity", "_left", "_now", "_per_second")

    def __init__(
        self, per_second: float, capacity: float, now: Callable[[], float]
    ) -> None:
        """Begin full.

        Args:
            per_second: how fast it fills.
            capacity: how much it holds; at least 1.
            now: monotonic seconds.
        """
        self._per_second: Final = per_second
        self._capacity: Final = capacity
        self._now: Final = now
        self._left = capacity
        self._at = now()

    def take(self) -> float | None:
        """Take one; if there is none, return the seconds until there is."""
        now = self._now()
        filled = self._left + (now - self._at) * self._per_second
        self._left = min(self._capacity, filled)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return None
        return (1 - self._left) / self._per_second
