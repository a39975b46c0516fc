"""The limits at which orders of a symbol wait, added up by price."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.matching.matcher import WaitingOrder
from domain.values import ZERO, Side, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLimit:
    """All waiting orders of one side with the same limit."""

    price: Decimal
    quantity: Decimal
    """What is left of them, in base."""

    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLimits:
    """The limits of a symbol's waiting orders, those served first first."""

    symbol: Symbol
    sells: tuple[OpenLimit, ...] = ()
    """The lowest limit first."""

    buys: tuple[OpenLimit, ...] = ()
    """The highest limit first."""


def open_limits(symbol: Symbol, waiting: Iterable[WaitingOrder]) -> OpenLimits:
    """Add up orders that wait."""
    sums: dict[Side, dict[Decimal, tuple[Decimal, int]]] = {Side.SELL: {}, Side.BUY: {}}
    for order in waiting:
        of_side = sums[order.side]
        quantity, orders = of_side.get(order.price, (ZERO, 0))
        of_side[order.price] = (quantity + order.left, orders + 1)
    return OpenLimits(
        symbol=symbol,
        sells=_sorted(sums[Side.SELL], highest_first=False),
        buys=_sorted(sums[Side.BUY], highest_first=True),
    )


def _sorted(
    sums: dict[Decimal, tuple[Decimal, int]], *, highest_first: bool
) -> tuple[OpenLimit, ...]:
    return tuple(
        OpenLimit(price=price, quantity=quantity, orders=orders)
        for price, (quantity, orders) in sorted(sums.items(), reverse=highest_first)
    )
