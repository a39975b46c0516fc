"""What time it is at the venue.

A venue refuses a signed request whose time is too far from its own, and this machine's
clock may be wrong. So the venue's time is measured and then counted on by the monotonic
clock, which makes a step of the wall clock harmless.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.ports.runtime import Clock


MILLISECOND_NS: Final = 1_000_000
_TRIES: Final = 3
_AGAIN_NS: Final = 10_000 * MILLISECOND_NS
"""If the venue did not answer, an old measurement is used for this long."""

_QUICK_NS: Final = 500 * MILLISECOND_NS
"""A longer round trip is measured again: the error may be half of it."""

ERROR_MAX: Final = timedelta(seconds=1)
"""Of a stamp. Binance refuses one further ahead; and one that is ahead makes the window
within which an order may still be accepted longer than stated."""

_DRIFT: Final = 20_000
"""Two uncorrected clocks drift apart by less than a second in this many (50 ppm)."""


@dataclass(frozen=True, slots=True)
class _Measurement:
    """What one answer told about the venue's time."""

    epoch_ns: int
    """Nanoseconds since 1970 at the venue when the monotonic clock was at zero."""

    way_error_ns: int
    """How far that may be off: the way there, or back, may have been all of it."""

    measured_ns: int

    def error_ns(self, now_ns: int) -> int:
        """Return how far the measurement may be off by now."""
        return self.way_error_ns + (now_ns - self.measured_ns) // _DRIFT


class ServerClock:
    """The venue's time, by the middle of a round trip. For any number of threads.

    A slow answer says little: it does not replace a better one that it agrees with.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ask_ms: Callable[[], int | None],
        age_max: timedelta,
        error_max: timedelta = ERROR_MAX,
    ) -> None:
        """Measure nothing yet.

        Args:
            clock: only its monotonic part is used.
            ask_ms: asks the venue; None when it did not answer.
            age_max: of a measurement; an older one is repeated.
            error_max: of a stamp; none is returned that may be further off.
        """
        self._clock = clock
        self._ask_ms = ask_ms
        self._age_max_ns = age_max // timedelta(microseconds=1) * 1000
        self._error_max_ns = error_max // timedelta(microseconds=1) * 1000
        self._measuring = threading.Lock()
        self._known: _Measurement | None = None
        self._asked_ns = 0

    @property
    def epoch_max_ns(self) -> int | None:
        """How far the venue's time is ahead of our monotonic clock, at most.

        None: unknown. An age computed from this is never too low.
        """
        known = self._known
        if known is None:
            return None
        return known.epoch_ns + known.error_ns(self._clock.monotonic_ns())

    def timestamp_ms(self) -> int | None:
        """Return the venue's time; None when it cannot be determined well enough.

        An old measurement is repeated by one thread while the others go on using it,
        and kept if the venue does not answer.
        """
        now_ns = self._clock.monotonic_ns()
        if self.stamp_ms() is None:
            with self._measuring:
                if self.stamp_ms() is None:
                    self._measure()
        elif now_ns - self._asked_ns > self._age_max_ns:
            self._measure_unless_busy()
        return self.stamp_ms()

    def stamp_ms(self) -> int | None:
        """Return the venue's time at once; None when it is not known well enough."""
        known, now_ns = self._known, self._clock.monotonic_ns()
        if known is None or known.error_ns(now_ns) > self._error_max_ns:
            return None
        return (known.epoch_ns + now_ns) // MILLISECOND_NS

    def measure(self, while_wanted: Callable[[], bool] = lambda: True) -> bool:
        """Ask the venue now, and again only while wanted; return whether it answered.

        Each try may take as long as an answer may.
        """
        with self._measuring:
            return self._measure(while_wanted)

    def _measure_unless_busy(self) -> None:
        if self._measuring.acquire(blocking=False):
            try:
                self._measure()
            finally:
                self._measuring.release()

    def _measure(self, while_wanted: Callable[[], bool] = lambda: True) -> bool:
        for number in range(_TRIES):
            if number and not while_wanted():
                break
            sent_ns = self._clock.monotonic_ns()
            server_ms = self._ask_ms()
            now_ns = self._clock.monotonic_ns()
            if server_ms is None:
                self._asked_ns = sent_ns - self._age_max_ns + _AGAIN_NS
                return number > 0
            self._asked_ns = sent_ns
            self._learn(server_ms, sent_ns, now_ns)
            if now_ns - sent_ns <= _QUICK_NS:
                break
        return True

    def _learn(self, server_ms: int, sent_ns: int, now_ns: int) -> None:
        """Keep the better measurement, unless the answer contradicts it."""
        half_ns = (now_ns - sent_ns) // 2
        # half a millisecond: the venue truncates
        told_ns = server_ms * MILLISECOND_NS + MILLISECOND_NS // 2
        made = _Measurement(
            epoch_ns=told_ns - (sent_ns + half_ns),
            way_error_ns=half_ns + MILLISECOND_NS,
            measured_ns=now_ns,
        )
        known = self._known
        if known is not None:
            known_error_ns = known.error_ns(now_ns)
            apart_ns = abs(made.epoch_ns - known.epoch_ns)
            is_worse = made.way_error_ns > known_error_ns
            if is_worse and apart_ns <= made.way_error_ns + known_error_ns:
                return
        self._known = made
