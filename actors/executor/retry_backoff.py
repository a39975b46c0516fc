"""How long an order takes no offer after the venue refused its child."""

from actors import names
from actors.messages.lifecycle import TimerDue
from actors.messages.venue import RefreshRules
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import Timer
from domain.orders.child_order import ChildResult, ChildStatus, FollowUp


RETRY_BACKOFF_SECONDS = (5.0, 10.0, 30.0, 60.0)
"""After the 1st, 2nd, ... refusal in a row; the last one repeats."""

RULES_LOOK_SECONDS = 1.0
"""Before the next look, while the rules that a child broke are not read anew."""


class RetryBackoff:
    """Waits before the next offer is taken, longer each time."""

    __slots__ = ("_address", "_context", "_refusals", "_rules_before_ns", "_timer")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        self._refusals = 0
        self._rules_before_ns = 0  # older ones will not do
        self._timer: Timer | None = None

    @property
    def is_on(self) -> bool:
        """Whether no offer may be taken yet."""
        return self._timer is not None

    def note(self, result: ChildResult, what: str) -> None:
        """Take note of a child's end, and wait if it says so.

        Args:
            result: of the child.
            what: the timer says at the end of the wait, in a TimerDue.
        """
        if result.follow_up.is_wait:
            self._begin(what, result.follow_up)
        elif result.status is ChildStatus.DONE:
            self._refusals = 0

    def _begin(self, what: str, follow_up: FollowUp) -> None:
        self.cancel()
        seconds = RETRY_BACKOFF_SECONDS[
            min(self._refusals, len(RETRY_BACKOFF_SECONDS) - 1)
        ]
        self._refusals += 1
        broke_rules = follow_up is FollowUp.WAIT_FOR_RULES
        now_ns = self._context.runtime.clock.monotonic_ns()
        self._rules_before_ns = now_ns if broke_rules else 0
        self._remind(seconds, what)

    def due(self, what: str, rules_read_ns: int | None) -> None:
        """Note that the time is over; go on waiting for the rules, if need be.

        Args:
            what: the timer says.
            rules_read_ns: when their last reading began; None: they never change.
        """
        self._timer = None
        if rules_read_ns is not None and rules_read_ns < self._rules_before_ns:
            self._context.tell(names.RULES_KEEPER, RefreshRules())
            self._remind(RULES_LOOK_SECONDS, what)

    def _remind(self, seconds: float, what: str) -> None:
        timers = self._context.runtime.timers
        self._timer = timers.schedule(seconds, self._address, TimerDue(what=what))

    def cancel(self) -> None:
        """Forget the wait; it would keep the executor in memory until it is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
