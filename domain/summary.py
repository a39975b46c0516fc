"""The summary of an order: what was asked, what was got, what it was better by."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.execution import Fill
from domain.order import Order
from domain.values import ZERO, Side, difference, notional, total


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """Everything an operator wants to see when an order has ended."""

    order: Order
    fills: tuple[Fill, ...]
    filled: Decimal
    """In base."""

    filled_quote: Decimal
    """In quote, exact."""

    fees: tuple[tuple[str, Decimal], ...]
    """(asset, amount), sorted by asset."""

    gain: Decimal
    """In quote: how much better than the limit all fills were together.

    Below 0 only when the limit was made stricter after a fill.
    """


def summarise(order: Order, fills: Sequence[Fill]) -> OrderSummary:
    """Sum up an order from its fills."""
    filled = ZERO
    quote = ZERO
    fees: dict[str, Decimal] = {}
    for fill in fills:
        filled = total(filled, fill.quantity)
        quote = total(quote, notional(fill.price, fill.quantity))
        if fill.fee and fill.fee_asset:
            fees[fill.fee_asset] = total(fees.get(fill.fee_asset, ZERO), fill.fee)
    at_limit = notional(order.price, filled)
    is_sell = order.side is Side.SELL
    better, worse = (quote, at_limit) if is_sell else (at_limit, quote)
    return OrderSummary(
        order=order,
        fills=tuple(fills),
        filled=filled,
        filled_quote=quote,
        fees=tuple(sorted(fees.items())),
        gain=difference(better, worse),
    )
