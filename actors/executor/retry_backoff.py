"""How long an order takes no offer after the venue refused its child."""

from actors import names
from actors.messages.timers import BackoffOver
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

    def note(self, result: ChildResult) -> None:
        """Take note of a child's end, and wait for BackoffOver if it says so."""
        if result.follow_up.is_wait:
            self._begin(result.follow_up)
        elif result.status is ChildStatus.DONE:
            self._refusals = 0

    def _begin(self, follow_up: FollowUp) -> None:
        self.cancel()
        seconds = RETRY_BACKOFF_SECONDS[
            min(self._refusals, len(RETRY_BACKOFF_SECONDS) - 1)
        ]
        self._refusals += 1
        broke_rules = follow_up is FollowUp.WAIT_FOR_RULES
        now_ns = self._context.runtime.clock.monotonic_ns()
        self._rules_before_ns = now_ns if broke_rules else 0
        self._remind(seconds)

    def due(self, rules_read_ns: int | None) -> None:
        """Note that the time is over; go on waiting for the rules, if need be.

        Args:
            rules_read_ns: when their last reading began; None: they never change.
        """
        self._timer = None
        if rules_read_ns is not None and rules_read_ns < self._rules_before_ns:
            self._context.tell(names.RULES_KEEPER, RefreshRules())
            self._remind(RULES_LOOK_SECONDS)

    def _remind(self, seconds: float) -> None:
        timers = self._context.runtime.timers
        self._timer = timers.schedule(seconds, self._address, BackoffOver())

    def cancel(self) -> None:
        """Forget the wait; it would keep the executor in memory until it is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
