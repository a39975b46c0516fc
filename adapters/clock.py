"""The machine's clock: the one place where the time of day is read."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from domain.ports.runtime import Clock


def _clock_that_counts_sleep() -> Callable[[], int]:
    """Choose a clock that goes on while the machine is suspended.

    It measures ages, and an offer does not get younger because the machine slept. Linux
    has CLOCK_BOOTTIME for that; CLOCK_MONOTONIC stops during sleep on Linux, but not on
    macOS. On Windows all clocks count sleep.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        number = getattr(time, name, None)
        if number is not None:
            return partial(time.clock_gettime_ns, number)
    return time.monotonic_ns


class SystemClock(Clock):
    """The time as the operating system tells it."""

    def __init__(self) -> None:
        self._monotonic_ns = _clock_that_counts_sleep()

    def now(self) -> datetime:
        """Return the wall clock, aware UTC; it may jump when the system sets it."""
        return datetime.now(UTC)  # noqa: TID251 - everyone else takes a Clock

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back and count while the machine sleeps."""
        return self._monotonic_ns()


def pause(seconds: float) -> None:
    """Sleep for that long."""
    threading.Event().wait(seconds)
