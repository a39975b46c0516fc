"""The local book of another make beside ours, on the same market."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients_of_others.test_clients_of_others import (
    HERE,
    interpreter,
)
from tests.adapters.simulated_exchange.trading.traders import running
from tests.system.processes import Service
from tests.system.waiting import eventually


CLIENT = "unicorn-binance-local-depth-cache"
SYMBOL = "BTCUSDT"
HALTS = 3
UPDATES_BETWEEN = 300
Book = dict[str, Any]


class DepthCache:
    """The cache in its own process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._read() == {"in_sync": True}

    def _read(self) -> Book:
        assert self._process.stdout is not None
        while not (line := self._process.stdout.readline()).startswith("{"):
            assert line, "the depth cache has ended"
        found: Book = json.loads(line)
        return found

    def book(self) -> Book:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()


@contextmanager
def depth_cache(python: str, exchange: ThreadedExchange) -> Iterator[DepthCache]:
    script = str(HERE / "use_unicorn_depth_cache.py")
    process = subprocess.Popen(
        [python, script, exchange.url, exchange.stream_url, SYMBOL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield DepthCache(process)
        finally:
            process.kill()


def ours(service: Service) -> Book:
    path = f"/api/v1/symbols/{SYMBOL}/book?limit=1000"
    found: Book = service.client.get(path).body
    return found


def await_updates(service: Service, update_id: int) -> None:
    eventually(
        lambda: ours(service)["update_id"] > update_id,
        within_seconds=30,
        what="the market moves on",
    )


def as_floats(levels: list[list[str]]) -> list[list[float]]:
    """Return levels as the cache keeps them."""
    return [[float(price), float(quantity)] for price, quantity in levels]


def test_a_depth_cache_of_another_make_holds_the_book_that_we_hold(
    tmp_path: Path,
) -> None:
    python = interpreter(CLIENT)
    with (
        running(symbols=(SYMBOL,)) as exchange,
        Service(
            tmp_path / "orders.db",
            *("--market", "binance", "--symbols", SYMBOL),
            *("--rest-url", exchange.url, "--stream-url", exchange.stream_url),
        ) as service,
        depth_cache(python, exchange) as cache,
    ):
        service.await_trading()
        for _ in range(HALTS):
            await_updates(service, ours(service)["update_id"] + UPDATES_BETWEEN)
            # While it stands still, both come to its last update and stay there.
            exchange.control("symbol_status", symbol=SYMBOL, status="HALT")
            eventually(
                lambda: cache.book()["update_id"] == ours(service)["update_id"],
                within_seconds=10,
                what="both are at the same update",
            )
            theirs, own = cache.book(), ours(service)
            exchange.control("clear")

            assert theirs["bids"] == as_floats(own["bids"])
            assert theirs["asks"] == as_floats(own["asks"])
        assert theirs["restarts"] == 0
