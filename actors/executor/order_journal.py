"""The order as its executor knows it, and its steps on their way to the disk."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from actors import names
from actors.executor.trading_rules import TradingRules
from actors.messages.ledger import (
    LoadChildHistory,
    LoadOrder,
    WriteRecord,
    Written,
)
from actors.messages.reconciliation import ReconcileNow
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder, ChildResult, Fill, VenueFill
from domain.orders.child_settlement import (
    late_fill,
    settle_by_hand,
    settle_child,
    why_worse,
)
from domain.orders.commands import PauseOrder, SettleChild
from domain.orders.order import Order
from domain.orders.pausing import requested_pause
from domain.orders.records import Contradicted, OrderChange, PredecessorMissing
from domain.orders.stored_orders import ChildHistory
from domain.orders.transitions import hold
from domain.reasons import EndReason
from domain.reconciliation.comparison import ReconciliationBreak
from domain.reconciliation.repair import Judgement, Verdict
from domain.refusals import Refusal
from domain.values import ChildId, OrderId


logger = logging.getLogger(__name__)


class OrderJournal:
    """Takes the order's steps, and sends each of them to the ledger.

    A change is written only on top of the one before it, and refused when that one is
    missing: a ledger that fails may lose the first of two messages, and its successor
    get the second. Then both are sent again.
    """

    __slots__ = (
        "_address",
        "_asked_for",
        "_context",
        "_order",
        "_order_id",
        "_reading",
        "_rules",
        "_unwritten",
    )

    def __init__(
        self,
        context: ActorContext,
        address: ActorAddress,
        order_id: OrderId,
        rules: TradingRules,
    ) -> None:
        """Make a journal whose order is not known yet.

        Args:
            context: of the executor.
            address: of the executor, to which the ledger answers.
            order_id: of the order.
            rules: of the order's symbol, and its touch.
        """
        self._rules = rules
        self._context = context
        self._address = address
        self._order_id = order_id
        self._order: Order | None = None
        # A tuple, because it is empty for most orders most of the time.
        self._unwritten: tuple[OrderChange, ...] = ()
        self._asked_for: ChildId | None = None
        self._reading = 1

    @property
    def order(self) -> Order | None:
        """The order after all steps taken; None until it is known."""
        return self._order

    @property
    def order_on_disk(self) -> Order | None:
        """The order, if all its steps are on disk; else None."""
        return None if self._unwritten else self._order

    @property
    def is_on_disk(self) -> bool:
        """Whether all steps are on disk."""
        return not self._unwritten

    def known(self) -> Order:
        """Return the order, which must be known."""
        assert self._order is not None
        return self._order

    # What is on disk.

    def load(self) -> None:
        """Ask for the order as it is on disk; ``loaded`` notes the answer."""
        self._watch()
        message = LoadOrder(order_id=self._order_id, reply_to=self._address)
        self._context.tell(names.LEDGER, message)

    def loaded(self) -> None:
        """Note that the answer has come."""
        self._unwatch_when_idle()

    def begin(self, order: Order) -> None:
        """Take the order up as it is on disk."""
        assert not self._unwritten, "steps of the order are not on disk yet"
        self._order = order

    def load_history(self, child_id: ChildId) -> bool:
        """Ask for a child's history on disk; return False if one is being loaded."""
        if self._asked_for is not None:
            return False
        self._asked_for = child_id
        self._watch()
        self._ask_for(child_id)
        return True

    def history_loaded(self, child_id: ChildId) -> bool:
        """Note that a history has come; return False if it was not awaited."""
        if self._asked_for != child_id:
            return False
        self._asked_for = None
        self._unwatch_when_idle()
        return True

    def tell_again(self) -> None:
        """Repeat to a new ledger what may be lost; it may safely come twice."""
        if self._order is None:
            self.load()
            return
        self._write_again()
        if self._asked_for is not None:
            self._ask_for(self._asked_for)

    def answered(self, answer: Written) -> int | Contradicted | None:
        """Take the ledger's answer; changes that the disk lacks are sent again.

        Returns:
            The version up to which all is on disk now; or why a change can never be;
            or None, when there is nothing to do.
        """
        outcome = answer.outcome
        if answer.attempt != self._reading:
            return None  # of a change that was given up; the order was read again
        if isinstance(outcome, Contradicted):
            return outcome
        if isinstance(outcome, PredecessorMissing):
            return self._missed(outcome.order.version)
        version = answer.version
        self._unwritten = tuple(
            change for change in self._unwritten if change.order.version > version
        )
        self._unwatch_when_idle()
        return version

    def give_up(self) -> tuple[OrderChange, ...]:
        """Forget the order, which the disk contradicts; return the unwritten changes.

        Later answers about these are ignored. The caller reads the order again.
        """
        given_up, self._unwritten = self._unwritten, ()
        self._order = None
        self._reading += 1
        self._unwatch_when_idle()
        return given_up

    # The order's steps.

    def take(self, change: OrderChange) -> Order:
        """Send a change to the ledger, after all earlier ones; return its order.

        The touch is recorded with the order's end.
        """
        if change.order.status.is_final:
            change = replace(change, touch=self._rules.read_touch())
        if not self._unwritten:
            self._watch()
        self._order = change.order
        self._unwritten = (*self._unwritten, change)
        self._tell(change)
        return change.order

    def intend(self, child: ChildOrder) -> None:
        """Record the child's intent."""
        now = child.intended_at
        order, event = lifecycle.intend_child(self.known(), child, now=now)
        self.take(OrderChange(order=order, events=(event,), intent=child))

    def doubt(self, child_id: ChildId, problem: str) -> None:
        """Record that the outcome of the child in flight is unknown."""
        order, event = lifecycle.doubt_child(
            self.known(), child_id, problem, now=self._now()
        )
        self.take(OrderChange(order=order, events=(event,)))

    def settle(self, child: ChildOrder, result: ChildResult) -> None:
        """Record the final answer on the child in flight."""
        _alarm_if_worse(child, result.fills)
        order, events, fills = settle_child(
            self.known(),
            child,
            result,
            now=self._now(),
            level_at=partial(self._rules.statement_at, child.side),
        )
        self.take(OrderChange(order=order, events=events, result=result, fills=fills))

    def settle_by_hand(self, child: ChildOrder, command: SettleChild) -> Order:
        """Record the outcome that an operator states, and start a reconciliation.

        The ledger is told first, so that the reconciler finds the outcome on disk.
        """
        order, events, result, fills = settle_by_hand(
            self.known(), child, command, now=self._now()
        )
        self.take(OrderChange(order=order, events=events, result=result, fills=fills))
        self._context.tell(names.RECONCILER, ReconcileNow())
        logger.warning("Child settled by hand child_id=%s", child.child_id)
        return order

    def request_cancel(self, reason: EndReason | None = None) -> Order:
        """Record that the order ends as soon as its child has settled."""
        order, event = lifecycle.request_cancel(
            self.known(), reason=reason, now=self._now()
        )
        return self.take(OrderChange(order=order, events=(event,)))

    def pause(self, command: PauseOrder) -> Order | Refusal:
        """Record that the order is paused or resumed, if that changes anything."""
        answer = requested_pause(self.known(), command, now=self._now())
        return self.take(answer) if isinstance(answer, OrderChange) else answer

    def repair(
        self,
        found: ReconciliationBreak,
        judgement: Judgement,
        history: ChildHistory | None,
    ) -> None:
        """Record what a judgement requires: a late fill, a hold, or nothing.

        Args:
            found: the break.
            judgement: of the break.
            history: of the child, on which the judgement is based.
        """
        if judgement.verdict is Verdict.BOOK:
            assert history is not None
            assert history.child is not None
            assert found.trade is not None
            self._book_late(history.child, found.trade.trade, history.fills)
        elif judgement.verdict is Verdict.HOLD:
            self._hold(found.child_id, judgement.reason)

    def hold_contradicted(self, child_id: ChildId, why: str) -> None:
        """Put the order on hold until a person has looked at it, and raise an alarm.

        For statements of the venue or the disk that cannot be true.
        """
        order = self._hold(child_id, why)
        logger.critical(
            "Order on hold order_id=%s child_id=%s %s", order.order_id, child_id, why
        )

    def end(self, reason: EndReason) -> Order:
        """Record the order's end."""
        order, event = lifecycle.end(self.known(), reason=reason, now=self._now())
        return self.take(OrderChange(order=order, events=(event,)))

    def _book_late(
        self, child: ChildOrder, execution: VenueFill, booked: tuple[Fill, ...]
    ) -> None:
        """Record a fill of a child that was settled without it."""
        _alarm_if_worse(child, (execution,))
        order, events, fill = late_fill(
            self.known(), child, execution, booked, now=self._now()
        )
        self.take(OrderChange(order=order, events=events, fills=(fill,)))

    def _hold(self, child_id: ChildId, why: str) -> Order:
        order, event = hold(self.known(), child_id, why, now=self._now())
        return self.take(OrderChange(order=order, events=(event,)))

    def _write_again(self) -> None:
        for change in self._unwritten:
            self._tell(change)

    def _tell(self, change: OrderChange) -> None:
        message = WriteRecord(
            record=change, reply_to=self._address, attempt=self._reading
        )
        self._context.tell(names.LEDGER, message)

    def _missed(self, on_disk: int) -> Contradicted | None:
        """Send again the changes after the version on disk, if we have them all."""
        if not self._unwritten or self._unwritten[0].follows > on_disk:
            return Contradicted(problem=f"version {on_disk} is the last on disk")
        self._write_again()
        return None

    def _ask_for(self, child_id: ChildId) -> None:
        message = LoadChildHistory(child_id=child_id, reply_to=self._address)
        self._context.tell(names.LEDGER, message)

    def _watch(self) -> None:
        self._context.runtime.directory.watch(names.LEDGER, self._address)

    def _unwatch_when_idle(self) -> None:
        if not self._unwritten and self._asked_for is None:
            self._context.runtime.directory.unwatch(names.LEDGER, self._address)

    def _now(self) -> datetime:
        return self._context.runtime.clock.now()


def _alarm_if_worse(child: ChildOrder, fills: Iterable[VenueFill]) -> None:
    if words := why_worse(child, fills):
        logger.critical("Fill booked order_id=%s %s", child.order_id, words)
