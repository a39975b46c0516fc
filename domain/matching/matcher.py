"""The matching rule, as one pure object per symbol.

When the book changes, what is there is offered to the waiting orders: best limit first,
among equals the oldest. Each takes levels at its limit or better, best price first.

Waiting orders lie in an index sorted by limit, so an update that triggers nothing
costs the same whether one order waits or a hundred thousand.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from types import MappingProxyType

from sortedcontainers import SortedList

from domain.market.order_book import BookSide, LocalOrderBook
from domain.market.updates import DepthUpdate, Statement
from domain.matching.sizing import Sizing
from domain.orders.child_order import Slice
from domain.values import AT_ONCE, OrderId, Side, TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOrder:
    """What the matching rule needs to know of an order."""

    order_id: OrderId
    side: Side
    price: Decimal
    """The limit, in quote."""

    released: Decimal
    """How much of it may be taken now, in base."""

    left: Decimal
    """What is left of the whole order, in base: neither filled nor in flight. At least
    ``released``; what remains of it has to be large enough for the venue, too."""

    sequence: int
    """Rank by acceptance."""

    time_in_force: TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Slices set aside for one order. Empty: an IOC or FOK order gets nothing."""

    order_id: OrderId
    slices: tuple[Slice, ...]


_IndexKey = tuple[Decimal, int, OrderId]


PASSED_MAX = 16
"""How many orders may be passed over because what is there is below the venue's
minimums for them. Few: the cost of an update must not grow with the waiting orders."""


class _WaitingIndex:
    """Waiting orders of one side, in the order in which they are served."""

    __slots__ = ("_descending", "_keys", "_waiting", "first_limit")

    def __init__(self, side: Side, waiting: Mapping[OrderId, WaitingOrder]) -> None:
        """Make an empty index.

        Args:
            side: of its orders.
            waiting: the orders of both sides, which the matcher keeps.
        """
        self._descending = side is Side.BUY
        self._waiting = waiting
        # A list, not a dict: hashing a Decimal costs more than finding it.
        self._keys: SortedList[_IndexKey] = SortedList()
        self.first_limit: Decimal | None = None
        """The limit that is easiest to satisfy; None if no order waits."""

    def __iter__(self) -> Iterator[WaitingOrder]:
        return (self._waiting[order_id] for _, _, order_id in self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, order: WaitingOrder) -> None:
        self._keys.add(self._key(order))
        self._note_first()

    def remove(self, order: WaitingOrder) -> None:
        self._keys.remove(self._key(order))
        self._note_first()

    def at(self, position: int) -> WaitingOrder:
        return self._waiting[self._keys[position][2]]

    def is_before(self, one: WaitingOrder, other: WaitingOrder) -> bool:
        return self._key(one) < self._key(other)

    def _key(self, order: WaitingOrder) -> _IndexKey:
        rank = order.price.copy_negate() if self._descending else order.price
        return (rank, order.sequence, order.order_id)

    def _note_first(self) -> None:
        self.first_limit = self.at(0).price if self._keys else None


