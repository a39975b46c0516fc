"""Notices that the whole process stood still: stopped, starved, or suspended.

What was known before is then stale without a sign of it: books look in step, and data
that waited in the sockets is read as if it had just arrived.
"""

import logging
import threading
from typing import Final, Protocol

from actors.runtime.timers import NANOSECONDS
from domain.market.updates import LATE_MAX_NS
from domain.ports.observing import Meter
from domain.ports.runtime import Clock


logger = logging.getLogger(__name__)

STALL_MIN_NS: Final = LATE_MAX_NS
"""Data that waited this long is late. The runtime looks far more often than that."""


class Stalls(Protocol):
    """Counts how often the process stood still."""

    def look(self) -> int:
        """Count the stalls so far; one that has just ended is among them."""
        ...


class NoStalls:
    """For virtual time, in which there are no stalls."""

    def look(self) -> int:
        """Return 0."""
        return 0


class StallDetector:
    """Notices a stall at the first look after it, in whichever thread that is.

    So code that looks before it acts never acts on data from before a stall, whatever
    thread the system wakes first. Some thread has to look all the time.
    """

    def __init__(self, clock: Clock, meter: Meter | None = None) -> None:
        self._monotonic_ns = clock.monotonic_ns
        self._lock = threading.Lock()
        self._stalls = 0
        self._meter = meter
        self._looked_ns = clock.monotonic_ns()

    def begin(self) -> None:
        """Count from now on: a slow start is no stall, for nothing is known yet."""
        self._looked_ns = self._monotonic_ns()

    def look(self) -> int:
        """Count the stalls so far; one that has just ended is among them."""
        now_ns = self._monotonic_ns()
        if now_ns - self._looked_ns > STALL_MIN_NS:
            self._note(now_ns)
        else:
            self._looked_ns = now_ns
        return self._stalls

    def _note(self, now_ns: int) -> None:
        with self._lock:
            away_ns = now_ns - self._looked_ns
            if away_ns <= STALL_MIN_NS:
                return  # another thread was first
            self._stalls += 1  # first: a thread that sees the new time sees this, too
            self._looked_ns = now_ns
        seconds = away_ns / NANOSECONDS
        logger.warning("Process stood still, all books are stale seconds=%.1f", seconds)
        if self._meter is not None:
            self._meter.observe_seconds("process_away_seconds", seconds)
