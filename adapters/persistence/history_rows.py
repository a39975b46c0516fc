"""Fills and events to rows and back."""

from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    above_zero,
    count,
    count_or_none,
    from_zero,
    one_of,
    plain,
    time,
)
from adapters.persistence.rows import STATUSES, Row, write_time
from domain.orders.child_order import Fill
from domain.orders.order import NO_DETAIL, OrderEvent, OrderStep, StepDetail
from domain.values import format_amount


FILL_COLUMNS: Final = (
    "order_id",
    "child_id",
    "number",
    "price",
    "quantity",
    "fee",
    "fee_asset",
    "trade_id",
    "update_id",
    "executed_at",
    "symbol",
)
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


def fill_row(fill: Fill, symbol: str) -> tuple[Any, ...]:
    """Write a fill in the order of ``FILL_COLUMNS``."""
    return (
        fill.order_id,
        fill.child_id,
        fill.number,
        format_amount(fill.price),
        format_amount(fill.quantity),
        format_amount(fill.fee),
        fill.fee_asset,
        fill.trade_id,
        fill.update_id,
        write_time(fill.executed_at),
        symbol,
    )


def read_fill(row: Row) -> Fill:
    """Read a fill from a row in the order of ``FILL_COLUMNS``."""
    return Fill(
        order_id=row[0],
        child_id=row[1],
        number=count("fill number", row[2]),
        price=above_zero("fill price", row[3], LONG),
        quantity=above_zero("fill quantity", row[4]),
        fee=plain("fee", row[5]),
        fee_asset=row[6],
        trade_id=count_or_none("trade_id", row[7]),
        update_id=count_or_none("update_id", row[8]),
        executed_at=time("executed_at", row[9]),
    )


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
