"""The tape of one seeded symbol: every trade gets its number and is reported here."""

import random

from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.market.level_queue import Part
from adapters.simulated_exchange.market.market_events import (
    MarketEvent,
    TradePrinted,
    TradesAggregated,
)
from adapters.simulated_exchange.market.order_book import Execution, Filled


MAKERS_MAX = 3


class Tape:
    """Trades as they happen, in ticks and lots inside and in amounts when told."""

    def __init__(self, instrument: Instrument, chance: random.Random) -> None:
        """Draw the first ids."""
        self.events: list[MarketEvent] = []
        """Trades not yet published; the market adds its own."""
        self.on_fill: Filled = lambda _execution, _is_buy: None
        """Told, in ticks and lots, when a client's resting order is met."""
        self.trade_id = chance.randrange(10**6, 10**9)
        """Of the latest trade."""
        self._aggregate_id = self.trade_id // 2
        self._instrument = instrument
        self._chance = chance

    def number_from(self, first_id: int) -> None:
        """Let all ids follow one: a later process must not repeat them."""
        self.trade_id = self._aggregate_id = first_id

    def next_trade_id(self) -> int:
        """Draw the id of a trade."""
        self.trade_id += 1
        return self.trade_id

    def print(
        self, price: int, parts: list[Part], at_ms: int, *, is_buy: bool
    ) -> list[Execution]:
        """Report one level's taking: a trade for each maker, and their sum."""
        first_id, lots_taken = self.trade_id + 1, 0
        made: list[Execution] = []
        for maker, lots in parts:
            lots_taken += lots
            for size in [lots] if maker is not None else self._split(lots):
                self._print_trade(price, size, at_ms, is_buy=is_buy)
                one = Execution(
                    price=price, quantity=size, trade_id=self.trade_id, maker=maker
                )
                made.append(one)
                if maker is not None:
                    self.on_fill(one, not is_buy)
        tick, step = self._instrument.tick, self._instrument.step
        self._aggregate_id += 1
        self.events.append(
            TradesAggregated(
                symbol=self._instrument.symbol,
                aggregate_id=self._aggregate_id,
                price=price * tick,
                quantity=lots_taken * step,
                first_trade_id=first_id,
                last_trade_id=self.trade_id,
                at_ms=at_ms,
                buyer_is_maker=not is_buy,
            )
        )
        return made

    def _split(self, lots: int) -> list[int]:
        """Divide what the market itself gives among one to three makers."""
        sizes, left = [], lots
        for makers_left in range(self._chance.randint(1, MAKERS_MAX), 0, -1):
            size = left if makers_left == 1 else left // 2
            if size:
                left -= size
                sizes.append(size)
        return sizes

    def _print_trade(self, price: int, lots: int, at_ms: int, *, is_buy: bool) -> None:
        self.events.append(
            TradePrinted(
                symbol=self._instrument.symbol,
                trade_id=self.next_trade_id(),
                price=price * self._instrument.tick,
                quantity=lots * self._instrument.step,
                at_ms=at_ms,
                buyer_is_maker=not is_buy,
            )
        )
