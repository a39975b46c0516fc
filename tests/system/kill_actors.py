"""Kills an actor every 100 ms while clients place orders; then checks the books.

``python -m tests.system.kill_actors --seconds 60 --seed 1``. The whole service runs as
``run.py`` puts it together, on its simulated exchange, over HTTP and a file. What is
killed is drawn from the seed; when exactly, is up to the machine.
"""

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import urllib3

import run
from actors import names
from actors.supervision import RestartBudget
from adapters.configuration.settings import ServeSettings, read_serve_settings
from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.process.signals import GracefulSignals
from domain.order import Order
from domain.records import OrderFilter
from domain.values import ZERO, OrderId, Symbol


SYMBOLS = ("BTCUSDT", "BNBUSDT", "ETHBTC")
QUANTITIES = {"BTCUSDT": "0.3", "BNBUSDT": "12", "ETHBTC": "6"}
TICKS = {"BTCUSDT": "0.01", "BNBUSDT": "0.01", "ETHBTC": "0.00001"}
KILL_SECONDS = 0.1
CALM_SECONDS = 75.0
"""By then everything has to be back; longer than the venue's minute, because so many
restarts use up the weight of a minute with their snapshots."""

CLIENTS = 4
KINDS = ("ledger", "gateway", "manager", "router", "listener", "executor", "supervisor")
PATIENT = RestartBudget(restarts=1_000_000, within_seconds=1.0)
"""The budget is not what is tested here."""


class Client:
    """Places, reads and cancels orders, and notes every answer."""

    def __init__(self, url: str, seed: int) -> None:
        self._url = url
        self._rng = random.Random(seed)
        self._http = urllib3.PoolManager(maxsize=1)
        self.answers: Counter[str] = Counter()
        self.accepted: list[str] = []
        self.slowest_seconds = 0.0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self._place(number)
            if self.accepted and self._rng.random() < 0.3:
                self._cancel(self._rng.choice(self.accepted))
            self._call("GET", "/readyz")
            self.stop.wait(0.02)

    def _place(self, number: int) -> None:
        symbol = self._rng.choice(SYMBOLS)
        book = self._call("GET", f"/api/v1/symbols/{symbol}/book?limit=1")
        if not book or not book.get("bids"):
            return
        bid = Decimal(book["bids"][0][0])
        factor = Decimal(str(1 + self._rng.uniform(-0.001, 0.004)))
        price = (bid * factor).quantize(Decimal(TICKS[symbol]))
        order = {
            "symbol": symbol,
            "side": "SELL",
            "quantity": QUANTITIES[symbol],
            "price": str(price),
        }
        key = f"{id(self)}-{number}"
        for _ in range(5):
            answer = self._call("POST", "/api/v1/orders", order, key)
            if answer and "id" in answer:
                self.accepted.append(answer["id"])
                return

    def _cancel(self, order_id: str) -> None:
        self._call("DELETE", f"/api/v1/orders/{order_id}")

    def _call(
        self, method: str, path: str, body: Any = None, key: str = ""
    ) -> dict[str, Any] | None:
        headers = {"Idempotency-Key": key} if key else {}
        begun = time.perf_counter()
        answer = self._http.request(
            method,
            self._url + path,
            json=body,
            headers=headers,
            timeout=15.0,
            retries=False,
        )
        passed = time.perf_counter() - begun
        self.slowest_seconds = max(self.slowest_seconds, passed)
        found: dict[str, Any] = answer.json()
        what = "/readyz" if path == "/readyz" else "orders, book"
        self.answers[f"{method} {what} {answer.status}"] += 1
        return found if answer.status < 400 else None


class Killer:
    """Kills one actor after the other."""

    def __init__(self, service: run.Service, seed: int) -> None:
        self._directory = service.directory
        self._rng = random.Random(seed)
        self.killed: Counter[str] = Counter()

    def kill_one(self) -> None:
        kind = self._rng.choice(KINDS)
        name = self._pick(kind)
        # No actor understands a plain object: it raises, as a bug would.
        if name is not None and self._directory.tell(name, object()):
            self.killed[kind] += 1

    def _pick(self, kind: str) -> str | None:
        symbol = Symbol(self._rng.choice(SYMBOLS))
        if kind == "router":
            return names.router(symbol)
        if kind == "listener":
            return names.listener(symbol)
        if kind == "supervisor":
            return names.symbol_supervisor(symbol)
        if kind == "executor":
            executors = self._directory.names(f"{symbol}/order/")
            return self._rng.choice(executors) if executors else None
        return kind


