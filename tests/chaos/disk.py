"""The service's ledger, read without a line of the service's own code."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

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
    is_paused: bool = False

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
    touch: list[object] | None = None
    levels: tuple["Level", ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """A level that a child was offered."""

    price: Decimal
    quantity: Decimal
    update_id: int
    stated: Decimal
    taken_before: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What a fill says of the level it took."""

    child_id: str
    price: Decimal
    quantity: Decimal
    update_id: int | None
    stated: Decimal | None
    taken_before: Decimal | None


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
    taken: tuple[Taken, ...]
    """By child, in the order of its fills."""


def read_disk(database: Path) -> Disk:
    """Read all of it; the service may run, but then tables may differ in age."""
    with _opened(database) as disk:
        orders = disk.execute(
            "SELECT order_id, symbol, side, quantity, price, status, reason, filled,"
            " children, version, is_paused FROM orders"
        )
        children = disk.execute(
            "SELECT child_id, order_id, side, price, quantity, status, reason,"
            " touch, slices FROM children"
        )
        fills = disk.execute(
            "SELECT order_id, symbol, trade_id, child_id, price, quantity, fee,"
            " fee_asset FROM fills ORDER BY id"
        )
        steps = disk.execute(
            "SELECT order_id, number, step, status, occurred_at, quantity, price,"
            " child_id, reason FROM order_events ORDER BY order_id, number"
        )
        taken = disk.execute(
            "SELECT child_id, price, quantity, update_id, stated, taken_before"
            " FROM fills ORDER BY child_id, number"
        )
        return Disk(
            {row[0]: _order(row) for row in orders},
            {row[0]: _child(row) for row in children},
            tuple((row[0], _execution(row)) for row in fills),
            tuple(_step(row) for row in steps),
            tuple(_taken(row) for row in taken),
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
    filled, children, version, is_paused = counts
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
        is_paused=bool(int(is_paused)),
    )


def _child(row: tuple[Any, ...]) -> DiskChild:
    child_id, order_id, side, price, quantity, status, reason, touch, levels = row
    return DiskChild(
        child_id=child_id,
        order_id=order_id,
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        status=status,
        reason=reason,
        touch=None if touch is None else json.loads(touch),
        levels=tuple(_level(cells) for cells in json.loads(levels)),
    )


def _level(cells: list[Any]) -> Level:
    price, quantity, update_id, stated, taken_before = cells
    return Level(
        price=Decimal(price),
        quantity=Decimal(quantity),
        update_id=update_id,
        stated=Decimal(stated),
        taken_before=Decimal(taken_before),
    )


def _taken(row: tuple[Any, ...]) -> Taken:
    child_id, price, quantity, update_id, stated, taken_before = row
    return Taken(
        child_id=child_id,
        price=Decimal(price),
        quantity=Decimal(quantity),
        update_id=update_id,
        stated=None if stated is None else Decimal(stated),
        taken_before=None if taken_before is None else Decimal(taken_before),
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
