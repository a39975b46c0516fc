"""One step of an order's life: checked by the table, described by an event, counted."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.orders.order import (
    NO_DETAIL,
    TRANSITIONS,
    Order,
    OrderEvent,
    OrderStep,
    StepDetail,
)
from domain.reasons import EndReason, WaitReason
from domain.values import ChildId, number_of


Step = tuple[Order, OrderEvent]
"""The order after a step, and the event that describes it."""


def take_step(
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
    # Once, with all changes: making a new order is most of what a step costs.
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


def take_last_step(
    order: Order, step: OrderStep, *, reason: EndReason, now: datetime
) -> Step:
    """End the order; the event has what is left of it."""
    detail = StepDetail(quantity=order.remaining, reason=reason.value)
    return take_step(order, step, detail, now=now, reason=reason)


def hold(order: Order, child_id: ChildId, why: str, *, now: datetime) -> Step:
    """Put the order on hold: it takes no offers until somebody has looked at it.

    If a child is in flight, it is that child about which something cannot be true, and
    only a person can say what became of it.
    """
    # It may be a child that only the venue knows, from before a backup was restored.
    order = replace(order, children=max(order.children, number_of(child_id)))
    what = StepDetail(quantity=order.remaining, child_id=child_id, reason=why)
    return take_step(order, OrderStep.HELD, what, now=now, reason=WaitReason.ON_HOLD)
