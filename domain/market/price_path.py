"""The price path of a symbol: its touch once a second, while it matters to an order."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.market.touch import Touch
from domain.values import Symbol


LINGER_SECONDS: Final = 65
"""How long a path goes on after the last order of its symbol: what came in the minute
after a fill is part of judging it, and the last fill ends the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoint:
    """A symbol's touch in one second. A second without a usable book has no point."""

    symbol: Symbol
    second: int
    """Unix time; the touch is of some moment within it."""

    bid: Decimal | None
    """In quote; None if that side was empty."""

    ask: Decimal | None
    update_id: int
    """Of the book."""


def point_of(symbol: Symbol, second: int, touch: Touch) -> PricePoint:
    """Return the point of a symbol's path in this second."""
    return PricePoint(
        symbol=symbol,
        second=second,
        bid=touch.bid,
        ask=touch.ask,
        update_id=touch.update_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PathWanted:
    """A part of a symbol's path; the first point of every step."""

    symbol: Symbol
    since: int
    """The first second."""

    until: int
    """The last one."""

    step: int = 1
    """In seconds; above zero."""
