"""A recorded symbol's book as a trading side sees it.

The recording goes on as it was, byte for byte. What clients take is remembered and
missing from the level until the recording states it again; their resting orders are
filled when the recorded book or a recorded trade reaches them, and are shown to nobody.
"""

from collections.abc import Iterator

from adapters.simulated_exchange.market.amounts import to_scaled
from adapters.simulated_exchange.market.level_queue import (
    LevelQueue,
    Resting,
    Spare,
    spare_nobody,
)
from adapters.simulated_exchange.market.order_book import Execution, Filled, Taken
from adapters.simulated_exchange.market.recorded_book import RecordedBook
from adapters.simulated_exchange.market.recorded_events import (
    DepthEvent,
    RecordedEvent,
    TickerEvent,
    TradeEvent,
)


SideAndPrice = tuple[bool, int]
"""Whether it is a bid, and the price."""


class RecordedOrderBook:
    """Orders of clients around a recorded book. An `order_book.OrderBook`."""

    def __init__(self, book: RecordedBook, first_trade_id: int) -> None:
        """Trade in a book, under trade ids of our own."""
        self.on_fill: Filled = lambda _execution, _is_buy: None
        self._book = book
        self._trade_id = first_trade_id
        self._taken: dict[SideAndPrice, int] = {}
        self._queues: dict[SideAndPrice, LevelQueue] = {}
        self._halted = False

    def begin_anew(self, book: RecordedBook) -> None:
        """Go on with the book of the recording's beginning."""
        self._book = book
        self._taken.clear()

    def _own(self, place: SideAndPrice) -> int:
        stated = to_scaled(self._book.quantity(place[1], is_bid=place[0]))
        return max(stated - self._taken.get(place, 0), 0)

    def _places(self, *, is_bid: bool) -> list[SideAndPrice]:
        """Return where there may be something, best first."""
        prices = set(self._book.prices(is_bid=is_bid))
        prices.update(price for bid, price in self._queues if bid == is_bid)
        return [(is_bid, price) for price in sorted(prices, reverse=is_bid)]

    def _held(self, place: SideAndPrice) -> int:
        queue = self._queues.get(place)
        return self._own(place) + (queue.quantity if queue else 0)

    def best(self, *, is_buy: bool) -> int:
        """Return the price that a taker meets first; 0 when there is none."""
        for price, _quantity in self.levels(is_buy=is_buy):
            return price
        return 0

    def levels(self, *, is_buy: bool) -> Iterator[tuple[int, int]]:
        """Yield the (price, quantity) that a taker meets, best first."""
        for place in self._places(is_bid=not is_buy):
            held = self._held(place)
            if held:
                yield place[1], held

    def take(
        self, limit: int | None, quantity: int, *, is_buy: bool, spare: Spare
    ) -> Taken:
        """Take up to a quantity, at the limit or better, or at any price."""
        executions: list[Execution] = []
        left, blocked = quantity, None
        for place in self._places(is_bid=not is_buy):
            price = place[1]
            beyond = limit is not None and (price > limit if is_buy else price < limit)
            if beyond or not left or blocked is not None:
                break
            queue = self._queues.get(place) or LevelQueue()
            parts, blocked = queue.take(left, self._own(place), spare)
            for maker, size in parts:
                left -= size
                if maker is None:
                    self._taken[place] = self._taken.get(place, 0) + size
                executions.append(self._execute(maker, price, size))
            self._forget_if_empty(place)
        return Taken(executions=tuple(executions), blocked=blocked)

    def _execute(self, maker: Resting | None, price: int, size: int) -> Execution:
        one = Execution(
            price=price, quantity=size, trade_id=self.next_trade_id(), maker=maker
        )
        if maker is not None:
            self.on_fill(one, maker.is_buy)
        return one

    def rest(self, order: Resting) -> Resting:
        """Put an order behind those of its price; return the handle to remove it."""
        place = (order.is_buy, order.price)
        self._queues.setdefault(place, LevelQueue()).join(order, self._own(place))
        return order

    def leave(self, handle: Resting) -> None:
        """Remove a resting order."""
        place = (handle.is_buy, handle.price)
        self._queues[place].leave(handle)
        self._forget_if_empty(place)

    def shrink(self, handle: Resting, quantity: int) -> None:
        """Make a resting order smaller without moving it."""
        self._queues[handle.is_buy, handle.price].shrink(handle, quantity)

    def next_trade_id(self) -> int:
        """Draw the id of a trade that happens outside the book."""
        self._trade_id += 1
        return self._trade_id

    def tell(self) -> None:
        """Publish nothing: the streams are those of the recording."""

    def halt(self, *, halted: bool) -> None:
        """Stop recorded events from filling orders, or let them again."""
        self._halted = halted

    def _forget_if_empty(self, place: SideAndPrice) -> None:
        queue = self._queues.get(place)
        if queue is not None and not queue.orders:
            del self._queues[place]

    def follow(self, event: RecordedEvent) -> None:
        """Note what the recording stated, and fill whom it reaches."""
        if isinstance(event, DepthEvent):
            for is_bid, levels in ((True, event.b), (False, event.a)):
                for price, _quantity in levels:
                    self._restate((is_bid, to_scaled(price)))
        elif isinstance(event, TickerEvent) and self._book.knows_touch_only:
            self._taken.clear()
        if not self._queues or self._halted:
            return
        if isinstance(event, TradeEvent):
            self._meet_trade(event)
        else:
            self._meet_book(is_bid=True)
            self._meet_book(is_bid=False)

    def _restate(self, place: SideAndPrice) -> None:
        self._taken.pop(place, None)
        queue = self._queues.get(place)
        if queue is not None:
            queue.clip(self._own(place))

    def _waiting(self, *, is_bid: bool) -> list[SideAndPrice]:
        """Return where orders wait on a side, best first."""
        found = [place for place in self._queues if place[0] == is_bid]
        return sorted(found, key=lambda place: place[1], reverse=is_bid)

    def _meet_book(self, *, is_bid: bool) -> None:
        """Fill bids that the recorded asks have come to, or the other way round."""
        for mine in self._waiting(is_bid=is_bid):
            for other in self._book.prices(is_bid=not is_bid):
                if other > mine[1] if is_bid else other < mine[1]:
                    return
                place = (not is_bid, other)
                filled = self._fill(mine, self._own(place), own=0)
                self._taken[place] = self._taken.get(place, 0) + filled
                if mine not in self._queues:
                    break

    def _meet_trade(self, event: TradeEvent) -> None:
        """Fill the orders that a recorded taker would have met."""
        price, left, is_bid = to_scaled(event.p), to_scaled(event.q), event.m
        for mine in self._waiting(is_bid=is_bid):
            if mine[1] < price if is_bid else mine[1] > price:
                return
            own = self._own(mine) if mine[1] == price else 0
            left -= self._fill(mine, left, own=own)

    def _fill(self, place: SideAndPrice, size: int, *, own: int) -> int:
        """Fill the orders at a price; return what they got."""
        filled = 0
        parts, _blocked = self._queues[place].take(size, own, spare_nobody)
        for maker, part in parts:
            if maker is not None:
                filled += part
                self._execute(maker, place[1], part)
        self._forget_if_empty(place)
        return filled
