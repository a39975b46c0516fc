"""The calls about the past of the public tape (rest-api.md, read 2026-07-21).

The tape begins when the exchange starts; nothing is made up for the time before.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from adapters.simulated_exchange.history.intervals import INTERVALS, read_zone
from adapters.simulated_exchange.history.tickers import Ticker, kline_row
from adapters.simulated_exchange.history.trade_history import (
    AggregateView,
    TradeView,
)
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.parameters import Parameters, VenueError, missing
from adapters.simulated_exchange.rest.rest_call import Call, call
from adapters.simulated_exchange.rest.symbol_choice import SymbolChoice
from adapters.simulated_exchange.wire import payloads


LIMIT_DEFAULT, LIMIT_MAX = 500, 1000
WEIGHT_OF_ALL = 80
TICKER_WEIGHTS = ((20, 2), (100, 40))
"""(most symbols named, weight) of a 24 hour ticker."""
KLINES = "symbol interval startTime endTime timeZone limit"
Item = TypeVar("Item")


class HistoryCalls:
    """Answers from what the tape has printed."""

    def __init__(self, source: MarketSource, choice: SymbolChoice) -> None:
        """Answer from these."""
        self._source = source
        self._choice = choice

    def list(self) -> dict[str, Call]:
        """Return the calls by their path behind the version."""
        return {
            "trades": call(self._trades, 25, "symbol limit"),
            "historicalTrades": call(self._older_trades, 25, "symbol limit fromId"),
            "aggTrades": call(
                self._aggregates, 4, "symbol fromId startTime endTime limit"
            ),
            "klines": call(self._klines, 2, KLINES),
            "uiKlines": call(self._klines, 2, KLINES),
            "ticker/24hr": call(
                self._tickers, _ticker_weight, "symbol symbols type symbolStatus"
            ),
        }

    def _trades(self, parameters: Parameters, factor: int) -> bytes:
        history = self._source.history(self._choice.one(parameters))
        limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)
        return _array(tuple(history.trades)[-limit:], _write_trade, factor)

    def _older_trades(self, parameters: Parameters, factor: int) -> bytes:
        history = self._source.history(self._choice.one(parameters))
        limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)
        from_id = parameters.integer("fromId")
        if from_id is None:
            chosen = tuple(history.trades)[-limit:]
        else:
            later = [one for one in history.trades if one.trade_id >= from_id]
            chosen = tuple(later[:limit])
        return _array(chosen, _write_trade, factor)

    def _aggregates(self, parameters: Parameters, factor: int) -> bytes:
        history = self._source.history(self._choice.one(parameters))
        limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)
        from_id = parameters.integer("fromId")
        since, until = parameters.time_ms("startTime"), parameters.time_ms("endTime")
        if from_id is not None and (since is not None or until is not None):
            raise VenueError(-1128, "Combination of optional parameters invalid.")
        found = [
            one
            for one in history.aggregates
            if one.aggregate_id >= (from_id or 0)
            and one.time_ms >= (since or 0)
            and (until is None or one.time_ms <= until)
        ]
        from_the_start = from_id is not None or since is not None
        chosen = found[:limit] if from_the_start else found[-limit:]
        return _array(chosen, _write_aggregate, factor)

    def _klines(self, parameters: Parameters, factor: int) -> bytes:
        symbol = self._choice.one(parameters)
        name = parameters.optional("interval")
        if name is None:
            raise missing("interval")
        if name not in INTERVALS:
            raise VenueError(-1120, "Invalid interval.")
        zone_ms = read_zone(parameters.optional("timeZone") or "0")
        if zone_ms is None:
            raise VenueError(-1130, "Data sent for parameter 'timeZone' is not valid.")
        interval = INTERVALS[name]
        candles = self._source.history(symbol).candles.of(
            interval,
            zone_ms,
            self._source.now_ms(),
            (parameters.time_ms("startTime"), parameters.time_ms("endTime")),
            parameters.limit(LIMIT_DEFAULT, LIMIT_MAX),
        )
        return msgspec.json.encode(
            [
                kline_row(one, interval.next_open(one.open_ms, zone_ms) - 1, factor)
                for one in candles
            ]
        )

    def _tickers(self, parameters: Parameters, factor: int) -> bytes:
        is_mini = parameters.choice("type", ("FULL", "MINI")) == "MINI"

        def write(symbol: str) -> str:
            source = self._source
            ticker = Ticker(
                symbol, source.history(symbol), source.touch(symbol), source.now_ms()
            )
            fields = ticker.mini(factor) if is_mini else ticker.full(factor)
            return msgspec.json.encode(fields).decode()

        return self._choice.written(parameters, write)


def _array(
    items: Iterable[Item], write: Callable[[Item, int], str], factor: int
) -> bytes:
    return payloads.array(write(one, factor) for one in items)


def _write_trade(trade: TradeView, factor: int) -> str:
    return (
        f'{{"id":{trade.trade_id},"price":"{trade.price}","qty":"{trade.quantity}",'
        f'"quoteQty":"{trade.quote_quantity}","time":{trade.time_ms * factor},'
        f'"isBuyerMaker":{json.dumps(trade.buyer_is_maker)},"isBestMatch":true}}'
    )


def _write_aggregate(one: AggregateView, factor: int) -> str:
    return (
        f'{{"a":{one.aggregate_id},"p":"{one.price}","q":"{one.quantity}",'
        f'"f":{one.first_trade_id},"l":{one.last_trade_id},"T":{one.time_ms * factor},'
        f'"m":{json.dumps(one.buyer_is_maker)},"M":true}}'
    )


def _ticker_weight(sent: Mapping[str, str]) -> int:
    if "symbol" in sent:
        return TICKER_WEIGHTS[0][1]
    if "symbols" not in sent:
        return WEIGHT_OF_ALL
    named = sent["symbols"].count(",") + 1
    return next(
        (weight for most, weight in TICKER_WEIGHTS if named <= most), WEIGHT_OF_ALL
    )
