"""The streams that tell the past again and again: klines and 24 hour tickers.

web-socket-streams.md (read 2026-07-21): every second, klines longer than a second
every other one; a kline that ends is sent once more, as closed.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec

from adapters.simulated_exchange.history.intervals import (
    HOUR,
    INTERVALS,
    SECOND,
    Interval,
)
from adapters.simulated_exchange.history.tickers import Fields, Ticker, kline_event
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.market.symbols import of_stream
from adapters.simulated_exchange.wire.broadcaster import Broadcaster


ALL_MINI_TICKERS = "!miniTicker@arr"
EAST_MS = 8 * HOUR
"""The one zone but UTC in which klines are streamed."""
_KLINE = re.compile(r"([^@]+)@kline_(\w+)(@\+08:00)?")
_TICKER = re.compile(r"([^@]+)@(miniTicker|ticker)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _KlineStream:
    symbol: str
    interval: Interval
    zone_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _TickerStream:
    symbol: str
    kind: Literal["ticker", "miniTicker"]


class HistoryStreams:
    """Publishes what was subscribed to, as time goes by."""

    def __init__(
        self,
        source: MarketSource,
        broadcaster: Broadcaster,
        recorded: Collection[str] = (),
    ) -> None:
        """Publish all but the streams of which a recording has its own frames."""
        self._source = source
        self._broadcaster = broadcaster
        self._recorded = recorded
        self._told_ms = 0
        self._told_ids: dict[str, int] = {}

    def advance(self, now_ms: int) -> None:
        """Publish if a second has begun since the last time; ms since 1970 UTC."""
        before_ms = self._told_ms
        if now_ms // SECOND <= before_ms // SECOND:
            return
        self._told_ms = now_ms
        if not before_ms:
            return
        for name in tuple(self._broadcaster.hub.subscribers):
            if name in self._recorded:
                continue
            wanted = _wanted(name)
            if name == ALL_MINI_TICKERS:
                self._publish_all(now_ms)
            elif wanted is None or wanted.symbol not in self._source.instruments:
                continue
            elif isinstance(wanted, _KlineStream):
                self._publish_kline(name, wanted, before_ms, now_ms)
            else:
                ticker = self._ticker(wanted.symbol, now_ms)
                is_mini = wanted.kind == "miniTicker"
                event = ticker.mini_event() if is_mini else ticker.event()
                self._publish(name, event)

    def restart(self) -> None:
        """Forget what was sent: the market restarts."""
        self._told_ms = 0
        self._told_ids.clear()

    def _ticker(self, symbol: str, now_ms: int) -> Ticker:
        source = self._source
        return Ticker(symbol, source.history(symbol), source.touch(symbol), now_ms)

    def _publish_all(self, now_ms: int) -> None:
        """Publish the tickers of the symbols that have traded since the last time."""
        changed: list[Fields] = []
        for symbol in self._source.instruments:
            trades = self._source.history(symbol).trades
            last_id = trades[-1].trade_id if trades else None
            if last_id is not None and self._told_ids.get(symbol) != last_id:
                self._told_ids[symbol] = last_id
                changed.append(self._ticker(symbol, now_ms).mini_event())
        if changed:
            self._publish(ALL_MINI_TICKERS, changed)

    def _publish_kline(
        self, name: str, wanted: _KlineStream, before_ms: int, now_ms: int
    ) -> None:
        interval, zone_ms = wanted.interval, wanted.zone_ms
        open_ms = interval.open_of(before_ms, zone_ms)
        is_closed = interval.open_of(now_ms, zone_ms) != open_ms
        pace_ms = SECOND if interval.length_ms == SECOND else 2 * SECOND
        if not is_closed and before_ms // pace_ms == now_ms // pace_ms:
            return
        candles = self._source.history(wanted.symbol).candles.of(
            interval, zone_ms, now_ms, (open_ms, open_ms), 1
        )
        if not candles:
            return
        close_ms = interval.next_open(open_ms, zone_ms) - 1
        kline = {
            "t": open_ms,
            "T": close_ms,
            "s": wanted.symbol,
            "i": interval.name,
            **kline_event(candles[0], is_closed=is_closed),
        }
        event = {"e": "kline", "E": now_ms, "s": wanted.symbol, "k": kline}
        self._publish(name, event)

    def _publish(self, name: str, event: object) -> None:
        self._broadcaster.publish(name, msgspec.json.encode(event))


@lru_cache(maxsize=8192)
def _wanted(name: str) -> _KlineStream | _TickerStream | None:
    """Return what a stream's name asks for; None for streams of other kinds."""
    if (kline := _KLINE.fullmatch(name)) and kline[2] in INTERVALS:
        return _KlineStream(
            symbol=of_stream(name),
            interval=INTERVALS[kline[2]],
            zone_ms=EAST_MS if kline[3] else 0,
        )
    if ticker := _TICKER.fullmatch(name):
        kind: Literal["ticker", "miniTicker"] = (
            "ticker" if ticker[2] == "ticker" else "miniTicker"
        )
        return _TickerStream(symbol=of_stream(name), kind=kind)
    return None
