"""Staying below the venue's limits. Pure: the caller says what time it is."""

import random
from collections import deque
from datetime import datetime
from typing import Final


SECOND_NS: Final = 1_000_000_000
MINUTE_SECONDS: Final = 60


class SlidingWindow:
    """At most ``limit`` events in any span of ``span_seconds``."""

    def __init__(self, *, limit: int, span_seconds: float) -> None:
        self._limit = limit
        self._span_ns = round(span_seconds * SECOND_NS)
        self._times: deque[int] = deque()

    def wait_seconds(self, now_ns: int, *, spare: int = 0) -> float:
        """Return how long to wait before the next event; 0 when it may be now.

        Args:
            now_ns: monotonic nanoseconds.
            spare: events of the limit to leave for others.
        """
        times = self._times
        while times and now_ns - times[0] >= self._span_ns:
            times.popleft()
        over = len(times) - (self._limit - spare)
        if over < 0:
            return 0.0
        return (times[over] + self._span_ns - now_ns) / SECOND_NS

    def note(self, now_ns: int) -> None:
        """Count an event that happens now."""
        self._times.append(now_ns)


class Backoff:
    """Waits that double up to a limit, each shortened at random by up to half."""

    def __init__(
        self, *, first_seconds: float, max_seconds: float, rng: random.Random
    ) -> None:
        self._first_seconds = first_seconds
        self._max_seconds = max_seconds
        self._rng = rng
        self._next_seconds = first_seconds

    def reset(self) -> None:
        """Start again from the shortest wait, after a success."""
        self._next_seconds = self._first_seconds

    def next_seconds(self) -> float:
        """Return how long to wait before the next attempt; always above zero."""
        seconds = self._next_seconds
        self._next_seconds = min(seconds * 2, self._max_seconds)
        return seconds * (0.5 + 0.5 * self._rng.random())


class CalendarBudget:
    """What may still be used in the venue's current window, such as a calendar minute.

    Our own use is counted here, and corrected by what the venue reports, because other
    programs behind the same address use the same budget.
    """

    def __init__(self, *, limit: int, span_seconds: int = MINUTE_SECONDS) -> None:
        self.limit = limit
        self.span_seconds = span_seconds
        self._window = 0
        self._used = 0
        self._counted_ns = 0

    def wait_seconds(
        self, amount: int, now: datetime, *, at_most: int | None = None
    ) -> float:
        """Return how long to wait before using ``amount``; 0 when it may be now.

        Args:
            amount: more than the whole budget is allowed when nothing is used.
            now: the venue's time.
            at_most: how much may be used in total; by default the limit.
        """
        self._roll(now)
        most = self.limit if at_most is None else at_most
        if self._used == 0 or self._used + amount <= most:
            return 0.0
        return self.span_seconds - now.timestamp() % self.span_seconds + 0.05

    def used(self, now: datetime) -> int:
        """Return how much of the current window is used."""
        self._roll(now)
        return self._used

    def spend(self, amount: int, now: datetime) -> None:
        """Count an amount that is about to be used."""
        self._roll(now)
        self._used += amount

    def is_of_window(self, now: datetime, age_seconds: float) -> bool:
        """Whether an event of that age falls into the current window.

        The venue's count in an answer says nothing about this window if the request
        left before it began.
        """
        return age_seconds <= now.timestamp() % self.span_seconds

    def learn(self, used: int, now: datetime) -> None:
        """Take the venue's own count if it is higher."""
        self._roll(now)
        self._used = max(self._used, used)

    def correct(self, used: int, now: datetime, left_ns: int) -> None:
        """Take the venue's own count, even if it is lower: something was given back.

        A lower count is taken only from an answer whose request left later than that of
        the count we have; otherwise it is older, and was overtaken.

        Args:
            used: of the window.
            now: the venue's time.
            left_ns: monotonic, when the request left.
        """
        self._roll(now)
        if used > self._used or left_ns >= self._counted_ns:
            self._used = used
        self._counted_ns = max(self._counted_ns, left_ns)

    def _roll(self, now: datetime) -> None:
        window = int(now.timestamp()) // self.span_seconds
        if window > self._window:
            self._used = 0
        elif window == self._window - 1 and self.span_seconds <= MINUTE_SECONDS:
            # A new measurement of the time stepped back over an edge: the same window
            # comes again. For a day it is unknown which of the two was counted, and a
            # wrong guess must not make all orders wait that long.
            return
        # After a clock was set far back, what is used stays used.
        self._window = window
