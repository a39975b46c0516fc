"""The summary of an order: what was asked, what was got, the gain over the limit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.orders.child_order import Fill
from domain.orders.order import Order
from domain.values import ZERO, Side, difference, notional, total


FILLS_SHOWN_MAX: Final = 50
"""Fills shown beside the totals; an order may have tens of thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillTotals:
    """The fills of an order, added up. Exact."""

    count: int
    filled: Decimal
    """In base."""

    filled_quote: Decimal
    """In quote."""

    fees: tuple[tuple[str, Decimal], ...]
    """(asset, amount), sorted by asset; assets without a fee are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """What an operator wants to see when an order has ended."""

    order: Order
    totals: FillTotals
    fills: tuple[Fill, ...]
    """The first ones."""

    gain: Decimal
    """In quote: how much better than the limit all fills were together.

    Below 0 only if the limit was made stricter after a fill.
    """


def summarise(
    order: Order, totals: FillTotals, first_fills: Iterable[Fill]
) -> OrderSummary:
    """Sum up an order from the sums of its fills.

    Args:
        order: as it stands.
        totals: of all its fills.
        first_fills: those to show; at most ``FILLS_SHOWN_MAX``.
    """
    at_limit = notional(order.price, totals.filled)
    quote = totals.filled_quote
    is_sell = order.side is Side.SELL
    better, worse = (quote, at_limit) if is_sell else (at_limit, quote)
    return OrderSummary(
        order=order,
        totals=totals,
        fills=tuple(first_fills),
        gain=difference(better, worse),
    )


def add_up(fills: Iterable[Fill]) -> FillTotals:
    """Add up fills, one after the other."""
    count = 0
    filled = ZERO
    quote = ZERO
    fees = FeeSums()
    for fill in fills:
        count += 1
        filled = total(filled, fill.quantity)
        quote = total(quote, notional(fill.price, fill.quantity))
        fees.add(fill.fee_asset, fill.fee)
    return FillTotals(
        count=count, filled=filled, filled_quote=quote, fees=fees.by_asset()
    )


class FeeSums:
    """Adds fees up by asset."""

    def __init__(self) -> None:
        self._sums: dict[str, Decimal] = {}

    def add(self, asset: str | None, fee: Decimal) -> None:
        """Add one fee; on paper there is none."""
        if fee and asset:
            self._sums[asset] = total(self._sums.get(asset, ZERO), fee)

    def by_asset(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (asset, amount), sorted by asset."""
        return tuple(sorted(self._sums.items()))
