"""The local order book of one symbol, and how much of it we can still take."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from heapq import nlargest, nsmallest
from itertools import islice
from typing import Final

from domain.market.best_prices import BestPrices, Price
from domain.market.touch import Touch
from domain.market.updates import (
    GONE,
    DepthSnapshot,
    DepthUpdate,
    Level,
    Statement,
    written,
)
from domain.orders.child_order import Slice
from domain.orders.level_taken import LevelStatement
from domain.values import ZERO, Side, Symbol


LEVELS_MAX: Final = 5_000
"""Levels kept on each side, as many as the venue's largest snapshot has. The stream
never removes levels that have drifted out of range; they would stay for ever."""

LEVELS_SPARE: Final = 500
"""How many more there may be before the worst are dropped, all at once."""

StatedLevel = tuple[Price, str, int]
"""A level as it is kept: (price, stated quantity, id of the statement)."""

BestLevels = tuple[StatedLevel | None, StatedLevel | None, int]
"""The best bid and ask, None where a side is empty, and the id of the book."""


def touch_of(best: BestLevels, as_of: datetime) -> Touch:
    """Return the touch of a book's best levels."""
    bid, ask, update_id = best
    return Touch(
        best_bid=None if bid is None else (bid[0][1], bid[1]),
        best_ask=None if ask is None else (ask[0][1], ask[1]),
        update_id=update_id,
        as_of=as_of,
    )


class BookSide:
    """All levels of one side, with what we have taken from each.

    A level's available quantity is the stated one less what we have taken since that
    statement. A new statement is fresh liquidity.

    Levels are found by their prices as the venue writes them. Of a price, a ``Decimal``
    is made when its level appears; of a quantity, when somebody reads it.
    """

    __slots__ = (
        "_prices",
        "_sells_into",
        "_stated",
        "_taken",
        "_taken_of",
        "_touch_only",
        "best",
    )

    def __init__(self, taker: Side) -> None:
        """Make an empty side.

        Args:
            taker: the side that takes from it: SELL takes the bids, BUY the asks.
        """
        self._sells_into = taker is Side.SELL
        self._stated: dict[str, StatedLevel] = {}
        self.best: StatedLevel | None = None
        """The level at the best price; None if the side is empty."""

        self._prices = BestPrices(self._every_price, highest_first=self._sells_into)
        self._taken: dict[str, Decimal] = {}
        self._touch_only = False
        # price -> the stated quantity that we took from; only for a touch-only feed
        self._taken_of: dict[str, str] = {}

    def __len__(self) -> int:
        """Count the levels."""
        return len(self._stated)

    def clear(self) -> None:
        """Forget everything."""
        self._stated.clear()
        self.best = None
        self._prices.select()
        self._taken.clear()
        self._taken_of.clear()

    def load(
        self,
        levels: tuple[Statement, ...],
        update_id: int,
        *,
        touch_only: bool = False,
    ) -> None:
        """Replace all levels by the statements of a snapshot.

        Args:
            levels: the statements.
            update_id: of the snapshot.
            touch_only: whether the feed shows only the best level. Then a level that
                comes back into sight with the quantity it had is no new liquidity.
        """
        self.clear()
        self._touch_only = touch_only
        self.state(levels, update_id)

    def state(self, levels: tuple[Statement, ...], update_id: int) -> None:
        """Set each level to its stated quantity; zero removes it."""
        stated = self._stated
        came_or_went: list[Price] = []
        for price, quantity in levels:
            if quantity == GONE:
                level = stated.pop(price, None)  # None: it was beyond the snapshot
                if level is not None:
                    came_or_went.append(level[0])
            elif (level := stated.get(price)) is not None:
                stated[price] = (level[0], quantity, update_id)
            else:
                new = (Decimal(price), price)
                stated[price] = (new, quantity, update_id)
                came_or_went.append(new)
        if came_or_went:
            self._prices.changed(came_or_went)
        self.best = stated.get(self._prices.first_written)
        if self._taken:
            self._renew(levels)
        if len(stated) > LEVELS_MAX + LEVELS_SPARE:
            self._drop_worst()

    def best_price(self) -> Decimal | None:
        """Return the best stated price, taken or not; None if the side is empty."""
        return self._prices.first

    def top(self, limit: int) -> tuple[Level, ...]:
        """Return up to ``limit`` stated levels, best first."""
        return tuple(
            (price, quantity) for price, quantity, _ in islice(self.best_first(), limit)
        )

    def statement_at(self, price: Decimal) -> LevelStatement | None:
        """Return what is stated at a price, and how much of that was taken.

        Any thread may call, while another one applies an update: it is a true statement
        of the venue's, from before or after that.
        """
        text = written(price)
        level = self._stated.get(text)
        if level is None:
            return None
        return LevelStatement(
            update_id=level[2],
            stated=Decimal(level[1]),
            taken_before=self._taken.get(text, ZERO),
        )

    def best_first(self) -> Iterator[tuple[Decimal, Decimal, int]]:
        """Yield each level's price, stated quantity and the id of the statement."""
        for price_written in self._prices:
            (price, _), quantity, update_id = self._stated[price_written]
            yield price, Decimal(quantity), update_id

    def is_good_enough(self, price: Decimal, limit: Decimal) -> bool:
        """Whether a level at ``price`` satisfies an order with this limit."""
        return price >= limit if self._sells_into else price <= limit

    def available(self, limit: Decimal, enough: Decimal) -> Decimal:
        """Add up what is available at ``limit`` or better, up to ``enough``."""
        if self._touch_only:  # few levels, and much that was taken is out of sight
            return sum(
                (part.quantity for part in self._parts(limit, enough)), start=ZERO
            )
        found = -self._taken_at(limit)
        for price, stated, _ in self.best_first():
            if not self.is_good_enough(price, limit) or found >= enough:
                break
            found += stated
        return min(max(found, ZERO), enough)

    def _taken_at(self, limit: Decimal) -> Decimal:
        """Add up what was taken at ``limit`` or better; all of it is in sight."""
        return sum(
            (
                taken
                for price, taken in self._taken.items()
                if self.is_good_enough(Decimal(price), limit)
            ),
            start=ZERO,
        )

    def take(self, limit: Decimal, quantity: Decimal) -> tuple[Slice, ...]:
        """Take up to ``quantity`` at ``limit`` or better, best level first."""
        slices = tuple(self._parts(limit, quantity))
        for part in slices:
            price = written(part.price)
            self._taken[price] = self._taken.get(price, ZERO) + part.quantity
            if self._touch_only:
                self._taken_of[price] = self._stated[price][1]
        return slices

    def give_back(self, slices: tuple[Slice, ...]) -> None:
        """Make slices that were never sent available again.

        Not so a slice of a level that was stated again meanwhile: that statement
        already includes it.
        """
        for part in slices:
            if not self.is_stated_still(part):
                continue
            price = written(part.price)
            left = self._taken.get(price, ZERO) - part.quantity
            assert left >= 0, "more given back than was taken"
            if left:
                self._taken[price] = left
            else:
                del self._taken[price]

    def is_stated_still(self, part: Slice) -> bool:
        """Whether a slice is of the latest statement of its level."""
        level = self._stated.get(written(part.price))
        return level is not None and level[2] == part.update_id

    def _every_price(self) -> Iterator[Price]:
        for price, _, _ in self._stated.values():
            yield price

    def _renew(self, levels: tuple[Statement, ...]) -> None:
        """Forget what was taken from levels that are stated again."""
        for price, quantity in levels:
            if not (self._touch_only and self._is_as_before(price, quantity)):
                self._taken.pop(price, None)

    def _is_as_before(self, price: str, quantity: str) -> bool:
        """Whether a level went out of sight, or came back with the quantity it had."""
        return quantity == GONE or self._taken_of.get(price) == quantity

    def _drop_worst(self) -> None:
        worst = nsmallest if self._sells_into else nlargest
        count = len(self._stated) - LEVELS_MAX
        for _, price in worst(count, self._every_price()):
            del self._stated[price]
            self._taken.pop(price, None)
        self._prices.select()

    def _parts(self, limit: Decimal, quantity: Decimal) -> Iterator[Slice]:
        """Plan what to take; takes nothing."""
        wanted = quantity
        for price_written in self._prices:
            (price, _), stated, update_id = self._stated[price_written]
            if not wanted or not self.is_good_enough(price, limit):
                return
            there, taken = Decimal(stated), self._taken.get(price_written, ZERO)
            left = there - taken
            assert left >= 0, f"more was taken at {price} than was there"
            if left:
                part = min(left, wanted)
                wanted -= part
                yield Slice(
                    price=price,
                    quantity=part,
                    update_id=update_id,
                    stated=there,
                    taken_before=taken,
                )


