"""Works one order: decides, has it recorded, acts, reports."""

from datetime import datetime
from typing import Any, assert_never

from actors import names
from actors.executor.expiry import ExpiryReminder
from actors.executor.inbox import ExecutorMessage
from actors.executor.links import GatewayLink, RouterLink
from actors.executor.manual_settlement import child_first, serve_by_hand
from actors.executor.reconciliation_breaks import ReconciliationBreaks, describe
from actors.executor.record import OrderRecord
from actors.executor.refused_writes import LEFT_ALONE, RefusedWrites
from actors.executor.requests import ENDED_BEFORE, Requests, accepted_terms
from actors.executor.retry_backoff import RetryBackoff
from actors.executor.tools import ExecutorTools, Reporter
from actors.messages.desk import (
    AmendRequest,
    CancelRequest,
    OrderRequest,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.journal import ChildHistoryLoaded, OrderLoaded, Written
from actors.messages.lifecycle import Drain
from actors.messages.reconciliation import BreakFound
from actors.messages.routing import Offer, RouterStarted, Withdrawn
from actors.messages.timers import BackoffOver, ExpiryDue, RereadDue
from actors.messages.venue import ChildAnswered, ChildUnknown
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from domain.orders import completion, lifecycle
from domain.orders.child_order import ChildOrder, ChildResult, ChildStatus
from domain.orders.child_settlement import child_id_of, contradiction_of
from domain.orders.journal import Contradicted, OpenOrder, PredecessorMissing
from domain.orders.order import Order
from domain.reasons import EndReason, WaitReason
from domain.refusals import STOPPING
from domain.values import AT_ONCE, OrderId


class Executor(RuntimeActor):
    """Owns one order's life; its end is the order's end, or the service's.

    Owns: the order, its child in flight, the records not yet known to be on disk.
    Receives: Offer, RouterStarted, Withdrawn from the router and its supervisor;
        Written, OrderLoaded, ChildHistoryLoaded from the ledger; ChildAnswered,
        ChildUnknown from the gateway; BreakFound from the reconciler;
        requests about the order from the manager; Drain; NameTaken;
        ExpiryDue, BackoffOver, RereadDue.
    Sends: Enlist, Withdraw, Release, ChildNeverSent to the router; WriteRecord,
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
        tools: ExecutorTools,
        order_id: OrderId,
        open_order: OpenOrder | None,
    ) -> None:
        super().__init__(context=context)
        self._tools, self._order_id = tools, order_id
        self._initial = open_order
        self._record = OrderRecord(context, self.address)
        self._router = RouterLink(context, self.address, tools.symbol)
        self._gateway = GatewayLink(context, self.address)
        self._requests = Requests()
        self._breaks = ReconciliationBreaks()
        self._expiry = ExpiryReminder(context, self.address)
        self._backoff = RetryBackoff(context, self.address)
        self._reporter = Reporter(context, tools)
        self._drain_request: Drain | None = None
        self._is_finished = False
        self._never_sent = 0
        self._contradiction = RefusedWrites(context, self.address)

    def on_start(self) -> None:
        """Pick the order up where the disk says it is."""
        if self._initial is not None:
            self._begin(self._initial)
            self._initial = None
        else:
            self._record.ledger.load(self._order_id)

    def on_end(self) -> None:
        """Have no child leave that nobody works: a successor decides anew."""
        self._gateway.revoke(completion.WithheldReason.EXECUTOR_ENDED)

    def on_unread(self, message: Any) -> None:
        """Leave no client without an answer."""
        if isinstance(message, OrderRequest):
            self._requests.add(message)
            self._answer_rest()

    def on_receive(self, message: ExecutorMessage) -> None:  # noqa: C901 - a list of cases
        """Handle one message."""
        match message:
            case Offer():
                self._offer(message)
            case Written():
                self._written(message)
            case ChildAnswered():
                self._child_answered(message)
            case ChildUnknown():
                self._child_unknown(message)
            case RouterStarted() | Withdrawn():
                self._router.gone()
                self._go_on()
            case CancelRequest() | AmendRequest() | ReleaseRequest() | SettleRequest():
                self._request(message)
            case BreakFound() | ChildHistoryLoaded():
                self._breaks.receive(message, self._record)
                self._go_on()
            case OrderLoaded():
                self._order_loaded(message)
            case NameTaken():
                self._name_taken(message)
            case ExpiryDue() | BackoffOver() | RereadDue():
                self._timer_due(message)
            case Drain():
                self._drain(message)
            case _:
                assert_never(message)

    def _offer(self, offer: Offer) -> None:
        order = self._record.order
        if order is None or not self._router.accepts(offer):
            self._router.release(offer, order)
        elif not offer.slices:
            reason = completion.nothing_found(order, offer.book_state, offer.is_paused)
            self._end(reason)
        else:
            child = self._tools.child_of(order, offer, now=self._now())
            self._gateway.intend(child, offer)
            self._record.intend(child)

    def _written(self, message: Written) -> None:
        ledger, outcome = self._record.ledger, message.outcome
        if not ledger.expects(message):
            return
        if isinstance(outcome, Contradicted):
            self._contradicted(outcome.problem)
            return
        if isinstance(outcome, PredecessorMissing):
            if not ledger.missed(outcome.order):
                last = outcome.order.version
                self._contradicted(f"version {last} is the last on disk")
            return
        ledger.written(message.version)
        self._contradiction.written()
        self._requests.answer(message.version)
        if self._record.is_on_disk and self._record.order is not None:
            self._gateway.forget_settled()
            self._reporter.tell(self._record.order)
        self._go_on()

    def _child_answered(self, message: ChildAnswered) -> None:
        result, child = message.result, self._gateway.child
        if child is None or result.child_id != child.child_id:
            return  # answered twice: after a query, or to a predecessor of ours
        order = self._record.known()
        if problem := contradiction_of(order, child, result):
            self._hold_for_child(order, child, problem)
        elif not order.is_on_hold:
            self._settle(result)

    def _child_unknown(self, message: ChildUnknown) -> None:
        child, order = self._gateway.child, self._record.order
        if child is None or order is None or message.child_id != child.child_id:
            return  # answered meanwhile
        if message.is_contradiction:
            self._hold_for_child(order, child, message.problem)
        elif order.reason is not WaitReason.CHILD_UNKNOWN and not order.is_on_hold:
            self._record.doubt(child.child_id, message.problem)

    def _hold_for_child(self, order: Order, child: ChildOrder, problem: str) -> None:
        """Put the order on hold until a person says what became of its child."""
        if order.is_on_hold:
            return
        self._gateway.ask_no_more()
        self._record.hold_contradicted(child.child_id, problem)

    def _contradicted(self, problem: str) -> None:
        """Believe the disk, which refuses what we had for true, and hold the order."""
        if self._gateway.drop():
            self._router.child_never_sent(self._gateway.offer, self._record.known())
        self._router.leave(self._order_id)
        self._requests.break_promises()
        words = describe(problem, self._record.give_up(), self._breaks)
        if self._contradiction.note(self._order_id, words, problem):
            self._record.ledger.load(self._order_id)
        else:
            self._requests.refuse_all(LEFT_ALONE)

    def _settle(self, result: ChildResult) -> None:
        child, order = self._gateway.child, self._record.known()
        assert child is not None
        offer = self._gateway.settled()
        if result.status is ChildStatus.NEVER_SENT:
            self._never_sent += 1
            # Before it is recorded: a successor that finds a child tells it again.
            self._router.child_never_sent(offer, order)
        self._record.settle(child, result)
        self._backoff.note(result)

    def _request(self, request: OrderRequest) -> None:
        self._requests.add(request)
        if self._is_finished:
            self._answer_rest()
        elif self._contradiction.is_left_alone:
            self._requests.refuse_all(LEFT_ALONE)
        self._go_on()

    def _order_loaded(self, message: OrderLoaded) -> None:
        if self._record.order is not None:
            return  # asked twice, around a restart of the ledger
        self._record.ledger.loaded()
        if message.open_order is None:
            self._router.forget(self._order_id, children=None)  # of a predecessor
            self._reporter.ended_before(self._order_id, self._contradiction.words)
            self._finish()
        else:
            self._begin(message.open_order)

    def _name_taken(self, message: NameTaken) -> None:
        if message.name == names.GATEWAY:
            if self._gateway.child is not None and self._gateway.is_sent:
                self._gateway.query()
        elif self._record.order is None:
            self._record.ledger.load(self._order_id)
        else:
            self._record.ledger.write_again()
            self._breaks.read_again(self._record)

    def _timer_due(self, timer: ExpiryDue | BackoffOver | RereadDue) -> None:
        match timer:
            case ExpiryDue():
                if self._record.order is not None:
                    # Again: the wall clock may have been set back just now.
                    self._expiry.remind(self._record.order)
            case BackoffOver():
                self._backoff.due(self._tools.rules_read_ns())
            case RereadDue():
                self._contradiction.cancel()
                self._record.ledger.load(self._order_id)
        self._go_on()

    def _drain(self, message: Drain) -> None:
        self._drain_request = message
        self._router.gone()  # it is stopped first
        if self._record.order is None:
            self._finish()
        else:
            self._go_on()

    def _begin(self, open_order: OpenOrder) -> None:
        order = self._record.order = open_order.order
        self._never_sent = open_order.never_sent
        self._router.is_new = open_order.is_new
        self._reporter.begin(order, is_news=self._initial is None)
        self._expiry.remind(order)
        child, problem = open_order.unresolved, self._contradiction.words
        if child is not None and (problem or order.is_on_hold):
            self._gateway.keep(child)
        elif child is not None:
            self._gateway.adopt(child)
        if problem:
            child_id = child.child_id if child else child_id_of(order)
            self._record.hold_contradicted(child_id, problem)
        self._go_on()

    def _go_on(self) -> None:
        """Take the next step, once all earlier ones are on disk."""
        order = self._record.order
        if order is None or self._is_finished or not self._record.is_on_disk:
            return
        if self._gateway.child is not None:
            self._go_on_with_child(order, self._gateway.child)
        elif order.status.is_final:
            self._finish_order(order)
        elif self._breaks:  # before all else: they may change what is open
            if self._breaks.begin_reading(self._record):
                self._router.leave(self._order_id)
        elif reason := completion.due_end(
            order,
            rules=self._tools.rules,
            now=self._now(),
            never_sent=self._never_sent,
            at_stop=self._cancels_at_stop,
        ):
            self._end(reason)
        else:
            self._work(order)

    def _work(self, order: Order) -> None:
        if self._requests:
            self._serve_request(order)
        elif self._cancels_at_stop:
            self._end(EndReason.CANCELED_AT_STOP)
        elif self._drain_request is not None:
            self._finish()
        elif not self._tools.is_traded:
            if order.time_in_force in AT_ONCE:
                self._end(EndReason.BOOK_UNUSABLE)
        elif not (self._router.is_enlisted or self._backoff.is_on or order.is_on_hold):
            self._router.enlist(order, self._tools.limit_of(order))

    def _go_on_with_child(self, order: Order, child: ChildOrder) -> None:
        """Have the child settled: by the venue's word, or by a person's."""
        request = self._requests.take_settlement()
        if request is not None:
            self._serve_by_hand(request)
        elif order.is_on_hold:
            self._await_person(child)
        else:
            self._send(order, child)

    def _serve_by_hand(self, request: SettleRequest | ReleaseRequest) -> None:
        if not serve_by_hand(request, self._record, self._gateway, self._requests):
            self._go_on()

    def _await_person(self, child: ChildOrder) -> None:
        """Take a cancel in, for when the child is settled; nothing else can be done."""
        self._requests.note_cancels(self._record, at_stop=self._cancels_at_stop)
        self._requests.refuse_all(child_first(child))
        if self._drain_request is not None and self._record.is_on_disk:
            self._finish()

    def _send(self, order: Order, child: ChildOrder) -> None:
        """Send the child, unless it is sent, or too late for that."""
        reason = completion.why_withheld(
            order,
            is_cancel_waiting=self._requests.has_cancel,
            is_draining=self._drain_request is not None,
            has_breaks=bool(self._breaks),
            offer_age_ns=self._gateway.offer_age_ns,
            now=self._now(),
        )
        if reason is not None and not self._gateway.is_sent:
            self._settle(lifecycle.never_sent(child, reason.value))
            return
        if reason is None:
            self._gateway.submit(order.expires_at)
        else:
            self._gateway.recall(reason)
        self._requests.note_cancels(self._record, at_stop=self._cancels_at_stop)

    @property
    def _cancels_at_stop(self) -> bool:
        drain = self._drain_request
        return drain is not None and drain.cancel_orders

    def _end(self, reason: EndReason) -> Order:
        self._router.leave(self._order_id)
        return self._record.end(reason)

    def _serve_request(self, order: Order) -> None:
        request = self._requests.take_next()
        if isinstance(request, CancelRequest):
            self._requests.promise(request, self._end(EndReason.CANCELED_BY_CLIENT))
        elif isinstance(request, SettleRequest | ReleaseRequest):
            self._serve_by_hand(request)
        elif terms := accepted_terms(request, order, self._tools):
            self._router.leave(self._order_id)
            self._requests.promise(request, self._record.amend(terms))
        else:
            self._reporter.amendment_refused(order)
            self._go_on()

    def _finish_order(self, order: Order) -> None:
        if self._router.is_enlisted:
            return  # until Withdrawn: an offer on its way must be given back
        self._router.forget(self._order_id, order.children)
        self._tools.announcer.order_ended(order)
        self._finish()

    def _finish(self) -> None:
        self._is_finished = True
        self._expiry.cancel()
        self._backoff.cancel()
        self._contradiction.cancel()
        self._answer_rest()
        self.stop()

    def _answer_rest(self) -> None:
        on_disk = self._record.order if self._record.is_on_disk else None
        otherwise = ENDED_BEFORE if self._is_finished else None
        if self._drain_request is not None:
            otherwise = STOPPING
        self._requests.answer_rest(on_disk, otherwise)

    def _now(self) -> datetime:
        return self.context.runtime.clock.now()
