"""Durable order intake over HTTP, against an echo of JSON by the same server."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import median, summary
from benchmarks.scratch import scratch
from benchmarks.worker import Worker


CLIENTS: Final = 16
FLOOR_SHARE: Final = 0.65

BODY: Final = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.5",
    "price": "65000.00",
}
MARKET_RATE: Final = 10
"""What a symbol's depth stream sends a second."""


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure floor and service in turn."""
    rounds, seconds = (2, 1.0) if quick else (6, 2.0)
    with (
        scratch() as folder,
        Worker("venue") as venue,
        Worker("trading") as trading,
        Worker("echo") as echo,
        Worker("clients") as clients,
    ):
        loaded = venue.ask("load", kind="depth", count=3_000, made_up=True)
        echo_url = echo.ask("start")["url"] + "/echo"
        database = str(folder / "intake.db")
        started = trading.ask(
            "start", database=database, port=loaded["port"], feed="depth"
        )
        order_url = started["url"] + "/api/v1/orders"
        venue.ask("pace", rate=MARKET_RATE)
        trading.ask("await_orders", count=0)
        floors, ours = [], []
        for number in range(-1, rounds):
            floor = _round(clients, echo, echo_url, seconds)
            our = _round(clients, trading, order_url, seconds)
            if number >= 0:  # the first round warms up
                floors.append(floor)
                ours.append(our)
        venue.ask("halt")
        trading.ask("stop")
    return [_row(floors, ours)]


def _round(clients: Worker, server: Worker, url: str, seconds: float) -> dict[str, Any]:
    before = server.ask("usage")["cpu_seconds"]
    result: dict[str, Any] = clients.ask(
        "post", url=url, body=BODY, connections=CLIENTS, seconds=seconds
    )
    result["cpu_seconds"] = server.ask("usage")["cpu_seconds"] - before
    return result


def _row(floors: list[dict[str, Any]], ours: list[dict[str, Any]]) -> Row:
    for one in ours:
        assert set(one["statuses"]) == {"201"}, one["statuses"]
    floor = median([one["requests"] / one["seconds"] for one in floors])
    rate = median([one["requests"] / one["seconds"] for one in ours])
    return Row(
        what=f"durable order intake over HTTP, {CLIENTS} clients",
        measured=Figure(value=rate, unit="orders/s"),
        base=Figure(value=floor, unit="requests/s", of="Flask + waitress echo"),
        ratio=rate / floor,
        budget=Budget(
            words=f"at least {FLOOR_SHARE} of the floor",
            is_met=rate >= FLOOR_SHARE * floor,
        ),
        details={"floor": _figures(floors), "service": _figures(ours)},
    )


def _figures(rounds: list[dict[str, Any]]) -> dict[str, object]:
    return {
        "per_second": summary([one["requests"] / one["seconds"] for one in rounds]),
        "cpu_us_each": summary(
            [one["cpu_seconds"] / one["requests"] * 1e6 for one in rounds]
        ),
        "latency_seconds_p50": summary(
            [one["latency_seconds"]["p50"] for one in rounds]
        ),
        "latency_seconds_p99": summary(
            [one["latency_seconds"]["p99"] for one in rounds]
        ),
    }
