"""The seeded market's book of one symbol: levels, update id and what changed since.

Prices are in ticks and quantities in lots (whole multiples of tick and step). Every
change of a level is one update id, as at the venue. A level shows the market's own
quantity and that of clients' resting orders together.
"""

from bisect import bisect_left, insort

from adapters.simulated_exchange.market.level_queue import LevelQueue, Resting


Levels = dict[int, int]
"""Price in ticks -> quantity in lots; in changes 0 means that the level is gone."""


class DepthSide:
    """One side of the book: quantities by price, and the prices in rising order."""

    __slots__ = ("changed", "prices", "quantities", "queues")

    def __init__(self) -> None:
        """Begin empty."""
        self.quantities: Levels = {}
        self.prices: list[int] = []
        self.changed: Levels = {}
        self.queues: dict[int, LevelQueue] = {}
        """Clients' resting orders by price."""

    def own(self, price: int) -> int:
        """Return the quantity of a level that is the market's own."""
        queue = self.queues.get(price)
        return self.quantities.get(price, 0) - (queue.quantity if queue else 0)

    def set(self, price: int, own: int) -> None:
        """State the market's own quantity of a level; 0 removes it."""
        quantity, held = own, price in self.quantities
        queue = self.queues.get(price)
        if queue is not None:
            queue.clip(own)
            quantity += queue.quantity
            if not queue.orders:
                del self.queues[price]
        if quantity:
            self.quantities[price] = quantity
            if not held:
                insort(self.prices, price)
        elif held:
            del self.quantities[price]
            del self.prices[bisect_left(self.prices, price)]
        self.changed[price] = quantity

    def join(self, order: Resting) -> None:
        """Let a client's order rest."""
        own = self.own(order.price)
        self.queues.setdefault(order.price, LevelQueue()).join(order, own)
        self.set(order.price, own)

    def leave(self, order: Resting) -> None:
        """Remove a client's order."""
        own = self.own(order.price)
        self.queues[order.price].leave(order)
        self.set(order.price, own)

    def shrink(self, order: Resting, quantity: int) -> None:
        """Make a client's order smaller."""
        own = self.own(order.price)
        self.queues[order.price].shrink(order, quantity)
        self.set(order.price, own)


class DepthBook:
    """Both sides and the update id; remembers changes for 100 ms and 1000 ms events."""

    __slots__ = ("asks", "bids", "first_ids", "slow_asks", "slow_bids", "update_id")

    def __init__(self, update_id: int) -> None:
        """Begin empty at an update id."""
        self.bids = DepthSide()
        self.asks = DepthSide()
        self.update_id = update_id
        self.slow_bids: Levels = {}
        self.slow_asks: Levels = {}
        self.first_ids = [update_id + 1, update_id + 1]
        """Next `U` of the fast and of the slow depth event."""

    def set_bid(self, price: int, own: int) -> None:
        """State the market's own part of a bid level under a new update id."""
        self.update_id += 1
        self.bids.set(price, own)

    def set_ask(self, price: int, own: int) -> None:
        """State the market's own part of an ask level under a new update id."""
        self.update_id += 1
        self.asks.set(price, own)

    def side_of(self, order: Resting) -> DepthSide:
        """Begin a new update id for an order; return the side where it rests."""
        self.update_id += 1
        return self.bids if order.is_buy else self.asks

    @property
    def best_bid(self) -> int:
        """Highest bid in ticks; 0 when there is none."""
        return self.bids.prices[-1] if self.bids.prices else 0

    @property
    def best_ask(self) -> int:
        """Lowest ask in ticks; beyond any price when there is none."""
        return self.asks.prices[0] if self.asks.prices else 1 << 62

    def renumber(self) -> None:
        """Restart the update ids at 1, whatever is in the book."""
        self.update_id = 0
        self.first_ids = [1, 1]

    def touch(self) -> tuple[int, int, int, int]:
        """Return (best bid, its quantity, best ask, its quantity), 0 for none."""
        bids, asks = self.bids, self.asks
        bid = bids.prices[-1] if bids.prices else 0
        ask = asks.prices[0] if asks.prices else 0
        return bid, bids.quantities.get(bid, 0), ask, asks.quantities.get(ask, 0)

    def drain_fast(self) -> tuple[int, Levels, Levels] | None:
        """Return (first id, bids, asks) changed since the last call, if anything."""
        first = self.first_ids[0]
        if first > self.update_id:
            return None
        bids, asks = self.bids.changed, self.asks.changed
        self.bids.changed, self.asks.changed = {}, {}
        self.slow_bids.update(bids)
        self.slow_asks.update(asks)
        self.first_ids[0] = self.update_id + 1
        return first, bids, asks

    def drain_slow(self) -> tuple[int, Levels, Levels] | None:
        """Do the same for the slow events; call it after `drain_fast`."""
        first = self.first_ids[1]
        if first > self.update_id:
            return None
        bids, asks = self.slow_bids, self.slow_asks
        self.slow_bids, self.slow_asks = {}, {}
        self.first_ids[1] = self.update_id + 1
        return first, bids, asks
