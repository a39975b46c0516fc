"""Running the product's replay, by the files of design section 8 or line by line."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.replay import Replay
from adapters.binance.market_data.bodies import parse_depth
from adapters.binance.market_data.frames import FrameParser
from adapters.replay.files import ReplayInput, read_orders, read_rules, result_text
from adapters.replay.memory_store import MemoryStore
from domain.market.updates import DepthUpdate
from domain.replay import ReplayFrame
from domain.values import Symbol
from tests.replay.oracle import Line


def replay_files(session: Path, symbol: str, orders: Path) -> str:
    """Replay a recorded session; return the ``RESULT.json``."""
    name = Symbol(symbol)
    given = read_orders(orders, name)
    recording = ReplayInput(session, name)
    store = MemoryStore()
    replay = Replay(
        rules=read_rules(None, name), snapshot=recording.snapshot(), store=store
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
    replay = Replay(
        rules=read_rules(None, name),
        snapshot=parse_depth(name, snapshot),
        store=store,
    )
    outcome = replay.run(frames_of(lines, name), given)
    return result_text(outcome, given, store)


def frames_of(lines: Iterable[Line], symbol: Symbol) -> Iterator[ReplayFrame]:
    """Parse lines as they are asked for; a REST body becomes a snapshot."""
    parser = FrameParser()
    for received_ns, frame in lines:
        if frame.startswith(b'{"lastUpdateId"'):
            snapshot = parse_depth(symbol, frame)
            yield ReplayFrame(received_ns=received_ns, message=snapshot)
            continue
        found = parser.parse(frame)
        is_ours = isinstance(found, DepthUpdate) and found.symbol == symbol
        yield ReplayFrame(
            received_ns=received_ns,
            message=found if isinstance(found, DepthUpdate) and is_ours else None,
        )


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
