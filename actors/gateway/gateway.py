"""The actor that talks to the venue about orders: sends children, resolves doubts."""

from collections import deque
from collections.abc import Mapping
from typing import assert_never

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.halt_switch import HaltSwitch
from actors.gateway.live_children import LiveChildren
from actors.gateway.pre_trade_risk import PreTradeRisk
from actors.gateway.tracked_child import ChildSnapshot, TrackedChild
from actors.gateway.trading_gate import TradingGate
from actors.gateway.worker import VenueCaller
from actors.gateway.worker_pool import WorkerPool
from actors.messages.gateway import (
    AccountCall,
    AccountKnown,
    AccountRead,
    ActivityCall,
    ActivityRead,
    CallMade,
    ForgetChild,
    GetChild,
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
    TradingState,
    VenueCall,
    VenueCalled,
    VenueProbed,
    WorkerBarrier,
    WorkerReady,
)
from actors.messages.ledger import HaltLoaded, HaltSaved
from actors.messages.reconciliation import ReconcileNow
from actors.messages.timers import (
    AccountReadDue,
    ChildRateFree,
    HaltAnswerDue,
    LookUpDue,
    PauseOver,
    ProbeDue,
)
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS, Timer
from domain.orders.child_order import ChildStatus, FollowUp
from domain.orders.completion import WithheldReason
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
    ProbeDue | PauseOver | HaltAnswerDue | AccountReadDue | ChildRateFree | LookUpDue
)

