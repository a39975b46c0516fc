"""A client of the WebSocket API for the tests."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import websocket

from adapters.simulated_exchange.clock import wall_ms
from tests.adapters.simulated_exchange.trading.traders import (
    TIMEOUT_SECONDS,
    Json,
    Trader,
)


class WsTrader:
    """One connection; remembers events that come while it waits for a reply."""

    def __init__(self, trader: Trader, query: str = "") -> None:
        self.trader = trader
        self.events: list[Json] = []
        self._ids = itertools.count(1)
        url = trader.exchange.stream_url + "/ws-api/v3" + query
        self.socket = websocket.create_connection(url, timeout=TIMEOUT_SECONDS)

    def signed(self, **parameters: object) -> Json:
        values = {"apiKey": self.trader.key, "timestamp": wall_ms(), **parameters}
        payload = "&".join(f"{name}={_text(values[name])}" for name in sorted(values))
        return {**values, "signature": self.trader.sign(payload)}

    def next(self) -> Json:
        message: Json = json.loads(self.socket.recv())
        return message

    def ask(self, method: str, request_id: object = "", **parameters: object) -> Json:
        """Return the reply; what comes before it is kept as an event."""
        request_id = request_id or f"r{next(self._ids)}"
        request = {"id": request_id, "method": method, "params": parameters}
        self.socket.send(json.dumps(request))
        while "status" not in (message := self.next()):
            self.events.append(message)
        return message

    def ask_signed(self, method: str, **parameters: object) -> Json:
        return self.ask(method, **self.signed(**parameters))

    def event(self, wanted: Callable[[Json], bool]) -> Json:
        """Return the first event that is wanted and has not been returned yet."""
        while True:
            message = self.events.pop(0) if self.events else self.next()
            event: Any = message.get("event")
            if event is not None and wanted(event):
                return message

    def event_of(self, kind: str) -> Json:
        """Return the next event of a kind."""
        return self.event(lambda event: bool(event["e"] == kind))

    def report(self, kind: str) -> Json:
        """Return the next execution report of a kind."""
        message = self.event(
            lambda event: event["e"] == "executionReport" and event["x"] == kind
        )
        event: Json = message["event"]
        return event


def _text(value: object) -> str:
    """Return a value as it is signed: booleans as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def connected(trader: Trader, query: str = "") -> Iterator[WsTrader]:
    client = WsTrader(trader, query)
    try:
        yield client
    finally:
        client.socket.shutdown()  # type: ignore[no-untyped-call] # websocket-client


ORDER = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "90000",
}
