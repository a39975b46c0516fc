"""From a frame off the socket to the child order's first byte on the wire.

Real trading: the gateway with its workers, signed requests over connections that are
kept, a venue that answers after 5 ms and reports on the account's stream.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.frame_latency import (
    RATE,
    TAKERS,
    TRIGGER_EVERY,
    WAITING,
    commit_seconds,
    place_orders,
)
from benchmarks.market import TRIGGER_PRICE
from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import quantile, summary
from benchmarks.scratch import scratch
from benchmarks.worker import Worker


P99_MAX_MS: Final = 5.0
_ALONE: Final = 200


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure with depth frames, which cost more than the best prices do."""
    seconds = 4 if quick else 20
    with (
        scratch() as folder,
        Worker("venue") as venue,
        Worker("trading") as trading,
        Worker("clients") as clients,
    ):
        return _rows(_run(venue, trading, clients, folder, seconds))


def _run(
    venue: Worker, trading: Worker, clients: Worker, folder: Path, seconds: int
) -> dict[str, Any]:
    loaded = venue.ask(
        "load",
        kind="depth",
        count=RATE * seconds,
        made_up=True,
        trigger_every=TRIGGER_EVERY,
    )
    port = loaded["port"]
    started = trading.ask(
        "start",
        database=str(folder / "wire.db"),
        port=port,
        feed="depth",
        trading="live",
    )
    for price, count in (("65000.00", WAITING), (str(TRIGGER_PRICE), TAKERS)):
        place_orders(clients, started["url"], price, count)
    trading.ask("await_orders", count=WAITING + TAKERS)
    before = trading.ask("usage")
    venue.ask("pace", rate=RATE)
    venue.ask("finish")
    after = trading.ask("usage")
    found = {
        name: trading.ask("seconds", name=name)
        for name in ("frame_to_child_seconds", "frame_to_wire_seconds")
    }
    found["calls"] = trading.ask("calls")
    for name in ("cpu", "cpu_wait"):
        used = after[f"{name}_seconds"] - before[f"{name}_seconds"]
        found[f"{name}_share"] = used / seconds
    found["commits"] = commit_seconds(folder / "wire-floor.db")
    found["alone"] = trading.ask(
        "seconds_alone",
        url=f"http://127.0.0.1:{port}",
        count=_ALONE,
        apart_seconds=TRIGGER_EVERY / RATE,
    )
    trading.ask("stop")
    return found


def _rows(found: dict[str, Any]) -> Sequence[Row]:
    samples = found["frame_to_wire_seconds"]
    floors = [sum(both) for both in zip(found["commits"], found["alone"], strict=True)]
    details = {
        "frame_to_wire_seconds": summary(samples),
        "frame_to_worker_seconds": summary(found["frame_to_child_seconds"]),
        "commit_seconds": summary(found["commits"]),
        "adapter_alone_seconds": summary(found["alone"]),
        "calls": found["calls"],
        "cpu_share": round(found["cpu_share"], 3),
        "cpu_wait_share": round(found["cpu_wait_share"], 3),
    }
    rows = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        value, floor = quantile(samples, share) * 1e3, quantile(floors, share) * 1e3
        words = f"at most {P99_MAX_MS:g} ms"
        budget = Budget(words=words, is_met=value <= P99_MAX_MS)
        rows.append(
            Row(
                what=f"frame to request on the wire at {RATE:,} frames/s, {name}",
                measured=Figure(value=value, unit="ms"),
                base=Figure(
                    value=floor, unit="ms", of=f"commit + request alone, {name}"
                ),
                ratio=value / floor,
                budget=budget if name == "p99" else None,
                details=details,
            )
        )
    return rows
