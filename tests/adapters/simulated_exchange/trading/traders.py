"""Who trades in the tests: a signing client of our own, independent of the product."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import urllib3

from adapters.simulated_exchange.clock import wall_ms
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange


TIMEOUT_SECONDS = 5.0
SYMBOLS = ("BTCUSDT", "ETHBTC")
Json = dict[str, Any]
_names = itertools.count(1)


class Trader:
    """One account with an HMAC key of its own."""

    def __init__(self, exchange: ThreadedExchange, **account: object) -> None:
        self.exchange = exchange
        self.key = f"key{next(_names)}"
        self.secret = f"secret of {self.key}"
        self.pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS)
        body = {"api_key": self.key, "api_secret": self.secret, **account}
        reply = self.control("accounts", body)
        assert reply.status == 200, reply.data

    def control(self, path: str, body: object) -> urllib3.BaseHTTPResponse:
        url = f"{self.exchange.url}/control/{path}"
        return self.pool.request("POST", url, body=json.dumps(body))

    def audit(self, what: str) -> list[Json]:
        url = f"{self.exchange.url}/control/{what}?api_key={self.key}"
        found: list[Json] = self.pool.request("GET", url).json()[what]
        return found

    def sign(self, payload: str) -> str:
        return hmac.new(
            self.secret.encode(), payload.encode(), hashlib.sha256
        ).hexdigest()

    def send(
        self, method: str, call: str, **parameters: object
    ) -> urllib3.BaseHTTPResponse:
        """Return the reply to a signed call, whatever its status."""
        parameters.setdefault("timestamp", wall_ms())
        query = urlencode(parameters)
        url = f"{self.exchange.url}/api/v3/{call}?{query}&signature={self.sign(query)}"
        return self.pool.request(method, url, headers={"X-MBX-APIKEY": self.key})

    def get(self, call: str, **parameters: object) -> Any:
        reply = self.send("GET", call, **parameters)
        assert reply.status == 200, reply.data
        return reply.json()

    def place(self, **order: object) -> urllib3.BaseHTTPResponse:
        """Place an order: by default a LIMIT GTC far above the market."""
        usual: Json = {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.01",
            "price": "90000",
        }
        wanted = {**usual, **order}
        return self.send(
            "POST",
            "order",
            **{name: value for name, value in wanted.items() if value is not None},
        )

    def placed(self, **order: object) -> Json:
        reply = self.place(**order)
        assert reply.status == 200, reply.data
        body: Json = reply.json()
        return body

    def refused(self, **order: object) -> tuple[int, int, str]:
        """Return HTTP status, code and text of a placement that is refused."""
        reply = self.place(**order)
        return reply.status, reply.json()["code"], reply.json()["msg"]

    def cancel(self, **ids: object) -> urllib3.BaseHTTPResponse:
        return self.send("DELETE", "order", **{"symbol": "BTCUSDT", **ids})

    def order(self, **ids: object) -> Json:
        body: Json = self.get("order", **{"symbol": "BTCUSDT", **ids})
        return body

    def balance(self, asset: str) -> tuple[str, str]:
        for one in self.get("account")["balances"]:
            if one["asset"] == asset:
                return one["free"], one["locked"]
        raise AssertionError(asset)


@contextmanager
def running(**settings: Any) -> Iterator[ThreadedExchange]:
    """An exchange of its own for one test, without limits unless asked for."""
    clock = settings.pop("clock", wall_ms)
    chosen = {"symbols": SYMBOLS, "limits": False, **settings}
    with ThreadedExchange(SimulatorSettings(**chosen), clock=clock) as exchange:
        yield exchange


def best(exchange: ThreadedExchange, symbol: str = "BTCUSDT") -> tuple[str, str]:
    """Return the best bid and ask."""
    url = f"{exchange.url}/api/v3/ticker/bookTicker?symbol={symbol}"
    body = urllib3.request("GET", url, timeout=TIMEOUT_SECONDS).json()
    return body["bidPrice"], body["askPrice"]
