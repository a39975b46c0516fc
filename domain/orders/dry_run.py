"""What would become of an order now: worked out by the code that works orders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Final

from domain.algorithms.contract import Algorithm
from domain.market.touch import Touch
from domain.matching.matcher import Matcher, WaitingOrder
from domain.matching.sizing import child_limit
from domain.orders import lifecycle
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    FollowUp,
    Slice,
    VenueFill,
)
from domain.orders.child_settlement import settle_child
from domain.orders.completion import nothing_found
from domain.orders.next_action import EndOrder, EnlistOrder, Situation, decide
from domain.orders.order import Order, OrderStatus
from domain.reasons import BookState, EndReason, WaitReason
from domain.refusals import Refusal
from domain.risk.limits import RiskLimits, check_child_risk
from domain.values import AT_ONCE, ZERO, average_price, notional, total
from domain.venue.answers import TradingPause
from domain.venue.symbol_rules import SymbolRules


CHILDREN_MAX: Final = 10
"""Child orders that a dry run works out: it holds up the book that others trade on."""

Take = Callable[[WaitingOrder], tuple[Slice, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What would become of an order if it were placed now."""

    refusals: tuple[Refusal, ...] = ()
    """Every reason for which it would not be taken in. Then nothing else is known."""

    status: OrderStatus | None = None
    """Once it has taken what is there; None if it is refused."""

    reason: EndReason | WaitReason | None = None
    """Why it would have ended by then, or do less than it could."""

    slices: tuple[Slice, ...] = ()
    """What it would take now, in that order, if the venue has what its book says."""

    waiting: Decimal = ZERO
    """What would then wait for better prices, in base."""

    children: int = 0
    """Child orders that were worked out."""

    child_refusal: Refusal | None = None
    """The operator's limit for which its next child order would not be sent."""

    may_take_more: bool = False
    """Whether only its first child orders were worked out."""

    book_state: BookState | None = None
    """Of the book, without which nothing is taken unless it is SYNCED."""

    update_id: int | None = None
    """Of the last update of the book; None if there is no book."""

    best_price: Decimal | None = None
    """The best price that it could take, whether its limit reaches that or not."""

    pause: TradingPause | None = None
    """Why no child order may leave now, so that nothing is taken."""

    @property
    def is_accepted(self) -> bool:
        """Whether the order would be taken in."""
        return self.status is not None

    @property
    def taken(self) -> Decimal:
        """How much it would take now, in base."""
        return sum((part.quantity for part in self.slices), ZERO)

    @property
    def average_price(self) -> Decimal | None:
        """Return the average price of what it would take; None: nothing."""
        amounts = (notional(part.price, part.quantity) for part in self.slices)
        return average_price(reduce(total, amounts, ZERO), self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """By what an order would be worked."""

    rules: SymbolRules
    limits: RiskLimits
    algorithm: Algorithm
    book_state: BookState
    pause: TradingPause | None
    touch: Touch
    """Of the book."""

    now: datetime
    """Aware UTC."""

    @property
    def may_offer(self) -> bool:
        """Whether orders are offered anything."""
        return self.pause is None and self.book_state is BookState.SYNCED


def dry_run(order: Order, matcher: Matcher, conditions: Conditions) -> DryRun:
    """Work an order as its executor would, until it would wait, or has ended.

    Nothing is kept: the matcher and its book are afterwards as they were before.

    Args:
        order: accepted just now.
        matcher: of its symbol.
        conditions: by what it is worked.
    """
    slices: list[Slice] = []
    refusal = None
    with matcher.trial(order.side) as take:
        for _ in range(CHILDREN_MAX):
            order, child = _next_child(order, take, conditions)
            if child is None:
                break
            refusal = check_child_risk(conditions.limits, conditions.rules, child)
            order = _settled(order, child, refusal, conditions.now)
            if refusal is not None:
                order, _ = _ended_if_due(order, conditions)
                break
            slices += child.slices
        else:
            order, action = _ended_if_due(order, conditions)
            return _run(order, slices, conditions, more=action is not None)
    return _run(order, slices, conditions, refusal=refusal)


def _run(
    order: Order,
    slices: list[Slice],
    conditions: Conditions,
    *,
    refusal: Refusal | None = None,
    more: bool = False,
) -> DryRun:
    return DryRun(
        status=order.status,
        reason=order.reason,
        slices=tuple(slices),
        waiting=ZERO if order.status.is_final else order.remaining,
        children=order.children,
        child_refusal=refusal,
        may_take_more=more,
        book_state=conditions.book_state,
        update_id=conditions.touch.update_id or None,
        best_price=conditions.touch.far(order.side),
        pause=conditions.pause,
    )


def _next_child(
    order: Order, take: Take, conditions: Conditions
) -> tuple[Order, ChildOrder | None]:
    """Return the order's next child; None if it waits or has ended."""
    order, action = _ended_if_due(order, conditions)
    if action is None:
        return order, None
    slices = take(action.waiting(order)) if conditions.may_offer else ()
    if slices:
        touch, rules = conditions.touch, conditions.rules
        child = lifecycle.child_of(
            order,
            slices,
            now=conditions.now,
            price=child_limit(order.side, action.limit, touch.far(order.side), rules),
            touch=touch,
        )
        return order, child
    if order.time_in_force in AT_ONCE:
        is_paused = conditions.pause is not None
        reason = nothing_found(order, conditions.book_state, is_paused)
        order, _ = lifecycle.end(order, reason=reason, now=conditions.now)
    return order, None


def _ended_if_due(
    order: Order, conditions: Conditions
) -> tuple[Order, EnlistOrder | None]:
    """End the order if that is next; return as what it would be enlisted."""
    situation = Situation(order=order, rules=conditions.rules, now=conditions.now)
    action = decide(situation, conditions.algorithm)
    if isinstance(action, EndOrder):
        order, _ = lifecycle.end(order, reason=action.reason, now=conditions.now)
    return order, action if isinstance(action, EnlistOrder) else None


def _settled(
    order: Order, child: ChildOrder, refusal: Refusal | None, now: datetime
) -> Order:
    """Settle a child as filled, or as one that was refused.

    Filled by one execution, for as many as there are levels would take too long: how
    much it was is what decides about the order's next step.
    """
    is_refused = refusal is not None
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.NEVER_SENT if is_refused else ChildStatus.DONE,
        fills=() if is_refused else (_all_of(child, now),),
        follow_up=FollowUp.WAIT if is_refused else FollowUp.GO_ON,
    )
    order, _ = lifecycle.intend_child(order, child, now=now)
    order, _, _ = settle_child(order, child, result, now=now)
    return order


def _all_of(child: ChildOrder, now: datetime) -> VenueFill:
    return VenueFill(
        price=child.price,
        quantity=child.quantity,
        fee=ZERO,
        fee_asset=None,
        trade_id=None,
        executed_at=now,
    )
