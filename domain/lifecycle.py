"""The pure steps of an order's life.

Every step takes the order and returns the new one with the event that tells the step.
A step bumps ``version`` by one and its event carries that number, so a step that is
stored twice is recognised. An illegal step is a bug and raises.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from domain.amendment import Terms
from domain.execution import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    FollowUp,
    Slice,
    VenueFill,
    fill_of,
)
from domain.order import (
    NO_DETAIL,
    TRANSITIONS,
    WORKING,
    Order,
    OrderEvent,
    OrderStep,
    StepDetail,
)
from domain.reasons import EndReason, WaitReason
from domain.values import (
    ZERO,
    ChildId,
    TimeInForce,
    notional,
    number_of,
    total,
)


_WISHED = (EndReason.CANCELED_BY_CLIENT, EndReason.CANCELED_AT_STOP)

LATE: Final = "LATE"
"""Why a fill was not booked with its child's end."""

Step = tuple[Order, OrderEvent]
"""The order after a step, and the event that tells it."""


def accept(order: Order, *, now: datetime) -> Step:
    """Open the order; it counts from the moment this is on disk."""
    detail = StepDetail(quantity=order.quantity, price=order.price)
    return _step(order, OrderStep.ACCEPTED, detail, now=now)


def intend_child(order: Order, child: ChildOrder, *, now: datetime) -> Step:
    """Set ``child``'s quantity aside as being at the venue."""
    assert order.at_venue == 0, "one child in flight per order"
    assert child.quantity <= order.waiting
    detail = StepDetail(
        quantity=child.quantity,
        price=child.slices[0].price,
        update_id=child.slices[0].update_id,
        child_id=child.child_id,
    )
    return _step(
        order,
        OrderStep.CHILD_INTENDED,
        detail,
        now=now,
        at_venue=child.quantity,
        children=order.children + 1,
        reason=None,
    )


def doubt_child(
    order: Order, child_id: ChildId, problem: str, *, now: datetime
) -> Step:
    """Note that the venue has not said what became of the child in flight."""
    assert order.at_venue > 0
    detail = StepDetail(quantity=order.at_venue, child_id=child_id, reason=problem)
    reason = WaitReason.CHILD_UNKNOWN
    return _step(order, OrderStep.CHILD_UNKNOWN, detail, now=now, reason=reason)


def settle_child(
    order: Order, result: ChildResult, *, now: datetime
) -> tuple[Order, tuple[OrderEvent, ...], tuple[Fill, ...]]:
    """Book the final answer on the child in flight: its fills, then its end.

    The order ends with it when the venue will accept no child of the order.

    Raises:
        AssertionError: when the venue filled more than was sent.
    """
    events = []
    fills = []
    for number, venue_fill in enumerate(result.fills, start=1):
        order, event = _book_fill(order, result.child_id, venue_fill, now=now)
        events.append(event)
        fills.append(fill_of(order.order_id, result.child_id, number, venue_fill))
    if order.at_venue:
        detail = StepDetail(
            quantity=order.at_venue,
            child_id=result.child_id,
            reason=result.reason or result.status.value,
        )
        is_waiting = result.follow_up is FollowUp.WAIT
        order, event = _step(
            order,
            OrderStep.CHILD_ENDED,
            detail,
            now=now,
            at_venue=ZERO,
            reason=WaitReason.CHILD_REFUSED if is_waiting else None,
        )
        events.append(event)
    if result.follow_up is FollowUp.END and order.status in WORKING:
        reason = EndReason.REJECTED_BY_VENUE
        order, event = _end(order, OrderStep.REJECTED, reason=reason, now=now)
        events.append(event)
    return order, tuple(events), tuple(fills)


def request_cancel(order: Order, *, now: datetime) -> Step:
    """Note that the order ends as soon as its child in flight has settled."""
    return _step(order, OrderStep.CANCEL_REQUESTED, now=now)