def settings_for(folder: Path) -> ServeSettings:
    options = {
        "port": "0",
        "database": f"sqlite:///{folder / 'orders.db'}",
        "log_level": "error",
    }
    return read_serve_settings(options, {})


def find_faults(queries: SqlOrderQueries, accepted: list[str]) -> list[str]:
    """Hold every order on disk against its fills, and against what clients know."""
    faults = []
    known = set()
    cursor = None
    while True:
        page = queries.orders(OrderFilter(limit=500, cursor=cursor))
        for order in page.orders:
            known.add(order.order_id)
            faults += _faults_of(order, queries)
        cursor = page.next_cursor
        if cursor is None:
            break
    lost = set(accepted) - known
    if lost:
        faults.append(f"{len(lost)} accepted orders are not on disk")
    return faults


def _faults_of(order: Order, queries: SqlOrderQueries) -> list[str]:
    filled = ZERO
    for fill in queries.fills(OrderId(order.order_id)):
        filled += fill.quantity
        if fill.price < order.price:
            return [f"{order.order_id}: filled at {fill.price} below its limit"]
    if filled != order.filled:
        return [f"{order.order_id}: fills {filled}, order says {order.filled}"]
    if order.filled + order.at_venue + order.waiting != order.quantity:
        return [f"{order.order_id}: {order} does not add up"]
    return []


def find_idle_orders(service: run.Service, queries: SqlOrderQueries) -> list[OrderId]:
    """Name open orders that nobody works."""
    working = {
        name.rpartition("/")[2]
        for symbol in SYMBOLS
        for name in service.directory.names(f"{symbol}/order/")
    }
    idle: list[OrderId] = []
    cursor = None
    while True:
        page = queries.orders(OrderFilter(status="open", limit=500, cursor=cursor))
        idle += [o.order_id for o in page.orders if o.order_id not in working]
        cursor = page.next_cursor
        if cursor is None:
            return idle


def run_chaos(seconds: float, seed: int) -> int:
    """Run it; return the number of faults found."""
    logging.getLogger("pykka").setLevel(logging.CRITICAL + 1)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder))
        with (
            GracefulSignals() as signals,
            run.Service(settings, signals, PATIENT) as service,
        ):
            queries = open_queries(settings.database)
            clients = [Client(service.url, seed + n) for n in range(CLIENTS)]
            killer = Killer(service, seed)
            for client in clients:
                client.thread.start()
            until = time.monotonic() + seconds
            while time.monotonic() < until and not signals.wait(KILL_SECONDS):
                killer.kill_one()
            for client in clients:
                client.stop.set()
                client.thread.join()
            ready_after = wait_until_ready(service.url, signals)
            idle = find_idle_orders(service, queries)
            faults = [f"{one}: nobody works it" for one in idle]
            if ready_after is None:
                faults.append(f"not ready after {CALM_SECONDS} s")
        # Only now: while the service trades, an order may change between two reads.
        accepted = [one for client in clients for one in client.accepted]
        faults += find_faults(queries, accepted)
        queries.close()
    report(clients, killer, accepted, faults)
    sys.stdout.write(f"ready after the last kill: {ready_after} s\n")
    return len(faults)


def wait_until_ready(url: str, signals: GracefulSignals) -> float | None:
    """Wait until every symbol trades by itself; return the seconds that took."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < CALM_SECONDS:
        ready = urllib3.request("GET", f"{url}/readyz").json()
        if ready["status"] == "ok":
            return round(passed, 1)
        signals.wait(0.5)
    return None


def report(
    clients: list[Client], killer: Killer, accepted: list[str], faults: list[str]
) -> None:
    answers: Counter[str] = Counter()
    for client in clients:
        answers += client.answers
    slowest = max(client.slowest_seconds for client in clients)
    lines = [
        f"killed {killer.killed.total()}: {dict(killer.killed)}",
        f"answers: {dict(sorted(answers.items()))}",
        f"slowest answer: {slowest:.2f} s",
        f"accepted orders: {len(accepted)}",
        f"faults: {faults or 'none'}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(min(run_chaos(options.seconds, options.seed), 1))


if __name__ == "__main__":
    main()
