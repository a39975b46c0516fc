"""Streams a recording, byte for byte, at its own pace or as fast as clients take it."""

import asyncio
import logging

from adapters.replay.recordings import Recording, split_frame
from adapters.simulated_exchange.clock import WallClock, ids_from, wall_ms
from adapters.simulated_exchange.history.history_streams import HistoryStreams
from adapters.simulated_exchange.history.trade_history import (
    AggregateView,
    TradeHistory,
    TradeView,
)
from adapters.simulated_exchange.market.amounts import SCALE, to_scaled, to_text
from adapters.simulated_exchange.market.order_book import OrderBook
from adapters.simulated_exchange.market.recorded_book import RecordedBook
from adapters.simulated_exchange.market.recorded_events import (
    AggregateEvent,
    DepthEvent,
    TickerEvent,
    TradeEvent,
    read_event,
)
from adapters.simulated_exchange.market.recorded_order_book import RecordedOrderBook
from adapters.simulated_exchange.market.recording_survey import survey
from adapters.simulated_exchange.market.source import (
    AveragePrice,
    TouchView,
    VisibleBook,
)
from adapters.simulated_exchange.market.symbols import is_of_all, of_stream
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from adapters.simulated_exchange.wire.broadcaster import Broadcaster
from adapters.simulated_exchange.wire.stream_names import streams_of


logger = logging.getLogger(__name__)

AVERAGE_MINUTES = 5
FRAMES_PER_TURN = 50
"""At full speed, other tasks get a turn after this many frames."""
NS = 1e-9
NS_PER_MS = 1_000_000


