"""The local order book of one symbol, and how much of it we can still take."""

from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from domain.market.updates import DepthSnapshot, DepthUpdate, Level
from domain.orders.child_order import Slice
from domain.values import ZERO, Side, Symbol


LEVELS_MAX = 5_000
"""Levels kept on each side, as many as the venue's largest snapshot has. The stream
never removes levels that have drifted out of range; they would stay for ever."""


_CLOSE = 48
"""How many levels behind the last one stated are searched first for the next one."""


class BookSide:
    """All levels of one side, best first, with what we have taken from each.

    A level's available quantity is the stated one less what we have taken since that
    statement. A new statement is fresh liquidity.
    """

    __slots__ = (
        "_sells_into",
        "_stated",
        "_taken",
        "_taken_of",
        "_touch_only",
        "ranks",
    )

    def __init__(self, taker: Side) -> None:
        """Make an empty side.

        Args:
            taker: the side that takes from it: SELL takes the bids, BUY the asks.
        """
        self._sells_into = taker is Side.SELL
        # Two parallel lists. Finding a price in them takes a dozen comparisons, which
        # cost less than hashing one new Decimal. The best price is last, because most
        # levels come and go near it.
        self.ranks: list[Decimal] = []
        """Prices, negated for asks; ascending, so from worst to best."""

        self._stated: list[tuple[Decimal, int]] = []
        """(stated quantity, id of the statement) for the level at each rank."""

        self._taken: dict[Decimal, Decimal] = {}
        self._touch_only = False
        # price -> the stated quantity that we took from; only for a touch-only feed
        self._taken_of: dict[Decimal, Decimal] = {}

    def __len__(self) -> int:
        """Count the levels."""
        return len(self.ranks)

    def clear(self) -> None:
        """Forget everything."""
        self.ranks.clear()
        self._stated.clear()
        self._taken.clear()
        self._taken_of.clear()

    def load(
        self, levels: tuple[Level, ...], update_id: int, *, touch_only: bool = False
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

    def state(self, levels: tuple[Level, ...], update_id: int) -> None:  # noqa: C901 - one loop, paid per level
        """Set each level to its stated quantity; zero removes it.

        The venue states levels best first, so each is looked for close behind the one
        before. Any other order works too, but is slower.
        """
        ranks, stated = self.ranks, self._stated
        negates = not self._sells_into
        end = len(ranks)
        for price, quantity in levels:
            rank = price.copy_negate() if negates else price
            start = end - _CLOSE
            if start < 0 or ranks[start] > rank:
                start = 0
            at = bisect_left(ranks, rank, start, end)
            try:
                is_there = ranks[at] == rank
                if at == end and not is_there and ranks[at] < rank:  # not best first
                    at = bisect_left(ranks, rank, end)
                    is_there = ranks[at] == rank
            except IndexError:  # better than the best; too rare to check for each time
                is_there = False
            end = at
            if is_there:
                if quantity:
                    stated[at] = (quantity, update_id)
                else:
                    del ranks[at], stated[at]
            elif quantity:  # zero for an unknown level: it was beyond the snapshot
                ranks.insert(at, rank)
                stated.insert(at, (quantity, update_id))
        if self._taken:
            self._renew(levels)
        if len(ranks) > LEVELS_MAX:
            self._drop_worst(len(ranks) - LEVELS_MAX)

    def best_price(self) -> Decimal | None:
        """Return the best stated price, taken or not; None if the side is empty."""
        return self._price(self.ranks[-1]) if self.ranks else None

    def top(self, limit: int) -> tuple[Level, ...]:
        """Return up to ``limit`` stated levels, best first."""
        return tuple(
            (price, quantity) for price, quantity, _ in islice(self.best_first(), limit)
        )

    def best_first(self) -> Iterator[tuple[Decimal, Decimal, int]]:
        """Yield each level's price, stated quantity and the id of the statement."""
        pairs = zip(reversed(self.ranks), reversed(self._stated), strict=True)
        for rank, (quantity, update_id) in pairs:
            yield self._price(rank), quantity, update_id

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
        worst = self._price(limit)
        for rank, (stated, _) in zip(
            reversed(self.ranks), reversed(self._stated), strict=True
        ):
            if rank < worst or found >= enough:
                break
            found += stated
        return min(max(found, ZERO), enough)

    def _taken_at(self, limit: Decimal) -> Decimal:
        """Add up what was taken at ``limit`` or better; all of it is in sight."""
        return sum(
            (
                taken
                for price, taken in self._taken.items()
                if self.is_good_enough(price, limit)
            ),
            start=ZERO,
        )

    def take(self, limit: Decimal, quantity: Decimal) -> tuple[Slice, ...]:
        """Take up to ``quantity`` at ``limit`` or better, best level first."""
        slices = tuple(self._parts(limit, quantity))
        for part in slices:
            self._taken[part.price] = self._taken.get(part.price, ZERO) + part.quantity
            if self._touch_only:
                self._taken_of[part.price] = self._stated[self._find(part.price)][0]
        return slices

    def give_back(self, slices: tuple[Slice, ...]) -> None:
        """Make slices that were never sent available again.

        Not so a slice of a level that was stated again meanwhile: that statement
        already includes it.
        """
        for part in slices:
            if not self.is_stated_still(part):
                continue
            left = self._taken.get(part.price, ZERO) - part.quantity
            assert left >= 0, "more given back than was taken"
            if left:
                self._taken[part.price] = left
            else:
                del self._taken[part.price]

    def is_stated_still(self, part: Slice) -> bool:
        """Whether a slice is of the latest statement of its level."""
        at = self._find(part.price)
        return at >= 0 and self._stated[at][1] == part.update_id

    def _renew(self, levels: tuple[Level, ...]) -> None:
        """Forget what was taken from levels that are stated again."""
        for price, quantity in levels:
            if not (self._touch_only and self._is_as_before(price, quantity)):
                self._taken.pop(price, None)

    def _is_as_before(self, price: Decimal, quantity: Decimal) -> bool:
        """Whether a level went out of sight, or came back with the quantity it had."""
        return not quantity or self._taken_of.get(price) == quantity

    def _price(self, rank: Decimal) -> Decimal:
        """Convert a rank to its price, or a price to its rank."""
        return rank if self._sells_into else rank.copy_negate()

    def _find(self, price: Decimal) -> int:
        """Return the level's index in the lists; -1 if there is none."""
        rank = self._price(price)
        at = bisect_left(self.ranks, rank)
        is_there = at < len(self.ranks) and self.ranks[at] == rank
        return at if is_there else -1

    def _drop_worst(self, count: int) -> None:
        for rank in self.ranks[:count]:
            self._taken.pop(self._price(rank), None)
        del self.ranks[:count], self._stated[:count]

    def _parts(self, limit: Decimal, quantity: Decimal) -> Iterator[Slice]:
        """Plan what to take; takes nothing."""
        wanted = quantity
        for price, stated, update_id in self.best_first():
            if not wanted or not self.is_good_enough(price, limit):
                return
            left = stated - self._taken.get(price, ZERO)
            assert left >= 0, f"more was taken at {price} than was there"
            if left:
                part = min(left, wanted)
                wanted -= part
                yield Slice(price=price, quantity=part, update_id=update_id)


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
        # Called after every update, so it compares ranks and makes no prices of them.
        bids, asks = self.bids.ranks, self.asks.ranks
        return bool(bids and asks) and bids[-1] >= asks[-1].copy_negate()
