"""How long an order takes no offer after the venue refused its child."""

from actors.messages.lives import TimerDue
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place
from actors.runtime.timers import Timer


HOLDOFF_SECONDS = (5.0, 10.0, 30.0, 60.0)
"""After the 1st, 2nd, ... refusal in a row; the last one repeats."""


class Holdoff:
    """Waits before the next offer is taken, longer each time."""

    __slots__ = ("_address", "_place", "_refusals", "_timer")

    def __init__(self, place: Place, address: ActorAddress) -> None:
        self._place = place
        self._address = address
        self._refusals = 0
        self._timer: Timer | None = None

    @property
    def is_on(self) -> bool:
        """Whether no offer may be taken yet."""
        return self._timer is not None

    def begin(self, what: str) -> None:
        """Wait, and have TimerDue told at the end."""
        self.cancel()
        seconds = HOLDOFF_SECONDS[min(self._refusals, len(HOLDOFF_SECONDS) - 1)]
        self._refusals += 1
        due = TimerDue(what=what)
        timers = self._place.runtime.timers
        self._timer = timers.schedule(seconds, self._address, due)

    def end(self) -> None:
        """Note that the time is over."""
        self._timer = None

    def reset(self) -> None:
        """Begin with the shortest wait again: a child was accepted."""
        self._refusals = 0

    def cancel(self) -> None:
        """Forget the wait; it would keep the executor in memory until it is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
