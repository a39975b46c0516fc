"""From a frame off the socket to the child order handed to the venue adapter."""

import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.market import TRIGGER_PRICE
from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import quantile, summary
from benchmarks.scratch import scratch
from benchmarks.worker import Worker


RATE: Final = 1_362
"""Frames in the busiest second of the recordings."""

WAITING: Final = 1_000
TRIGGER_EVERY: Final = 27
"""Frames; so about 50 child orders a second."""

TAKERS: Final = 8
"""Orders that share the triggers, so that one is ready whenever a trigger comes."""

P50_COMMITS_MAX: Final = 2.0
"""In durable commits of the same run: half of the way is the disk's, and its time
differs from machine to machine and from day to day."""

P99_MAX_MS: Final = 5.0
_COMMITS: Final = 200
_LOG_BYTES: Final = 4_000_000


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure with each kind of feed."""
    seconds = 4 if quick else 20
    with scratch() as folder:
        return [
            row
            for kind in ("depth", "book-ticker")
            for row in _measure_kind(kind, folder, seconds)
        ]


def _measure_kind(kind: str, folder: Path, seconds: int) -> Sequence[Row]:
    with (
        Worker("venue") as venue,
        Worker("trading") as trading,
        Worker("clients") as clients,
    ):
        start_paced(kind, folder, seconds, (venue, trading, clients))
        before = trading.ask("usage")["cpu_seconds"]
        venue.ask("pace", rate=RATE)
        venue.ask("finish")
        cpu = trading.ask("usage")["cpu_seconds"] - before
        samples = trading.ask("seconds", name="frame_to_child_seconds")
        commits = commit_seconds(folder / f"{kind}-floor.db")
        trading.ask("stop")
    return _rows(kind, samples, commits, cpu / seconds)


def start_paced(
    kind: str, folder: Path, seconds: int, workers: tuple[Worker, Worker, Worker]
) -> None:
    """Start the service, with orders that wait, at a venue that is about to send.

    Args:
        kind: of the frames.
        folder: of the database.
        seconds: for how long the frames last at ``RATE``.
        workers: the venue, the service and its clients.
    """
    venue, trading, clients = workers
    loaded = venue.ask(
        "load",
        kind=kind,
        count=RATE * seconds,
        made_up=True,
        trigger_every=TRIGGER_EVERY,
    )
    database = str(folder / f"{kind}.db")
    started = trading.ask("start", database=database, port=loaded["port"], feed=kind)
    for price, count in (("65000.00", WAITING), (str(TRIGGER_PRICE), TAKERS)):
        place_orders(clients, started["url"], price, count)
    trading.ask("await_orders", count=WAITING + TAKERS)


def place_orders(clients: Worker, url: str, price: str, count: int) -> None:
    """Place so many orders to sell at a price, over HTTP."""
    body = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "1000", "price": price}
    placed = clients.ask(
        "post", url=f"{url}/api/v1/orders", body=body, connections=8, requests=count
    )
    assert placed["statuses"] == {"201": count}, placed


def _rows(
    kind: str, samples: list[float], commits: list[float], cpu_share: float
) -> Sequence[Row]:
    details = {
        "frame_to_child_seconds": summary(samples),
        "commit_seconds": summary(commits),
        "cpu_share": round(cpu_share, 3),
    }
    rows = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        value = quantile(samples, share) * 1e3
        floor = quantile(commits, share) * 1e3
        rows.append(
            Row(
                what=f"frame to child order, {kind} at {RATE:,} frames/s, {name}",
                measured=Figure(value=value, unit="ms"),
                base=Figure(value=floor, unit="ms", of=f"one durable commit, {name}"),
                ratio=value / floor,
                budget=_budget(name, value, floor),
                details=details,
            )
        )
    return rows


def _budget(name: str, value_ms: float, commit_ms: float) -> Budget:
    if name == "p50":
        words = f"at most {P50_COMMITS_MAX:g} commits"
        return Budget(words=words, is_met=value_ms <= P50_COMMITS_MAX * commit_ms)
    return Budget(words=f"at most {P99_MAX_MS:g} ms", is_met=value_ms <= P99_MAX_MS)


def commit_seconds(path: Path) -> list[float]:
    """Time commits of one row to a database that is as durable as the service's.

    They come as far apart as child orders do: a disk that was left alone for a while
    answers two to three times as late as one that is kept busy.

    The write-ahead log has its full size before, as it has in a service that has run
    for a while: a commit is cheaper when the file need not grow.
    """
    samples = []
    pause = threading.Event()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE intents (id INTEGER PRIMARY KEY, words TEXT)")
        database.execute("INSERT INTO intents (words) VALUES (?)", ("x" * _LOG_BYTES,))
        database.execute("PRAGMA wal_checkpoint(RESTART)")
        for _ in range(_COMMITS):
            started = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO intents (words) VALUES (?)", ("x" * 200,))
            database.execute("COMMIT")
            samples.append(time.perf_counter() - started)
            pause.wait(TRIGGER_EVERY / RATE)
    return samples
