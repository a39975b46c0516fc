"""The service's ledger, read without a line of the service's own code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tests.chaos.exchange import Execution


FINAL = ("FILLED", "CANCELED", "EXPIRED", "REJECTED")


@dataclass(frozen=True, slots=True)
class DiskOrder:
    """A row of the orders."""

    order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    status: str
    reason: str | None
    filled: Decimal
    children: int
    version: int

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class DiskChild:
    """A row of the child orders."""

    child_id: str
    order_id: str
    side: str
    price: Decimal
    quantity: Decimal
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """An event in the history of an order."""

    order_id: str
    number: int
    step: str
    status: str
    at: datetime
    quantity: str | None
    price: str | None
    child_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Everything on it."""

    orders: dict[str, DiskOrder]
    children: dict[str, DiskChild]
    fills: tuple[tuple[str, Execution], ...]
    """Each with its order's id."""

    steps: tuple[Step, ...]


def read_disk(database: Path) -> Disk:
    """Read all of it; the service may run, but then tables may differ in age."""
    with _opened(database) as disk:
        orders = disk.execute(
            "SELECT order_id, symbol, side, quantity, price, status, reason, filled,"
            " children, version FROM orders"
        )
        children = disk.execute(
            "SELECT child_id, order_id, side, price, quantity, status, reason"
            " FROM children"
        )
        fills = disk.execute(
            "SELECT order_id, symbol, trade_id, child_id, price, quantity, fee,"
            " fee_asset FROM fills ORDER BY id"
        )
        steps = disk.execute(
            "SELECT order_id, number, step, status, occurred_at, quantity, price,"
            " child_id, reason FROM order_events ORDER BY order_id, number"
        )
        return Disk(
            {row[0]: _order(row) for row in orders},
            {row[0]: _child(row) for row in children},
            tuple((row[0], _execution(row)) for row in fills),
            tuple(_step(row) for row in steps),
        )


def unresolved(database: Path) -> list[str]:
    """The child orders of which nobody knows the end yet."""
    with _opened(database) as disk:
        found = disk.execute("SELECT child_id FROM children WHERE status = 'INTENDED'")
        return [row[0] for row in found]


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    address = f"file:{database}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as disk:
        yield disk


def _order(row: tuple[str, ...]) -> DiskOrder:
    order_id, symbol, side, quantity, price, status, reason, *counts = row
    filled, children, version = counts
    return DiskOrder(
        order_id=order_id,
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        status=status,
        reason=reason,
        filled=Decimal(filled),
        children=int(children),
        version=int(version),
    )


def _child(row: tuple[str, ...]) -> DiskChild:
    child_id, order_id, side, price, quantity, status, reason = row
    return DiskChild(
        child_id, order_id, side, Decimal(price), Decimal(quantity), status, reason
    )


def _execution(row: tuple[str, ...]) -> Execution:
    _, symbol, trade_id, child_id, price, quantity, fee, fee_asset = row
    return Execution(
        symbol=symbol,
        trade_id=int(trade_id),
        child_id=child_id,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=fee_asset,
    )


def _step(row: tuple[str, ...]) -> Step:
    order_id, number, step, status, occurred_at, *rest = row
    at = datetime.fromisoformat(occurred_at)
    return Step(order_id, int(number), step, status, at, *rest)
