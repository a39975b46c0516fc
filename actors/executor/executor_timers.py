"""The timers of an executor: at most one for each purpose."""

from datetime import datetime

from actors.messages.timers import AlgorithmDue, BackoffOver, ExpiryDue, RereadDue
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import Timer


ExecutorTimer = ExpiryDue | BackoffOver | AlgorithmDue | RereadDue


class ExecutorTimers:
    """At most one timer for each purpose."""

    __slots__ = ("_address", "_context", "_timers")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        """Schedule nothing yet.

        Args:
            context: of the executor.
            address: of the executor, which gets the timers' messages.
        """
        self._context = context
        self._address = address
        # A tuple, because it is empty for most orders most of the time.
        self._timers: tuple[tuple[ExecutorTimer, Timer], ...] = ()

    def schedule(self, due: ExecutorTimer, seconds: float) -> None:
        """Send ``due`` to the executor after a delay."""
        timers = self._context.runtime.timers
        self._set(due, timers.schedule(seconds, self._address, due))

    def schedule_at(self, due: ExecutorTimer, moment: datetime | None) -> None:
        """Send ``due`` to the executor at a time of day, if that is still to come.

        If the wall clock is set back after that, it has to be scheduled again.
        """
        runtime = self._context.runtime
        if moment is not None and moment > runtime.clock.now():
            timer = runtime.timers.schedule_at(moment, self._address, due)
            self._set(due, timer)

    def schedule_before(self, due: ExecutorTimer, moment: datetime | None) -> None:
        """Send ``due`` to the executor after as long as it is until a time of day.

        However the wall clock is set meanwhile: an order that is asked about in an
        hour, because the clock was set back by one, would be late for nothing.
        """
        if moment is not None:
            wait = moment - self._context.runtime.clock.now()
            if (seconds := wait.total_seconds()) > 0:
                self.schedule(due, seconds)

    def forget(self, due: ExecutorTimer) -> None:
        """Note that ``due`` has been sent, or is no longer needed."""
        for one, timer in self._timers:
            if one == due:
                timer.cancel()
        self._timers = tuple(each for each in self._timers if each[0] != due)

    def forget_all(self) -> None:
        """Cancel all; they would keep the executor in memory until they are due."""
        for _, timer in self._timers:
            timer.cancel()
        self._timers = ()

    def _set(self, due: ExecutorTimer, timer: Timer) -> None:
        self.forget(due)
        self._timers = (*self._timers, (due, timer))
