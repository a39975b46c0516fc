"""Converts fills to rows and back."""

from decimal import Decimal
from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    Row,
    above_zero,
    amount_or_none,
    count,
    count_or_none,
    plain,
    time,
    write_time,
)
from domain.orders.child_order import Fill
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
    "stated",
    "taken_before",
)


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
        _text_or_none(fill.stated),
        _text_or_none(fill.taken_before),
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
        stated=amount_or_none("fill stated", row[11]),
        taken_before=amount_or_none("fill taken before", row[12]),
    )


def _text_or_none(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount)
