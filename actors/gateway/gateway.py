"""The one who talks to the venue about orders: sends children, resolves doubts."""

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import assert_never

from actors import names
from actors.gateway.crew import Crew
from actors.gateway.doubts import Doubts
from actors.gateway.halt_switch import SETTLED
from actors.gateway.permission import PAUSE_OVER, PROBE, Permission
from actors.gateway.tracking import Tracked
from actors.gateway.worker import Caller
from actors.messages.lives import TimerDue
from actors.messages.recording import HaltLoaded, HaltSaved
from actors.messages.venue import (
    ForgetChild,
    GetHalt,
    GetTradingState,
    PlaceCall,
    ProbeCall,
    QueryChild,
    SetHalt,
    SubmitChild,
    VenueCall,
    VenueCalled,
    VenueProbed,
)
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import Place
from domain import lifecycle
from domain.ending import OFFER_AGE_MAX_NS, HeldBack
from domain.execution import ChildResult
from domain.halt import HaltSet
from domain.ports import Meter, Venue
from domain.resolution import ResolutionTimes
from domain.values import ChildId, Symbol


logger = logging.getLogger(__name__)

GatewayMessage = (
    SubmitChild
    | QueryChild
    | ForgetChild
    | VenueCalled
    | VenueProbed
    | GetTradingState
    | SetHalt
    | GetHalt
    | HaltLoaded
    | HaltSaved
    | NameTaken
    | TimerDue
)
"""What the gateway understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccess:
    """The venue, and how it is dealt with."""

    venue: Venue
    workers: int = 0
    """Actors that wait for its answers; 0: it never blocks, and is called at once."""

    times: ResolutionTimes = field(default_factory=ResolutionTimes)


class Gateway(RuntimeActor):
    """Owns the children that are at the venue, or may be, and the right to send any.

    Children leave in the order in which they come; none waits for another's answer
    while a worker is free.

    Owns: those children until their results are on disk; the pauses, the halt switch;
        the workers' calls.
    Receives: SubmitChild, QueryChild, ForgetChild from executors; VenueCalled,
        VenueProbed from workers; GetTradingState from routers; SetHalt, GetHalt from
        the desk; HaltLoaded, HaltSaved from the ledger; NameTaken; TimerDue.
    Sends: ChildAnswered, ChildUnknown to executors; TradingState to routers; calls to
        workers; LoadHalt, SaveHalt to the ledger; HaltSet to the desk.
    Asks: nobody.
    Ends: when its supervisor stops it. Executors ask its successor what became of
        their children; nothing is sent twice.
    """

    def __init__(
        self,
        *,
        place: Place,
        access: VenueAccess,
        symbols: tuple[Symbol, ...],
        meter: Meter,
    ) -> None:
        super().__init__(place=place)
        self._symbols = symbols
        self._workers = names.gateway_workers(access.workers)
        self._crew = Crew(place, self._workers)
        self._caller = Caller(place, access.venue, meter)
        self._children: dict[ChildId, Tracked] = {}
        self._to_place: deque[Tracked] = deque()
        self._doubts = Doubts(place, self.address, access.times)
        self._permission = Permission(place, self.address, symbols)

    def on_start(self) -> None:
        """Send nothing before it is known that nobody has halted trading."""
        for worker in self._workers:
            self.place.runtime.directory.watch(worker, self.address)
        self._permission.switch.load()

    def on_receive(self, message: GatewayMessage) -> None:  # noqa: C901 - a list of cases
        """Handle one message, then do whatever can be done."""
        match message:
            case SubmitChild():
                self._submit(message)
            case QueryChild():
                self._query(message)
            case ForgetChild():
                self._children.pop(message.child_id, None)
            case VenueCalled():
                self._called(message)
            case VenueProbed():
                self._crew.done(message.worker, message.call)
                self._permission.probed(message.pause, self._symbols[0])
            case GetTradingState():
                self._permission.tell_anew(message.symbol)
            case SetHalt() | HaltLoaded() | HaltSaved():
                self._permission.switch.receive(message)
                self._permission.switch_moved()
            case GetHalt():
                message.reply_to.tell(self._halt_set())
            case NameTaken():
                self._name_taken(message)
            case TimerDue():
                self._timer_due(message)
            case _:
                assert_never(message)
        self._go_on()

    def _submit(self, message: SubmitChild) -> None:
        child = message.child
        tracked = self._children.get(child.child_id)
        if tracked is not None:
            tracked.reply_to = message.reply_to
            tracked.answer()
            return
        tracked = Tracked(
            child=child,
            reply_to=message.reply_to,
            since_ns=self._now_ns(),
            received_ns=message.received_ns,
        )
        self._children[child.child_id] = tracked
        self._to_place.append(tracked)

    def _query(self, message: QueryChild) -> None:
        child = message.child
        tracked = self._children.get(child.child_id)
        if tracked is not None:
            tracked.reply_to = message.reply_to
            tracked.answer()
            return
        tracked = Tracked(
            child=child, reply_to=message.reply_to, since_ns=self._now_ns()
        )
        self._children[child.child_id] = tracked
        self._doubts.adopt(tracked)

    def _called(self, message: VenueCalled) -> None:
        call, answer = message.call, message.answer
        self._crew.done(message.worker, call)
        if answer.pause is not None:
            self._permission.hold(answer.pause, call.child.symbol)
        tracked = self._children.get(call.child.child_id)
        if tracked is None or tracked.result is not None:
            self._compare(tracked, answer.result)
        elif answer.result is not None:
            self._settle(tracked, answer.result)
        elif isinstance(call, PlaceCall):
            self._doubts.begin(tracked, answer.detail)
        elif (result := self._doubts.heard(tracked, call, answer)) is not None:
            self._settle(tracked, result)

    def _compare(self, tracked: Tracked | None, result: ChildResult | None) -> None:
        """Raise the alarm should an answer that came late say something else."""
        known = None if tracked is None else tracked.result
        if result is None or (known is None and not result.fills):
            return
        if known is None or known.fills != result.fills:
            logger.critical("Venue contradicts itself late=%s known=%s", result, known)

    def _name_taken(self, message: NameTaken) -> None:
        if message.name == names.LEDGER:
            self._permission.switch.tell_again()
            return
        call = self._crew.restarted(message.name)
        if isinstance(call, ProbeCall):
            self._permission.probe_lost()
        elif call is not None:
            tracked = self._children.get(call.child.child_id)
            if tracked is not None and tracked.result is None:
                tracked.is_being_asked = False
                self._doubts.begin(tracked, "whoever made the call has failed")

    def _timer_due(self, message: TimerDue) -> None:
        what = message.what
        if what in (PROBE, PAUSE_OVER):
            self._permission.timer_due(what)
        elif what == SETTLED:
            self._permission.switch.overdue()
        else:
            tracked = self._children.get(ChildId(what))
            if tracked is not None and tracked.result is None:
                self._doubts.look_up_now(tracked)

    def _go_on(self) -> None:
        """Do what can be done now: orders first, then questions."""
        self._permission.tell_routers()
        is_known = self._permission.switch.is_known
        while self._to_place and is_known and self._can_call():
            self._place_child(self._to_place.popleft())
        while self._doubts and self._can_call(is_read=True):
            self._look_up()
        if self._permission.must_probe and self._can_call(is_read=True):
            self._permission.must_probe = False
            self._make(ProbeCall())
        self._permission.switch.answer(self._in_flight())

    def _can_call(self, *, is_read: bool = False) -> bool:
        if not self._workers:
            return True
        return self._crew.has_free_for_reads if is_read else self._crew.has_free

    def _place_child(self, tracked: Tracked) -> None:
        pause = self._permission.pause_of(tracked.child.symbol)
        if pause is not None:
            self._hold_back(tracked, pause.reason.value)
        elif self._now_ns() - tracked.since_ns > OFFER_AGE_MAX_NS:
            self._hold_back(tracked, HeldBack.OFFER_TOO_OLD.value)
        else:
            self._make(PlaceCall(child=tracked.child, received_ns=tracked.received_ns))

    def _hold_back(self, tracked: Tracked, reason: str) -> None:
        self._settle(tracked, lifecycle.never_sent(tracked.child, reason))

    def _look_up(self) -> None:
        tracked, call = self._doubts.next_call()
        if tracked.result is not None:
            tracked.is_being_asked = False
        elif self._permission.is_venue_quiet:
            self._doubts.postpone(tracked)
        else:
            self._make(call)

    def _make(self, call: VenueCall) -> None:
        if self._workers:
            self._crew.hand_over(call)
            return
        made = self._caller.make(call)
        if isinstance(made, VenueCalled):
            self._called(made)
        else:
            self._permission.probed(made.pause, self._symbols[0])

    def _settle(self, tracked: Tracked, result: ChildResult) -> None:
        tracked.result = result
        if tracked.doubted_at is not None and tracked.problem:
            logger.warning(
                "Child known again child_id=%s status=%s fills=%s",
                result.child_id,
                result.status,
                len(result.fills),
            )
        tracked.answer()

    def _in_flight(self) -> int:
        return sum(isinstance(call, PlaceCall) for call in self._crew.in_hand())

    def _halt_set(self) -> HaltSet:
        halt = self._permission.switch.halt
        return HaltSet(halt=halt, children_in_flight=self._in_flight())

    def _now_ns(self) -> int:
        return self.place.runtime.clock.monotonic_ns()
