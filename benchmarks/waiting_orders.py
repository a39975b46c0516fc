"""What waiting orders cost: memory, threads, and the time to pick them up."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from adapters.persistence.store import open_store
from benchmarks.market import SYMBOL
from benchmarks.result import Budget, Figure, Row
from benchmarks.scratch import scratch
from benchmarks.worker import Worker
from domain.orders.commands import PlaceOrder
from domain.orders.intake import new_order
from domain.orders.lifecycle import accept
from domain.orders.records import NewOrder, fingerprint
from domain.values import OrderId, Side, Symbol


ORDERS: Final = 100_000
QUICK_ORDERS: Final = 20_000
KILOBYTES_MAX: Final = 6.0
SECONDS_MAX: Final = 6.0
"""For the start with ``ORDERS``; for fewer, in proportion."""

ANSWER_SECONDS: Final = 90.0
"""How long to wait at most for the start with ``ORDERS``."""

_BATCH: Final = 5_000
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


def measure(*, quick: bool) -> Sequence[Row]:
    """Start the service without orders, then with many, and compare."""
    return measure_with(QUICK_ORDERS if quick else ORDERS)


def measure_with(count: int) -> list[Row]:
    """Do so with that many orders; more than ``ORDERS`` may take any time."""
    with scratch() as folder:
        none = _start_service(folder / "none.db", 0)
        fill(folder / "many.db", count)
        floor_seconds = _plain_read(folder / "many.db", count)
        many = _start_service(folder / "many.db", count)
    return [
        _memory_row(none, many, count),
        _threads_row(none, many, count),
        _recovery_row(none, many, count, floor_seconds),
    ]


def fill(path: Path, count: int) -> None:
    """Write open orders out of reach into a new database."""
    store = open_store(f"sqlite:///{path}")
    try:
        for first in range(0, count, _BATCH):
            last = min(first + _BATCH, count)
            store.write([_record(number) for number in range(first + 1, last + 1)])
    finally:
        store.close()


def _record(number: int) -> NewOrder:
    sells = number % 2 == 0
    away = Decimal(number % 10_000).scaleb(-2)
    command = PlaceOrder(
        symbol=Symbol(SYMBOL),
        side=Side.SELL if sells else Side.BUY,
        quantity=Decimal("0.5"),
        price=Decimal("65000.00") + away if sells else Decimal("55000.00") - away,
        idempotency_key=f"bench-{number}",
    )
    order_id = OrderId(f"01BENCH{number:019d}")
    pending = new_order(command, order_id=order_id, sequence=number, now=_NOW)
    order, event = accept(pending, now=_NOW)
    return NewOrder(
        order=order,
        event=event,
        idempotency_key=command.idempotency_key,
        fingerprint=fingerprint(command),
    )


def _start_service(path: Path, count: int) -> dict[str, Any]:
    patience = ANSWER_SECONDS * max(1.0, count / ORDERS)
    with Worker("venue") as venue, Worker("trading", patience) as trading:
        loaded = venue.ask("load", kind="depth", count=3_000, made_up=True)
        found: dict[str, Any] = trading.ask(
            "start", database=str(path), port=loaded["port"], feed="depth"
        )
        venue.ask("pace", rate=10)
        wait = trading.ask("await_orders", count=count, with_book=False)
        found["seconds"] += wait["seconds"]
        found |= trading.ask("usage")
        venue.ask("halt")
        trading.ask("stop")
    return found


def _plain_read(path: Path, count: int) -> float:
    with closing(sqlite3.connect(path)) as database:
        started = time.perf_counter()
        found = database.execute("SELECT * FROM orders ORDER BY sequence")
        assert sum(1 for _ in found) == count
        return time.perf_counter() - started


def _memory_row(none: dict[str, Any], many: dict[str, Any], count: int) -> Row:
    grown = many["resident_bytes"] - none["resident_bytes"]
    each = grown / count / 1e3
    return Row(
        what=f"memory per waiting order, of {count:,}",
        measured=Figure(value=each, unit="kB"),
        base=Figure(
            value=none["resident_bytes"] / 1e6, unit="MB", of="service without orders"
        ),
        budget=Budget(
            words=f"at most {KILOBYTES_MAX:g} kB", is_met=each <= KILOBYTES_MAX
        ),
        details={"orders": count, "without": none, "with": many},
    )


def _threads_row(none: dict[str, Any], many: dict[str, Any], count: int) -> Row:
    return Row(
        what=f"threads with {count:,} waiting orders",
        measured=Figure(value=many["threads"], unit="threads"),
        base=Figure(value=none["threads"], unit="threads", of="without orders"),
        budget=Budget(
            words="no more than without", is_met=many["threads"] <= none["threads"]
        ),
    )


def _recovery_row(
    none: dict[str, Any], many: dict[str, Any], count: int, floor_seconds: float
) -> Row:
    seconds, alone = many["seconds"], none["seconds"]
    budget = None
    if count <= ORDERS:
        # What a start without orders takes does not become less with fewer of them.
        scaled = alone + (SECONDS_MAX - alone) * count / ORDERS
        budget = Budget(words=f"at most {scaled:.1f} s", is_met=seconds <= scaled)
    return Row(
        what=f"start of the service with {count:,} open orders, until all are enlisted",
        measured=Figure(value=seconds, unit="s"),
        base=Figure(value=floor_seconds, unit="s", of="reading the rows, no more"),
        ratio=seconds / floor_seconds,
        budget=budget,
        details={"orders": count, "without": alone},
    )
