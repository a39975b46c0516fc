"""Every number of a replay, held against an independent computation."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.replay.driving import numbers, replay_files
from tests.replay.oracle import Oracle, read_orders
from tests.replay.recorded import (
    WITH_BOOK_TICKER,
    WITH_SNAPSHOT,
    mixed_orders,
    session,
    write_orders,
)


@pytest.mark.parametrize(
    ("name", "symbol", "seed"),
    [
        *((*of, 1) for of in WITH_BOOK_TICKER),
        *((*of, 2) for of in WITH_BOOK_TICKER if of[0].startswith("small")),
    ],
)
def test_replay_of_200_mixed_orders_equals_the_oracle(
    name: str, symbol: str, seed: int, tmp_path: Path
) -> None:
    recorded = session(name, symbol)
    orders = mixed_orders(recorded, seed=seed)
    oracle = Oracle(symbol, recorded.snapshot)
    expected = oracle.run(list(recorded.lines), read_orders(orders))

    result = replay_files(recorded.folder, symbol, write_orders(tmp_path, orders))

    assert numbers(result) == expected


def test_mixed_orders_meet_every_end_there_is() -> None:
    recorded = session("small-20211012", "NKNUSDT")
    ends: Counter[tuple[str, str, bool]] = Counter()

    for seed in (1, 2):
        orders = read_orders(mixed_orders(recorded, seed=seed))
        Oracle("NKNUSDT", recorded.snapshot).run(list(recorded.lines), orders)
        ends.update((one.time_in_force, one.status, bool(one.fills)) for one in orders)

    assert set(ends) == {
        ("GTC", "NEW", False),
        ("GTC", "PARTIALLY_FILLED", True),
        ("GTC", "FILLED", True),
        ("IOC", "EXPIRED", False),
        ("IOC", "EXPIRED", True),
        ("IOC", "FILLED", True),
        ("FOK", "EXPIRED", False),
        ("FOK", "FILLED", True),
    }


def test_replay_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    recorded = session("ethusdt-20240808", "ETHUSDT")
    orders = write_orders(tmp_path, mixed_orders(recorded, seed=3))

    first = replay_files(recorded.folder, "ETHUSDT", orders)
    second = replay_files(recorded.folder, "ETHUSDT", orders)

    assert first == second


@pytest.mark.parametrize(("name", "symbol"), WITH_SNAPSHOT)
def test_final_book_is_the_one_of_the_manifest(
    name: str, symbol: str, tmp_path: Path
) -> None:
    recorded = session(name, symbol)
    known = recorded.facts["replay_check"]

    result = replay_files(recorded.folder, symbol, write_orders(tmp_path, "[]"))

    book = numbers(result)["book"]
    assert book["update_id"] == known["final_update_id"]
    assert book["best_bid"] == [Decimal(amount) for amount in known["best_bid"]]
    assert book["best_ask"] == [Decimal(amount) for amount in known["best_ask"]]
