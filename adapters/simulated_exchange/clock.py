"""The exchange's wall clock; its own, since it stands for another machine."""

import time
from collections.abc import Callable


WallClock = Callable[[], int]
"""Returns milliseconds since 1970 UTC."""


def wall_ms() -> int:
    """Return the machine's time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


YEAR_2020_MS = 1_577_836_800_000


def ids_from(now_ms: int) -> int:
    """Return where ids begin at a moment: higher than any given out before it.

    It counts microseconds since 2020; nobody makes more than one a microsecond.
    """
    return max(now_ms - YEAR_2020_MS, 0) * 1000


class AdjustableClock:
    """A wall clock that can be set wrong."""

    def __init__(self, clock: WallClock) -> None:
        """Begin right."""
        self.right = clock
        self.skew_ms = 0

    def __call__(self) -> int:
        """Return milliseconds since 1970 UTC, as this clock has them."""
        return self.right() + self.skew_ms
