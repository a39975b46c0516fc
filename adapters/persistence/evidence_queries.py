"""Reads what the book showed when an order came, was worked and ended."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from peewee import SQL

from adapters.persistence.cell_values import Row
from adapters.persistence.child_rows import (
    CHILD_COLUMNS,
    read_child,
    read_child_status,
)
from adapters.persistence.tables import ChildRow
from adapters.persistence.touch_cells import read_touch
from domain.orders.order import Order
from domain.orders.order_now import Reached
from domain.orders.stored_orders import OrderPast, OrderTouches, StoredChild
from domain.values import OrderId, Side, format_amount, number_of


def child_rows(
    rows_of: Callable[[Any], Sequence[Row]], order_id: OrderId, after: int, most: int
) -> Sequence[Row]:
    """Read children of an order by ascending number.

    Each row stands behind its number and the order's id.

    A child's id is made of its order's and its number, so that children are found by
    their key, and need no index.

    Args:
        rows_of: runs a query.
        order_id: of the order.
        after: the number before the first one.
        most: how many at most.
    """
    ids = [f"{order_id}-{after + step}" for step in range(1, most + 1)]
    query = ChildRow.select(*(SQL(column) for column in CHILD_COLUMNS))
    found = rows_of(query.where(ChildRow.child_id.in_(ids)))
    return sorted((number_of(row[0]), order_id, *row) for row in found)


def read_stored_child(row: Row) -> StoredChild:
    """Read a child and its outcome from a row of ``child_rows``, behind its number."""
    cells = row[1:]
    return StoredChild(
        child=read_child(cells), status=read_child_status(cells), reason=cells[8]
    )


def read_touches(row: Row) -> OrderTouches:
    """Read an order's touches from a row of ``SqlStatements.touches``."""
    arrival, end = row
    return OrderTouches(
        arrival=read_touch("arrival touch", arrival), end=read_touch("end touch", end)
    )


REACHED_SECONDS_MAX: Final = 86_400
"""How much of a price path is searched; from its end, and only to the first finding."""


def select_reached(mark: str, order: Order) -> tuple[str, list[object]]:
    """Return the statement that finds when an order's limit was last reached."""
    is_sell = order.side is Side.SELL
    column, relation = ("bid", ">=") if is_sell else ("ask", "<=")
    text = (
        f"SELECT second, update_id FROM price_path WHERE symbol = {mark} "  # noqa: S608 - constants
        f"AND second >= {mark} AND second >= "
        f"(SELECT max(second) FROM price_path WHERE symbol = {mark}) "
        f"- {REACHED_SECONDS_MAX} "
        f"AND CAST({column} AS NUMERIC) {relation} CAST({mark} AS NUMERIC) "
        "ORDER BY second DESC LIMIT 1"
    )
    since = int(order.created_at.timestamp())
    return text, [order.symbol, since, order.symbol, format_amount(order.price)]


def read_past(
    reached: Sequence[Row], children: Sequence[Row], holds: Sequence[Row]
) -> OrderPast:
    """Read what the statements found: each at most one row, but for the holds."""
    found = [
        Reached(at=datetime.fromtimestamp(second, UTC), update_id=update_id)
        for second, update_id in reached
    ]
    for row in children:
        child = read_child(row)
        first = child.slices[0].update_id
        found.append(Reached(at=child.intended_at, update_id=first))
    return OrderPast(
        hold=holds[-1][0] if holds else None,
        reached=max(found, key=lambda one: one.at, default=None),
    )
