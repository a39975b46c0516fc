"""Turns JSON into an operator's statement about a child order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import UNSET

from adapters.api.codes import Code
from adapters.api.operator_requests import (
    SettleByFillsRequest,
    SettleBySumRequest,
    StatedFillRequest,
)
from adapters.http.body_reading import BodyReading
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.order import Order
from domain.values import ZERO, ChildId


_SUM_FIELDS: Final = ("average_price", "quantity")


def read_settlement(
    members: dict[str, object], order: Order, child_id: ChildId
) -> SettleChild:
    """Read the body of ``POST /api/v1/orders/{id}/children/{child}/settle``.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    if "fills" in members:
        reading, fills = _read_fills(members)
    else:
        reading, fills = _read_sum(members)
    note = reading.values.get("note")
    if note is not None and not note.strip():
        reading.blame("note", Code.FIELD_MISSING, "note must say how you know")
    reading.finish()
    return SettleChild(
        order_id=order.order_id,
        symbol=order.symbol,
        child_id=child_id,
        fills=tuple(fills),
        note=str(note),
    )


def _read_sum(
    members: dict[str, object],
) -> tuple[BodyReading, Sequence[StatedFill]]:
    reading = BodyReading(members, SettleBySumRequest)
    quantity = reading.values.get("quantity")
    price = reading.values.get("average_price", UNSET)
    if quantity and price is UNSET and not reading.is_blamed("average_price"):
        detail = "average_price is missing"
        reading.blame("average_price", Code.FIELD_MISSING, detail)
    if quantity == 0 and price is not UNSET:
        reading.invalid("average_price", "cannot stand beside a quantity of 0")
    if reading.faults or not quantity:
        return reading, []
    return reading, [StatedFill(price=Decimal(price), quantity=Decimal(quantity))]


def _read_fills(
    members: dict[str, object],
) -> tuple[BodyReading, Sequence[StatedFill]]:
    apart = {name: one for name, one in members.items() if name not in _SUM_FIELDS}
    reading = BodyReading(apart, SettleByFillsRequest)
    for name in _SUM_FIELDS:
        if name in members:
            reading.invalid(name, "cannot stand beside fills")
    stated: Sequence[StatedFillRequest] = reading.values.get("fills", ())
    if not stated and not reading.faults:
        nothing = 'must name a trade; "quantity": "0" says that nothing was executed'
        reading.invalid("fills", nothing)
    ids = [fill.trade_id for fill in stated if fill.trade_id is not None]
    if len(set(ids)) < len(ids):
        reading.invalid("fills", "must name each trade_id once")
    return reading, [_stated_fill(fill) for fill in stated]


def _stated_fill(fill: StatedFillRequest) -> StatedFill:
    executed_at = fill.executed_at
    return StatedFill(
        price=Decimal(fill.price),
        quantity=Decimal(fill.quantity),
        trade_id=None if fill.trade_id is None else int(fill.trade_id),
        fee=ZERO if fill.fee is UNSET else Decimal(fill.fee),
        fee_asset=str(fill.fee_asset or "") or None,
        executed_at=None if executed_at is None else executed_at.plain(),
    )
