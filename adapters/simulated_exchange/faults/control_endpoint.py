"""The control endpoint: how a test throws the fault switches.

`POST /control/faults` with one JSON object. `fault` names the switch; each takes
`symbol` (in capitals) to concern one symbol only, where that makes sense.

| fault             | parameters (default)                                             |
|-------------------|------------------------------------------------------------------|
| `cut`             | `fraction` (1): share of the connections to drop now, `target`   |
|                   | ("streams"; "ws_api", "all")                                     |
| `gap`             | `count` (1): diff depth events that are never sent               |
| `duplicate`       | `count` (1): diff depth events sent twice                        |
| `reorder`         | `count` (1): pairs of diff depth events sent the wrong way round |
| `stale_snapshot`  | `count` (1), `behind` (1000): depth answers that show the book of|
|                   | now under an id set back by `behind`                             |
| `renumber`        | update ids restart, in snapshots and streams, now                |
| `silence`         | `seconds`, `after` ("burst": what was held back comes at the end;|
|                   | "gap": it never does), `answer_pings` (true)                     |
| `server_shutdown` | `after_seconds` (0): say serverShutdown, then cut after so long; |
|                   | `target` as above                                                |
| `garbage`         | `kind` ("not_json", "truncated", "unknown_event"), `count` (1)   |
| `http_error`      | `status` (500; 403, 418, 429, 451, 502-504), `count` (1),        |
|                   | `retry_after` (1), `path` (any call; such as "depth")            |
| `delay`           | `seconds`, `for_seconds`, `target` ("streams"; "rest")           |
| `clear`           | disarms everything                                               |

In place of `count`, `gap`, `duplicate`, `reorder`, `stale_snapshot` and `http_error`
take `probability` (0 to 1): each event or request until `clear`, drawn from `seed`.

The switches of signed requests are described in `trading.order_fault_requests`.

Reply: 200 with what was done, such as `{"fault":"cut","connections":2}`; 400 with
`{"error": "..."}` for an unknown switch, a parameter that it does not take, a value
out of range or a symbol that is not listed. `gap`, `duplicate` and `reorder` count for
each stream name by itself; `stale_snapshot` and `http_error` count answers.

`GET /control/state` shows the market, the connections, the armed faults and how often
each has done something.
"""

import asyncio
import json
import math
from collections.abc import Mapping

import msgspec
from aiohttp import web

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.fault_requests import (
    AnyFault,
    Clear,
    Cut,
    Delay,
    Duplicate,
    Gap,
    Garbage,
    HttpError,
    Renumber,
    Reorder,
    ShutdownFault,
    SilenceFault,
    StaleSnapshot,
)
from adapters.simulated_exchange.faults.market_faults import DEPTH_SUFFIXES, Faults
from adapters.simulated_exchange.faults.order_fault_requests import AnyTradingFault
from adapters.simulated_exchange.faults.trading_fault_switches import (
    TradingFaultSwitches,
)
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.market.symbols import in_stream, of_stream
from adapters.simulated_exchange.rest.market_calls import DEPTH_MAX
from adapters.simulated_exchange.rest.replies import reply
from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.wire import payloads
from adapters.simulated_exchange.wire.broadcaster import Broadcaster
from adapters.simulated_exchange.wire.connection import StreamConnection


BAD_REQUEST = 400
SHUTDOWN_STREAM = "!serverShutdown"
NOT_JSON = b"<html>502 Bad Gateway</html>"
CUT_SHORT = b'{"e":"depthUpdate","E":17000000000'