def cancel(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order with what it has filled."""
    assert order.at_venue == 0
    return _end(order, OrderStep.CANCELED, reason=reason, now=now)


def expire(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order by its own terms, or because its rest cannot be traded."""
    assert order.at_venue == 0
    return _end(order, OrderStep.EXPIRED, reason=reason, now=now)


def end(order: Order, *, reason: EndReason, now: datetime) -> Step:
    """End the order: cancelled where somebody wished it, else expired."""
    step = cancel if reason in _WISHED else expire
    return step(order, reason=reason, now=now)


def amend(order: Order, terms: Terms, *, now: datetime) -> Step:
    """Change the terms; no child is in flight."""
    assert order.at_venue == 0
    assert terms.quantity > order.filled
    detail = StepDetail(quantity=terms.quantity, price=terms.price)
    return _step(
        order,
        OrderStep.AMENDED,
        detail,
        now=now,
        price=terms.price,
        quantity=terms.quantity,
        sequence=terms.sequence,
    )


def late_fill(
    order: Order,
    child_id: ChildId,
    venue_fill: VenueFill,
    number: int,
    *,
    now: datetime,
) -> tuple[Order, OrderEvent, Fill]:
    """Book an execution of a settled child, as its fill of that number."""
    assert order.at_venue == 0
    is_held = order.is_held
    order = replace(order, at_venue=venue_fill.quantity)
    order, event = _book_fill(order, child_id, venue_fill, now=now)
    if is_held and order.status in WORKING:
        order = replace(order, reason=WaitReason.ON_HOLD)
    detail = replace(event.detail, reason=LATE)
    event = replace(event, detail=detail)
    return order, event, fill_of(order.order_id, child_id, number, venue_fill)


def hold(order: Order, child_id: ChildId, why: str, *, now: datetime) -> Step:
    """Let the order take no offers until somebody has looked at it."""
    assert order.at_venue == 0
    # It may be a child that only the venue knows, of before a backup was brought back.
    order = replace(order, children=max(order.children, number_of(child_id)))
    what = StepDetail(quantity=order.remaining, child_id=child_id, reason=why)
    return _step(order, OrderStep.HELD, what, now=now, reason=WaitReason.ON_HOLD)


def release(order: Order, *, now: datetime) -> Step:
    """Let an order that was held take offers again."""
    assert order.is_held
    return _step(order, OrderStep.RELEASED, now=now, reason=None)


def child_of(
    order: Order,
    slices: tuple[Slice, ...],
    *,
    now: datetime,
    price: Decimal | None = None,
    touch: Decimal | None = None,
) -> ChildOrder:
    """Write the next child order of ``order`` for what the router offered.

    Args:
        order: with nothing in flight.
        slices: of the book, best first.
        now: aware UTC.
        price: the limit as the venue takes it; the order's own when not given.
        touch: best price of the book.
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
    """Return the final answer on a child that we held back ourselves."""
    return ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.NEVER_SENT,
        fills=(),
        reason=reason,
        follow_up=follow_up,
    )


def _book_fill(
    order: Order, child_id: ChildId, venue_fill: VenueFill, *, now: datetime
) -> Step:
    assert venue_fill.quantity <= order.at_venue, "the venue filled more than was sent"
    filled = order.filled + venue_fill.quantity
    quote = notional(venue_fill.price, venue_fill.quantity)
    is_all = filled == order.quantity
    detail = StepDetail(
        quantity=venue_fill.quantity,
        price=venue_fill.price,
        update_id=venue_fill.update_id,
        child_id=child_id,
    )
    return _step(
        order,
        OrderStep.FILLED if is_all else OrderStep.PART_FILLED,
        detail,
        now=now,
        filled=filled,
        filled_quote=total(order.filled_quote, quote),
        at_venue=order.at_venue - venue_fill.quantity,
        reason=EndReason.COMPLETED if is_all else None,
    )


def _end(order: Order, step: OrderStep, *, reason: EndReason, now: datetime) -> Step:
    detail = StepDetail(quantity=order.remaining, reason=reason.value)
    return _step(order, step, detail, now=now, reason=reason)


def _step(
    order: Order,
    step: OrderStep,
    detail: StepDetail = NO_DETAIL,
    *,
    now: datetime,
    **changes: Any,
) -> Step:
    """Take a legal step, with the fields of the order that it changes."""
    status = TRANSITIONS[order.status, step]
    version = order.version + 1
    # Once, with everything: to make an order anew is most of what a step costs.
    after = replace(order, status=status, version=version, updated_at=now, **changes)
    event = OrderEvent(
        order_id=order.order_id,
        number=version,
        step=step,
        status=status,
        occurred_at=now,
        detail=detail,
    )
    return after, event
