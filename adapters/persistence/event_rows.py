"""Converts order events to rows and back."""

from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    Row,
    count,
    from_zero,
    one_of,
    time,
    write_time,
)
from adapters.persistence.order_rows import STATUSES
from domain.orders.order import NO_DETAIL, OrderEvent, OrderStep, StepDetail
from domain.values import format_amount


EVENT_COLUMNS: Final = (
    "order_id",
    "number",
    "step",
    "status",
    "occurred_at",
    "quantity",
    "price",
    "update_id",
    "child_id",
    "reason",
)

_STEPS: Final = {step.value: step for step in OrderStep}


def event_row(event: OrderEvent) -> tuple[Any, ...]:
    """Write an event in the order of ``EVENT_COLUMNS``."""
    detail = event.detail
    return (
        event.order_id,
        event.number,
        event.step.value,
        event.status.value,
        write_time(event.occurred_at),
        None if detail.quantity is None else format_amount(detail.quantity),
        None if detail.price is None else format_amount(detail.price),
        detail.update_id,
        detail.child_id,
        detail.reason,
    )


def read_event(row: Row) -> OrderEvent:
    """Read an event from a row in the order of ``EVENT_COLUMNS``."""
    quantity, price = row[5], row[6]
    detail = StepDetail(
        quantity=None if quantity is None else from_zero("event quantity", quantity),
        price=None if price is None else from_zero("event price", price, LONG),
        update_id=row[7],
        child_id=row[8],
        reason=row[9],
    )
    return OrderEvent(
        order_id=row[0],
        number=count("event number", row[1]),
        step=one_of("step", row[2], _STEPS),
        status=one_of("event status", row[3], STATUSES),
        occurred_at=time("occurred_at", row[4]),
        detail=NO_DETAIL if detail == NO_DETAIL else detail,
    )
