"""A process that was stopped for a while, and goes on with all that came meanwhile."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.client import Client
from tests.system.processes import Service, Simulator
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"
STOPPED_MS = 4_000
"""Longer than what is taken for a short nap, 2.5 s."""

AWAY_SECONDS_MIN = 2.5


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    with Simulator("--symbols", SYMBOL) as running:
        yield running


@pytest.mark.parametrize("feed", ["depth", "book-ticker"])
def test_an_order_that_came_during_a_stop_is_not_sold_from_the_book_before(
    exchange: Simulator, tmp_path: Path, feed: str
) -> None:
    options = (*exchange.as_market, "--symbols", SYMBOL, "--feed", feed)
    with Service(tmp_path / "orders.db", *options) as service:
        service.await_trading()
        service.send(signal.SIGSTOP)
        client = threading.Thread(target=sell, args=(service.url,))
        client.start()
        pass_time(exchange)
        id_at_end = update_id(exchange)
        service.send(signal.SIGCONT)
        client.join()

        away = service.err.wait_for(r"Process stood still.* seconds=([0-9.]+)", 20)
        assert away
        assert float(away[1]) >= AWAY_SECONDS_MIN
        assert service.err.wait_for(r"Feed connection ended cause=it was not read", 20)
        fills = eventually(
            lambda: fills_of_all(service), within_seconds=10, what="it is sold"
        )

        assert min(fill["update_id"] for fill in fills) >= id_at_end


def sell(url: str) -> None:
    client = Client(url)
    client.place(SYMBOL, "SELL", "0.05", "400")
    client.close()


def pass_time(exchange: Simulator) -> None:
    until = time_of(exchange) + STOPPED_MS
    eventually(
        lambda: time_of(exchange) >= until, within_seconds=10, what="time has passed"
    )


def time_of(exchange: Simulator) -> int:
    now_ms: int = exchange.client.get("/api/v3/time").body["serverTime"]
    return now_ms


def update_id(exchange: Simulator) -> int:
    path = f"/api/v3/depth?symbol={SYMBOL}&limit=1"
    last: int = exchange.client.get(path).body["lastUpdateId"]
    return last


def fills_of_all(service: Service) -> list[dict[str, int]]:
    orders = service.client.get("/api/v1/orders").body["items"]
    return [fill for order in orders for fill in service.client.fills(order["id"])]
