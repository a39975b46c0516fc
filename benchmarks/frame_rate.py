"""Frames a second from the socket to the router, against the plainest reader."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import median, summary
from benchmarks.worker import Worker


FLOOR_SHARES: Final = {"book-ticker": 0.5, "depth": 0.6}
FRAMES_MAX: Final = {"book-ticker": 28_000, "depth": 3_400}
_TITLES: Final = {
    "book-ticker": "bookTicker frames, socket to router",
    "depth": "depth frames, socket to router",
}


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure both kinds of frames, floor and service in turn."""
    rounds = 3 if quick else 9
    return [_measure_kind(kind, rounds) for kind in ("book-ticker", "depth")]


def _measure_kind(kind: str, rounds: int) -> Row:
    floors: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    with (
        Worker("venue") as venue,
        Worker("receiving") as plain,
        Worker("receiving") as pipeline,
    ):
        loaded = venue.ask("load", kind=kind, count=FRAMES_MAX[kind])
        for _ in range(rounds):
            floors.append(_blast(venue, loaded, plain, "plain"))
            ours.append(_blast(venue, loaded, pipeline, "pipeline"))
    floor = median([one["frames"] / one["seconds"] for one in floors])
    rate = median([one["frames"] / one["seconds"] for one in ours])
    merged = median([one["merged"] / one["frames"] for one in ours])
    return Row(
        what=f"{_TITLES[kind]}; {merged:.0%} arrive merged into others",
        measured=Figure(value=rate, unit="frames/s"),
        base=Figure(value=floor, unit="frames/s", of="websocket-client + decode"),
        ratio=rate / floor,
        budget=Budget(
            words=f"at least {FLOOR_SHARES[kind]} of the floor",
            is_met=rate >= FLOOR_SHARES[kind] * floor,
        ),
        details={
            "frames": loaded["frames"],
            "source": loaded["source"],
            "mean_bytes": loaded["mean_bytes"],
            "floor": _rates(floors),
            "service": _rates(ours),
            "merged_share": merged,
        },
    )


def _blast(
    venue: Worker, loaded: dict[str, Any], receiver: Worker, how: str
) -> dict[str, Any]:
    venue.ask("expect")
    wanted = {key: loaded[key] for key in ("port", "stream", "frames")}
    if how == "pipeline":
        wanted["last_update_id"] = loaded["last_update_id"]
    receiver.ask(how, **wanted)
    venue.ask("blast")
    result: dict[str, Any] = receiver.ask("result")
    return result


def _rates(results: Sequence[dict[str, Any]]) -> dict[str, object]:
    return {
        "frames_per_second": summary(
            [one["frames"] / one["seconds"] for one in results]
        ),
        "cpu_us_per_frame": summary(
            [one["cpu_seconds"] / one["frames"] * 1e6 for one in results]
        ),
    }
