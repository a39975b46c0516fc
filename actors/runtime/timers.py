"""Messages that are told later. Timers follow the runtime's clock."""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.ports import Clock, Recipient


NANOSECONDS = 1_000_000_000

BEAT_SECONDS = 0.5
"""The longest wait at a stretch. A wait does not count the time that the machine is
suspended, though the clock does: a timer would be late by as long as it slept."""


@dataclass(order=True, slots=True)
class Timer:
    """One message waiting for its time."""

    due_ns: int
    number: int
    delivery: tuple[Recipient[Any], Any] | None = field(compare=False)
    """(recipient, message). One field, so that taking it away is one step."""

    def cancel(self) -> None:
        """Have the message never told; no error when it already was.

        Recipient and message are let go at once, however far away the time is.
        """
        self.delivery = None

    def tell(self) -> None:
        """Tell the message, unless cancelled."""
        delivery = self.delivery
        if delivery is not None:
            recipient, message = delivery
            recipient.tell(message)


class TimerQueue:
    """Timers by due time. Not thread-safe."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._number = 0

    def add(self, due_ns: int, recipient: Recipient[Any], message: Any) -> Timer:
        """Add a timer; equal due times keep the order of adding."""
        self._number += 1
        timer = Timer(due_ns, self._number, (recipient, message))
        heapq.heappush(self._heap, timer)
        return timer

    def next_due_ns(self) -> int | None:
        """Return when the next timer is due; None when there is none."""
        while self._heap and self._heap[0].delivery is None:
            heapq.heappop(self._heap)
        return self._heap[0].due_ns if self._heap else None

    def is_next(self, timer: Timer) -> bool:
        """Whether no other timer is due before this one."""
        return self.next_due_ns() is not None and self._heap[0] is timer

    def pop_due(self, now_ns: int) -> list[Timer]:
        """Take out all timers that are due at ``now_ns``."""
        due = []
        while (next_ns := self.next_due_ns()) is not None and next_ns <= now_ns:
            due.append(heapq.heappop(self._heap))
        return due


class Timers(Protocol):
    """The runtime's timers."""

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` after ``delay_seconds``."""
        ...


class ThreadTimers:
    """Timers on real time, in one thread of their own."""

    def __init__(self, clock: Clock, beat: Callable[[], object] | None = None) -> None:
        """Make the timers; the thread starts with ``start``.

        Args:
            clock: says when a timer is due.
            beat: called by the thread all the time, twice a second at least.
        """
        self._clock = clock
        self._beat = beat or _do_nothing
        self._queue = TimerQueue()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="timers", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is not due yet is never told."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` after ``delay_seconds``."""
        delay_ns = round(delay_seconds * NANOSECONDS)
        with self._changed:
            due_ns = self._clock.monotonic_ns() + delay_ns
            timer = self._queue.add(due_ns, recipient, message)
            if self._queue.is_next(timer):
                self._changed.notify()  # the thread waits for a later one
        return timer

    def _work(self) -> None:
        while True:
            with self._changed:
                self._wait_until_due()
                if self._stopping:
                    return
                due = self._queue.pop_due(self._clock.monotonic_ns())
            for timer in due:
                timer.tell()

    def _wait_until_due(self) -> None:
        while not self._stopping:
            self._beat()
            next_ns = self._queue.next_due_ns()
            if next_ns is None:
                self._changed.wait(BEAT_SECONDS)
                continue
            left_ns = next_ns - self._clock.monotonic_ns()
            if left_ns <= 0:
                return
            self._changed.wait(min(left_ns / NANOSECONDS, BEAT_SECONDS))


def _do_nothing() -> None:
    """Be the beat of timers that nobody watches."""
