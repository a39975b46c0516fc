"""What the venue's answers mean for a child order. Pure."""

from decimal import Decimal
from typing import Final

from adapters.binance.trading.error_reactions import Outcome
from adapters.binance.trading.trading_replies import OrderState
from adapters.binance.trading.venue_calls import Failure
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    FollowUp,
    VenueFill,
)
from domain.values import ZERO, format_amount, total
from domain.venue.answers import VenueAnswer


_REJECTED: Final = "REJECTED"
_WOULD_HAPPEN_AGAIN: Final = (
    "EXPIRED_IN_MATCH",  # met an order of our own account
    "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
)
_STATUS_OF: Final = {
    Outcome.NOT_TAKEN: ChildStatus.NEVER_SENT,
    Outcome.REJECTED: ChildStatus.REJECTED,
}


def unknown(detail: str, failure: Failure | None = None) -> VenueAnswer:
    """Answer that the outcome is unknown, with what a failure implies besides."""
    return VenueAnswer(detail=detail, pause=failure.pause if failure else None)


def impossible(detail: str) -> VenueAnswer:
    """Answer that the outcome is unknown: what the venue says cannot be true."""
    return VenueAnswer(detail=detail, is_contradiction=True)


def misdescribed(child: ChildOrder, order: OrderState, problem: str) -> VenueAnswer:
    """Answer what follows from a wrong description of the child.

    One of another order says nothing about ours, which may be described right later.
    """
    is_ours = order.client_order_id == child.child_id
    return impossible(problem) if is_ours else unknown(problem)


def after_failure(child: ChildOrder, failure: Failure) -> VenueAnswer:
    """Answer what a failed placing means for the child."""
    if failure.outcome is Outcome.UNKNOWN:
        return unknown(failure.detail, failure)
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=_STATUS_OF[failure.outcome],
        fills=(),
        reason=failure.detail,
        follow_up=failure.follow_up,
    )
    return VenueAnswer(result=result, pause=failure.pause)


def problem_of(child: ChildOrder, order: OrderState) -> str:
    """Say what is impossible in the venue's description; empty when nothing is."""
    if order.client_order_id != child.child_id:
        return f"it answers about {order.client_order_id!r}"
    if order.symbol != child.symbol:
        return f"it is an order on {order.symbol!r}"
    if not order.status:
        return ""  # an acknowledgement says no more
    return _problem_of_terms(child, order)


def _problem_of_terms(child: ChildOrder, order: OrderState) -> str:
    if order.side != child.side:
        return f"it is a {order.side!r} order"
    if order.orig_qty != child.quantity:
        return f"it is an order of {order.orig_qty}, not of {child.quantity}"
    if order.executed_qty > order.orig_qty:
        return f"{order.executed_qty} executed of an order of {order.orig_qty}"
    return ""


def settle(
    child: ChildOrder, order: OrderState, fills: tuple[VenueFill, ...]
) -> VenueAnswer:
    """Answer with the fills of an order that has ended, if they add up."""
    added = sum_of(fills)
    if added < order.executed_qty:
        listed, all_of_it = format_amount(added), format_amount(order.executed_qty)
        return unknown(f"the trades lag behind: {listed} of {all_of_it}")
    if added > order.executed_qty:
        return unknown(f"trades of {added} for an execution of {order.executed_qty}")
    return done(child, order, fills)


def done(
    child: ChildOrder,
    order: OrderState | None,
    fills: tuple[VenueFill, ...],
    *,
    reason: str = "",
) -> VenueAnswer:
    """Answer that the child has ended, with all its fills."""
    status, follow_up = ChildStatus.DONE, FollowUp.GO_ON
    if order is not None and order.executed_qty != child.quantity:
        reason = order.fate()
        if any(words in reason for words in _WOULD_HAPPEN_AGAIN):
            follow_up = FollowUp.WAIT
        if order.status == _REJECTED and not fills:
            status, follow_up = ChildStatus.REJECTED, FollowUp.WAIT
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=status,
        fills=fills,
        reason=reason,
        follow_up=follow_up,
    )
    return VenueAnswer(result=result)


def sum_of(fills: tuple[VenueFill, ...]) -> Decimal:
    """Add the quantities of fills."""
    added = ZERO
    for fill in fills:
        added = total(added, fill.quantity)
    return added
