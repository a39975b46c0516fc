"""The REST calls of market data.

rest-api.md (read 2026-07-21) gives shapes and weights. Signed calls join as further
entries of the table of calls.
"""

import asyncio
from collections.abc import Iterable, Mapping

from aiohttp import web

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.history.history_calls import HistoryCalls
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.exchange_info import ExchangeInfo
from adapters.simulated_exchange.rest.parameters import Parameters, VenueError
from adapters.simulated_exchange.rest.replies import (
    refuse,
    refuse_by_fault,
    refuse_weight,
    reply,
)
from adapters.simulated_exchange.rest.rest_call import Call, call
from adapters.simulated_exchange.rest.symbol_choice import SymbolChoice
from adapters.simulated_exchange.wire import payloads
from adapters.simulated_exchange.wire.weights import WeightMeter


PREFIX = "/api/v3/"
DEPTH_DEFAULT, DEPTH_MAX = 100, 5000
DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
"""(largest limit, weight) of a depth request."""
MICROSECONDS = 1000


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
        self._choice = SymbolChoice(source, info)
        self._calls = {
            **self._list_calls(),
            **HistoryCalls(source, self._choice).list(),
        }

    def add_routes(self, app: web.Application) -> None:
        """Add every call to an application."""
        for name in self._calls:
            app.router.add_get(PREFIX + name, self.handle)

    def _list_calls(self) -> dict[str, Call]:
        ticker = "symbol symbols symbolStatus"
        info = "symbol symbols permissions showPermissionSets symbolStatus"
        return {
            "ping": call(lambda _parameters, _factor: b"{}", 1),
            "time": call(self._time, 1),
            "exchangeInfo": call(self._exchange_info, 20, info),
            "depth": call(self._depth, _depth_weight, "symbol limit symbolStatus"),
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

    def _time(self, _parameters: Parameters, factor: int) -> bytes:
        return f'{{"serverTime":{self._clock() * factor}}}'.encode()

    def _exchange_info(self, parameters: Parameters, factor: int) -> bytes:
        now = self._clock() * factor
        names = self._choice.named(parameters)
        if names is None and "symbol" in parameters:
            names = [parameters.symbol()]
        if any(name not in self._info for name in names or ()):
            raise VenueError(-1121, "Invalid symbol.")
        return self._info.body(now, names)

    def _depth(self, parameters: Parameters, _factor: int) -> bytes:
        symbol = self._choice.one(parameters)
        limit = parameters.limit(DEPTH_DEFAULT, DEPTH_MAX)
        stale = self._faults.take_stale_book(symbol, limit)
        return payloads.depth_snapshot(stale or self._source.book(symbol, limit))

    def _average(self, parameters: Parameters, factor: int) -> bytes:
        average = self._source.average_price(self._choice.one(parameters))
        return (
            f'{{"mins":{average.minutes},"price":"{average.price}",'
            f'"closeTime":{average.close_time_ms * factor}}}'
        ).encode()

    def _touches(self, parameters: Parameters, _factor: int) -> bytes:
        def write(symbol: str) -> str:
            return payloads.touch(symbol, self._source.touch(symbol))

        return self._choice.written(parameters, write)

    def _prices(self, parameters: Parameters, _factor: int) -> bytes:
        def write(symbol: str) -> str:
            price = self._source.last_price(symbol)
            return f'{{"symbol":"{symbol}","price":"{price}"}}'

        return self._choice.written(parameters, write)


def _depth_weight(sent: Mapping[str, str]) -> int:
    text = sent.get("limit", "")
    limit = int(text) if text.isascii() and text.isdigit() else DEPTH_DEFAULT
    for largest, weight in DEPTH_WEIGHTS:
        if limit <= largest:
            return weight
    return DEPTH_WEIGHTS[-1][1]


def _ticker_weight(sent: Mapping[str, str]) -> int:
    return 2 if "symbol" in sent else 4
