"""What time it is at the venue.

A signed request is refused when its time is not the venue's, within a second ahead and
the receive window behind; the machine's own clock may be anywhere. The venue's time is
counted on from a measurement by the monotonic clock, so that a step of the wall clock
does no harm.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from domain.ports import Clock


MILLISECOND_NS: Final = 1_000_000
_TRIES: Final = 3
_AGAIN_NS: Final = 10_000 * MILLISECOND_NS
"""When the venue did not answer, an old measurement does for so long."""

_QUICK_NS: Final = 500 * MILLISECOND_NS
"""A round trip that took longer is measured again: half of it may be the error."""


class ServerClock:
    """The venue's time, by the middle of a round trip. For any number of threads."""

    def __init__(
        self, *, clock: Clock, ask_ms: Callable[[], int | None], age_max: timedelta
    ) -> None:
        """Measure nothing yet.

        Args:
            clock: only its monotonic part is used.
            ask_ms: asks the venue; None when it did not say.
            age_max: of a measurement; an older one is taken again.
        """
        self._clock = clock
        self._ask_ms = ask_ms
        self._age_max_ns = age_max // timedelta(microseconds=1) * 1000
        self._measuring = threading.Lock()
        self._epoch_ns: int | None = None
        """Nanoseconds since 1970 at the venue when the monotonic clock was at zero."""

        self._measured_ns = 0

    @property
    def epoch_ns(self) -> int | None:
        """What the venue's time is ahead of our monotonic clock; None: unknown."""
        return self._epoch_ns

    def timestamp_ms(self) -> int | None:
        """Return the venue's time; None when it cannot be found out.

        A measurement that is old is taken anew by one thread while the others go on
        with it, and kept when the venue does not answer.
        """
        now_ns = self._clock.monotonic_ns()
        if self._epoch_ns is None:
            with self._measuring:
                if self._epoch_ns is None:
                    self._measure()
        elif now_ns - self._measured_ns > self._age_max_ns:
            self._measure_unless_busy()
        return self.stamp_ms()

    def stamp_ms(self) -> int | None:
        """Return the venue's time at once; None when it was never measured."""
        if self._epoch_ns is None:
            return None
        return (self._epoch_ns + self._clock.monotonic_ns()) // MILLISECOND_NS

    def measure(self) -> bool:
        """Ask the venue now; returns whether it answered."""
        with self._measuring:
            return self._measure()

    def _measure_unless_busy(self) -> None:
        if self._measuring.acquire(blocking=False):
            try:
                self._measure()
            finally:
                self._measuring.release()

    def _measure(self) -> bool:
        best_ns: int | None = None
        for _ in range(_TRIES):
            sent_ns = self._clock.monotonic_ns()
            server_ms = self._ask_ms()
            took_ns = self._clock.monotonic_ns() - sent_ns
            if server_ms is None:
                self._measured_ns = sent_ns - self._age_max_ns + _AGAIN_NS
                break
            if best_ns is None or took_ns < best_ns:
                best_ns = took_ns
                # half a millisecond: what the venue cut off
                at_ns = server_ms * MILLISECOND_NS + MILLISECOND_NS // 2
                self._epoch_ns = at_ns - (sent_ns + took_ns // 2)
                self._measured_ns = sent_ns
            if took_ns <= _QUICK_NS:
                break
        return best_ns is not None
