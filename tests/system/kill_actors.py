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

from actors import names
from actors.supervision.specifications import RestartBudget
from adapters.configuration.settings import ServeSettings, read_serve_settings
from adapters.persistence.queries import SqlOrderQueries
from adapters.process.signals import GracefulSignals
from domain.values import Symbol
from run import Service
from tests.system.on_disk import all_orders, find_faults, opened


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

    def __init__(self, service: Service, seed: int) -> None:
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


def database_in(folder: Path) -> Path:
    return folder / "orders.db"


def settings_for(folder: Path) -> ServeSettings:
    options = {
        "port": "0",
        "database": f"sqlite:///{database_in(folder)}",
        "log_level": "error",
    }
    return read_serve_settings(options, {})


def find_idle_orders(service: Service, queries: SqlOrderQueries) -> list[str]:
    """Name open orders that nobody works."""
    working = {
        name.rpartition("/")[2]
        for symbol in SYMBOLS
        for name in service.directory.names(f"{symbol}/order/")
    }
    still_open = [order.order_id for order in all_orders(queries, "open")]
    return [f"{one}: nobody works it" for one in still_open if one not in working]


def run_chaos(seconds: float, seed: int) -> int:
    """Run it; return the number of faults found."""
    logging.getLogger("pykka").setLevel(logging.CRITICAL + 1)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder))
        with (
            GracefulSignals() as signals,
            Service(settings, signals, PATIENT) as service,
        ):
            clients = [Client(service.url, seed + n) for n in range(CLIENTS)]
            killer = Killer(service, seed)
            kill_while_they_trade(killer, clients, signals, seconds)
            faults = find_faults_at_rest(service, signals, Path(folder))
        # Only now: while the service trades, an order may change between two reads.
        accepted = [one for client in clients for one in client.accepted]
        faults += find_faults(database_in(Path(folder)), accepted)
    report(clients, killer, accepted, faults)
    return len(faults)


def kill_while_they_trade(
    killer: Killer, clients: list[Client], signals: GracefulSignals, seconds: float
) -> None:
    for client in clients:
        client.thread.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until and not signals.wait(KILL_SECONDS):
        killer.kill_one()
    for client in clients:
        client.stop.set()
        client.thread.join()


def find_faults_at_rest(
    service: Service, signals: GracefulSignals, folder: Path
) -> list[str]:
    """Wait until all is well again, and look who was forgotten."""
    ready_after = wait_until_ready(service.url, signals)
    sys.stdout.write(f"ready after the last kill: {ready_after} s\n")
    with opened(database_in(folder)) as queries:
        faults = find_idle_orders(service, queries)
    if ready_after is None:
        faults.append(f"not ready after {CALM_SECONDS} s")
    return faults


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
