"""Recordings with faults made into them: no recorded session has any of its own.

Lines are dropped, repeated or swapped, and snapshots put between them. Whatever was
done to the lines, the oracle is told the same ones.
"""

import json
import random
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.replay.driving import numbers, replay_lines
from tests.replay.oracle import Line, Oracle, read_orders
from tests.replay.recorded import Session, mixed_orders, session, write_orders


THIN = ("small-20211012", "NKNUSDT")


def depth_indices(recorded: Session) -> list[int]:
    start = recorded.stream("depth")
    lines = enumerate(recorded.lines)
    return [index for index, (_, frame) in lines if frame.startswith(start)]


def last_id(line: Line) -> int:
    update_id: int = json.loads(line[1])["data"]["u"]
    return update_id


@cache
def snapshot_after(name: str, symbol: str, index: int) -> bytes:
    """The body the venue would have sent after the line at ``index``."""
    recorded = session(name, symbol)
    venue = Oracle(recorded.symbol, recorded.snapshot)
    venue.run(list(recorded.lines[: index + 1]), [])
    body = {
        "lastUpdateId": venue.update_id,
        "bids": as_text(venue.book["SELL"]),
        "asks": as_text(venue.book["BUY"]),
    }
    return json.dumps(body, separators=(",", ":")).encode()


def as_text(levels: dict[Decimal, Decimal]) -> list[list[str]]:
    return [[format(p, "f"), format(q, "f")] for p, q in levels.items()]


def expected_of(recorded: Session, lines: list[Line], orders: str) -> dict[str, Any]:
    return Oracle(recorded.symbol, recorded.snapshot).run(lines, read_orders(orders))


def fill_ids(order: dict[str, Any]) -> list[int]:
    return [fill["update_id"] for fill in order["fills"]]


def test_made_repeats_of_every_depth_line_change_no_number(tmp_path: Path) -> None:
    recorded = session(*THIN)
    orders = mixed_orders(recorded, seed=11)
    lines: list[Line] = []
    chance = random.Random(11)
    for line in recorded.lines:
        recent = lines[-8:]
        lines += [line, line, *chance.sample(recent, k=min(1, len(recent)))]
        lines[-1] = (line[0], lines[-1][1])  # receipt times never go back

    result = replay_lines(
        lines, "NKNUSDT", recorded.snapshot, write_orders(tmp_path, orders)
    )

    untouched = expected_of(recorded, list(recorded.lines), orders)
    assert numbers(result) == untouched | {"frames": len(lines)}


@pytest.mark.parametrize("dropped", [20, 75, 130])
def test_made_gap_ends_all_execution_when_no_snapshot_follows(
    dropped: int, tmp_path: Path
) -> None:
    recorded = session(*THIN)
    orders = mixed_orders(recorded, seed=12)
    gap = depth_indices(recorded)[dropped]
    lines = [*recorded.lines[:gap], *recorded.lines[gap + 1 :]]

    result = numbers(
        replay_lines(
            lines, "NKNUSDT", recorded.snapshot, write_orders(tmp_path, orders)
        )
    )

    untouched = expected_of(recorded, list(recorded.lines), orders)
    missing = last_id(recorded.lines[gap])
    assert any(i > missing for one in untouched["orders"] for i in fill_ids(one))
    assert all(i < missing for one in result["orders"] for i in fill_ids(one))
    assert result["orders"] == expected_of(recorded, lines, orders)["orders"]
    assert result["book"]["best_bid"] is None


@pytest.mark.parametrize(
    ("name", "symbol", "dropped", "later"),
    [
        (*THIN, 40, 30),
        (*THIN, 90, 1),
        ("ethusdt-20240808", "ETHUSDT", 1000, 500),
    ],
)
def test_made_gap_executes_nothing_until_the_next_snapshot(
    name: str, symbol: str, dropped: int, later: int, tmp_path: Path
) -> None:
    recorded = session(name, symbol)
    orders = mixed_orders(recorded, seed=13)
    depth = depth_indices(recorded)
    gap, healed = depth[dropped], depth[dropped + later]
    body = snapshot_after(name, symbol, healed)
    healing = (recorded.lines[healed][0], body)
    lines = [
        *recorded.lines[:gap],
        *recorded.lines[gap + 1 : healed + 1],
        healing,
        *recorded.lines[healed + 1 :],
    ]

    result = numbers(
        replay_lines(lines, symbol, recorded.snapshot, write_orders(tmp_path, orders))
    )

    seconds = [
        Decimal(recorded.lines[index][0] - recorded.lines[0][0]) / 10**9
        for index in (depth[dropped + 1], healed)
    ]
    unusable = range(last_id(recorded.lines[gap]), json.loads(body)["lastUpdateId"])
    for asked, got in zip(read_orders(orders), result["orders"], strict=True):
        assert not any(update_id in unusable for update_id in fill_ids(got))
        if seconds[0] < asked.at <= seconds[1]:
            assert all(update_id >= unusable.stop for update_id in fill_ids(got))
    assert any(i >= unusable.stop for one in result["orders"] for i in fill_ids(one))
    assert result == expected_of(recorded, lines, orders)


def faulty(recorded: Session, chance: random.Random) -> list[Line]:
    """Drop, repeat and swap lines; put in snapshots, fitting, late or early ones."""
    lines: list[Line] = []
    indices = range(len(recorded.lines))
    for index in indices:
        line = recorded.lines[index]
        fault = chance.random()
        # The first and the last line stay: they say when orders arrive.
        if fault < 0.02 and 0 < index < len(recorded.lines) - 1:
            continue
        lines.append(line)
        if fault < 0.05:
            lines.append(line)
        elif fault < 0.07 and len(lines) > 1:
            (first, one), (second, other) = lines[-2:]
            lines[-2:] = [(first, other), (second, one)]
        elif fault < 0.25:
            shown = chance.choice([index, index, index - 5, index - 20, index + 3])
            if shown in indices:
                lines.append((line[0], snapshot_after(*THIN, shown)))
    return lines


@pytest.mark.parametrize("seed", range(15))
def test_made_mixtures_of_faults_give_the_numbers_of_the_oracle(
    seed: int, tmp_path: Path
) -> None:
    recorded = session(*THIN)
    orders = mixed_orders(recorded, seed=seed, count=60)
    lines = faulty(recorded, random.Random(seed))

    result = replay_lines(
        lines, "NKNUSDT", recorded.snapshot, write_orders(tmp_path, orders)
    )

    assert numbers(result)["orders"] == expected_of(recorded, lines, orders)["orders"]