class RecordedFeed:
    """A recording as a market. A `source.MarketSource`.

    It waits for the first subscription and the settings' delay, streams to the end,
    and then stays silent but alive, or with `loop` cuts all clients and waits again.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        recording: Recording,
        broadcaster: Broadcaster,
        clock: WallClock = wall_ms,
    ) -> None:
        """Survey the recording.

        Raises:
            RecordingError: It is malformed, or lacks a symbol of the settings.
        """
        self._settings = settings
        self._recording = recording
        self._broadcaster = broadcaster
        self._clock = clock
        self._surveys = survey(recording, settings.symbols)
        self.instruments = {
            symbol: found.instrument() for symbol, found in self._surveys.items()
        }
        self._books: dict[str, RecordedBook] = {}
        self._histories: dict[str, TradeHistory] = {}
        self._now_ms = 0
        recorded = {name for one in self._surveys.values() for name in one.streams}
        self._history_streams = HistoryStreams(self, broadcaster, recorded)
        self._frames_sent = 0
        self._state = "waiting"
        self._order_books: dict[str, RecordedOrderBook] = {}
        self._rewind()

    def _rewind(self) -> None:
        self._frames_sent = self._now_ms = 0
        self._history_streams.restart()
        for symbol, found in self._surveys.items():
            body = self._recording.snapshot(symbol)
            self._books[symbol] = found.initial_book(body)
            self._histories[symbol] = TradeHistory()
            if symbol in self._order_books:
                self._order_books[symbol].begin_anew(self._books[symbol])

    async def run(self) -> None:
        """Stream the recording once, or again and again, until cancelled."""
        hub = self._broadcaster.hub
        while True:
            await hub.subscribed.wait()
            await asyncio.sleep(float(self._settings.start_delay_seconds))
            self._state = "streaming"
            logger.info("Recording begins folder=%s", self._recording.folder)
            await self._stream()
            self._state = "finished"
            logger.info("Recording ended frames=%s", self._frames_sent)
            if not self._settings.loop:
                await asyncio.Event().wait()
            for connection in tuple(hub.connections):
                # Update ids restart, so every client must take a new snapshot.
                connection.end_when_empty()
            await hub.deserted.wait()
            hub.subscribed.clear()
            self._rewind()
            self._state = "waiting"

    async def _stream(self) -> None:
        speed = self._settings.speed
        loop = asyncio.get_running_loop()
        first_ns: int | None = None
        began = loop.time()
        for receipt_ns, frame in self._recording.frames():
            first_ns = receipt_ns if first_ns is None else first_ns
            if speed is not None:
                due = began + (receipt_ns - first_ns) * NS / float(speed)
                wait = due - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
            elif self._frames_sent % FRAMES_PER_TURN == 0:
                await asyncio.sleep(0)
            await self._show(frame)
            self._now_ms = max(self._now_ms, receipt_ns // NS_PER_MS)
            self._history_streams.advance(self._now_ms)

    async def _show(self, frame: bytes) -> None:
        stream, data = split_frame(frame)
        symbol = of_stream(stream)
        if symbol in self.instruments:
            self._follow(symbol, stream, data)
        elif not is_of_all(stream):
            return
        self._frames_sent += 1
        if self._broadcaster.wants(stream):
            if self._settings.speed is None:
                await self._broadcaster.room(stream)
            self._broadcaster.publish(stream, data)

    def _follow(self, symbol: str, stream: str, data: bytes) -> None:
        event = read_event(stream, data)
        match event:
            case DepthEvent():
                self._books[symbol].apply_depth(event)
            case TickerEvent():
                self._books[symbol].apply_ticker(event)
            case TradeEvent():
                self._now_ms = max(self._now_ms, event.T)
                self._histories[symbol].add(_view(event))
            case AggregateEvent():
                self._now_ms = max(self._now_ms, event.T)
                recorded = self._surveys[symbol].streams
                self._histories[symbol].add_aggregate(
                    _aggregate(event),
                    counts=streams_of(symbol).trade not in recorded,
                )
                return
            case None:
                return
        if symbol in self._order_books:
            self._order_books[symbol].follow(event)

    def order_book(self, symbol: str) -> OrderBook:
        """Return the book of a symbol, to trade in; the same one each time."""
        book = self._order_books.get(symbol)
        if book is None:
            first_id = ids_from(self._clock())
            book = RecordedOrderBook(self._books[symbol], first_id)
            self._order_books[symbol] = book
        return book

    def book(self, symbol: str, limit: int) -> VisibleBook:
        """Return at most `limit` levels a side, as of the present frame."""
        return self._books[symbol].view(limit)

    def touch(self, symbol: str) -> TouchView:
        """Return the best bid and ask as of the present frame."""
        return self._books[symbol].touch()

    def renumber(self, symbol: str) -> None:
        """Refuse.

        Raises:
            SimulatorError: Always: the ids are those of the recording.
        """
        message = f"bad fault: the update ids of {symbol} are those of the recording"
        raise SimulatorError(message)

    def last_price(self, symbol: str) -> str:
        """Return the last trade's price, or the best bid before any trade."""
        trades = self._histories[symbol].trades
        return trades[-1].price if trades else self.touch(symbol).bid

    def history(self, symbol: str) -> TradeHistory:
        """Return what the recording has printed up to the present frame."""
        return self._histories[symbol]

    def now_ms(self) -> int:
        """Return when the present frame was received, by the recording's clock."""
        return self._now_ms

    def average_price(self, symbol: str) -> AveragePrice:
        """Return the average of the trades kept, or the last price."""
        history = self._histories[symbol]
        average, trades = history.average(0), history.trades
        return AveragePrice(
            minutes=AVERAGE_MINUTES,
            price=self.last_price(symbol) if average is None else to_text(average),
            close_time_ms=trades[-1].time_ms if trades else 0,
        )

    def describe(self) -> dict[str, object]:
        """Return what the control endpoint shows of it."""
        return {
            "kind": "recorded",
            "recording": str(self._recording.folder),
            "state": self._state,
            "frames": self._frames_sent,
        }


def _view(event: TradeEvent) -> TradeView:
    notional = to_scaled(event.p) * to_scaled(event.q) // SCALE
    return TradeView(
        trade_id=event.t,
        price=event.p,
        quantity=event.q,
        quote_quantity=to_text(notional),
        time_ms=event.T,
        buyer_is_maker=event.m,
    )


def _aggregate(event: AggregateEvent) -> AggregateView:
    return AggregateView(
        aggregate_id=event.a,
        price=event.p,
        quantity=event.q,
        first_trade_id=event.f,
        last_trade_id=event.l,
        time_ms=event.T,
        buyer_is_maker=event.m,
    )
