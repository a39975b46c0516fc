"""Child orders a second that the service keeps up with at the simulated exchange.

Two processes, as a person would start them: the exchange with its limits lifted and an
account of ours, and the service, which trades there for real. Many orders on several
symbols can be filled all the time; each child takes a little of what is there.
The exchange's own books say how many there were.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from sys import executable
from typing import Any, Final, Self

from benchmarks.live_venue import KEY, SECRET
from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import median, summary
from benchmarks.scratch import scratch
from benchmarks.worker import PROJECT, Worker


RATE_MIN: Final = 100
SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT")
ORDERS_EACH: Final = 10
CHILD_NOTIONAL: Final = "USDT=20"
ORDER_NOTIONAL: Final = 2_000_000
FAR_SECONDS: Final = 0.03
"""Added to each answer in the second part: then only calls side by side suffice."""

_WARM_SECONDS: Final = 3.0


class _Exchange:
    """The simulated exchange as a process."""

    def __enter__(self) -> Self:
        self._process = Popen(
            [
                *(executable, "run.py", "simulate", "--port", "0", "--no-limits"),
                *("--exit-with-parent", "--symbols", ",".join(SYMBOLS)),
            ],
            cwd=PROJECT,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        self.ask("/control/accounts", {"api_key": KEY, "api_secret": SECRET})
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its stdin, and waits
            pass

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask for something, or have something done."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data)  # noqa: S310 - loopback
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - loopback
            return json.load(reply)

    def orders(self) -> list[dict[str, Any]]:
        """Return all orders it has taken in."""
        found: list[dict[str, Any]] = self.ask("/control/orders")["orders"]
        return found

    def cpu_seconds(self) -> float:
        """Return what it has used of the processors."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").split()
        return (int(fields[13]) + int(fields[14])) / 100


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure with an exchange that answers at once, and with one that is far away."""
    seconds = 5 if quick else 25
    with (
        scratch() as folder,
        _Exchange() as exchange,
        Worker("trading") as trading,
        Worker("clients") as clients,
    ):
        started = trading.ask(
            "start",
            database=str(folder / "rate.db"),
            port=int(exchange.url.rpartition(":")[2]),
            feed="depth",
            trading="live",
            symbols=",".join(SYMBOLS),
            max_child_notional=CHILD_NOTIONAL,
        )
        _place(exchange, clients, started["url"])
        near = _part(exchange, trading, seconds)
        delay = {"seconds": FAR_SECONDS, "for_seconds": 2 * seconds + 10}
        exchange.ask("/control/faults", {"fault": "delay", "target": "rest", **delay})
        far = _part(exchange, trading, seconds)
        exchange.ask("/control/faults", {"fault": "clear"})
        trading.ask("stop")
    return [
        _row("at once", near),
        _row(f"{FAR_SECONDS * 1e3:g} ms late", far),
        _cpu_row(near),
    ]


def _place(exchange: _Exchange, clients: Worker, url: str) -> None:
    for symbol in SYMBOLS:
        touch = exchange.ask(f"/api/v3/ticker/bookTicker?symbol={symbol}")
        for side, price, factor in (
            ("SELL", touch["bidPrice"], Decimal("0.98")),
            ("BUY", touch["askPrice"], Decimal("1.02")),
        ):
            limit = (Decimal(price) * factor).quantize(Decimal("0.1"))
            body = {
                "symbol": symbol,
                "side": side,
                "quantity": str(int(ORDER_NOTIONAL / limit)),
                "price": str(limit),
            }
            count = ORDERS_EACH // 2
            placed = clients.ask(
                "post",
                url=f"{url}/api/v1/orders",
                body=body,
                connections=1,
                requests=count,
            )
            assert placed["statuses"] == {"201": count}, placed


def _part(exchange: _Exchange, trading: Worker, seconds: float) -> dict[str, Any]:
    pause = threading.Event()
    pause.wait(_WARM_SECONDS)
    trading.ask("calls")
    before, began = len(exchange.orders()), time.perf_counter()
    cpu = trading.ask("usage")["cpu_seconds"], exchange.cpu_seconds()
    pause.wait(seconds)
    took = time.perf_counter() - began
    cpu_after = trading.ask("usage")["cpu_seconds"], exchange.cpu_seconds()
    calls = trading.ask("calls")
    orders = exchange.orders()[before:]
    return {
        "rate": len(orders) / took,
        "seconds": took,
        "each_second": _each_second(orders),
        "filled": sum(one["status"] == "FILLED" for one in orders) / len(orders),
        "symbols": len({one["symbol"] for one in orders}),
        "parents": len({one["clientOrderId"].rpartition("-")[0] for one in orders}),
        "most_at_once": calls["most_at_once"],
        "mean_at_once": calls["busy_seconds"] / took,
        "service_cpu_share": (cpu_after[0] - cpu[0]) / took,
        "exchange_cpu_share": (cpu_after[1] - cpu[1]) / took,
    }


def _cpu_row(found: dict[str, Any]) -> Row:
    """Say what a child costs the service, from the frame to its fill on disk."""
    per_child = found["service_cpu_share"] / found["rate"]
    venue = found["exchange_cpu_share"] / found["rate"]
    return Row(
        what="CPU of the service per child order, filled and on disk",
        measured=Figure(value=per_child * 1e6, unit="µs"),
        base=Figure(value=venue * 1e6, unit="µs", of="of the simulated exchange"),
        ratio=per_child / venue,
        details={"filled": found["filled"], "rate": found["rate"]},
    )


def _each_second(orders: list[dict[str, Any]]) -> list[int]:
    counts: dict[int, int] = {}
    for one in orders:
        second = int(one["time"]) // 1000
        counts[second] = counts.get(second, 0) + 1
    return [counts[second] for second in sorted(counts)][1:-1]  # whole ones


def _row(how: str, found: dict[str, Any]) -> Row:
    rate, most = found["rate"], found["most_at_once"]
    at_once = f"{most} at once at most, {found['mean_at_once']:.1f} on average"
    each = [float(one) for one in found["each_second"]]
    return Row(
        what=f"child orders a second, sustained, answered {how}; {at_once}",
        measured=Figure(value=rate, unit="/s"),
        base=Figure(value=median(each), unit="/s", of="in the median second"),
        budget=Budget(
            words=f"at least {RATE_MIN}/s, several at once",
            is_met=rate >= RATE_MIN and most > 1,
        ),
        details={**found, "per_second": summary(each)},
    )
