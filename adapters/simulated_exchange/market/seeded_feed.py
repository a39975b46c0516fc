"""Lets the seeded market live in real time and publishes what happens in it."""

import asyncio
from typing import assert_never

from adapters.simulated_exchange.clock import WallClock, ids_from
from adapters.simulated_exchange.history.history_streams import HistoryStreams
from adapters.simulated_exchange.history.trade_history import (
    AggregateView,
    TradeHistory,
    TradeView,
)
from adapters.simulated_exchange.market.amounts import SCALE, to_text
from adapters.simulated_exchange.market.depth_book import DepthSide
from adapters.simulated_exchange.market.engine import FAST_MS, SeededMarket
from adapters.simulated_exchange.market.instruments import Instrument, list_instrument
from adapters.simulated_exchange.market.market_events import (
    DepthChanged,
    MarketEvent,
    TouchChanged,
    TradePrinted,
    TradesAggregated,
)
from adapters.simulated_exchange.market.order_book import OrderBook
from adapters.simulated_exchange.market.seeded_order_book import SeededOrderBook
from adapters.simulated_exchange.market.source import (
    AveragePrice,
    TextLevels,
    TouchView,
    VisibleBook,
)
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.wire import payloads
from adapters.simulated_exchange.wire.broadcaster import Broadcaster
from adapters.simulated_exchange.wire.stream_names import (
    TimedStream,
    streams_of,
    timed_stream,
)


BEAT_SECONDS = 0.005
WARM_UP_MS = 2000
"""The market has lived this long when it opens, so that there are trades to show."""
AVERAGE_MINUTES = 5


