"""What the tape of one symbol has printed, as far back as is remembered."""

from collections import deque
from dataclasses import dataclass

from adapters.simulated_exchange.history.candles import Candle, Candles, Printed
from adapters.simulated_exchange.history.intervals import DAY, MINUTE, SECOND
from adapters.simulated_exchange.market.amounts import SCALE, to_scaled


TRADES_KEPT = 10_000
"""A busy symbol's of a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeView:
    """One public trade; times in ms since 1970 UTC."""

    trade_id: int
    price: str
    quantity: str
    quote_quantity: str
    time_ms: int
    buyer_is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateView:
    """The public trades of one taker at one price, summed."""

    aggregate_id: int
    price: str
    quantity: str
    first_trade_id: int
    last_trade_id: int
    time_ms: int
    buyer_is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """The last 24 hours, to the minute; amounts are integers of 1e-8."""

    candle: Candle | None
    """All that was traded; None when nothing was."""
    price_before: int
    """Of the last trade before them; 0 when none is known."""
    open_ms: int
    close_ms: int

    @property
    def average(self) -> int:
        """The volume-weighted price."""
        if self.candle is None or not self.candle.volume:
            return 0
        return self.candle.quote_volume * SCALE // self.candle.volume


class TradeHistory:
    """Trades, aggregates and candles of one symbol."""

    def __init__(self) -> None:
        """Begin before any trade."""
        self.trades: deque[TradeView] = deque(maxlen=TRADES_KEPT)
        self.aggregates: deque[AggregateView] = deque(maxlen=TRADES_KEPT)
        self.candles = Candles()

    def add(self, trade: TradeView) -> None:
        """Note a trade."""
        self.trades.append(trade)
        self.candles.count(
            Printed(
                first_id=trade.trade_id,
                last_id=trade.trade_id,
                price=to_scaled(trade.price),
                quantity=to_scaled(trade.quantity),
                at_ms=trade.time_ms,
                buyer_is_maker=trade.buyer_is_maker,
            )
        )

    def add_aggregate(self, one: AggregateView, *, counts: bool = False) -> None:
        """Note the trades of one taker; `counts` if they do not come one by one."""
        self.aggregates.append(one)
        if counts:
            self.candles.count(
                Printed(
                    first_id=one.first_trade_id,
                    last_id=one.last_trade_id,
                    price=to_scaled(one.price),
                    quantity=to_scaled(one.quantity),
                    at_ms=one.time_ms,
                    buyer_is_maker=one.buyer_is_maker,
                )
            )

    def average(self, since_ms: int) -> int | None:
        """Return the volume-weighted price since a second; None without trades."""
        seconds, _before = self.candles.recent(since_ms - since_ms % SECOND, SECOND)
        volume = sum(one.volume for one in seconds)
        notional = sum(one.quote_volume for one in seconds)
        return notional * SCALE // volume if volume else None

    def last_day(self, now_ms: int) -> DayView:
        """Return what was traded in the 24 hours before a moment."""
        since_ms = now_ms - DAY
        minutes, before = self.candles.recent(since_ms + -since_ms % MINUTE)
        candle: Candle | None = None
        for one in minutes:
            if candle is None:
                candle = Candle(
                    open_ms=one.open_ms,
                    open=one.open,
                    high=one.high,
                    low=one.low,
                    close=one.close,
                )
            candle.add(one)
        return DayView(
            candle=candle,
            price_before=before.close if before is not None else 0,
            open_ms=since_ms,
            close_ms=now_ms,
        )
