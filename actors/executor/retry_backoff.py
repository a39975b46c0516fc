"""How long an order takes no offer after the venue refused its child."""

from typing import Final

from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildResult, ChildStatus, FollowUp


RETRY_BACKOFF_SECONDS: Final = (5.0, 10.0, 30.0, 60.0)
"""Wait after the 1st, 2nd, ... refusal in a row; the last one repeats."""

RULES_LOOK_SECONDS: Final = 1.0
"""Between checks whether the rules that a child broke have been read again."""


class RetryBackoff:
    """Whether an order waits after a refusal: longer each time."""

    __slots__ = ("_ends_ns", "_is_on", "_refusals", "_rules_before_ns")

    def __init__(self) -> None:
        self._is_on = False
        self._ends_ns = 0
        self._refusals = 0
        self._rules_before_ns = 0  # rules read before this are too old

    @property
    def is_on(self) -> bool:
        """Whether no offer may be taken yet."""
        return self._is_on

    @property
    def next_try_ns(self) -> int | None:
        """When the next offer may be taken, monotonic; None: now."""
        return self._ends_ns if self._is_on else None

    def settled(self, result: ChildResult, now_ns: int) -> float | None:
        """Note a child's result.

        Args:
            result: of the child.
            now_ns: monotonic.

        Returns:
            For how many seconds the order waits; None: not at all.
        """
        if not result.follow_up.is_wait:
            if result.status is ChildStatus.DONE:
                self._refusals = 0
            return None
        last = len(RETRY_BACKOFF_SECONDS) - 1
        seconds = RETRY_BACKOFF_SECONDS[min(self._refusals, last)]
        self._refusals += 1
        broke_rules = result.follow_up is FollowUp.WAIT_FOR_RULES
        self._rules_before_ns = now_ns if broke_rules else 0
        self._is_on = True
        self._ends_ns = now_ns + int(seconds * NANOSECONDS)
        return seconds

    def try_end(self, rules_read_ns: int | None) -> bool:
        """End the wait when its time is up; return False if the rules are still old.

        Args:
            rules_read_ns: when the last reading of the rules began; None: they never
                change.
        """
        if rules_read_ns is not None and rules_read_ns < self._rules_before_ns:
            return False
        self._is_on = False
        return True
