"""Children of which it is not known what became of them."""

import logging
from collections import deque

from actors.gateway.tracking import Tracked
from actors.messages.lives import TimerDue
from actors.messages.venue import LookUpCall
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place
from domain import lifecycle
from domain.execution import ChildResult
from domain.resolution import ResolutionTimes
from domain.venue import VenueAnswer


logger = logging.getLogger(__name__)

NEVER_ARRIVED = "NEVER_ARRIVED"
"""Why a child ended whose request the venue never saw."""


class Doubts:
    """When the venue is asked about which child, and when its silence is final."""

    def __init__(
        self, place: Place, address: ActorAddress, times: ResolutionTimes
    ) -> None:
        self._place = place
        self._address = address
        self._times = times
        self._due: deque[Tracked] = deque()

    def __bool__(self) -> bool:
        """Whether there is a child that has to be asked about now."""
        return bool(self._due)

    def begin(self, tracked: Tracked, problem: str) -> None:
        """Doubt a child that was sent, as late as now."""
        if tracked.doubted_at is None:
            tracked.doubted_at = self._place.runtime.clock.now()
        logger.warning(
            "Child unknown child_id=%s problem=%s", tracked.child.child_id, problem
        )
        tracked.problem = problem
        tracked.answer()
        self._plan(tracked)

    def adopt(self, tracked: Tracked) -> None:
        """Doubt a child of which nothing is known but its intent.

        Since when, is known at the first question: a predecessor's call about it may
        be under way until then.
        """
        self.look_up_now(tracked)

    def look_up_now(self, tracked: Tracked) -> None:
        """Have the venue asked now, unless that is under way."""
        if not tracked.is_being_asked:
            tracked.is_being_asked = True
            self._due.append(tracked)

    def postpone(self, tracked: Tracked) -> None:
        """Have the venue asked after a while: now it could not be."""
        tracked.is_being_asked = False
        self._plan(tracked)

    def next_call(self) -> tuple[Tracked, LookUpCall]:
        """Take out the next question."""
        tracked = self._due.popleft()
        now = self._place.runtime.clock.now()
        if tracked.doubted_at is None:
            tracked.doubted_at = now
        age = now - tracked.doubted_at
        call = LookUpCall(
            child=tracked.child,
            since=tracked.child.intended_at,
            thoroughly=age >= self._times.window,
        )
        return tracked, call

    def heard(
        self, tracked: Tracked, call: LookUpCall, answer: VenueAnswer
    ) -> ChildResult | None:
        """Take an answer without a result; return one if silence is final."""
        tracked.is_being_asked = False
        tracked.look_ups += 1
        if answer.is_absent and call.thoroughly:
            return lifecycle.never_sent(tracked.child, NEVER_ARRIVED)
        is_first_word = not tracked.problem
        tracked.problem = answer.detail or "the venue does not know it (yet)"
        if is_first_word:
            tracked.answer()
        self._plan(tracked)
        return None

    def _plan(self, tracked: Tracked) -> None:
        pause = self._times.pause(tracked.look_ups)
        due = TimerDue(what=tracked.child.child_id)
        timers = self._place.runtime.timers
        timers.schedule(pause.total_seconds(), self._address, due)
