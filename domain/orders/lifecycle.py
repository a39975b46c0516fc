"""The pure steps of an order's life.

Every step takes the order and returns the new one with the event that describes the
step. A step raises ``version`` by one and its event carries that number, so a step that
is stored twice is recognised. An illegal step is a bug and raises.
"""

from datetime import datetime
from decimal import Decimal

from domain.market.touch import Touch
from domain.orders.amendment import Terms
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    FollowUp,
    Slice,
)
from domain.orders.order import (
    Order,
    OrderEvent,
    OrderStep,
    StepDetail,
)
from domain.orders.transitions import Step, take_last_step, take_step
from domain.reasons import EndReason, WaitReason
from domain.values import (
    ZERO,
    ChildId,
    Side,
    TimeInForce,
)


_WISHED = (EndReason.CANCELED_BY_CLIENT, EndReason.CANCELED_AT_STOP)


def accept(order: Order, *, now: datetime) -> Step:
    """Open the order; it is accepted once this is on disk."""
    detail = StepDetail(quantity=order.quantity, price=order.price)
    return take_step(order, OrderStep.ACCEPTED, detail, now=now)


def intend_child(order: Order, child: ChildOrder, *, now: datetime) -> Step:
    """Count ``child``'s quantity as being at the venue."""
    assert order.at_venue == 0, "one child in flight per order"
    assert not order.is_paused, "a paused order sends no child"
    _require_own(order, child)
    return take_step(
        order,
        OrderStep.CHILD_INTENDED,
        _intent_of(child),
        now=now,
        at_venue=child.quantity,
        children=order.children + 1,
        reason=None,
    )


def intended(order: Order, child: ChildOrder) -> OrderEvent:
    """Return the event of the step that intended a child.

    Args:
        order: as that step left it.
        child: made at the time of the step.
    """
    return OrderEvent(
        order_id=order.order_id,
        number=order.version,
        step=OrderStep.CHILD_INTENDED,
        status=order.status,
        occurred_at=child.intended_at,
        detail=_intent_of(child),
    )


def _intent_of(child: ChildOrder) -> StepDetail:
    return StepDetail(
        quantity=child.quantity,
        price=child.slices[0].price,
        update_id=child.slices[0].update_id,
        child_id=child.child_id,
    )


def _require_own(order: Order, child: ChildOrder) -> None:
    """Stop before a child goes on disk, and then leaves, that is not its order's."""
    assert (child.symbol, child.side) == (order.symbol, order.side), "another market's"
    assert ZERO < child.quantity <= order.waiting, f"{child.quantity} is not waiting"
    offered = sum((part.quantity for part in child.slices), ZERO)
    assert child.quantity == offered, f"{child.quantity}, and {offered} was offered"
    if order.side is Side.SELL:
        assert child.price >= order.price, f"{child.price} is below {order.price}"
    else:
        assert child.price <= order.price, f"{child.price} is above {order.price}"


def doubt_child(
    order: Order, child_id: ChildId, problem: str, *, now: datetime
) -> Step:
    """Note that the venue has not said what became of the child in flight."""
    assert order.at_venue > 0
    detail = StepDetail(quantity=order.at_venue, child_id=child_id, reason=problem)
    reason = WaitReason.ON_HOLD if order.is_on_hold else WaitReason.CHILD_UNKNOWN
    return take_step(order, OrderStep.CHILD_UNKNOWN, detail, now=now, reason=reason)


def request_cancel(
    order: Order, *, reason: EndReason | None = None, now: datetime
) -> Step:
    """Note that the order ends as soon as its child in flight has settled.

    Args:
        order: the order.
        reason: for the history; None: a client asked for it.
        now: aware UTC.
    """
    detail = StepDetail(reason=None if reason is None else reason.value)
    return take_step(order, OrderStep.CANCEL_REQUESTED, detail, now=now)


def cancel(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order with what it has filled."""
    assert order.at_venue == 0
    return take_last_step(order, OrderStep.CANCELED, reason=reason, now=now)


def expire(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order by its own terms, or because its remainder cannot be traded."""
    assert order.at_venue == 0
    return take_last_step(order, OrderStep.EXPIRED, reason=reason, now=now)


def end(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order: canceled if somebody asked for it, expired otherwise."""
    step = cancel if reason in _WISHED else expire
    return step(order, reason=reason, now=now)


def amend(order: Order, terms: Terms, *, now: datetime) -> Step:
    """Change the terms; no child is in flight."""
    assert order.at_venue == 0
    assert terms.quantity > order.filled
    detail = StepDetail(quantity=terms.quantity, price=terms.price)
    return take_step(
        order,
        OrderStep.AMENDED,
        detail,
        now=now,
        price=terms.price,
        quantity=terms.quantity,
        sequence=terms.sequence,
    )


def release(order: Order, *, now: datetime) -> Step:
    """Let an order on hold take offers again, unless it is paused."""
    assert order.is_on_hold
    reason = WaitReason.PAUSED if order.is_paused else None
    return take_step(order, OrderStep.RELEASED, now=now, reason=reason)


def child_of(
    order: Order,
    slices: tuple[Slice, ...],
    *,
    now: datetime,
    price: Decimal | None = None,
    touch: Touch | None = None,
) -> ChildOrder:
    """Make the next child order of ``order`` for what the router offered.

    Args:
        order: with nothing in flight.
        slices: of the book, best first.
        now: aware UTC.
        price: the limit as the venue accepts it; by default the order's own.
        touch: of the book.
    """
    quantity = sum((part.quantity for part in slices), ZERO)
    return ChildOrder(
        child_id=ChildId(f"{order.order_id}-{order.children + 1}"),
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        price=price or order.price,
        quantity=quantity,
        slices=slices,
        intended_at=now,
        touch=touch,
        is_all_or_nothing=order.time_in_force is TimeInForce.FOK,
    )


def never_sent(
    child: ChildOrder, reason: str, follow_up: FollowUp = FollowUp.GO_ON
) -> ChildResult:
    """Return the final answer on a child that we withheld ourselves."""
    return ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.NEVER_SENT,
        fills=(),
        reason=reason,
        follow_up=follow_up,
    )
