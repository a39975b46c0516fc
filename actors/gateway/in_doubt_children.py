"""Children whose outcome is unknown."""

import heapq
import logging
from collections import deque
from datetime import timedelta

from actors.gateway.tracked_child import TrackedChild
from actors.messages.gateway import LookUpCall
from actors.runtime.timers import NANOSECONDS
from domain.orders import lifecycle
from domain.orders.child_order import ChildResult
from domain.ports.runtime import Clock
from domain.venue.answers import VenueAnswer
from domain.venue.unknown_outcome import ResolutionTimes


logger = logging.getLogger(__name__)

NEVER_ARRIVED = "NEVER_ARRIVED"
"""Reason of a child whose request never reached the venue."""


class InDoubtChildren:
    """Decides when to ask the venue about each child, and when absence is final."""

    def __init__(self, clock: Clock, times: ResolutionTimes) -> None:
        self._clock = clock
        self._times = times
        self._due: deque[TrackedChild] = deque()
        self._planned: list[tuple[int, int, TrackedChild]] = []
        """A heap of (when, monotonic; number of the plan; child)."""

        self._plans = 0

    def __bool__(self) -> bool:
        """Whether a child has to be looked up now."""
        return bool(self._due)

    @property
    def look_up_at_ns(self) -> int | None:
        """When the next child has to be looked up, monotonic; None: none has."""
        while self._planned and _is_cancelled(*self._planned[0]):
            heapq.heappop(self._planned)
        return self._planned[0][0] if self._planned else None

    def silence_final_ns(self, tracked: TrackedChild) -> int | None:
        """When absence at the venue becomes final, monotonic; None: not in doubt."""
        if tracked.doubted_ns is None or not tracked.is_in_doubt:
            return None
        window = self._times.window.total_seconds()
        return tracked.doubted_ns + round(window * NANOSECONDS)

    def look_up_due(self) -> None:
        """Queue the look-ups that are due."""
        now_ns = self._clock.monotonic_ns()
        while (at_ns := self.look_up_at_ns) is not None and at_ns <= now_ns:
            self.look_up_now(heapq.heappop(self._planned)[2])

    def begin(self, tracked: TrackedChild, problem: str) -> None:
        """Take in a child that may have been sent, until now at the latest."""
        if tracked.doubted_ns is None:
            tracked.doubted_ns = self._clock.monotonic_ns()
        logger.warning(
            "Child outcome unknown child_id=%s problem=%s",
            tracked.child.child_id,
            problem,
        )
        tracked.problem = problem
        tracked.answer()
        self._plan(tracked)

    def adopt(self, tracked: TrackedChild) -> None:
        """Take in a child of which nothing is known but its intent.

        Its doubt is counted from the first look-up: until then a call of an earlier
        gateway may still send it.
        """
        self.look_up_now(tracked)

    def look_up_now(self, tracked: TrackedChild) -> None:
        """Queue a look-up, unless one is under way."""
        if not tracked.is_being_asked:
            tracked.is_being_asked = True
            tracked.look_up_at_ns = None
            self._due.append(tracked)

    def next_call(self) -> tuple[TrackedChild, LookUpCall]:
        """Take out the next look-up."""
        tracked = self._due.popleft()
        # Not the wall clock: if it jumped, absence would become final too early.
        now_ns = self._clock.monotonic_ns()
        if tracked.doubted_ns is None:
            tracked.doubted_ns = now_ns
        age = timedelta(microseconds=(now_ns - tracked.doubted_ns) // 1000)
        call = LookUpCall(
            child=tracked.child,
            since=tracked.child.intended_at,
            thoroughly=age >= self._times.window,
        )
        return tracked, call

    def heard(
        self, tracked: TrackedChild, call: LookUpCall, answer: VenueAnswer
    ) -> ChildResult | None:
        """Take an answer without a result; return a result if absence is final."""
        tracked.is_being_asked = False
        tracked.look_ups += 1
        if answer.is_absent and call.thoroughly:
            return lifecycle.never_sent(tracked.child, NEVER_ARRIVED)
        is_news = not tracked.problem or answer.is_contradiction
        tracked.problem = answer.detail or "the venue does not know it (yet)"
        tracked.is_contradiction = answer.is_contradiction
        if is_news:
            tracked.answer()
        self._plan(tracked)
        return None

    def _plan(self, tracked: TrackedChild) -> None:
        pause = self._times.pause(tracked.look_ups)
        at_ns = self._clock.monotonic_ns() + round(pause.total_seconds() * NANOSECONDS)
        tracked.look_up_at_ns = at_ns  # which cancels any earlier plan
        self._plans += 1
        heapq.heappush(self._planned, (at_ns, self._plans, tracked))


def _is_cancelled(at_ns: int, _: int, tracked: TrackedChild) -> bool:
    return tracked.look_up_at_ns != at_ns or tracked.result is not None
