"""Running the product's replay, by the files of design section 8 or line by line."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.replay import Replay
from adapters.replay.files import ReplayInput, read_orders, read_rules, result_text
from adapters.replay.memory_store import MemoryStore
from adapters.venue_factory import recorded_format
from domain.replay import ReplayFrame
from domain.values import Symbol
from tests.replay.oracle import Line


def replay_files(session: Path, symbol: str, orders: Path) -> str:
    """Replay a recorded session; return the ``RESULT.json``."""
    name = Symbol(symbol)
    given = read_orders(orders, name)
    wire = recorded_format()
    recording = ReplayInput(session, name, wire)
    store = MemoryStore()
    replay = Replay(
        rules=read_rules(None, name, wire),
        snapshot=recording.snapshot(),
        store=store,
    )
    outcome = replay.run(recording.frames(), given)
    return result_text(outcome, given, store)


def replay_lines(
    lines: Iterable[Line], symbol: str, snapshot: bytes, orders: Path
) -> str:
    """Replay lines that need not be as they were recorded; return ``RESULT.json``."""
    name = Symbol(symbol)
    given = read_orders(orders, name)
    store = MemoryStore()
    wire = recorded_format()
    replay = Replay(
        rules=read_rules(None, name, wire),
        snapshot=wire.read_snapshot(name, snapshot),
        store=store,
    )
    outcome = replay.run(frames_of(lines, name), given)
    return result_text(outcome, given, store)


def frames_of(lines: Iterable[Line], symbol: Symbol) -> Iterator[ReplayFrame]:
    """Parse lines as they are asked for; a REST body becomes a snapshot."""
    wire = recorded_format()
    for received_ns, frame in lines:
        if frame.startswith(b'{"lastUpdateId"'):
            snapshot = wire.read_snapshot(symbol, frame)
            yield ReplayFrame(received_ns=received_ns, message=snapshot)
            continue
        update = wire.read_update(frame)
        is_ours = update is not None and update.symbol == symbol
        yield ReplayFrame(received_ns=received_ns, message=update if is_ours else None)


def numbers(result_json: str) -> dict[str, Any]:
    """Read a ``RESULT.json`` with its amounts as decimals, for comparing."""
    result: dict[str, Any] = json.loads(result_json)
    book = result["book"]
    for side in ("best_bid", "best_ask"):
        if book[side] is not None:
            book[side] = [Decimal(amount) for amount in book[side]]
    for order in result["orders"]:
        for key in ("filled", "remaining"):
            order[key] = Decimal(order[key])
        for fill in order["fills"]:
            fill["price"] = Decimal(fill["price"])
            fill["quantity"] = Decimal(fill["quantity"])
    return result
