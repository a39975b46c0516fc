"""The exchange's wall clock; its own, since it stands for another machine."""

import time
from collections.abc import Callable


WallClock = Callable[[], int]
"""Returns milliseconds since 1970 UTC."""


def wall_ms() -> int:
    """Return the machine's time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
