"""The one who talks to the venue about orders: sends children, resolves doubts."""

from collections import deque
from collections.abc import Mapping
from typing import assert_never

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.live_children import LiveChildren
from actors.gateway.pre_trade_risk import PreTradeRisk
from actors.gateway.tracked_child import TrackedChild
from actors.gateway.trading_gate import TradingGate
from actors.gateway.worker import VenueCaller
from actors.gateway.worker_pool import WorkerPool
from actors.messages.journal import HaltLoaded, HaltSaved
from actors.messages.reconciliation import ReconcileNow
from actors.messages.timers import (
    AccountReadDue,
    ChildRateFree,
    HaltSavingOver,
    HaltSettlingOver,
    LookUpDue,
    PauseOver,
    ProbeDue,
)
from actors.messages.venue import (
    AccountCall,
    AccountRead,
    ActivityCall,
    ActivityRead,
    CallMade,
    ForgetChild,
    GetHalt,
    GetTradingState,
    LookUpCall,
    PlaceCall,
    ProbeCall,
    QueryChild,
    RecallChild,
    RefreshRules,
    RulesChanged,
    SetHalt,
    SubmitChild,
    VenueCall,
    VenueCalled,
    VenueProbed,
    WorkerBarrier,
    WorkerReady,
)
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from domain.orders.child_order import ChildStatus, FollowUp
from domain.orders.completion import WithheldReason
from domain.ports.observing import Meter
from domain.values import Symbol
from domain.venue.answers import (
    BalancesChanged,
    ExecutionReport,
    PauseReason,
    UserStreamConnected,
    UserStreamLost,
    UserStreamMessage,
)
from domain.venue.symbol_rules import SymbolRules


GatewayTimer = (
    ProbeDue
    | PauseOver
    | HaltSettlingOver
    | HaltSavingOver
    | AccountReadDue
    | ChildRateFree
    | LookUpDue
)

GatewayMessage = (
    SubmitChild
    | QueryChild
    | RecallChild
    | ForgetChild
    | CallMade
    | WorkerReady
    | ActivityCall
    | GetTradingState
    | SetHalt
    | GetHalt
    | RulesChanged
    | HaltLoaded
    | HaltSaved
    | NameTaken
    | GatewayTimer
    | UserStreamMessage
)
"""What the gateway understands."""


