"""One thread, virtual time, and a seed that decides which actor runs next.

For replay (no seed: first come, first served) and for the simulation of races.
"""

from collections import deque
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from random import Random
from typing import Any

from actors.runtime.actor import RuntimeActor
from actors.runtime.mailbox import Mailbox
from actors.runtime.timers import Timer, Timetable
from domain.ports.runtime import Recipient


class VirtualClock:
    """A clock that moves only when it is set."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed_ns = 0

    def now(self) -> datetime:
        """Return the virtual wall clock, aware UTC."""
        return self._start + timedelta(microseconds=self._elapsed_ns // 1000)

    def monotonic_ns(self) -> int:
        """Return virtual nanoseconds since the start, plus one."""
        return self._elapsed_ns + 1  # 0 means "unknown" in our messages

    def set_wall(self, by: timedelta) -> None:
        """Move the wall clock, back if negative; the monotonic one is unaffected."""
        self._start += by

    def set_ns(self, monotonic_ns: int) -> None:
        """Move forward to ``monotonic_ns``."""
        assert monotonic_ns > self._elapsed_ns
        self._elapsed_ns = monotonic_ns - 1


class DeterministicDispatcher:
    """Runs actors one message at a time, in the calling thread."""

    def __init__(self, chooser: Random | None = None) -> None:
        """Make a dispatcher.

        Args:
            chooser: picks the next of the actors that are ready; None for first come,
                first served.
        """
        self._ready: deque[RuntimeActor] = deque()
        self._chooser = chooser
        self._panic: BaseException | None = None

    def create_inbox(self, actor: RuntimeActor) -> Any:
        """Make a mailbox, for blocking actors too: here nothing blocks."""
        return Mailbox(actor, self._ready.append)

    def start_loop(self, actor: RuntimeActor) -> None:
        """Queue the actor for its first run."""
        self._ready.append(actor)

    def run_woken_actors(self) -> AbstractContextManager[object]:
        """Do nothing: there is one thread, and it runs all actors anyway."""
        return nullcontext()

    def panic(self, error: BaseException) -> None:
        """Let the current step raise the error when it is done."""
        self._panic = self._panic or error

    @property
    def is_idle(self) -> bool:
        """Whether no actor has anything to do."""
        return not self._ready

    def step(self) -> None:
        """Let one actor handle one message (or its start).

        Raises:
            BaseException: a panic that the actor met, such as Ctrl-C.
        """
        if self._chooser is not None:
            self._ready.rotate(-self._chooser.randrange(len(self._ready)))
        self._ready.popleft().run_batch(1)
        if self._panic is not None:
            error, self._panic = self._panic, None
            raise error

    def run_until_idle(self, steps_max: int = 10_000_000) -> int:
        """Step until no actor has anything to do; return the number of steps.

        Raises:
            RuntimeError: when that takes more than ``steps_max`` steps.
        """
        for steps in range(steps_max):
            if self.is_idle:
                return steps
            self.step()
        message = f"actors still busy after {steps_max} steps"
        raise RuntimeError(message)


class VirtualTimers:
    """Timers on virtual time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._timetable = Timetable(clock)

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` after ``delay_seconds`` of virtual time."""
        return self._timetable.add(delay_seconds, recipient, message)

    def schedule_at(
        self, moment: datetime, recipient: Recipient[Any], message: Any
    ) -> Timer:
        """Tell ``message`` to ``recipient`` when the wall clock shows ``moment``."""
        return self._timetable.add_at(moment, recipient, message)

    def next_due_ns(self) -> int | None:
        """Return when the next timer is due; None when there is none.

        By the monotonic clock; timers on the wall clock are converted as it stands now.
        """
        left_ns = self._timetable.left_ns()
        if left_ns is None:
            return None
        return self._clock.monotonic_ns() + max(left_ns, 0)

    def tell_due(self) -> int:
        """Send the messages that are due; return how many there were."""
        due = self._timetable.pop_due()
        for timer in due:
            timer.tell()
        return len(due)


class VirtualTime:
    """Clock, timers and dispatcher, moved forward together."""

    def __init__(
        self,
        clock: VirtualClock,
        timers: VirtualTimers,
        dispatcher: DeterministicDispatcher,
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._dispatcher = dispatcher

    def run_until(self, monotonic_ns: int) -> None:
        """Run everything due until ``monotonic_ns``, then set the clock to it."""
        self._dispatcher.run_until_idle()
        while (due := self._timers.next_due_ns()) is not None and due <= monotonic_ns:
            if due > self._clock.monotonic_ns():
                self._clock.set_ns(due)
            self._timers.tell_due()
            self._dispatcher.run_until_idle()
        if monotonic_ns > self._clock.monotonic_ns():
            self._clock.set_ns(monotonic_ns)
