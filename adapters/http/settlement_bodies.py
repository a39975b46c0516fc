"""Turns JSON into an operator's statement about a child order."""

import re
from collections.abc import Sequence
from typing import Final

from adapters.api.problems import FieldFault
from adapters.http.order_bodies import Fields
from adapters.http.problems import Code, ProblemError
from adapters.http.request_reading import NumberText
from domain.orders.child_settlement import TRADE_ID_MAX
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.order import Order
from domain.values import ZERO, ChildId


NOTE_LENGTH_MAX: Final = 500
"""Of the operator's note, which stays in the order's history."""

ASSET_LENGTH_MAX: Final = 20

_SUM_FIELDS: Final = frozenset({"quantity", "average_price"})
_FIELDS: Final = _SUM_FIELDS | {"fills", "note"}
_FILL_FIELDS: Final = frozenset(
    {"price", "quantity", "trade_id", "fee", "fee_asset", "executed_at"}
)
_TRADE_ID: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


def read_settlement(
    members: dict[str, object], order: Order, child_id: ChildId
) -> SettleChild:
    """Read the body of ``POST /api/v1/orders/{id}/children/{child}/settle``.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    fields = Fields(members, known=_FIELDS)
    note = fields.words("note", at_most=NOTE_LENGTH_MAX)
    if not note.strip():
        fields.blame("note", Code.FIELD_MISSING, "note must say how you know")
    if "fills" in members:
        for name in sorted(_SUM_FIELDS & members.keys()):
            fields.invalid(name, "cannot stand beside fills")
        fills = _read_fills(fields, members["fills"])
    else:
        fills = _read_sum(fields, members)
    fields.finish()
    return SettleChild(
        order_id=order.order_id,
        symbol=order.symbol,
        child_id=child_id,
        fills=tuple(fills),
        note=note,
    )


def _read_sum(fields: Fields, members: dict[str, object]) -> Sequence[StatedFill]:
    quantity = fields.amount("quantity", may_be_zero=True)
    if quantity or "average_price" in members:
        price = fields.amount("average_price")
        if quantity and price:
            return [StatedFill(price=price, quantity=quantity)]
        if price and not fields.is_blamed("quantity"):
            fields.invalid("average_price", "cannot stand beside a quantity of 0")
    return []


def _read_fills(fields: Fields, stated: object) -> Sequence[StatedFill]:
    if not isinstance(stated, list):
        fields.invalid("fills", "must be a list")
        return []
    if not stated:
        nothing = 'must name a trade; "quantity": "0" says that nothing was executed'
        fields.invalid("fills", nothing)
    fills: list[StatedFill] = []
    for number, one in enumerate(stated):
        name = f"fills[{number}]"
        if not isinstance(one, dict):
            fields.invalid(name, "must be an object with price and quantity")
            continue
        try:
            fills.append(_read_fill(one))
        except ProblemError as error:
            for fault in error.problem.faults or (_only_fault(error),):
                fields.blame(f"{name}.{fault.field}", fault.code, fault.detail)
    ids = [fill.trade_id for fill in fills if fill.trade_id is not None]
    if len(set(ids)) < len(ids):
        fields.invalid("fills", "must name each trade_id once")
    return fills


def _read_fill(members: dict[str, object]) -> StatedFill:
    fields = Fields(members, known=_FILL_FIELDS)
    fill = StatedFill(
        price=fields.amount("price"),
        quantity=fields.amount("quantity"),
        trade_id=_read_trade_id(fields, members.get("trade_id")),
        fee=fields.amount("fee", may_be_zero=True) if "fee" in members else ZERO,
        fee_asset=fields.words("fee_asset", at_most=ASSET_LENGTH_MAX) or None,
        executed_at=fields.time("executed_at"),
    )
    fields.finish()
    return fill


def _read_trade_id(fields: Fields, stated: object) -> int | None:
    if stated is None:
        return None
    is_number = isinstance(stated, NumberText) and _TRADE_ID.fullmatch(stated)
    if is_number and int(str(stated)) <= TRADE_ID_MAX:
        return int(str(stated))
    fields.invalid("trade_id", "must be the venue's whole number")
    return None


def _only_fault(error: ProblemError) -> FieldFault:
    problem = error.problem
    return FieldFault(
        field=problem.field or "", code=problem.code, detail=problem.detail
    )