class SeededFeed:
    """The seeded market on the wall clock. A `source.MarketSource`."""

    def __init__(
        self, settings: SimulatorSettings, broadcaster: Broadcaster, clock: WallClock
    ) -> None:
        """Open the market now, as if it had been open for a moment."""
        listed = [
            list_instrument(name, settings.seed) for name in settings.seeded_symbols
        ]
        self.instruments: dict[str, Instrument] = {one.symbol: one for one in listed}
        self.market = SeededMarket(listed, settings.seed)
        for one in self.market.symbols.values():
            # A restart must not repeat ids: clients keep databases.
            one.tape.number_from(ids_from(clock()))
        self._speed = float(settings.speed or 1)
        self._broadcaster = broadcaster
        self._opened_ms = clock() - int(WARM_UP_MS / self._speed)
        self._histories = {name: TradeHistory() for name in self.instruments}
        for event in self.market.advance(WARM_UP_MS):
            self._remember(event)
        self._names = {name: streams_of(name) for name in self.instruments}
        self._partial_ids: dict[str, int] = {}
        self._history_streams = HistoryStreams(self, broadcaster)

    async def run(self) -> None:
        """Let the market live and publish what happens, until cancelled."""
        loop = asyncio.get_running_loop()
        opened = loop.time() - self.market.now_ms / 1000 / self._speed
        while True:
            target_ms = int((loop.time() - opened) * 1000 * self._speed)
            while (now_ms := self.market.now_ms) < target_ms:
                self.step(min(target_ms, now_ms - now_ms % FAST_MS + FAST_MS))
                await asyncio.sleep(0)
            await asyncio.sleep(BEAT_SECONDS)

    def step(self, until_ms: int) -> None:
        """Advance to a moment, at most to the next full 100 ms, and publish."""
        for event in self.market.advance(until_ms):
            self._publish(event)
        if until_ms % FAST_MS == 0:
            self._publish_timed(until_ms)
        self._history_streams.advance(self.now_ms())

    def tell(self, symbol: str) -> None:
        """Publish at once what a client did to a symbol's book."""
        for event in self.market.tell(symbol):
            self._publish(event)

    def order_book(self, symbol: str) -> OrderBook:
        """Return the book of a symbol, to trade in."""
        return SeededOrderBook(self.market, symbol, lambda: self.tell(symbol))

    def _wall(self, at_ms: int) -> int:
        """Return the wall time of a market time, ms since 1970 UTC."""
        return self._opened_ms + int(at_ms / self._speed)

    def now_ms(self) -> int:
        """Return the moment of the tape, ms since 1970 UTC."""
        return self._wall(self.market.now_ms)

    def _publish(self, event: MarketEvent) -> None:
        self._remember(event)
        stream = self._stream_of(event)
        if self._broadcaster.wants(stream):
            self._broadcaster.publish(stream, self._render(event))

    def _remember(self, event: MarketEvent) -> None:
        history = self._histories[event.symbol]
        match event:
            case TradePrinted():
                history.add(
                    TradeView(
                        trade_id=event.trade_id,
                        price=to_text(event.price),
                        quantity=to_text(event.quantity),
                        quote_quantity=to_text(event.price * event.quantity // SCALE),
                        time_ms=self._wall(event.at_ms),
                        buyer_is_maker=event.buyer_is_maker,
                    )
                )
            case TradesAggregated():
                history.add_aggregate(
                    AggregateView(
                        aggregate_id=event.aggregate_id,
                        price=to_text(event.price),
                        quantity=to_text(event.quantity),
                        first_trade_id=event.first_trade_id,
                        last_trade_id=event.last_trade_id,
                        time_ms=self._wall(event.at_ms),
                        buyer_is_maker=event.buyer_is_maker,
                    )
                )
            case _:
                pass

    def _stream_of(self, event: MarketEvent) -> str:
        names = self._names[event.symbol]
        match event:
            case TouchChanged():
                return names.book_ticker
            case DepthChanged():
                fast = event.interval_ms == FAST_MS
                return names.depth_fast if fast else names.depth_slow
            case TradePrinted():
                return names.trade
            case TradesAggregated():
                return names.aggregate_trade
            case _:
                assert_never(event)

    def _render(self, event: MarketEvent) -> bytes:
        match event:
            case TouchChanged():
                return payloads.book_ticker(event)
            case DepthChanged():
                return payloads.depth_update(event, self._wall(event.at_ms))
            case TradePrinted():
                return payloads.trade(event, self._wall(event.at_ms))
            case TradesAggregated():
                return payloads.aggregate_trade(event, self._wall(event.at_ms))
            case _:
                assert_never(event)

    def _publish_timed(self, now_ms: int) -> None:
        """Publish partial books and average prices whose interval is full."""
        for name in tuple(self._broadcaster.hub.subscribers):
            wanted = timed_stream(name)
            if (
                wanted is not None
                and wanted.symbol in self.instruments
                and now_ms % wanted.interval_ms == 0
            ):
                self._publish_one_timed(name, wanted, now_ms)

    def _publish_one_timed(self, name: str, wanted: TimedStream, now_ms: int) -> None:
        if wanted.levels:
            update_id = self.market.symbols[wanted.symbol].book.update_id
            if self._partial_ids.get(name) == update_id:
                return
            self._partial_ids[name] = update_id
            data = payloads.depth_snapshot(self.book(wanted.symbol, wanted.levels))
        else:
            average = self.average_price(wanted.symbol)
            data = payloads.average_price(wanted.symbol, average, self._wall(now_ms))
        self._broadcaster.publish(name, data)

    def book(self, symbol: str, limit: int) -> VisibleBook:
        """Return at most `limit` levels a side."""
        book = self.market.symbols[symbol].book
        return VisibleBook(
            last_update_id=book.update_id,
            bids=self._levels(symbol, book.bids, book.bids.prices[-limit:][::-1]),
            asks=self._levels(symbol, book.asks, book.asks.prices[:limit]),
        )

    def _levels(self, symbol: str, side: DepthSide, prices: list[int]) -> TextLevels:
        one = self.instruments[symbol]
        return [
            (to_text(price * one.tick), to_text(side.quantities[price] * one.step))
            for price in prices
        ]

    def touch(self, symbol: str) -> TouchView:
        """Return the best bid and ask."""
        one = self.instruments[symbol]
        bid, bid_lots, ask, ask_lots = self.market.symbols[symbol].book.touch()
        return TouchView(
            bid=to_text(bid * one.tick),
            bid_quantity=to_text(bid_lots * one.step),
            ask=to_text(ask * one.tick),
            ask_quantity=to_text(ask_lots * one.step),
        )

    def renumber(self, symbol: str) -> None:
        """Restart a symbol's update ids."""
        self.market.symbols[symbol].book.renumber()

    def last_price(self, symbol: str) -> str:
        """Return the last trade's price, or the opening price before any trade."""
        trades = self._histories[symbol].trades
        return trades[-1].price if trades else to_text(self.instruments[symbol].price)

    def history(self, symbol: str) -> TradeHistory:
        """Return what the tape has printed so far."""
        return self._histories[symbol]

    def average_price(self, symbol: str) -> AveragePrice:
        """Return the average price of the last five minutes, or the last price."""
        history, now_ms = self._histories[symbol], self.now_ms()
        average = history.average(now_ms - AVERAGE_MINUTES * 60_000)
        trades = history.trades
        return AveragePrice(
            minutes=AVERAGE_MINUTES,
            price=self.last_price(symbol) if average is None else to_text(average),
            close_time_ms=trades[-1].time_ms if trades else now_ms,
        )

    def describe(self) -> dict[str, object]:
        """Return what the control endpoint shows of it."""
        return {"kind": "seeded", "market_ms": self.market.now_ms}
