"""``python run.py replay`` on the head of a real recording."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.replay.driving import numbers
from tests.replay.oracle import Oracle, read_orders
from tests.replay.recorded import Session, mixed_orders, session, write_orders
from tests.system.processes import RUN, Program
from tests.system.recorded_market import head_of


FRAMES = 1_700


@pytest.fixture(scope="module")
def recorded() -> Session:
    return session("btcusdt-20240808", "BTCUSDT")


@pytest.fixture
def folder(recorded: Session, tmp_path: Path) -> Path:
    write_orders(tmp_path, mixed_orders(recorded, seed=5, count=60))
    return head_of(recorded, FRAMES, tmp_path)


def replay(folder: Path, *options: str) -> str:
    """Run it; return what it writes to stdout."""
    orders = ("--symbol", "BTCUSDT", "--orders", "orders.json")
    with Program(RUN, "replay", ".", *orders, *options, folder=folder) as program:
        assert program.wait(60) == 0, program.err.text
    return program.out.text


def test_replay_has_the_numbers_of_an_independent_computation(
    recorded: Session, folder: Path
) -> None:
    orders = (folder / "orders.json").read_text(encoding="utf-8")
    oracle = Oracle("BTCUSDT", recorded.snapshot)

    result = replay(folder)

    expected = oracle.run(list(recorded.lines[:FRAMES]), read_orders(orders))
    assert numbers(result) == expected
    assert any(order["fills"] for order in expected["orders"])


def test_replay_writes_the_same_bytes_twice_and_to_a_file(folder: Path) -> None:
    said = replay(folder)

    silent = replay(folder, "--output", "result.json", "--log-level", "error")

    assert silent == ""
    assert (folder / "result.json").read_bytes() == f"{said}\n".encode()


def test_replay_has_the_shape_that_others_rely_on(folder: Path) -> None:
    result = json.loads(replay(folder))

    assert list(result) == ["frames", "book", "orders"]
    assert result["frames"] == FRAMES
    assert list(result["book"]) == ["update_id", "best_bid", "best_ask"]
    for order in result["orders"]:
        assert list(order) == ["id", "status", "filled", "remaining", "fills"]
        assert are_texts(order["filled"], order["remaining"])
        for fill in order["fills"]:
            assert list(fill) == ["price", "quantity", "update_id"]
            assert are_texts(fill["price"], fill["quantity"])


def are_texts(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
