"""Klines and 24 hour tickers as the venue writes them.

rest-api.md and web-socket-streams.md (read 2026-07-21).
"""

from adapters.simulated_exchange.history.candles import NOBODY, Candle
from adapters.simulated_exchange.history.trade_history import DayView, TradeHistory
from adapters.simulated_exchange.market.amounts import to_text
from adapters.simulated_exchange.market.source import TouchView


Fields = dict[str, object]
ZERO = to_text(0)
PERCENT_DIGITS = 1000


def kline_row(candle: Candle, close_ms: int, factor: int) -> list[object]:
    """Return a kline of a REST reply; the factor is from ms to its time unit."""
    return [
        candle.open_ms * factor,
        to_text(candle.open),
        to_text(candle.high),
        to_text(candle.low),
        to_text(candle.close),
        to_text(candle.volume),
        (close_ms + 1) * factor - 1,
        to_text(candle.quote_volume),
        candle.count,
        to_text(candle.taker_volume),
        to_text(candle.taker_quote_volume),
        "0",
    ]


def kline_event(candle: Candle, *, is_closed: bool) -> Fields:
    """Return the kline of a stream event, without its times, symbol and interval."""
    return {
        "f": candle.first_id,
        "L": candle.last_id,
        "o": to_text(candle.open),
        "c": to_text(candle.close),
        "h": to_text(candle.high),
        "l": to_text(candle.low),
        "v": to_text(candle.volume),
        "n": candle.count,
        "x": is_closed,
        "q": to_text(candle.quote_volume),
        "V": to_text(candle.taker_volume),
        "Q": to_text(candle.taker_quote_volume),
        "B": "0",
    }


class Ticker:
    """The last 24 hours of one symbol."""

    def __init__(
        self, symbol: str, history: TradeHistory, touch: TouchView, now_ms: int
    ) -> None:
        """Look at them from a moment."""
        self.symbol = symbol
        self._touch = touch
        self._day: DayView = history.last_day(now_ms)
        last = history.trades[-1] if history.trades else None
        self._last_price = last.price if last is not None else ZERO
        self._last_quantity = last.quantity if last is not None else ZERO

    def _change(self) -> tuple[str, str]:
        """Return the change of the price, and in percent."""
        candle = self._day.candle
        if candle is None:
            return ZERO, "0.000"
        change = candle.close - candle.open
        sign = "-" if change < 0 else ""
        thousandths = (abs(change) * 100 * PERCENT_DIGITS * 2 + candle.open) // (
            2 * candle.open
        )
        whole, fraction = divmod(thousandths, PERCENT_DIGITS)
        return sign + to_text(abs(change)), f"{sign}{whole}.{fraction:03d}"

    def mini(self, factor: int) -> Fields:
        """Return the reply of the type MINI."""
        day, candle = self._day, self._day.candle
        return {
            "symbol": self.symbol,
            "openPrice": to_text(candle.open) if candle else ZERO,
            "highPrice": to_text(candle.high) if candle else ZERO,
            "lowPrice": to_text(candle.low) if candle else ZERO,
            "lastPrice": to_text(candle.close) if candle else self._last_price,
            "volume": to_text(candle.volume) if candle else ZERO,
            "quoteVolume": to_text(candle.quote_volume) if candle else ZERO,
            "openTime": day.open_ms * factor,
            "closeTime": day.close_ms * factor,
            "firstId": candle.first_id if candle else NOBODY,
            "lastId": candle.last_id if candle else NOBODY,
            "count": candle.count if candle else 0,
        }

    def full(self, factor: int) -> Fields:
        """Return the reply of the type FULL."""
        change, percent = self._change()
        touch = self._touch
        return {
            **self.mini(factor),
            "priceChange": change,
            "priceChangePercent": percent,
            "weightedAvgPrice": to_text(self._day.average),
            "prevClosePrice": to_text(self._day.price_before),
            "lastQty": self._last_quantity,
            "bidPrice": touch.bid,
            "bidQty": touch.bid_quantity,
            "askPrice": touch.ask,
            "askQty": touch.ask_quantity,
        }

    def mini_event(self) -> Fields:
        """Return the event of a miniTicker stream."""
        fields = self.mini(1)
        return {
            "e": "24hrMiniTicker",
            "E": self._day.close_ms,
            "s": self.symbol,
            "c": fields["lastPrice"],
            "o": fields["openPrice"],
            "h": fields["highPrice"],
            "l": fields["lowPrice"],
            "v": fields["volume"],
            "q": fields["quoteVolume"],
        }

    def event(self) -> Fields:
        """Return the event of a ticker stream."""
        fields = self.full(1)
        return {
            "e": "24hrTicker",
            "E": self._day.close_ms,
            "s": self.symbol,
            "p": fields["priceChange"],
            "P": fields["priceChangePercent"],
            "w": fields["weightedAvgPrice"],
            "x": fields["prevClosePrice"],
            "c": fields["lastPrice"],
            "Q": fields["lastQty"],
            "b": fields["bidPrice"],
            "B": fields["bidQty"],
            "a": fields["askPrice"],
            "A": fields["askQty"],
            "o": fields["openPrice"],
            "h": fields["highPrice"],
            "l": fields["lowPrice"],
            "v": fields["volume"],
            "q": fields["quoteVolume"],
            "O": self._day.open_ms,
            "C": self._day.close_ms,
            "F": fields["firstId"],
            "L": fields["lastId"],
            "n": fields["count"],
        }
