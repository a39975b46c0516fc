"""How old the venue's events are: compares its event times with its own clock.

This machine's wall clock may be wrong, and no event says how long it took to arrive. So
the venue is asked for its time, which is then counted on by a clock that neither steps
nor stops. If the venue cannot be asked, ages are unknown, not zero: nothing counts as
late then, and ages count from the receipt of an event. If the answer was slow, events
count as old as they can be at most: late data must not look fresh because of a doubt,
and the doubt causes another measurement.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.network.server_clock import ServerClock
from domain.ports.runtime import Clock


_AGAIN_SECONDS: Final = 60.0
"""Interval of measurements; uncorrected clocks drift by some milliseconds meanwhile."""

_PAUSE_SECONDS: Final = 5.0
"""Minimum between two measurements, whatever the doubts."""


class EventClock:
    """The venue's clock, measured regularly by a thread of its own."""

    def __init__(
        self, *, ask_ms: Callable[[], int | None], clock: Clock, thread_name: str
    ) -> None:
        """Know nothing yet.

        Args:
            ask_ms: asks the venue, within its limits; None when it did not answer.
            clock: only its monotonic part is used.
            thread_name: of the thread.
        """
        self.epoch_ns = 0
        """How far the venue's time is ahead of our monotonic clock, at most; 0:
        unknown. Read without a lock."""

        self._server = ServerClock(
            clock=clock, ask_ms=ask_ms, age_max=timedelta(minutes=1)
        )
        self._lock = threading.Lock()
        self._is_started = False
        self._doubted = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=self._work, name=thread_name, daemon=True
        )

    def want(self) -> None:
        """Request a measurement soon, and regular ones from now on.

        Called for an event whose age is unknown, or not plausible.
        """
        if not self._doubted.is_set():  # called often; start only once
            self._start()
            self._doubted.set()

    def close(self) -> list[threading.Thread]:
        """Stop measuring; return the thread, which is ending."""
        with self._lock:
            self._closed.set()
        self._doubted.set()
        return [self._thread] if self._thread.is_alive() else []

    def _start(self) -> None:
        with self._lock:
            if not (self._is_started or self._closed.is_set()):
                self._is_started = True
                self._thread.start()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._doubted.clear()
            self._server.measure()
            self.epoch_ns = self._server.epoch_max_ns or 0
            if not self._closed.wait(_PAUSE_SECONDS):
                self._doubted.wait(_AGAIN_SECONDS)
