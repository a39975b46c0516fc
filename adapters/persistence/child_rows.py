"""Converts child orders to rows and back."""

import json
from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    SIDES,
    Row,
    above_zero,
    amount_or_none,
    one_of,
    time,
    write_time,
)
from adapters.persistence.touch_cells import read_touch, write_touch
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
    "touch",
)

CHILD_KEPT: Final = CHILD_COLUMNS.index("status")
"""This many columns, from the first one on, never change after the intent."""

_CHILD_STATUSES: Final = {status.value: status for status in ChildStatus}

_encode_slices: Final = json.JSONEncoder(separators=(",", ":")).encode
"""Made once: ``json.dumps`` makes an encoder at every call."""


def child_row(child: ChildOrder) -> tuple[Any, ...]:
    """Write an intent in the order of ``CHILD_COLUMNS``."""
    slices = [_slice_cells(part) for part in child.slices]
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
        write_touch(child.touch),
    )


def _slice_cells(part: Slice) -> tuple[Any, ...]:
    cells = (format_amount(part.price), format_amount(part.quantity), part.update_id)
    if part.stated is None or part.taken_before is None:
        return cells
    return (*cells, format_amount(part.stated), format_amount(part.taken_before))


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
        slices=tuple(_read_slice(*cells) for cells in json.loads(slices)),
        intended_at=time("intended_at", row[9]),
        touch=read_touch("child touch", row[10]),
    )


def _read_slice(
    price: object,
    quantity: object,
    update_id: int,
    stated: object = None,
    taken_before: object = None,
) -> Slice:
    return Slice(
        price=above_zero("slice price", price, LONG),
        quantity=above_zero("slice quantity", quantity),
        update_id=update_id,
        stated=amount_or_none("slice stated", stated),
        taken_before=amount_or_none("slice taken before", taken_before),
    )
