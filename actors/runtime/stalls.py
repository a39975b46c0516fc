"""Notices that the whole process stood still: stopped, starved, or suspended.

What was known before is old then, though nothing says so: books look in step, and what
waits in the sockets is read as if it had just come.
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
"""From here on what waited is late. The runtime looks much more often than that."""


class Stalls(Protocol):
    """How often the process stood still."""

    def look(self) -> int:
        """Count the stalls so far; one that has just ended is among them."""
        ...


class NoStalls:
    """For time that passes only when it is told to."""

    def look(self) -> int:
        """Return that there was none."""
        return 0


class StallDetector:
    """Whoever looks first after a stall notices it, in whichever thread.

    So nobody who looks before they act can act on what is from before the stall,
    whatever thread the system wakes first. It has to be looked at all the time.
    """

    def __init__(self, clock: Clock, meter: Meter | None = None) -> None:
        self._monotonic_ns = clock.monotonic_ns
        self._lock = threading.Lock()
        self._stalls = 0
        self._meter = meter
        self._looked_ns = clock.monotonic_ns()

    def begin(self) -> None:
        """Count from now on: what a start takes is no stall, nothing is known yet."""
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
            self._stalls += 1  # before the time: who sees the new time sees it, too
            self._looked_ns = now_ns
        seconds = away_ns / NANOSECONDS
        logger.warning("Process was away, all books are old now seconds=%.1f", seconds)
        if self._meter is not None:
            self._meter.observe_seconds("process_away_seconds", seconds)
