"""How old the venue's events are: its event times, held against its own clock.

The machine's wall clock may be anywhere, and no event tells how long it was on its way.
So the venue is asked what time it is, and that is counted on by a clock that neither
steps nor stands still. Where it cannot be asked, ages are unknown, not zero: nothing is
called late then, and the age of what is made of an event counts from its receipt. Where
the answer was long on its way, events count as old as they may be at most: what is late
must not look fresh because of a doubt, and the doubt has the venue asked again.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.network.server_clock import ServerClock
from domain.ports.runtime import Clock


_AGAIN_SECONDS: Final = 60.0
"""Two clocks that nobody corrects drift apart by some milliseconds in that time."""

_PAUSE_SECONDS: Final = 5.0
"""Between two measurements at least, whatever anybody doubts."""


class EventClock:
    """The venue's clock, measured now and then by a thread of its own."""

    def __init__(
        self, *, ask_ms: Callable[[], int | None], clock: Clock, thread_name: str
    ) -> None:
        """Know nothing yet.

        Args:
            ask_ms: asks the venue, within its limits; None when it did not say.
            clock: only its monotonic part is used.
            thread_name: of the thread.
        """
        self.epoch_ns = 0
        """What the venue's time is ahead of our monotonic clock, at most; 0: unknown.
        Read without a lock."""

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
        """Have the venue asked soon, and now and then from now on.

        Called when there is an event whose age is unknown, or not what it should be.
        """
        if not self._doubted.is_set():  # asked again and again
            self._start()
            self._doubted.set()

    def close(self) -> list[threading.Thread]:
        """Ask no more; returns the thread, which is ending."""
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
