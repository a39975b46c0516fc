"""The order as its executor knows it, each step of it on its way to the disk."""

import logging
from collections.abc import Iterable
from datetime import datetime

from actors import names
from actors.executor.links import LedgerLink
from actors.messages.reconciliation import ReconcileNow
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from domain.orders import lifecycle
from domain.orders.amendment import Terms
from domain.orders.child_order import ChildOrder, ChildResult, VenueFill
from domain.orders.child_settlement import (
    late_fill,
    settle_by_hand,
    settle_child,
    why_worse,
)
from domain.orders.commands import SettleChild
from domain.orders.journal import OrderChange
from domain.orders.order import Order
from domain.orders.transitions import hold
from domain.reasons import EndReason
from domain.values import ChildId


logger = logging.getLogger(__name__)


class OrderRecord:
    """Takes the order's steps: each is a step of the domain, and a record for disk."""

    __slots__ = ("_context", "ledger", "order")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self.ledger = LedgerLink(context, address)
        self.order: Order | None = None
        """After all steps taken; None until it is known."""

    @property
    def is_on_disk(self) -> bool:
        """Whether everything that is known of the order is on disk."""
        return self.ledger.is_clear

    def known(self) -> Order:
        """Return the order, where it cannot but be known."""
        assert self.order is not None
        return self.order

    def give_up(self) -> tuple[OrderChange, ...]:
        """Forget the order, which the disk has otherwise; return what it has not."""
        self.order = None
        return self.ledger.give_up()

    def intend(self, child: ChildOrder) -> None:
        """Have the child's intent recorded."""
        order, event = lifecycle.intend_child(self.known(), child, now=self._now())
        self._write(OrderChange(order=order, events=(event,), intent=child))

    def doubt(self, child_id: ChildId, problem: str) -> None:
        """Record that the venue has not said what became of the child in flight."""
        order, event = lifecycle.doubt_child(
            self.known(), child_id, problem, now=self._now()
        )
        self._write(OrderChange(order=order, events=(event,)))

    def settle(self, child: ChildOrder, result: ChildResult) -> None:
        """Record the final answer on the child in flight."""
        self._alarm_if_worse(child, result.fills)
        order, events, fills = settle_child(
            self.known(), child, result, now=self._now()
        )
        self._write(OrderChange(order=order, events=events, result=result, fills=fills))

    def settle_by_hand(self, child: ChildOrder, command: SettleChild) -> Order:
        """Record what an operator states, and have the venue's trades held against it.

        The ledger is told first, so the reconciler finds it on disk.
        """
        order, events, result, fills = settle_by_hand(
            self.known(), child, command, now=self._now()
        )
        change = OrderChange(order=order, events=events, result=result, fills=fills)
        self._write(change)
        self._context.tell(names.RECONCILER, ReconcileNow())
        return order

    def request_cancel(self, reason: EndReason | None = None) -> Order:
        """Record that the order ends as soon as its child has settled."""
        order, event = lifecycle.request_cancel(
            self.known(), reason=reason, now=self._now()
        )
        return self._write(OrderChange(order=order, events=(event,)))

    def amend(self, terms: Terms) -> Order:
        """Record new terms; they also let an order on hold go on."""
        order, event = lifecycle.amend(self.known(), terms, now=self._now())
        events = [event]
        if order.is_on_hold:
            order, event = lifecycle.release(order, now=self._now())
            events.append(event)
        return self._write(OrderChange(order=order, events=tuple(events)))

    def release(self) -> Order:
        """Record that an order on hold takes offers again."""
        order, event = lifecycle.release(self.known(), now=self._now())
        return self._write(OrderChange(order=order, events=(event,)))

    def book_late(self, child: ChildOrder, execution: VenueFill, number: int) -> Order:
        """Record an execution of a child that was settled without it."""
        self._alarm_if_worse(child, (execution,))
        order, events, fill = late_fill(
            self.known(), child, execution, number, now=self._now()
        )
        return self._write(OrderChange(order=order, events=events, fills=(fill,)))

    def hold(self, child_id: ChildId, why: str) -> Order:
        """Record that the order takes no offers until a person has looked at it."""
        order, event = hold(self.known(), child_id, why, now=self._now())
        return self._write(OrderChange(order=order, events=(event,)))

    def hold_contradicted(self, child_id: ChildId, why: str) -> None:
        """Do the same because of what cannot be true, and raise the alarm."""
        order = self.hold(child_id, why)
        logger.critical(
            "Order on hold order_id=%s child_id=%s %s", order.order_id, child_id, why
        )

    def end(self, reason: EndReason) -> Order:
        """Record the order's end."""
        order, event = lifecycle.end(self.known(), reason=reason, now=self._now())
        return self._write(OrderChange(order=order, events=(event,)))

    def _write(self, change: OrderChange) -> Order:
        self.order = change.order
        self.ledger.write(change)
        return change.order

    def _alarm_if_worse(self, child: ChildOrder, fills: Iterable[VenueFill]) -> None:
        if words := why_worse(child, fills):
            logger.critical("Fill booked order_id=%s %s", child.order_id, words)

    def _now(self) -> datetime:
        return self._context.runtime.clock.now()
