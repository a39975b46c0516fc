"""What others trade, summed up by second: the volume that an order competes with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from domain.values import ZERO, Side, Symbol, notional, total


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrade:
    """One trade of the market's, whoever made it."""

    symbol: Symbol
    trade_id: int
    """The venue numbers a symbol's trades without gaps; trades at one price that one
    order caused may share a number."""

    price: Decimal
    """In quote."""

    quantity: Decimal
    """In base."""

    second: int
    """Unix time of the venue's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrades:
    """Trades that came together, in their order; of any symbols."""

    trades: tuple[PublicTrade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A sum of trades."""

    quantity: Decimal = ZERO
    """In base."""

    quote: Decimal = ZERO
    """In quote, exact."""


_NOTHING: Final = Volume()


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedSecond:
    """What was traded of a symbol in one second. One without trades has none."""

    symbol: Symbol
    second: int
    first_id: int
    last_id: int
    count: int
    """Trades that are summed up here; fewer than the ids span if some were missed."""

    total: Volume
    low: Decimal
    """The lowest price, in quote."""

    high: Decimal
    volumes: Mapping[Decimal, Decimal]
    """Quantity in base, by price in quote; ascending. Only looked at where a limit lies
    between low and high, for there may be many."""

    @property
    def is_whole(self) -> bool:
        """Whether no trade was missed between the first and the last."""
        return self.count == self.last_id - self.first_id + 1


class SecondSum:
    """Sums up the trades of one symbol and second."""

    def __init__(self, first: PublicTrade) -> None:
        """Begin with the first trade."""
        self.second = first.second
        self._symbol = first.symbol
        self._first_id = self._last_id = first.trade_id
        self._count = 0
        self._volumes: dict[Decimal, Decimal] = {}
        self.add(first)

    def add(self, trade: PublicTrade) -> None:
        """Count a trade in; one that was stated already is left out."""
        if self._count and trade.trade_id <= self._last_id:
            return
        held = self._volumes.get(trade.price, ZERO)
        self._volumes[trade.price] = total(held, trade.quantity)
        self._last_id = trade.trade_id
        self._count += 1

    def summed(self) -> TradedSecond:
        """Return the sum, which is not changed any more."""
        volumes = dict(sorted(self._volumes.items()))
        low, *_, high = (*volumes, *volumes)
        return TradedSecond(
            symbol=self._symbol,
            second=self.second,
            first_id=self._first_id,
            last_id=self._last_id,
            count=self._count,
            total=_added(volumes.items()),
            low=low,
            high=high,
            volumes=volumes,
        )


def is_unbroken(seconds: Sequence[TradedSecond], since: int, until: int) -> bool:
    """Whether no trade of a stretch was missed.

    Args:
        seconds: those of the stretch, ascending, with the last before and the first
            behind it: they prove that nothing was missed at its ends.
        since: the first second of the stretch.
        until: the last one.
    """
    if not seconds or seconds[0].second >= since or seconds[-1].second <= until:
        return False
    inner = (one for one in seconds if since <= one.second <= until)
    return all(one.is_whole for one in inner) and all(
        later.first_id == earlier.last_id + 1 for earlier, later in pairwise(seconds)
    )


def volume_of(
    seconds: Iterable[TradedSecond], side: Side | None = None, limit: Decimal = ZERO
) -> Volume:
    """Add trades up.

    Args:
        seconds: all of them.
        side: of an order: only trades at its limit or better count; None: all count.
        limit: in quote.
    """
    volumes = [_within(second, side, limit) for second in seconds]
    quantity = quote = ZERO
    for volume in volumes:
        quantity = total(quantity, volume.quantity)
        quote = total(quote, volume.quote)
    return Volume(quantity=quantity, quote=quote)


def _within(second: TradedSecond, side: Side | None, limit: Decimal) -> Volume:
    """Add up what was traded in a second at the limit or better."""
    if side is Side.SELL:
        worst, best = second.low, second.high
    else:
        worst, best = second.high, second.low
    if side is None or _is_within(worst, side, limit):
        return second.total
    if not _is_within(best, side, limit):
        return _NOTHING
    return _added(
        (price, quantity)
        for price, quantity in second.volumes.items()
        if _is_within(price, side, limit)
    )


def _is_within(price: Decimal, side: Side, limit: Decimal) -> bool:
    return price >= limit if side is Side.SELL else price <= limit


def _added(volumes: Iterable[tuple[Decimal, Decimal]]) -> Volume:
    quantity = quote = ZERO
    for price, traded in volumes:
        quantity = total(quantity, traded)
        quote = total(quote, notional(price, traded))
    return Volume(quantity=quantity, quote=quote)
