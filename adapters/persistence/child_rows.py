"""Converts child orders to rows and back."""

import json
from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    SIDES,
    Row,
    above_zero,
    one_of,
    time,
    write_time,
)
from domain.orders.child_order import ChildOrder, ChildStatus, Slice
from domain.values import format_amount


CHILD_COLUMNS: Final = (
    "child_id",
    "order_id",
    "symbol",
    "side",
    "price",
    "quantity",
    "slices",
    "status",
    "reason",
    "intended_at",
)

CHILD_KEPT: Final = CHILD_COLUMNS.index("status")
"""This many columns, from the first one on, never change after the intent."""

_CHILD_STATUSES: Final = {status.value: status for status in ChildStatus}

_encode_slices: Final = json.JSONEncoder(separators=(",", ":")).encode
"""Made once: ``json.dumps`` makes an encoder at every call."""


def child_row(child: ChildOrder) -> tuple[Any, ...]:
    """Write an intent in the order of ``CHILD_COLUMNS``."""
    slices = [
        (format_amount(part.price), format_amount(part.quantity), part.update_id)
        for part in child.slices
    ]
    return (
        child.child_id,
        child.order_id,
        child.symbol,
        child.side.value,
        format_amount(child.price),
        format_amount(child.quantity),
        _encode_slices(slices),
        ChildStatus.INTENDED.value,
        "",
        write_time(child.intended_at),
    )


def read_child_status(row: Row) -> ChildStatus:
    """Read a child's status from a row in the order of ``CHILD_COLUMNS``."""
    return one_of("child status", row[7], _CHILD_STATUSES)


def read_child(row: Row) -> ChildOrder:
    """Read a child order from a row in the order of ``CHILD_COLUMNS``."""
    child_id, order_id, symbol, side, price, quantity, slices = row[:7]
    return ChildOrder(
        child_id=child_id,
        order_id=order_id,
        symbol=symbol,
        side=one_of("child side", side, SIDES),
        price=above_zero("child price", price),
        quantity=above_zero("child quantity", quantity),
        slices=tuple(
            Slice(
                price=above_zero("slice price", slice_price, LONG),
                quantity=above_zero("slice quantity", slice_quantity),
                update_id=update_id,
            )
            for slice_price, slice_quantity, update_id in json.loads(slices)
        ),
        intended_at=time("intended_at", row[9]),
    )
