"""Works one order: decides, records the decision, acts, reports."""

from typing import Any, assert_never

from actors import names
from actors.executor.child_in_flight import ChildInFlight
from actors.executor.executor_timers import ExecutorTimer, ExecutorTimers
from actors.executor.order_journal import OrderJournal
from actors.executor.received_messages import ExecutorMessage
from actors.executor.reconciliation_breaks import ReconciliationBreaks, report
from actors.executor.refused_writes import LEFT_ALONE, LOOK_AGAIN_SECONDS, RefusedWrites
from actors.executor.reporter import Reporter
from actors.executor.requests import Requests
from actors.executor.requests_in_flight import note_at_once
from actors.executor.retry_backoff import RULES_LOOK_SECONDS, RetryBackoff
from actors.executor.router_enlistment import RouterEnlistment
from actors.executor.snapshot import ExecutorSnapshot, snapshot_of
from actors.executor.trading_rules import TradingRules
from actors.messages.client_requests import (
    AmendRequest,
    CancelRequest,
    GetExecutor,
    OrderRequest,
    PauseRequest,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.gateway import ChildAnswered, ChildUnknown, RefreshRules
from actors.messages.ledger import ChildHistoryLoaded, OrderLoaded, Written
from actors.messages.lifecycle import Drain
from actors.messages.reconciliation import BreakFound
from actors.messages.routing import Offer, RouterStarted, Withdrawn
from actors.messages.timers import AlgorithmDue, BackoffOver, ExpiryDue, RereadDue
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from domain.orders import child_settlement, completion, lifecycle, next_action
from domain.orders.child_order import ChildOrder, ChildResult, ChildStatus
from domain.orders.order import Order
from domain.orders.records import Contradicted, OrderChange
from domain.orders.stored_orders import OpenOrder
from domain.reasons import EndReason, WaitReason
from domain.refusals import Refusal
from domain.values import OrderId


class Executor(RuntimeActor):
    """Owns one order's life; ends with the order, or with the service.

    Owns: the order, its child in flight, the records not yet known to be on disk.
    Receives: Offer, RouterStarted, Withdrawn from the router and its supervisor;
        Written, OrderLoaded, ChildHistoryLoaded from the ledger; ChildAnswered,
        ChildUnknown from the gateway; BreakFound from the reconciler;
        requests about the order from the manager; GetExecutor; Drain; NameTaken;
        ExpiryDue, BackoffOver, AlgorithmDue, RereadDue.
    Sends: Enlist, Withdraw, GiveBack, ChildNeverSent to the router; WriteRecord,
        LoadOrder, LoadChildHistory to the ledger; SubmitChild, QueryChild, ForgetChild
        to the gateway; BreakJudged to the reconciler; RefreshRules to the keeper
        of rules; OrderProgress, OrderEnded to the manager; outcomes to whoever asked.
    Asks: nobody.
    Ends: when the order has ended and that is on disk, or after Drain.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        rules: TradingRules,
        order_id: OrderId,
        open_order: OpenOrder | None,
    ) -> None:
        super().__init__(context=context)
        self._rules, self._order_id = rules, order_id
        self._clock = context.runtime.clock
        self._initial = open_order
        self._journal = OrderJournal(context, self.address, order_id, rules)
        self._enlistment = RouterEnlistment(context, self.address, rules.symbol)
        self._in_flight = ChildInFlight(context, self.address)
        self._requests = Requests()
        self._breaks = ReconciliationBreaks()
        self._backoff = RetryBackoff()
        self._refused_writes = RefusedWrites()
        self._timers = ExecutorTimers(context, self.address)
        self._reporter = Reporter(context, rules)
        self._never_sent = 0
        self._stopping = next_action.Stopping.NO
        self._is_finished = False

    def on_start(self) -> None:
        """Continue the order from its state on disk."""
        if self._initial is not None:
            self._begin(self._initial)
            self._initial = None
            self._go_on()
        else:
            self._journal.load()

    def snapshot(self) -> ExecutorSnapshot:
        """Return the executor's state; read-only, for inspection."""
        parts = (self._journal, self._in_flight, self._backoff)
        ticket, is_finished = self._enlistment.ticket, self._is_finished
        return snapshot_of(
            self._order_id, parts, ticket=ticket, is_finished=is_finished
        )

    def on_end(self) -> None:
        """Revoke the child's permit: a successor decides again."""
        self._in_flight.revoke(completion.WithheldReason.EXECUTOR_ENDED)

    def on_unread(self, message: Any) -> None:
        """Leave no client without an answer."""
        if isinstance(message, OrderRequest):
            self._requests.add(message)
            self._answer_rest()

    def on_receive(self, message: ExecutorMessage) -> None:  # noqa: C901, PLR0912, PLR0915 - a list of cases
        """Handle one message, then take the next step."""
        match message:
            case Offer():
                self._offer(message)
            case Written():
                self._written(message)
            case ChildAnswered():
                self._child_answered(message.result)
            case ChildUnknown():
                self._child_unknown(message)
            case RouterStarted() | Withdrawn():
                self._enlistment.hear(message)
            case (
                CancelRequest()
                | AmendRequest()
                | ReleaseRequest()
                | SettleRequest()
                | PauseRequest()
            ):
                self._request(message)
            case BreakFound():
                self._breaks.add(message)
            case ChildHistoryLoaded():
                self._history_loaded(message)
            case OrderLoaded():
                self._order_loaded(message)
            case NameTaken(name=names.GATEWAY):
                self._in_flight.ask_again()
            case NameTaken():
                self._journal.tell_again()
            case ExpiryDue() | BackoffOver() | AlgorithmDue() | RereadDue():
                self._timer_due(message)
            case GetExecutor(reply_to=reply_to):
                reply_to.tell(self.snapshot())
            case Drain():
                self._drain(message)
            case _:
                assert_never(message)
        self._go_on()

    def _offer(self, offer: Offer) -> None:
        order, enlisted = self._journal.order, self._enlistment.take(offer)
        if order is None or enlisted is None:
            self._enlistment.give_back(offer, order)
        elif not offer.slices:
            reason = completion.nothing_found(order, offer.book_state, offer.is_paused)
            self._end(reason)
        else:
            now = self._clock.now()
            child = self._rules.child_of(order, offer, limit=enlisted.limit, now=now)
            self._in_flight.intend(child, offer)
            self._journal.intend(child)

    def _written(self, message: Written) -> None:
        answer = self._journal.answered(message)
        if isinstance(answer, Contradicted):
            self._contradicted(answer.problem)
        if not isinstance(answer, int):
            return
        self._refused_writes.written()
        self._requests.answer(answer)
        if (order := self._journal.order_on_disk) is not None:
            self._in_flight.forget_settled()
            self._reporter.tell(order)

    def _child_answered(self, result: ChildResult) -> None:
        child, order = self._in_flight.of(result.child_id), self._journal.order
        if child is None or order is None or order.is_on_hold:
            return  # answered twice, or for a predecessor; or settled by an operator
        if problem := child_settlement.contradiction_of(order, child, result):
            self._in_flight.ask_no_more()
            self._journal.hold_contradicted(child.child_id, problem)
        else:
            self._settle(child, result)

    def _child_unknown(self, message: ChildUnknown) -> None:
        child, order = self._in_flight.of(message.child_id), self._journal.order
        if child is None or order is None or order.is_on_hold:
            return  # as above
        if message.is_contradiction:
            self._in_flight.ask_no_more()
            self._journal.hold_contradicted(child.child_id, message.problem)
        elif order.reason is not WaitReason.CHILD_UNKNOWN:
            self._journal.doubt(child.child_id, message.problem)

    def _contradicted(self, problem: str) -> None:
        """Believe the disk, which contradicts our state, and hold the order."""
        if self._in_flight.drop():
            offer, order = self._in_flight.offer, self._journal.known()
            self._enlistment.child_never_sent(offer, order)
        self._enlistment.leave(self._order_id)
        self._requests.break_promises()
        words = self._breaks.describe(problem, self._journal.give_up())
        if self._refused_writes.note(self._order_id, words, problem):
            self._journal.load()
        else:
            self._timers.schedule(RereadDue(), LOOK_AGAIN_SECONDS)
            self._requests.refuse_all(LEFT_ALONE)

    def _settle(self, child: ChildOrder, result: ChildResult) -> None:
        offer = self._in_flight.settled(result)
        if result.status is ChildStatus.NEVER_SENT:
            self._never_sent += 1
            # Before it is recorded: a successor finds the child on disk and repeats it.
            self._enlistment.child_never_sent(offer, self._journal.known())
        self._journal.settle(child, result)
        if seconds := self._backoff.settled(result, self._clock.monotonic_ns()):
            self._timers.schedule(BackoffOver(), seconds)

    def _history_loaded(self, message: ChildHistoryLoaded) -> None:
        if self._journal.history_loaded(message.child_id):
            found, judgement = self._breaks.judge_next(message.history)
            self._journal.repair(found.break_, judgement, message.history)
            report(found, judgement)

    def _request(self, request: OrderRequest) -> None:
        self._requests.add(request)
        if self._is_finished:
            self._answer_rest()
        elif self._refused_writes.is_left_alone:
            self._requests.refuse_all(LEFT_ALONE)

    def _order_loaded(self, message: OrderLoaded) -> None:
        if self._journal.order is not None:
            return  # loaded twice, around a restart of the ledger
        self._journal.loaded()
        if message.open_order is None:
            self._reporter.ended_before(self._order_id, self._refused_writes.words)
            self._finish()
        else:
            self._begin(message.open_order)

    def _timer_due(self, timer: ExecutorTimer) -> None:
        self._timers.forget(timer)
        match timer:
            case ExpiryDue():
                if (order := self._journal.order) is not None:
                    # Again, because the wall clock may have been set back.
                    self._timers.schedule_at(timer, order.expires_at)
            case AlgorithmDue():
                pass  # the next action asks it
            case BackoffOver():
                if not self._backoff.try_end(self._rules.rules_read_ns()):
                    self.context.tell(names.RULES_KEEPER, RefreshRules())
                    self._timers.schedule(timer, RULES_LOOK_SECONDS)
            case RereadDue():
                self._refused_writes.try_again()
                self._journal.load()
            case _:
                assert_never(timer)

    def _drain(self, message: Drain) -> None:
        self._stopping = next_action.Stopping.by(cancels_orders=message.cancel_orders)
        self._enlistment.gone()  # the router was stopped first
        if self._journal.order is None:
            self._finish()

    def _begin(self, open_order: OpenOrder) -> None:
        order = open_order.order
        self._journal.begin(order)
        self._never_sent = open_order.never_sent
        self._enlistment.begin(order, is_new=open_order.is_new)
        if order.is_paused:  # a predecessor may not have come to say that it leaves
            self._enlistment.leave(self._order_id)
        self._reporter.begin(order, is_news=self._initial is None)
        self._timers.schedule_at(ExpiryDue(), order.expires_at)
        child, problem = open_order.unresolved, self._refused_writes.words
        if child is not None:
            needs_operator = order.is_on_hold or bool(problem)
            self._in_flight.take_over(child, is_asked_about=not needs_operator)
        if problem:
            child_id = child.child_id if child else child_settlement.child_id_of(order)
            self._journal.hold_contradicted(child_id, problem)

    def _go_on(self) -> None:
        """Take the next step, once all earlier ones are on disk."""
        order = self._journal.order_on_disk
        if order is None or self._is_finished:
            return
        algorithm = self._rules.algorithm_of(order)
        action = next_action.decide(self._situation(order), algorithm)
        if isinstance(action, next_action.ChildAction):
            self._see_to_child(action, order)
        else:
            self._see_to_order(action, order)

    def _situation(self, order: Order) -> next_action.Situation:
        return next_action.Situation(
            order=order,
            rules=self._rules.of_venue,
            now=self._clock.now(),
            child=self._in_flight.situation(),
            asked=self._requests.asked,
            never_sent=self._never_sent,
            is_enlisted=self._enlistment.is_enlisted,
            enlisted=self._enlistment.enlisted,
            is_backing_off=self._backoff.is_on,
            is_traded=self._rules.is_traded,
            has_breaks=bool(self._breaks),
            stopping=self._stopping,
        )

    def _see_to_order(self, action: next_action.OrderAction, order: Order) -> None:
        match action:
            case next_action.Wait():
                self._timers.schedule_before(AlgorithmDue(), action.ask_again_at)
            case next_action.JudgeBreaks():
                if self._journal.load_history(self._breaks.next_child):
                    self._enlistment.leave(self._order_id)
            case next_action.ServeRequest():
                self._serve_request(order)
            case next_action.EndOrder(reason=reason):
                self._end(reason)
            case next_action.EnlistOrder():
                self._enlistment.enlist(order, action)
                self._timers.schedule_before(AlgorithmDue(), action.ask_again_at)
            case next_action.LeaveOpen() | next_action.ForgetEnded():
                self._finish()
            case _:
                assert_never(action)

    def _see_to_child(self, action: next_action.ChildAction, order: Order) -> None:
        match action:
            case next_action.SendChild():
                self._in_flight.submit(order.expires_at)
                note_at_once(self._requests, self._journal, self._stopping)
            case next_action.RevokePermit(reason=reason):
                self._in_flight.recall(reason)
                note_at_once(self._requests, self._journal, self._stopping)
            case next_action.WithholdChild(reason=reason):
                child = self._in_flight.known()
                self._settle(child, lifecycle.never_sent(child, reason.value))
            case next_action.SettleByHand():
                self._settle_by_hand(order)
            case next_action.RefuseUntilSettled():
                note_at_once(self._requests, self._journal, self._stopping)
                self._requests.refuse_until_settled(self._in_flight.known())
                self._go_on()
            case _:
                assert_never(action)

    def _settle_by_hand(self, order: Order) -> None:
        request, child = self._requests.take_settlement(), self._in_flight.known()
        refusal = child_settlement.why_not_by_hand(order, child, request.command)
        if refusal is None:
            self._in_flight.settled()
            order = self._journal.settle_by_hand(child, request.command)
        self._answer(request, refusal or order)

    def _end(self, reason: EndReason) -> Order:
        self._enlistment.leave(self._order_id)
        return self._journal.end(reason)

    def _serve_request(self, order: Order) -> None:
        request = self._requests.take_next()
        answer = self._rules.requested_change(request, order, now=self._clock.now())
        if isinstance(answer, OrderChange):
            if not isinstance(request, ReleaseRequest):  # on hold, none is enlisted
                self._enlistment.leave(self._order_id)
            answer = self._journal.take(answer)
        elif isinstance(request, AmendRequest):
            self._reporter.amendment_refused(order)
        self._answer(request, answer)

    def _answer(self, request: OrderRequest, answer: Order | Refusal) -> None:
        is_on_disk = self._journal.is_on_disk
        self._requests.answer_with(request, answer, is_on_disk)
        if is_on_disk:  # nothing was recorded, so no Written will follow
            self._go_on()

    def _finish(self) -> None:
        self._is_finished = True
        self._timers.forget_all()
        self._answer_rest()
        self.stop()

    def _answer_rest(self) -> None:
        self._requests.answer_rest(
            self._journal.order_on_disk,
            is_over=self._is_finished,
            is_stopping=bool(self._stopping),
        )
