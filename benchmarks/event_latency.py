"""How long a committed event takes to 256 listeners, and what they cost the intake."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.order_intake import BODY, CLIENTS, MARKET_RATE
from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import median, summary
from benchmarks.scratch import scratch
from benchmarks.worker import Worker


LISTENERS: Final = 256
EVENT_RATE: Final = 100
LATENCY_SECONDS_MAX: Final = 0.25
INTAKE_SHARE_MIN: Final = 0.8

Figures = dict[str, Any]


class _Bench:
    """A service, its clients, and those who listen to it."""

    def __init__(self, workers: dict[str, Worker], url: str) -> None:
        self._workers: Final = workers
        self._orders: Final = url + "/api/v1/orders"
        self._stream: Final = url + "/api/v1/stream"

    def listen(self) -> None:
        listeners = self._workers["listeners"]
        listeners.ask("start", url=self._stream, listeners=LISTENERS)

    def leave(self) -> Figures:
        found: Figures = self._workers["listeners"].ask("stop")
        assert (found["missed"], found["doubled"], found["closed"]) == (0, 0, 0), found
        return found

    def post(self, seconds: float, *, clients: int, rate: float = 0.0) -> Figures:
        """Post, and say what the service needed for it."""
        trading = self._workers["trading"]
        before = trading.ask("usage")["cpu_seconds"]
        posted: Figures = self._workers["clients"].ask(
            "post",
            url=self._orders,
            body=BODY,
            connections=clients,
            seconds=seconds,
            rate=rate,
        )
        used = trading.ask("usage")["cpu_seconds"] - before
        assert set(posted["statuses"]) == {"201"}, posted["statuses"]
        posted["cpu_share"] = used / posted["seconds"]
        posted["per_second"] = posted["requests"] / posted["seconds"]
        return posted


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure at a steady rate of events, then with as many as the intake makes."""
    rounds, seconds = (2, 2.0) if quick else (5, 5.0)
    names = ("venue", "trading", "clients", "listeners")
    workers = {name: Worker(name) for name in names}
    try:
        with scratch() as folder:
            loaded = workers["venue"].ask(
                "load", kind="depth", count=3_000, made_up=True
            )
            started = workers["trading"].ask(
                "start",
                database=str(folder / "events.db"),
                port=loaded["port"],
                feed="depth",
            )
            workers["venue"].ask("pace", rate=MARKET_RATE)
            workers["trading"].ask("await_orders", count=0)
            bench = _Bench(workers, started["url"])
            bench.post(seconds, clients=CLIENTS)  # warms up
            rows = [_steady(bench, seconds * rounds), _intake(bench, seconds, rounds)]
            workers["trading"].ask("stop")
    finally:
        for worker in workers.values():
            worker.__exit__()
    return rows


def _steady(bench: _Bench, seconds: float) -> Row:
    alone = bench.post(seconds, clients=1, rate=EVENT_RATE)
    bench.listen()
    posted = bench.post(seconds, clients=1, rate=EVENT_RATE)
    found = bench.leave()
    latency = found["latency_seconds"]
    return Row(
        what=f"committed event to one of {LISTENERS} listeners, {EVENT_RATE}/s",
        measured=Figure(value=latency["p99"] * 1e3, unit="ms", of="p99"),
        budget=Budget(
            words=f"p99 at most {LATENCY_SECONDS_MAX * 1e3:.0f} ms",
            is_met=latency["p99"] <= LATENCY_SECONDS_MAX,
        ),
        details={
            "latency_seconds": latency,
            "events": found["events"],
            "distinct": found["distinct"],
            "posted": posted["requests"],
            "cpu_share": posted["cpu_share"],
            "cpu_share_without_listeners": alone["cpu_share"],
        },
    )


def _intake(bench: _Bench, seconds: float, rounds: int) -> Row:
    alone: list[Figures] = []
    heard: list[Figures] = []
    latencies: list[Figures] = []
    for _ in range(rounds):
        alone.append(bench.post(seconds, clients=CLIENTS))
        bench.listen()
        heard.append(bench.post(seconds, clients=CLIENTS))
        latencies.append(bench.leave()["latency_seconds"])
    base = median([one["per_second"] for one in alone])
    rate = median([one["per_second"] for one in heard])
    share = median(
        [
            one["per_second"] / other["per_second"]
            for one, other in zip(heard, alone, strict=True)
        ]
    )
    return Row(
        what=f"durable order intake, {CLIENTS} clients, {LISTENERS} listeners hear all",
        measured=Figure(value=rate, unit="orders/s"),
        base=Figure(value=base, unit="orders/s", of="without listeners"),
        ratio=share,
        budget=Budget(
            words=f"at least {INTAKE_SHARE_MIN} of that",
            is_met=share >= INTAKE_SHARE_MIN,
        ),
        details={
            "cpu_share": summary([one["cpu_share"] for one in heard]),
            "cpu_share_without_listeners": summary([one["cpu_share"] for one in alone]),
            "latency_seconds_p50": summary([one["p50"] for one in latencies]),
            "latency_seconds_p99": summary([one["p99"] for one in latencies]),
        },
    )
