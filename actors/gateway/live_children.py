"""The children that are at the venue, or may be, and what is known of each one."""

import logging
from collections import deque
from dataclasses import replace

from actors.gateway.in_doubt_children import InDoubtChildren
from actors.gateway.permits import Permits
from actors.gateway.tracked_child import ChildSnapshot, TrackedChild
from actors.messages.gateway import (
    ForgetChild,
    GetChild,
    LookUpCall,
    PlaceCall,
    QueryChild,
    RecallChild,
    SubmitChild,
)
from domain.orders import lifecycle
from domain.orders.child_order import ChildResult, FollowUp
from domain.ports.runtime import Clock
from domain.values import ChildId
from domain.venue.answers import ExecutionReport, VenueAnswer
from domain.venue.unknown_outcome import ResolutionTimes


logger = logging.getLogger(__name__)


class LiveChildren:
    """All children whose end is not yet recorded by their executor."""

    def __init__(self, clock: Clock, times: ResolutionTimes, permits: Permits) -> None:
        self._permits = permits
        self._by_id: dict[ChildId, TrackedChild] = {}
        self._to_place: deque[TrackedChild] = deque()
        self._doubts = InDoubtChildren(clock, times)

    def snapshot(self) -> tuple[ChildSnapshot, ...]:
        """List what is known of each child; read-only, for inspection."""
        return tuple(tracked.snapshot() for tracked in self._by_id.values())

    @property
    def wait_to_leave(self) -> bool:
        """Whether there is a child that has not left yet."""
        return bool(self._to_place)

    def next_to_leave(self) -> TrackedChild:
        """Take out the child that has waited longest."""
        return self._to_place.popleft()

    @property
    def wait_to_be_looked_up(self) -> bool:
        """Whether a child has to be looked up at the venue now."""
        return bool(self._doubts)

    def next_look_up(self) -> LookUpCall | None:
        """Take out the next look-up; None when its child has been settled meanwhile."""
        tracked, call = self._doubts.next_call()
        if tracked.result is None:
            return call
        tracked.is_being_asked = False
        return None

    def _snapshot_of(self, child_id: ChildId) -> ChildSnapshot | None:
        tracked = self._by_id.get(child_id)
        if tracked is None:
            return None
        return replace(
            tracked.snapshot(), silence_final_ns=self._doubts.silence_final_ns(tracked)
        )

    @property
    def look_up_at_ns(self) -> int | None:
        """When the next child has to be looked up, monotonic; None: none has."""
        return self._doubts.look_up_at_ns

    def look_up_due(self) -> None:
        """Queue the look-ups that are due."""
        self._doubts.look_up_due()

    @property
    def in_doubt(self) -> int:
        """Count the children that may have been sent and whose outcome is unknown."""
        return sum(tracked.is_in_doubt for tracked in self._by_id.values())

    def submit(self, message: SubmitChild) -> None:
        """Queue a new child to leave; answer for one that is known already."""
        tracked = self._known(message)
        if tracked is None:
            tracked = self._track(message)
            tracked.received_ns = message.received_ns
            tracked.permit = message.permit
            self._permits.admit(message.permit)
            self._to_place.append(tracked)

    def query(self, message: QueryChild | GetChild) -> None:
        """Answer what is known of a child; for its executor, or start to find out."""
        if isinstance(message, GetChild):
            message.reply_to.tell(self._snapshot_of(message.child_id))
        elif self._known(message) is None:
            self._doubts.adopt(self._track(message))

    def let_go(self, message: RecallChild | ForgetChild) -> None:
        """Withhold a child that has not left; or forget one that has ended."""
        if isinstance(message, ForgetChild):
            forgotten = self._by_id.pop(message.child_id, None)
            if forgotten is not None:
                forgotten.look_up_at_ns = None
            return
        tracked = self._by_id.get(message.child_id)
        if tracked is None or tracked.permit is None:
            return
        tracked.permit.revoke(message.reason)
        if tracked in self._to_place:
            self._to_place.remove(tracked)
            self.withhold(tracked, message.reason)

    def revoke_all(self, reason: str) -> None:
        """Withhold every child that has not left, also those in a worker's hands."""
        for tracked in self._by_id.values():
            if tracked.permit is not None:
                tracked.permit.revoke(reason)

    def answered(
        self, call: PlaceCall | LookUpCall, answer: VenueAnswer
    ) -> ChildResult | None:
        """Take the answer to a call; return the result if it is new."""
        tracked = self._by_id.get(call.child.child_id)
        if tracked is None or tracked.result is not None:
            _compare(tracked, answer.result)
            return None
        result = answer.result
        if result is None and isinstance(call, PlaceCall):
            tracked.is_contradiction = answer.is_contradiction
            self._doubts.begin(tracked, answer.detail)
        elif result is None:
            assert isinstance(call, LookUpCall)
            result = self._doubts.heard(tracked, call, answer)
        if result is not None:
            self._settle(tracked, result)
        return result

    def lost(self, call: PlaceCall | LookUpCall) -> None:
        """Doubt a child whose call was in the hands of a worker that failed."""
        tracked = self._by_id.get(call.child.child_id)
        if tracked is not None and tracked.result is None:
            tracked.is_being_asked = False
            self._doubts.begin(tracked, "the worker that made the call has failed")

    def look_up_all(self) -> None:
        """Queue a look-up of every child in doubt, now."""
        for tracked in self._by_id.values():
            if tracked.result is None and tracked.doubted_ns is not None:
                self._doubts.look_up_now(tracked)

    def reported(self, report: ExecutionReport) -> bool:
        """Compare an execution report with what is known.

        A report alone settles nothing, because others may be lost; a child in doubt is
        looked up.

        Returns:
            Whether it agrees; if not, our records differ from the venue's.
        """
        tracked = self._by_id.get(report.child_id)
        if tracked is None:
            return True  # not ours, or long since on disk
        if tracked.result is None:
            if tracked.doubted_ns is not None:
                self._doubts.look_up_now(tracked)
        elif report.trade is not None:
            known = {fill.trade_id for fill in tracked.result.fills}
            if report.trade.trade_id not in known:
                logger.critical("Venue reports an unknown fill report=%s", report)
                return False
        return True

    def withhold(
        self, tracked: TrackedChild, reason: str, follow_up: FollowUp = FollowUp.GO_ON
    ) -> None:
        """Settle a child that did not leave."""
        self._settle(tracked, lifecycle.never_sent(tracked.child, reason, follow_up))

    def _known(self, message: SubmitChild | QueryChild) -> TrackedChild | None:
        tracked = self._by_id.get(message.child.child_id)
        if tracked is not None:
            tracked.reply_to = message.reply_to
            tracked.answer()
        return tracked

    def _track(self, message: SubmitChild | QueryChild) -> TrackedChild:
        tracked = TrackedChild(child=message.child, reply_to=message.reply_to)
        self._by_id[message.child.child_id] = tracked
        return tracked

    def _settle(self, tracked: TrackedChild, result: ChildResult) -> None:
        tracked.result = result
        if tracked.problem:
            logger.warning(
                "Child outcome known child_id=%s status=%s fills=%s",
                result.child_id,
                result.status,
                len(result.fills),
            )
        tracked.answer()


def _compare(tracked: TrackedChild | None, result: ChildResult | None) -> None:
    """Raise an alarm if a late answer contradicts what is known."""
    known = None if tracked is None else tracked.result
    if result is None or (known is None and not result.fills):
        return
    if known is None or known.fills != result.fills:
        logger.critical("Venue contradicts itself late=%s known=%s", result, known)
