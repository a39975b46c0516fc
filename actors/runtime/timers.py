"""Messages that are sent later. Timers follow the runtime's clock.

Most are due after a delay, on the monotonic clock. Some are due at a time of day: they
follow the wall clock, also when that is set, or jumps while the machine sleeps.
"""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from domain.ports.runtime import Clock, Recipient


NANOSECONDS = 1_000_000_000

BEAT_SECONDS: Final = 0.5
"""The longest single wait, and how late a timer may be after a jump.

A wait does not end because the wall clock was set, nor does it count the time that the
machine is suspended, though the clocks do: without this limit, a timer would be late by
the whole suspension."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(order=True, slots=True)
class Timer:
    """One message that is sent when it is due."""

    due_ns: int
    number: int
    delivery: tuple[Recipient[Any], Any] | None = field(compare=False)
    """(recipient, message). One field, so that cancelling is atomic."""

    def cancel(self) -> None:
        """Do not send the message; no error when it was sent already.

        Recipient and message can be freed at once, not only when the timer is due.
        """
        self.delivery = None

    def tell(self) -> None:
        """Send the message, unless cancelled."""
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
        """Add a timer; those due at the same time keep the order of adding."""
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


class Timetable:
    """Timers on both clocks. Not thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._delayed = TimerQueue()
        """By the monotonic clock."""

        self._dated = TimerQueue()
        """By the wall clock."""

    def add(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Add a timer that is due after a delay."""
        due_ns = self._clock.monotonic_ns() + round(delay_seconds * NANOSECONDS)
        return self._delayed.add(due_ns, recipient, message)

    def add_at(
        self, moment: datetime, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Add a timer that is due at a time of day."""
        return self._dated.add(_wall_ns(moment), recipient, message)

    def is_next(self, timer: Timer) -> bool:
        """Whether no other timer on the same clock is due before this one."""
        return self._delayed.is_next(timer) or self._dated.is_next(timer)

    def left_ns(self) -> int | None:
        """Return how long it is until the next timer is due; None: there is none.

        Zero or negative when one is due.
        """
        left = []
        if (due_ns := self._delayed.next_due_ns()) is not None:
            left.append(due_ns - self._clock.monotonic_ns())
        if (due_ns := self._dated.next_due_ns()) is not None:
            left.append(due_ns - _wall_ns(self._clock.now()))
        return min(left, default=None)

    def pop_due(self) -> list[Timer]:
        """Take out all timers that are due now."""
        due = self._delayed.pop_due(self._clock.monotonic_ns())
        if self._dated.next_due_ns() is not None:
            due += self._dated.pop_due(_wall_ns(self._clock.now()))
        return due


def _wall_ns(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND * 1_000


class Timers(Protocol):
    """The runtime's timers."""

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` after ``delay_seconds``."""
        ...

    def schedule_at(
        self, moment: datetime, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` when the wall clock shows ``moment``.

        That clock may be set back before the recipient reads it.
        """
        ...


class ThreadTimers:
    """Timers on real time, in one thread of their own."""

    def __init__(self, clock: Clock, beat: Callable[[], object] | None = None) -> None:
        """Make the timers; the thread starts with ``start``.

        Args:
            clock: says when a timer is due.
            beat: called by the thread, at least twice a second.
        """
        self._beat = beat or _do_nothing
        self._timetable = Timetable(clock)
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="timers", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; messages that are not due yet are never sent."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` after ``delay_seconds``."""
        with self._changed:
            return self._set(self._timetable.add(delay_seconds, recipient, message))

    def schedule_at(
        self, moment: datetime, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` when the wall clock shows ``moment``."""
        with self._changed:
            return self._set(self._timetable.add_at(moment, recipient, message))

    def _set(self, timer: Timer) -> Timer:
        if self._timetable.is_next(timer):
            self._changed.notify()  # the thread is waiting for a later one
        return timer

    def _work(self) -> None:
        while True:
            with self._changed:
                self._wait_until_due()
                if self._stopping:
                    return
                due = self._timetable.pop_due()
            for timer in due:
                timer.tell()

    def _wait_until_due(self) -> None:
        while not self._stopping:
            self._beat()
            left_ns = self._timetable.left_ns()
            if left_ns is None:
                self._changed.wait(BEAT_SECONDS)
            elif left_ns <= 0:
                return
            else:
                self._changed.wait(min(left_ns / NANOSECONDS, BEAT_SECONDS))


def _do_nothing() -> None:
    """Stand in for a beat that was not given."""
