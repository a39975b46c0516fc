"""One symbol of the seeded market: makers, takers and the tape."""

import random

from adapters.simulated_exchange.market.depth_book import DepthBook, DepthSide, Levels
from adapters.simulated_exchange.market.fair_value import FairValue
from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.market.level_queue import (
    LevelQueue,
    Spare,
    spare_nobody,
)
from adapters.simulated_exchange.market.market_events import (
    MarketEvent,
    ScaledLevels,
    TouchChanged,
)
from adapters.simulated_exchange.market.order_book import Execution, Taken
from adapters.simulated_exchange.market.tape import Tape


SPREAD_TICKS_MAX = 4
LEVEL_GAP = 3e-5
"""Mean distance of neighbouring levels as a fraction of the price."""
TAKE_LEVELS_MAX = 3
HURRY_MS_MAX = 12
"""Makers repair a wide spread and takers lift a stale level within this time."""
ADD, RESTATE, TAKE = 0.42, 0.60, 0.72
"""Cumulative shares of the actions; the rest cancels."""
SWEEP_PROBABILITY = 0.15
_NO_QUEUE = LevelQueue()
"""Of a price where no client's order rests; never changed."""


class SymbolMarket:
    """The book of one symbol, and those who trade in it. Owns its chance."""

    def __init__(self, instrument: Instrument, seed: int) -> None:
        """Fill the book around the instrument's price."""
        self.instrument = instrument
        source = f"{seed}:{instrument.symbol}"
        self._chance = random.Random(source)  # noqa: S311 - a market has to repeat
        self._fair = FairValue(instrument, self._chance)
        self.tape = Tape(instrument, self._chance)
        self.book = DepthBook(self._chance.randrange(10**8, 10**11))
        self._lots = instrument.level_quantity // instrument.step
        self._reach = max(LEVEL_GAP * instrument.price / instrument.tick, 1.0)
        self._reach *= instrument.levels / 3
        self._fill_book()
        self._told_touch = self.book.touch()
        self.next_ms = self._fair.pause_ms()

    def _fill_book(self) -> None:
        middle = self.instrument.price // self.instrument.tick
        for _ in range(self.instrument.levels):
            self._add_bid(min(middle, self.book.best_ask - 1))
            self._add_ask(max(middle + 1, self.book.best_bid + 1))
        if not self.book.bids.quantities.get(middle):
            self.book.set_bid(middle, self._draw_lots())
        if not self.book.asks.quantities.get(middle + 1):
            self.book.set_ask(middle + 1, self._draw_lots())
        self.book.drain_fast()
        self.book.drain_slow()

    def act(self, now_ms: int) -> list[MarketEvent]:
        """Do the action that is due, draw the next time, and return what happened.

        That includes what others took since the last action.
        """
        book, fair = self.book, self._fair.move(now_ms)
        before = book.touch()
        bid, ask = before[0] or fair, before[2] or fair + 1
        if ask <= fair:
            self._lift_stale(now_ms, fair, is_buy=True)
        elif bid > fair:
            self._lift_stale(now_ms, fair + 1, is_buy=False)
        elif ask - bid > SPREAD_TICKS_MAX or not (before[0] and before[2]):
            self._tighten(fair)
        else:
            self._trade_or_quote(now_ms, fair)
        self.next_ms = now_ms + self._draw_pause(fair)
        return self.drain()

    def drain(self) -> list[MarketEvent]:
        """Return what happened since the last time."""
        touch = self.book.touch()
        if touch != self._told_touch:
            self._told_touch = touch
            self.tape.events.append(self._touch_event(touch))
        events, self.tape.events = self.tape.events, []
        return events

    def take(self, limit: int, lots: int, at_ms: int, *, is_buy: bool) -> int:
        """Take up to `lots` at `limit` ticks or better; return what was taken."""
        taken = self.execute(limit, lots, at_ms, is_buy=is_buy)
        return sum(one.quantity for one in taken.executions)

    def execute(
        self,
        limit: int,
        lots: int,
        at_ms: int,
        *,
        is_buy: bool,
        spare: Spare = spare_nobody,
    ) -> Taken:
        """Take up to `lots` at `limit` ticks or better, in ticks and lots.

        The one way by which anybody takes liquidity here: prints the trades.
        """
        book, left = self.book, lots
        executions: list[Execution] = []
        blocked = None
        self._fair.excite()
        while left and blocked is None:
            price = book.best_ask if is_buy else book.best_bid
            if not price or (price > limit if is_buy else price < limit):
                break
            side = book.asks if is_buy else book.bids
            if not side.quantities.get(price):
                break
            own, queue = side.own(price), side.queues.get(price) or _NO_QUEUE
            parts, blocked = queue.take(left, own, spare)
            own_taken = sum(size for maker, size in parts if maker is None)
            (book.set_ask if is_buy else book.set_bid)(price, own - own_taken)
            left -= sum(size for _maker, size in parts)
            if parts:
                executions += self.tape.print(price, parts, at_ms, is_buy=is_buy)
        return Taken(executions=tuple(executions), blocked=blocked)

    def _lift_stale(self, now_ms: int, limit: int, *, is_buy: bool) -> None:
        """Take some of the levels that the fair price has left behind."""
        side = self.book.asks if is_buy else self.book.bids
        prices = side.prices if is_buy else side.prices[::-1]
        lots = 0
        for price in prices[: self._chance.randint(1, TAKE_LEVELS_MAX)]:
            lots += side.quantities[price]
        self.take(limit, lots, now_ms, is_buy=is_buy)

    def _tighten(self, fair: int) -> None:
        """Quote inside the spread, on the side that is farther from the fair price."""
        book, shyness = self.book, int(self._chance.random() ** 3 * 3)
        bid, ask = book.best_bid, book.best_ask
        if fair - bid >= ask - fair - 1 or not bid:
            book.set_bid(max(bid + 1, fair - shyness, 1), self._draw_lots())
        else:
            book.set_ask(min(ask - 1, fair + 1 + shyness), self._draw_lots())
        for side, is_bid in ((book.bids, True), (book.asks, False)):
            if 0 < len(side.prices) < self.instrument.levels // 2:
                self._add(fair, is_bid=is_bid)

    def _trade_or_quote(self, now_ms: int, fair: int) -> None:
        book, draw = self.book, self._chance.random()
        is_bid = self._chance.random() < 0.5  # noqa: PLR2004 - a fair coin
        side = book.bids if is_bid else book.asks
        short = len(side.prices) < self.instrument.levels
        if draw < ADD:
            if short:
                self._add(fair, is_bid=is_bid)
            else:
                self._cancel(side, is_bid=is_bid)
        elif draw < RESTATE:
            best = book.best_bid if is_bid else book.best_ask
            (book.set_bid if is_bid else book.set_ask)(best, self._draw_lots())
        elif draw < TAKE:
            self._take_some(now_ms, is_buy=not is_bid)
        elif short and self._chance.random() < 0.5:  # noqa: PLR2004 - a fair coin
            self._add(fair, is_bid=is_bid)
        else:
            self._cancel(side, is_bid=is_bid)

    def _add(self, fair: int, *, is_bid: bool) -> None:
        book = self.book
        if is_bid:
            self._add_bid(min(fair, book.best_bid + 1, book.best_ask - 1))
        else:
            self._add_ask(max(fair + 1, book.best_ask - 1, book.best_bid + 1))

    def _add_bid(self, highest: int) -> None:
        price = highest - int(self._chance.expovariate(1 / self._reach))
        if price > 0:
            held = self.book.bids.own(price)
            self.book.set_bid(price, held + self._draw_lots())

    def _add_ask(self, lowest: int) -> None:
        price = lowest + int(self._chance.expovariate(1 / self._reach))
        held = self.book.asks.own(price)
        self.book.set_ask(price, held + self._draw_lots())

    def _cancel(self, side: DepthSide, *, is_bid: bool) -> None:
        """Pull a level or half of it, more often near the touch."""
        count = len(side.prices)
        if count * 2 < self.instrument.levels:
            return
        place = int(count * self._chance.random() ** 2)
        price = side.prices[count - 1 - place if is_bid else place]
        held = side.own(price)
        left = held // 2 if self._chance.random() < 0.4 else 0  # noqa: PLR2004 - share
        (self.book.set_bid if is_bid else self.book.set_ask)(price, left)

    def _take_some(self, now_ms: int, *, is_buy: bool) -> None:
        side = self.book.asks if is_buy else self.book.bids
        best = self.book.best_ask if is_buy else self.book.best_bid
        lots = max(int(side.quantities[best] * self._chance.random()), 1)
        if self._chance.random() < SWEEP_PROBABILITY:
            lots *= TAKE_LEVELS_MAX
        limit = best + SPREAD_TICKS_MAX if is_buy else best - SPREAD_TICKS_MAX
        self.take(limit, lots, now_ms, is_buy=is_buy)

    def _draw_lots(self) -> int:
        return 1 + int(self._lots * self._chance.lognormvariate(-0.3, 0.8))

    def _draw_pause(self, fair: int) -> int:
        bid, ask = self.book.best_bid, self.book.best_ask
        if ask <= fair or bid > fair or ask - bid > SPREAD_TICKS_MAX:
            return self._chance.randint(1, HURRY_MS_MAX)
        return self._fair.pause_ms()

    def _touch_event(self, touch: tuple[int, int, int, int]) -> TouchChanged:
        tick, step = self.instrument.tick, self.instrument.step
        bid, bid_quantity, ask, ask_quantity = touch
        return TouchChanged(
            symbol=self.instrument.symbol,
            update_id=self.book.update_id,
            bid=bid * tick,
            bid_quantity=bid_quantity * step,
            ask=ask * tick,
            ask_quantity=ask_quantity * step,
        )

    def scaled(self, levels: Levels, *, descending: bool) -> ScaledLevels:
        """Return (price, quantity) in integers of 1e-8, sorted by price."""
        tick, step = self.instrument.tick, self.instrument.step
        return tuple(
            (price * tick, lots * step)
            for price, lots in sorted(levels.items(), reverse=descending)
        )
