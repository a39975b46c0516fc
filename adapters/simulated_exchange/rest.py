"""The REST calls of market data.

rest-api.md (read 2026-07-21) gives shapes and weights. Signed calls join as further
entries of the table of calls.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.simulated_exchange import payloads
from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.exchange_info import ExchangeInfo
from adapters.simulated_exchange.faults import Faults
from adapters.simulated_exchange.parameters import Parameters, VenueError
from adapters.simulated_exchange.replies import (
    refuse,
    refuse_by_fault,
    refuse_weight,
    reply,
)
from adapters.simulated_exchange.source import MarketSource
from adapters.simulated_exchange.weights import WeightMeter


PREFIX = "/api/v3/"
DEPTH_DEFAULT, DEPTH_MAX = 100, 5000
DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
"""(largest limit, weight) of a depth request."""
TRADES_DEFAULT, TRADES_MAX = 500, 1000
MICROSECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One REST call: its parameters, what it weighs, and what answers it."""

    known: frozenset[str]
    weigh: Callable[[Mapping[str, str]], int]
    answer: Callable[[Parameters, int], bytes]
    """Takes the parameters and the factor from ms to the reply's time unit."""


class RestApi:
    """Answers `/api/v3/...` from a market source."""

    def __init__(
        self,
        source: MarketSource,
        info: ExchangeInfo,
        meter: WeightMeter,
        faults: Faults,
        clock: WallClock,
    ) -> None:
        """Answer from these."""
        self._faults = faults
        self._source = source
        self._info = info
        self._meter = meter
        self._clock = clock
        self._calls = self._list_calls()

    def add_routes(self, app: web.Application) -> None:
        """Add every call to an application."""
        for name in self._calls:
            app.router.add_get(PREFIX + name, self.handle)

    def _list_calls(self) -> dict[str, Call]:
        def call(
            answer: Callable[[Parameters, int], bytes],
            weigh: Callable[[Mapping[str, str]], int] | int,
            known: str = "",
        ) -> Call:
            fixed = weigh if callable(weigh) else lambda _sent: weigh
            return Call(known=frozenset(known.split()), weigh=fixed, answer=answer)

        ticker = "symbol symbols symbolStatus"
        info = "symbol symbols permissions showPermissionSets symbolStatus"
        return {
            "ping": call(lambda _parameters, _factor: b"{}", 1),
            "time": call(self._time, 1),
            "exchangeInfo": call(self._exchange_info, 20, info),
            "depth": call(self._depth, _depth_weight, "symbol limit symbolStatus"),
            "trades": call(self._trades, 25, "symbol limit"),
            "avgPrice": call(self._average, 2, "symbol"),
            "ticker/bookTicker": call(self._touches, _ticker_weight, ticker),
            "ticker/price": call(self._prices, _ticker_weight, ticker),
        }

    def weigh(self, name: str, sent: Mapping[str, str]) -> int:
        """Return what a call weighs."""
        return self._calls[name].weigh(sent)

    def answer(self, name: str, pairs: Iterable[tuple[str, str]]) -> bytes:
        """Answer a call that came in another way than REST.

        Raises:
            VenueError: The parameters are wrong.
        """
        call = self._calls[name]
        return call.answer(Parameters(pairs, call.known), 1)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: weigh it, read it, serve it."""
        name = request.path.removeprefix(PREFIX)
        call = self._calls[name]
        verdict = self._meter.charge(request.remote or "", call.weigh(request.query))
        headers = {
            "X-MBX-USED-WEIGHT-1M": str(verdict.used),
            "X-MBX-USED-WEIGHT": str(verdict.used),
        }
        if verdict.retry_after_seconds:
            return refuse_weight(verdict, headers)
        symbol = request.query.get("symbol", "")
        await self._delay(symbol)
        fault = self._faults.take_http_error(name, symbol)
        if fault is not None:
            return refuse_by_fault(fault.status, fault.retry_after, headers)
        unit = request.headers.get("X-MBX-TIME-UNIT", "").upper()
        factor = MICROSECONDS if unit == "MICROSECOND" else 1
        try:
            parameters = Parameters(request.query.items(), call.known)
            return reply(call.answer(parameters, factor), headers=headers)
        except VenueError as refusal:
            return refuse(refusal, headers)

    async def _delay(self, symbol: str) -> None:
        now = asyncio.get_running_loop().time()
        seconds = self._faults.rest_delay_seconds(symbol, now)
        if seconds:
            await asyncio.sleep(seconds)

    def _listed(self, parameters: Parameters) -> str:
        symbol = parameters.symbol()
        if symbol not in self._source.instruments:
            raise VenueError(-1121, "Invalid symbol.")
        if "symbolStatus" in parameters and parameters.status() != self._info.status(
            symbol
        ):
            raise VenueError(-1220, "The symbol's status does not match.")
        return symbol

    def _chosen(self, parameters: Parameters) -> list[str] | None:
        """Return the symbols of a `symbols` parameter; None when it was not sent."""
        if "symbols" not in parameters:
            return None
        if "symbol" in parameters:
            raise VenueError(-1128, "Combination of optional parameters invalid.")
        names = parameters.symbols()
        if any(name not in self._source.instruments for name in names):
            raise VenueError(-1121, "Invalid symbol.")
        return names

    def _time(self, _parameters: Parameters, factor: int) -> bytes:
        return f'{{"serverTime":{self._clock() * factor}}}'.encode()

    def _exchange_info(self, parameters: Parameters, factor: int) -> bytes:
        now = self._clock() * factor
        names = self._chosen(parameters)
        if names is None and "symbol" in parameters:
            names = [parameters.symbol()]
        if any(name not in self._info for name in names or ()):
            raise VenueError(-1121, "Invalid symbol.")
        return self._info.body(now, names)

    def _depth(self, parameters: Parameters, _factor: int) -> bytes:
        symbol = self._listed(parameters)
        limit = parameters.limit(DEPTH_DEFAULT, DEPTH_MAX)
        stale = self._faults.take_stale_book(symbol, limit)
        return payloads.depth_snapshot(stale or self._source.book(symbol, limit))

    def _trades(self, parameters: Parameters, factor: int) -> bytes:
        symbol = self._listed(parameters)
        limit = parameters.limit(TRADES_DEFAULT, TRADES_MAX)
        return payloads.array(
            f'{{"id":{trade.trade_id},"price":"{trade.price}","qty":"{trade.quantity}",'
            f'"quoteQty":"{trade.quote_quantity}","time":{trade.time_ms * factor},'
            f'"isBuyerMaker":{json.dumps(trade.buyer_is_maker)},"isBestMatch":true}}'
            for trade in self._source.trades(symbol, limit)
        )

    def _average(self, parameters: Parameters, factor: int) -> bytes:
        average = self._source.average_price(self._listed(parameters))
        return (
            f'{{"mins":{average.minutes},"price":"{average.price}",'
            f'"closeTime":{average.close_time_ms * factor}}}'
        ).encode()

    def _touches(self, parameters: Parameters, _factor: int) -> bytes:
        def write(symbol: str) -> str:
            return payloads.touch(symbol, self._source.touch(symbol))

        return self._one_or_many(parameters, write)

    def _prices(self, parameters: Parameters, _factor: int) -> bytes:
        def write(symbol: str) -> str:
            price = self._source.last_price(symbol)
            return f'{{"symbol":"{symbol}","price":"{price}"}}'

        return self._one_or_many(parameters, write)

    def _one_or_many(
        self, parameters: Parameters, write: Callable[[str], str]
    ) -> bytes:
        names = self._chosen(parameters)
        if names is None and "symbol" in parameters:
            return write(self._listed(parameters)).encode()
        listed = self._source.instruments if names is None else names
        return payloads.array(write(name) for name in listed)


def _depth_weight(sent: Mapping[str, str]) -> int:
    text = sent.get("limit", "")
    limit = int(text) if text.isascii() and text.isdigit() else DEPTH_DEFAULT
    for largest, weight in DEPTH_WEIGHTS:
        if limit <= largest:
            return weight
    return DEPTH_WEIGHTS[-1][1]


def _ticker_weight(sent: Mapping[str, str]) -> int:
    return 2 if "symbol" in sent else 4
