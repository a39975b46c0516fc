"""Makes the gateway's calls to the venue, which may take long."""

from typing import Final, assert_never

from actors import names
from actors.messages.gateway import (
    AccountCall,
    AccountRead,
    ActivityCall,
    ActivityRead,
    CallMade,
    LookUpCall,
    PlaceCall,
    ProbeCall,
    VenueCall,
    VenueCalled,
    VenueProbed,
    WorkerBarrier,
    WorkerReady,
)
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildStatus
from domain.ports.venue import Venue


_OUTCOME_OF: Final = {
    ChildStatus.DONE: "done",
    ChildStatus.REJECTED: "rejected",
    ChildStatus.NEVER_SENT: "never_sent",
    None: "unknown",
}
"""How a call's outcome is counted, by the status of its result."""


class VenueCaller:
    """Makes calls on behalf of an actor."""

    def __init__(self, context: ActorContext, venue: Venue) -> None:
        self._context = context
        self._venue = venue
        self._meter = context.runtime.meter

    def make(self, call: VenueCall) -> CallMade:
        """Make one call; blocks for as long as the venue's adapter does."""
        name = self._context.name
        match call:
            case PlaceCall():
                now_ns = self._context.runtime.clock.monotonic_ns()
                self._observe("frame_to_child_seconds", call, now_ns)
                answer = self._venue.place(call.child, call.permit)
                now_ns = self._context.runtime.clock.monotonic_ns()
                self._observe("frame_to_answer_seconds", call, now_ns)
                self._observe("frame_to_wire_seconds", call, answer.written_ns)
                status = None if answer.result is None else answer.result.status
                self._meter.count("children", kind=_OUTCOME_OF[status])
            case LookUpCall():
                self._meter.count("child_look_ups")
                answer = self._venue.look_up(
                    call.child, since=call.since, thoroughly=call.thoroughly
                )
            case ProbeCall():
                pause = self._venue.probe()
                return VenueProbed(worker=name, call=call, pause=pause)
            case AccountCall():
                account = self._venue.account()
                return AccountRead(worker=name, call=call, account=account)
            case ActivityCall(symbol=symbol, since=since):
                activity = self._venue.activity(symbol, since)
                return ActivityRead(worker=name, call=call, activity=activity)
            case _:
                assert_never(call)
        return VenueCalled(worker=name, call=call, answer=answer)

    def _observe(self, name: str, call: PlaceCall, at_ns: int) -> None:
        if call.received_ns and at_ns:
            seconds = (at_ns - call.received_ns) / NANOSECONDS
            self._meter.observe_seconds(name, seconds)


class GatewayWorker(RuntimeActor):
    """Waits for the venue, so that no other actor has to.

    Owns: nothing; the venue's adapter is shared with the other workers.
    Receives: WorkerBarrier, PlaceCall, LookUpCall, ProbeCall, AccountCall,
        ActivityCall from the gateway, one at a time; but a gateway that ended may
        have left one more.
    Sends: WorkerReady, VenueCalled, VenueProbed, AccountRead, ActivityRead to the
        gateway of that moment.
    Asks: nobody.
    Ends: when its supervisor stops it; the outcome of a call that it was making is
        then unknown.
    """

    blocking = True

    def __init__(self, *, context: ActorContext, venue: Venue) -> None:
        super().__init__(context=context)
        self._caller = VenueCaller(context, venue)

    def on_receive(self, message: VenueCall | WorkerBarrier) -> None:
        """Make one call."""
        if isinstance(message, WorkerBarrier):
            ready = WorkerReady(worker=self.context.name, call=message)
            self.context.tell(names.GATEWAY, ready)
        else:
            self.context.tell(names.GATEWAY, self._caller.make(message))