class Matcher:
    """Decides which order gets what of the book, and never gives the same twice.

    An order that was given something is *away*: out of the index until it is enlisted
    again with what is then waiting. The book may be stated again meanwhile; the order
    keeps what it was given.
    """

    def __init__(self, book: LocalOrderBook, sizing: Sizing | None = None) -> None:
        """Begin with no order.

        Args:
            book: of the symbol.
            sizing: of children; None takes whatever is there.
        """
        self.sizing = sizing
        self._book = book
        self._waiting: dict[OrderId, WaitingOrder] = {}
        self._for_now = 0
        self._sells = _WaitingIndex(Side.SELL, self._waiting)
        self._buys = _WaitingIndex(Side.BUY, self._waiting)

    def __len__(self) -> int:
        """Count the orders in the index; those away are not in it."""
        return len(self._waiting)

    @property
    def waiting(self) -> Mapping[OrderId, WaitingOrder]:
        """Return the orders in the index, to look at."""
        return MappingProxyType(self._waiting)

    def first(self, side: Side, count: int) -> list[WaitingOrder]:
        """List so many orders of a side, in the order in which they are served."""
        return list(islice(self._index(side), count))

    def enlist(self, order: WaitingOrder) -> Allocation | None:
        """Match an arriving order at once; let it wait if there is nothing for it.

        Returns:
            What it was given, after which it is away; an empty allocation for an IOC
            or FOK order that gets nothing; None if the order waits.
        """
        self.withdraw(order.order_id)
        levels = self._book.taken_by(order.side)
        slices = self._take(order, levels)
        if slices or order.time_in_force in AT_ONCE:
            return Allocation(order_id=order.order_id, slices=slices)
        self.wait(order)
        return None

    def enlist_among(self, order: WaitingOrder) -> list[Allocation]:
        """Match an order and all waiting ones, each in its turn.

        For an order that arrives after liquidity came back, which has to be offered to
        those before it first.
        """
        given = self._match_side(order.side, before=order)
        own = self.enlist(order)
        if own is not None:
            given.append(own)
        return given + self.match()

    def for_now(self) -> list[WaitingOrder]:
        """List the IOC and FOK orders that wait, by side and in their turn."""
        if not self._for_now:
            return []
        every = (*self._sells, *self._buys)
        return [order for order in every if order.time_in_force in AT_ONCE]

    def withdraw(self, order_id: OrderId) -> None:
        """Remove an order from the index; it may be away or unknown."""
        order = self._waiting.pop(order_id, None)
        if order is not None:
            self._index(order.side).remove(order)
            self._for_now -= order.time_in_force in AT_ONCE

    def is_triggered_by(self, update: DepthUpdate) -> bool:
        """Whether the update changes a level that some waiting order could take.

        Args:
            update: which the book has applied. If not even the book's best price is
                good enough for an order, nothing in the update matters to it.
        """
        book, sell_limit = self._book, self._sells.first_limit
        if sell_limit is not None and _reach(update.bids, book.bids, sell_limit):
            return True
        buy_limit = self._buys.first_limit
        return buy_limit is not None and _reach(update.asks, book.asks, buy_limit)

    @contextmanager
    def trial(
        self, side: Side
    ) -> Iterator[Callable[[WaitingOrder], tuple[Slice, ...]]]:
        """Let orders of a side take what they would get; at the end all is put back.

        What is yielded takes for an order that arrives now. Between beginning and end
        nothing else may be asked of the matcher or the book.
        """
        levels = self._book.taken_by(side)
        given: list[Slice] = []

        def take(order: WaitingOrder) -> tuple[Slice, ...]:
            slices = self._take(order, levels)
            given.extend(slices)
            return slices

        try:
            yield take
        finally:
            levels.give_back(tuple(given))

    def match(self, most: int | None = None) -> list[Allocation]:
        """Give what is available to the waiting orders, in price-time priority.

        Args:
            most: orders to serve now; None for all.
        """
        given = self._match_side(Side.SELL, most=most)
        left = None if most is None else most - len(given)
        return given + self._match_side(Side.BUY, most=left)

    def wait(self, order: WaitingOrder) -> None:
        """Add an arriving order without matching it.

        Because others come first, or there is no book yet. An IOC or FOK order only
        waits for its turn: then it gets what is there, or an empty allocation.
        """
        self.withdraw(order.order_id)
        self._waiting[order.order_id] = order
        self._for_now += order.time_in_force in AT_ONCE
        self._index(order.side).add(order)

    def _match_side(
        self, side: Side, before: WaitingOrder | None = None, most: int | None = None
    ) -> list[Allocation]:
        index = self._index(side)
        levels = self._book.taken_by(side)
        given: list[Allocation] = []
        passed = 0
        while passed < len(index) and len(given) != most:
            order = index.at(passed)
            if before is not None and not index.is_before(order, before):
                break
            slices = self._take(order, levels)
            if not slices and order.time_in_force not in AT_ONCE:
                # Those behind it ask for better prices, so there is nothing for them
                # either, unless what is there is only too little for this one.
                if passed == PASSED_MAX or not self._is_too_little(order, levels):
                    break
                passed += 1
                continue
            self.withdraw(order.order_id)
            given.append(Allocation(order_id=order.order_id, slices=slices))
        return given

    def _is_too_little(self, order: WaitingOrder, levels: BookSide) -> bool:
        if self.sizing is None:
            return False
        return bool(levels.available(order.price, order.released))

    def _take(self, order: WaitingOrder, levels: BookSide) -> tuple[Slice, ...]:
        """Take what an order gets now; all or nothing for FOK."""
        touch = levels.best_price()
        if touch is None or not levels.is_good_enough(touch, order.price):
            return ()
        is_whole = order.time_in_force is TimeInForce.FOK
        if self.sizing is None and not is_whole:
            return levels.take(order.price, order.released)
        limit, wanted = order.price, order.released
        if self.sizing is not None:
            limit = self.sizing.limit(order.side, limit, touch)
            wanted = self.sizing.wanted(limit=limit, touch=touch, released=wanted)
        quantity = levels.available(limit, wanted)
        if self.sizing is not None:
            quantity = self.sizing.size(
                limit=limit,
                touch=touch,
                available=quantity,
                released=order.released,
                left=order.left,
            )
        assert quantity <= order.released, "more than may be taken"
        if not quantity or (is_whole and quantity != order.left):
            return ()
        return levels.take(limit, quantity)

    def _index(self, side: Side) -> _WaitingIndex:
        return self._sells if side is Side.SELL else self._buys


def _reach(levels: tuple[Statement, ...], side: BookSide, limit: Decimal) -> bool:
    best = side.best_price()
    if best is None or not side.is_good_enough(best, limit):
        return False
    # One that has gone counts as well: a child's size and limit depend on the touch.
    return any(side.is_good_enough(Decimal(price), limit) for price, _ in levels)