class FaultControls:
    """Throws fault switches and shows the exchange's state."""

    def __init__(
        self,
        source: MarketSource,
        broadcaster: Broadcaster,
        faults: Faults,
        clock: WallClock,
        trading: TradingFaultSwitches,
    ) -> None:
        """Act on these."""
        self._trading = trading
        self._source = source
        self._broadcaster = broadcaster
        self._faults = faults
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Add the control routes to an application."""
        app.router.add_post("/control/faults", self._handle_fault)
        app.router.add_get("/control/state", self._handle_state)

    async def _handle_fault(self, request: web.Request) -> web.Response:
        try:
            done = self.throw_json(await request.read())
        except SimulatorError as error:
            return reply(_dump({"error": str(error)}), status=BAD_REQUEST)
        return reply(_dump(done))

    async def _handle_state(self, _request: web.Request) -> web.Response:
        return reply(_dump(self.state()))

    def ws_clients(self) -> list[StreamConnection]:
        """Return the connections to the WebSocket API."""
        return self._trading.ws_clients()

    def throw_json(self, body: bytes) -> dict[str, object]:
        """Throw the switch that a JSON object names; return what was done.

        Raises:
            SimulatorError: No such switch, or a parameter is wrong.
        """
        try:
            fault = msgspec.json.decode(body, type=AnyFault | AnyTradingFault)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"bad fault: {error}"
            raise SimulatorError(message) from error
        symbol = getattr(fault, "symbol", None)
        if symbol is not None and symbol not in self._source.instruments:
            message = f"bad fault: symbol {symbol} is not listed"
            raise SimulatorError(message)
        done = {"fault": fault.__struct_config__.tag}
        if isinstance(fault, AnyTradingFault):
            self._trading.throw(fault, self._faults.applied)
            return done
        return {**done, **self._throw(fault)}

    def throw(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """Throw a switch given as a mapping, as `throw_json` does."""
        return self.throw_json(_dump(parameters))

    def state(self) -> dict[str, object]:
        """Return the exchange's state as JSON values."""
        hub = self._broadcaster.hub
        return {
            "market": self._source.describe(),
            "published": self._broadcaster.published,
            "connections": [
                {
                    "streams": list(connection.streams),
                    "combined": connection.combined,
                    "queued_bytes": connection.queued_bytes,
                }
                for connection in hub.connections
            ],
            "ws_api_connections": len(self.ws_clients()),
            "user_data_subscriptions": self._trading.subscriptions(),
            "armed": [*self._faults.describe(), *self._trading.describe()],
            "applied": dict(self._faults.applied),
        }

    def _throw(self, fault: AnyFault) -> dict[str, object]:
        match fault:
            case Cut() | ShutdownFault() | Garbage():
                return {"connections": self._throw_at_connections(fault)}
            case Gap() | Duplicate() | Reorder():
                self._faults.arm_depth(fault)
            case StaleSnapshot():
                self._freeze(fault)
            case Renumber():
                self._renumber(fault)
            case HttpError():
                self._faults.arm_http(fault)
            case SilenceFault(seconds=seconds) | Delay(for_seconds=seconds):
                now = asyncio.get_running_loop().time()
                self._faults.arm_until(fault, now + seconds)
            case Clear():
                self._faults.clear()
                self._trading.clear()
        return {}

    def _throw_at_connections(self, fault: Cut | ShutdownFault | Garbage) -> int:
        self._faults.note(fault)
        match fault:
            case Cut():
                concerned = self._aimed_at(fault.target, fault.symbol)
                concerned = concerned[: math.ceil(len(concerned) * fault.fraction)]
                _cut(concerned)
            case ShutdownFault():
                concerned = self._aimed_at(fault.target, None)
                self._say_shutdown(concerned, fault.after_seconds)
            case Garbage():
                concerned = self._connections(fault.symbol)
                for connection in concerned:
                    frame = self._garbage(fault, connection)
                    for _ in range(fault.count):
                        connection.offer(frame)
        return len(concerned)

    def _aimed_at(self, target: str, symbol: str | None) -> list[StreamConnection]:
        streams = [] if target == "ws_api" else self._connections(symbol)
        return streams if target == "streams" else streams + self.ws_clients()

    def _connections(self, symbol: str | None) -> list[StreamConnection]:
        return [
            connection
            for connection in self._broadcaster.hub.connections
            if symbol is None or symbol in map(of_stream, connection.streams)
        ]

    def _say_shutdown(self, concerned: list[StreamConnection], seconds: float) -> None:
        data = payloads.server_shutdown(self._clock())
        of_ws_api = set(self.ws_clients())
        for connection in concerned:
            if connection in of_ws_api:
                connection.offer(b'{"event":%b}' % data)
            else:
                connection.offer(connection.frame_of(SHUTDOWN_STREAM, data))
        asyncio.get_running_loop().call_later(seconds, _cut, concerned)

    def _garbage(self, fault: Garbage, connection: StreamConnection) -> bytes:
        if fault.kind == "not_json":
            return NOT_JSON
        symbol = fault.symbol or next(iter(self._source.instruments))
        if fault.kind == "unknown_event":
            data = (
                f'{{"e":"simulatedNovelty","E":{self._clock()},"s":"{symbol}","x":[1]}}'
            ).encode()
            return connection.frame_of(f"{in_stream(symbol)}@simulatedNovelty", data)
        for stream in connection.streams:
            latest = self._broadcaster.last_depth.get(stream)
            if latest and fault.symbol in {None, of_stream(stream)}:
                frame = connection.frame_of(stream, latest)
                return frame[: len(frame) // 2]
        return connection.frame_of(f"{in_stream(symbol)}{DEPTH_SUFFIXES[1]}", CUT_SHORT)

    def _freeze(self, fault: StaleSnapshot) -> None:
        symbols = self._symbols(fault.symbol)
        books = {symbol: self._source.book(symbol, DEPTH_MAX) for symbol in symbols}
        self._faults.arm_stale(fault, books)

    def _renumber(self, fault: Renumber) -> None:
        for symbol in self._symbols(fault.symbol):
            self._source.renumber(symbol)
        self._faults.note(fault)

    def _symbols(self, symbol: str | None) -> list[str]:
        return [symbol] if symbol else list(self._source.instruments)


def _cut(connections: list[StreamConnection]) -> None:
    for connection in connections:
        connection.abort()


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