GatewayMessage = (
    SubmitChild
    | QueryChild
    | RecallChild
    | ForgetChild
    | CallMade
    | WorkerReady
    | ActivityCall
    | GetChild
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
    """Owns the children that are at the venue, or may be; only it sends any.

    Children leave in the order in which they arrive; none waits for another's answer
    while a worker is free.

    Owns: those children until their results are on disk; the pauses and the halt
        switch; the workers' calls.
    Receives: SubmitChild, QueryChild, RecallChild, ForgetChild from executors; the
        workers' answers; ActivityCall from the reconciler; GetTradingState from
        routers; RulesChanged; SetHalt, GetHalt, GetChild from the desk; HaltLoaded,
        HaltSaved from the ledger; the user stream's messages; NameTaken; its
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
    ) -> None:
        super().__init__(context=context)
        self._rules = rules
        self._symbols = tuple(rules)
        self._workers = names.gateway_workers(access.workers)
        self._pool = WorkerPool(context, self._workers)
        self._caller = VenueCaller(context, access.venue)
        self._permits = access.permits
        self._sends_from_ns = access.sends_from_ns
        clock = context.runtime.clock
        self._switch = HaltSwitch(context, self.address, access.unsaved_halts)
        self._gate = TradingGate(clock, self._symbols)
        self._risk = PreTradeRisk(clock, rules, access.limits)
        self._children = LiveChildren(clock, access.times, access.permits)
        self._readings: deque[ActivityCall] = deque()
        self._times: dict[type[GatewayTimer], int | None] = {}
        self._timers: dict[type[GatewayTimer], Timer] = {}
        if access.workers:  # paper has neither keys nor an account
            self._risk.want_account()
            self._gate.probe_first()

    def on_start(self) -> None:
        """Load the halt switch: nothing is sent before it is known to be off.

        Also wait for an earlier gateway's calls: until they are done, a child that is
        absent at the venue may still arrive.
        """
        self._permits.void(WithheldReason.GATEWAY_REPLACED.value)
        for worker in self._workers:
            self.context.runtime.directory.watch(worker, self.address)
        for rules in self._rules.values():
            self._gate.rules_changed(rules)
        self._gate.wait_for_predecessor(self._sends_from_ns)
        self._pool.begin_barrier()
        self._switch.load()
        self._plan()

    def snapshot(self) -> tuple[ChildSnapshot, ...]:
        """List the known children; read-only, for inspection."""
        return self._children.snapshot()

    def on_end(self) -> None:
        """Revoke all permits: nobody would receive the venue's answers."""
        self._permits.void(WithheldReason.GATEWAY_REPLACED.value)

    def on_receive(self, message: GatewayMessage) -> None:  # noqa: C901 - a list of cases
        """Handle one message, then do what has become possible."""
        match message:
            case SubmitChild():
                self._children.submit(message)
            case QueryChild() | GetChild():
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
            case SetHalt() | HaltLoaded() | HaltSaved():
                self._halt(message)
            case GetTradingState(symbol=symbol):
                self._gate.asked_about(symbol)
            case RulesChanged(rules=rules):
                self._gate.rules_changed(rules)
            case GetHalt():
                message.reply_to.tell(self._switch.stand(self._in_flight()))
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

    def _halt(self, message: SetHalt | HaltLoaded | HaltSaved) -> None:
        if isinstance(message, SetHalt) and message.is_on:
            # Including children that a worker has in hand.
            self._children.revoke_all(PauseReason.HALTED.value)
        self._switch.receive(message)

    def _called(self, message: VenueCalled) -> None:
        call, answer = message.call, message.answer
        if answer.pause is not None:
            self._gate.hold(answer.pause, call.child.symbol)
        result = self._children.answered(call, answer)
        if result is not None:
            self._risk.note_moved()
            if result.status is ChildStatus.REJECTED:
                self._risk.want_account()
                self.context.tell(names.RULES_KEEPER, RefreshRules())

    def _user_stream(self, message: UserStreamMessage) -> None:
        match message:
            case ExecutionReport():
                if not self._children.reported(message):
                    self.context.tell(names.RECONCILER, ReconcileNow())
            case BalancesChanged():
                self._risk.balances_changed(message)
                self._tell_account()
            case UserStreamConnected():
                self._children.look_up_all()  # events while it was down are lost
                self.context.tell(names.RECONCILER, ReconcileNow())
            case UserStreamLost():
                pass  # the adapter has logged it
            case _:
                assert_never(message)

    def _name_taken(self, message: NameTaken) -> None:
        if message.name == names.LEDGER:
            self._switch.tell_again()
            return
        call = self._pool.restarted(message.name)
        match call:
            case PlaceCall() | LookUpCall():
                self._children.lost(call)
            case ProbeCall():
                self._gate.probe_lost()
            case AccountCall():
                self._risk.read_again_later()
            case ActivityCall():
                self._made(ActivityRead(worker=message.name, call=call, activity=None))
            case WorkerBarrier() | None:
                pass

    def _timer_due(self, timer: GatewayTimer) -> None:
        self._timers.pop(type(timer), None)
        self._times.pop(type(timer), None)
        match timer:
            case ProbeDue():
                self._gate.probe_due()
            case PauseOver():
                self._gate.pause_over()
            case HaltAnswerDue():
                pass  # pending answers are checked after each message anyway
            case AccountReadDue():
                self._risk.read_due()
            case ChildRateFree():
                self._risk.rate_free()
            case LookUpDue():
                self._children.look_up_due()
            case _:
                assert_never(timer)

    def _go_on(self) -> None:
        """Make the calls that are possible now: orders first, then look-ups."""
        pool, gate, children = self._pool, self._gate, self._children
        self._tell_routers()
        while children.wait_to_leave and self._may_place():
            self._place_child(children.next_to_leave())
        while children.wait_to_be_looked_up and pool.may_look_up and gate.may_look_up:
            self._look_up()
        if gate.wants_probe and pool.has_free_for_reads:
            gate.probe_begins()
            self._make(ProbeCall())
        if self._risk.wants_account and self._may_read_account():
            self._risk.reading_begins()
            self._make(AccountCall())
        while self._readings and pool.has_free_for_reads and gate.may_use_keys:
            gate.note_keys_used()
            self._make(self._readings.popleft())
        self._switch.answer(self._in_flight)
        self._plan()

    def _plan(self) -> None:
        """Keep one timer for each part, at the time that it is due next."""
        times: dict[type[GatewayTimer], int | None] = {
            ProbeDue: self._gate.probe_at_ns,
            PauseOver: self._gate.pause_over_at_ns,
            HaltAnswerDue: self._switch.answer_at_ns,
            AccountReadDue: self._risk.read_at_ns,
            ChildRateFree: self._risk.may_leave_at_ns,
            LookUpDue: self._children.look_up_at_ns,
        }
        for kind, at_ns in times.items():
            if at_ns != self._times.get(kind):
                self._remind(kind, at_ns)
        self._times = times

    def _remind(self, kind: type[GatewayTimer], at_ns: int | None) -> None:
        if (timer := self._timers.pop(kind, None)) is not None:
            timer.cancel()
        if at_ns is not None:
            runtime = self.context.runtime
            wait_ns = max(0, at_ns - runtime.clock.monotonic_ns())
            timer = runtime.timers.schedule(wait_ns / NANOSECONDS, self.address, kind())
            self._timers[kind] = timer

    def _tell_routers(self) -> None:
        if self._switch.is_known:
            for symbol, pause in self._gate.changes(self._switch.halt):
                self.context.tell(names.router(symbol), TradingState(pause=pause))

    def _tell_account(self) -> None:
        if self._risk.account is not None:
            account = AccountKnown(account=self._risk.account)
            self.context.tell(names.MANAGER, account)

    def _may_read_account(self) -> bool:
        # While all symbols are paused, only probes call the venue repeatedly.
        return self._pool.has_free_for_reads and not self._gate.is_all_paused

    def _may_place(self) -> bool:
        return self._switch.is_known and self._pool.has_free and self._risk.may_send()

    def _place_child(self, tracked: TrackedChild) -> None:
        child, permit = tracked.child, tracked.permit
        assert permit is not None
        pause = self._gate.pause_of(child.symbol, self._switch.halt)
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
        call = self._children.next_look_up()
        if call is not None:
            self._gate.note_keys_used()
            self._make(call)

    def _make(self, call: VenueCall) -> None:
        if self._workers:
            self._pool.hand_over(call)
        else:
            self._made(self._caller.make(call))

    def _made(self, made: CallMade | WorkerReady) -> None:
        """Take the outcome of a call."""
        match made:
            case VenueCalled():
                self._called(made)
            case VenueProbed():
                self._gate.probed(made.pause, self._symbols[0])
            case AccountRead():
                self._account_read(made)
            case ActivityRead():
                made.call.reply_to.tell(made)
            case WorkerReady():
                pass
            case _:
                assert_never(made)

    def _account_read(self, made: AccountRead) -> None:
        self._risk.account_read(made.account)
        self._tell_account()
        if made.account is None and self._workers and not self._gate.is_all_paused:
            self._gate.want_probe()  # to find out why

    def _in_flight(self) -> int:
        """Count the children that may still be executed."""
        return self._pool.in_flight + self._children.in_doubt