class LocalOrderBook:
    """Both sides of one symbol's book, at one update id."""

    __slots__ = ("asks", "bids", "symbol", "update_id")

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.update_id = 0
        self.bids = BookSide(Side.SELL)
        self.asks = BookSide(Side.BUY)

    def taken_by(self, side: Side) -> BookSide:
        """Return the side that an order of ``side`` takes from."""
        return self.bids if side is Side.SELL else self.asks

    def best_levels(self) -> BestLevels:
        """Return what ``touch_of`` reads: made after each frame, and seldom read."""
        return self.bids.best, self.asks.best, self.update_id

    def load(self, snapshot: DepthSnapshot, *, touch_only: bool = False) -> None:
        """Replace everything with the venue's snapshot, or with a touch."""
        for side, levels in ((self.bids, snapshot.bids), (self.asks, snapshot.asks)):
            side.load(levels, snapshot.last_update_id, touch_only=touch_only)
        self.update_id = snapshot.last_update_id

    def apply(self, update: DepthUpdate) -> None:
        """Apply one update whole. Its place in the sequence has been checked."""
        update_id = update.last_update_id
        if update.bids:  # most updates change one side only
            self.bids.state(update.bids, update_id)
        if update.asks:
            self.asks.state(update.asks, update_id)
        self.update_id = update_id

    def clear(self) -> None:
        """Forget all levels, because they cannot be trusted."""
        self.bids.clear()
        self.asks.clear()

    def is_crossed(self) -> bool:
        """Whether the best bid is at or above the best ask: never true at a venue."""
        bid, ask = self.bids.best_price(), self.asks.best_price()
        return bid is not None and ask is not None and bid >= ask
