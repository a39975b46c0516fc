"""What an order does next, decided from its situation alone."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Final

from domain.algorithms.contract import Algorithm
from domain.matching.matcher import WaitingOrder
from domain.matching.sizing import legal_limit
from domain.orders.completion import WithheldReason, due_end, why_withheld
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason
from domain.values import AT_ONCE, Side
from domain.venue.symbol_rules import SymbolRules


class Stopping(IntEnum):
    """Whether the service is stopping, and what then becomes of open orders."""

    NO = 0
    LEAVE_OPEN = 1
    """They stay open on disk."""

    CANCEL = 2

    @classmethod
    def by(cls, *, cancels_orders: bool) -> "Stopping":
        """Return the stop that cancels open orders, or leaves them open."""
        return cls.CANCEL if cancels_orders else cls.LEAVE_OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSituation:
    """What decides whether a child leaves."""

    is_sent: bool
    """Whether it may have left: it was submitted, or was found on disk."""

    offer_age_ns: int
    """Age of the book on which the child's offer is based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the waiting requests ask for."""

    anything: bool = False
    cancel: bool = False
    pause: bool = False
    settlement: bool = False
    """Whether an operator has stated what became of the child."""


NOTHING_ASKED: Final = Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlistOrder:
    """Enlist with the router, in place of what is enlisted there.

    The router offers the order what the book has for it.
    """

    released: Decimal
    """How much it may take now, in base."""

    left: Decimal
    """What is left of the whole order, in base; at least ``released``."""

    limit: Decimal
    """As the venue takes it, in quote."""

    ask_again_at: datetime | None = field(default=None, compare=False)
    """When the algorithm wants to be asked again; see ``Want``."""

    def waiting(self, order: Order) -> WaitingOrder:
        """Return what the matching rule needs to know of the order."""
        return WaitingOrder(
            order_id=order.order_id,
            side=order.side,
            price=self.limit,
            released=self.released,
            left=self.left,
            sequence=order.sequence,
            time_in_force=order.time_in_force,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides what an order does next; all its steps are on disk."""

    order: Order
    rules: SymbolRules
    """Of its symbol, as they are now."""

    now: datetime
    """Aware UTC."""

    child: ChildSituation | None = None
    """Of the child in flight; None if there is none, and nothing is at the venue."""

    asked: Asked = NOTHING_ASKED
    never_sent: int = 0
    """How many of its children certainly did not reach the venue."""

    is_enlisted: bool = False
    """Whether an offer, or the answer to a withdrawal, may be on its way."""

    enlisted: EnlistOrder | None = None
    """As what it is enlisted; None if it is not, or was withdrawn."""

    is_backing_off: bool = False
    """Whether the venue refused a child, and it is too early to try again."""

    is_traded: bool = True
    """Whether its symbol has a router; if not, the order can only end."""

    has_breaks: bool = False
    """Whether reconciliation found something that is not judged yet."""

    stopping: Stopping = Stopping.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Do nothing until the next message."""

    ask_again_at: datetime | None = None
    """When the algorithm wants to be asked again; see ``Want``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendChild:
    """Send the child in flight, unless it has left; cancels count meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePermit:
    """Keep the child from leaving, if it has not left; cancels count meanwhile."""

    reason: WithheldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdChild:
    """Settle the child as one that never left."""

    reason: WithheldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleByHand:
    """Settle the child as an operator states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseUntilSettled:
    """Accept cancels, and refuse anything else until an operator settles the child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeBreaks:
    """Judge what reconciliation found: it may change how much is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRequest:
    """Serve the client that has waited longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOrder:
    """Record the order's end."""

    reason: EndReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOpen:
    """Stop working the order; it stays open on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetEnded:
    """Stop working the order: it has ended, and no answer is due."""


ChildAction = (
    SendChild | RevokePermit | WithholdChild | SettleByHand | RefuseUntilSettled
)
"""What is done with a child in flight."""

OrderAction = (
    Wait | JudgeBreaks | ServeRequest | EndOrder | EnlistOrder | LeaveOpen | ForgetEnded
)
"""What is done with an order; with a child in flight, only Wait or LeaveOpen."""

Action = ChildAction | OrderAction

_WAIT: Final = Wait()


def decide(situation: Situation, algorithm: Algorithm) -> Action:
    """Decide what an order does next.

    Args:
        situation: of the order.
        algorithm: says how much of it may be done by now.
    """
    order = situation.order
    if situation.child is not None:
        return _about_child(situation, situation.child)
    if order.status.is_final:
        # An offer on its way has to be given back first.
        return _WAIT if situation.is_enlisted else ForgetEnded()
    if situation.has_breaks:  # before anything else
        return JudgeBreaks()
    reason = due_end(
        order,
        rules=situation.rules,
        now=situation.now,
        never_sent=situation.never_sent,
        at_stop=situation.stopping is Stopping.CANCEL,
    )
    if reason is not None:
        return EndOrder(reason=reason)
    return _about_open(situation, algorithm)


def _about_child(situation: Situation, child: ChildSituation) -> Action:
    """Get the child settled, by the venue's answer or by an operator."""
    if situation.asked.settlement:
        return SettleByHand()
    if situation.order.is_on_hold:
        return _about_child_on_hold(situation)
    reason = why_withheld(
        situation.order,
        is_cancel_waiting=situation.asked.cancel,
        is_draining=bool(situation.stopping),
        has_breaks=situation.has_breaks,
        offer_age_ns=child.offer_age_ns,
        now=situation.now,
    )
    if reason is None and _is_to_pause(situation):
        reason = WithheldReason.ORDER_PAUSED
    if reason is None:
        return SendChild()
    if child.is_sent:
        return RevokePermit(reason=reason)
    return WithholdChild(reason=reason)


def _is_to_pause(situation: Situation) -> bool:
    order = situation.order
    may_wait = order.time_in_force not in AT_ONCE
    return order.is_paused or (situation.asked.pause and may_wait)


def _about_child_on_hold(situation: Situation) -> Action:
    is_ending = situation.order.status is OrderStatus.PENDING_CANCEL
    is_to_end = situation.stopping is Stopping.CANCEL and not is_ending
    if situation.asked.anything or is_to_end:
        return RefuseUntilSettled()
    return LeaveOpen() if situation.stopping else _WAIT


def _about_open(situation: Situation, algorithm: Algorithm) -> OrderAction:
    order = situation.order
    if situation.asked.anything:
        return ServeRequest()
    if situation.stopping is Stopping.CANCEL:
        return EndOrder(reason=EndReason.CANCELED_AT_STOP)
    if situation.stopping:
        return LeaveOpen()
    if not situation.is_traded:
        is_at_once = order.time_in_force in AT_ONCE
        return EndOrder(reason=EndReason.BOOK_UNUSABLE) if is_at_once else _WAIT
    is_leaving = situation.is_enlisted and situation.enlisted is None
    if is_leaving or situation.is_backing_off or order.is_on_hold or order.is_paused:
        return _WAIT
    return _release(situation, algorithm)


def _release(situation: Situation, algorithm: Algorithm) -> OrderAction:
    """Enlist what the algorithm releases, clamped to the order and the rules."""
    order, rules = situation.order, situation.rules
    want = algorithm.want(order, now=situation.now, rules=rules)
    left = order.waiting
    # The same object where all is released: a hundred thousand orders may wait.
    released = min(left, want.target - order.filled - order.at_venue)
    no_worse = max if order.side is Side.SELL else min
    limit = no_worse(want.limit, order.price)
    # With too little it would keep its place in line without ever taking anything.
    if released <= 0 or not rules.is_tradeable(price=limit, quantity=released):
        return Wait(ask_again_at=want.ask_again_at)
    action = EnlistOrder(
        released=released,
        left=left,
        limit=legal_limit(order.side, limit, rules),
        ask_again_at=want.ask_again_at,
    )
    is_known = action == situation.enlisted
    return Wait(ask_again_at=want.ask_again_at) if is_known else action