class Gateway(RuntimeActor):
    """Owns the children that are at the venue, or may be, and the right to send any.

    Children leave in the order in which they come; none waits for another's answer
    while a worker is free.

    Owns: those children until their results are on disk; the pauses, the halt switch;
        the workers' calls.
    Receives: SubmitChild, QueryChild, RecallChild, ForgetChild from executors; what
        workers have made of calls; ActivityCall from the reconciler; GetTradingState
        from routers; RulesChanged; SetHalt, GetHalt from the desk; HaltLoaded,
        HaltSaved from the ledger; what the user stream tells; NameTaken; its
        timers.
    Sends: ChildAnswered, ChildUnknown to executors; TradingState to routers; calls to
        workers; LoadHalt, SaveHalt to the ledger; AccountKnown to the manager;
        ActivityRead, ReconcileNow to the reconciler; HaltSet to the desk.
    Asks: nobody.
    Ends: when its supervisor stops it. Executors ask its successor what became of
        their children; nothing is sent twice.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        access: GatewayConfig,
        rules: Mapping[Symbol, SymbolRules],
        meter: Meter,
    ) -> None:
        super().__init__(context=context)
        self._rules = rules
        self._symbols = tuple(rules)
        self._workers = names.gateway_workers(access.workers)
        self._pool = WorkerPool(context, self._workers)
        self._caller = VenueCaller(context, access.venue, meter)
        self._permits = access.permits
        self._sends_from_ns = access.sends_from_ns
        self._children = LiveChildren(
            context, self.address, access.times, access.permits
        )
        self._permission = TradingGate(
            context, self.address, self._symbols, access.unsaved_halts
        )
        self._risk = PreTradeRisk(context, self.address, rules, access.limits)
        self._risk.must_read_account = bool(access.workers)  # paper has no end
        self._permission.probe_first(has_keys=bool(access.workers))
        self._readings: deque[ActivityCall] = deque()

    def on_start(self) -> None:
        """Send nothing before it is known that nobody has halted trading.

        And believe nothing before all is done that a predecessor of ours gave out.
        """
        self._permits.void(WithheldReason.GATEWAY_REPLACED.value)
        for worker in self._workers:
            self.context.runtime.directory.watch(worker, self.address)
        for rules in self._rules.values():
            self._permission.rules_changed(rules)
        self._permission.wait_for_predecessor(self._sends_from_ns)
        self._pool.call_roll()
        self._permission.switch.load()

    def on_end(self) -> None:
        """Have nothing leave that nobody would hear the answer of."""
        self._permits.void(WithheldReason.GATEWAY_REPLACED.value)

    def on_receive(self, message: GatewayMessage) -> None:  # noqa: C901 - a list of cases
        """Handle one message, then do whatever can be done."""
        match message:
            case SubmitChild():
                self._children.submit(message)
            case QueryChild():
                self._children.query(message)
            case RecallChild() | ForgetChild():
                self._children.let_go(message)
            case (
                VenueCalled()
                | VenueProbed()
                | AccountRead()
                | ActivityRead()
                | WorkerReady()
            ):
                self._pool.done(message.worker, message.call)
                self._made(message)
            case ActivityCall():
                self._readings.append(message)
            case SetHalt():
                if message.is_on:  # also for those that a worker has in hand
                    self._children.revoke_all(PauseReason.HALTED.value)
                self._permission.receive(message)
            case GetTradingState() | HaltLoaded() | HaltSaved() | RulesChanged():
                self._permission.receive(message)
            case GetHalt():
                message.reply_to.tell(self._permission.switch.stand(self._in_flight()))
            case NameTaken():
                self._name_taken(message)
            case (
                ExecutionReport()
                | BalancesChanged()
                | UserStreamConnected()
                | UserStreamLost()
            ):
                self._user_stream(message)
            case _:
                self._timer_due(message)
        self._go_on()

    def _called(self, message: VenueCalled) -> None:
        call, answer = message.call, message.answer
        if answer.pause is not None:
            self._permission.hold(answer.pause, call.child.symbol)
        result = self._children.answered(call, answer)
        if result is not None:
            self._risk.note_moved()
            if result.status is ChildStatus.REJECTED:
                self._risk.must_read_account = True
                self.context.tell(names.RULES_KEEPER, RefreshRules())

    def _user_stream(self, message: UserStreamMessage) -> None:
        match message:
            case ExecutionReport():
                self._children.reported(message)
            case BalancesChanged():
                self._risk.receive(message)
            case UserStreamConnected():
                self._children.look_up_all()  # what happened meanwhile is not told
                self.context.tell(names.RECONCILER, ReconcileNow())
            case UserStreamLost():
                pass  # its adapter has said so in the log
            case _:
                assert_never(message)

    def _name_taken(self, message: NameTaken) -> None:
        if message.name == names.LEDGER:
            self._permission.switch.tell_again()
            return
        call = self._pool.restarted(message.name)
        match call:
            case PlaceCall() | LookUpCall():
                self._children.lost(call)
            case ProbeCall():
                self._permission.probe_lost()
            case AccountCall():
                self._risk.read_again_later()
            case ActivityCall():
                self._made(ActivityRead(worker=message.name, call=call, activity=None))
            case WorkerBarrier() | None:
                pass

    def _timer_due(self, timer: GatewayTimer) -> None:
        match timer:
            case ProbeDue():
                self._permission.probe_due()
            case PauseOver():
                self._permission.pause_over()
            case HaltSettlingOver():
                self._permission.switch.overdue()
            case HaltSavingOver():
                pass  # whoever waits for the switch is looked at after each message
            case AccountReadDue():
                self._risk.read_due()
            case ChildRateFree():
                self._risk.rate_free()
            case LookUpDue(child_id=child_id):
                self._children.due(child_id)
            case _:
                assert_never(timer)

    def _go_on(self) -> None:
        """Do what can be done now: orders first, then questions."""
        pool, permission = self._pool, self._permission
        permission.tell_routers()
        while self._children.to_place and self._may_place():
            self._place_child(self._children.to_place.popleft())
        while self._children.doubts and pool.may_look_up and permission.may_look_up:
            self._look_up()
        if permission.must_probe and pool.has_free_for_reads:
            permission.must_probe = False
            self._make(ProbeCall())
        if self._risk.must_read_account and self._may_read_account():
            self._risk.must_read_account = False
            self._make(AccountCall())
        while self._readings and pool.has_free_for_reads and permission.may_use_keys:
            permission.note_keys_used()
            self._make(self._readings.popleft())
        permission.switch.answer(self._in_flight)

    def _may_read_account(self) -> bool:
        # While all is paused, probes find out; nothing else asks again and again.
        return self._pool.has_free_for_reads and not self._permission.is_all_paused

    def _may_place(self) -> bool:
        is_known = self._permission.switch.is_known
        return is_known and self._pool.has_free and self._risk.may_send()

    def _place_child(self, tracked: TrackedChild) -> None:
        child, permit = tracked.child, tracked.permit
        assert permit is not None
        pause = self._permission.pause_of(child.symbol)
        if pause is not None:
            self._children.withhold(tracked, pause.reason.value)
        elif reason := permit.refusal():
            is_late = reason == WithheldReason.OFFER_TOO_OLD
            reason = self._risk.why_late() if is_late else reason
            self._children.withhold(tracked, reason)
        elif refusal := self._risk.refusal(child):
            reason = f"{refusal.code}: {refusal.detail}"
            self._children.withhold(tracked, reason, FollowUp.WAIT)
        else:
            self._risk.note_left()
            received_ns = tracked.received_ns
            self._make(PlaceCall(child=child, received_ns=received_ns, permit=permit))

    def _look_up(self) -> None:
        tracked, call = self._children.doubts.next_call()
        if tracked.result is not None:
            tracked.is_being_asked = False
        else:
            self._permission.note_keys_used()
            self._make(call)

    def _make(self, call: VenueCall) -> None:
        if self._workers:
            self._pool.hand_over(call)
        else:
            self._made(self._caller.make(call))

    def _made(self, made: CallMade | WorkerReady) -> None:
        """Take what a call taught."""
        match made:
            case VenueCalled():
                self._called(made)
            case VenueProbed():
                self._permission.probed(made.pause, self._symbols[0])
            case AccountRead():
                self._risk.receive(made)
                if made.account is None and not self._permission.is_all_paused:
                    self._permission.must_probe = bool(self._workers)  # why not?
            case ActivityRead():
                made.call.reply_to.tell(made)
            case WorkerReady():
                pass
            case _:
                assert_never(made)

    def _in_flight(self) -> int:
        """Return how many children may still be executed."""
        return self._pool.in_flight + self._children.in_doubt
