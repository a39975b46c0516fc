"""Reads what the book showed when an order came, was worked and ended."""

from collections.abc import Callable, Sequence
from typing import Any

from peewee import SQL

from adapters.persistence.cell_values import Row
from adapters.persistence.child_rows import (
    CHILD_COLUMNS,
    read_child,
    read_child_status,
)
from adapters.persistence.tables import ChildRow
from adapters.persistence.touch_cells import read_touch
from domain.orders.stored_orders import OrderTouches, StoredChild
from domain.values import OrderId, number_of


def child_rows(
    rows_of: Callable[[Any], Sequence[Row]], order_id: OrderId, after: int, most: int
) -> Sequence[Row]:
    """Read children of an order by ascending number, each row behind its number.

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
    return sorted((number_of(row[0]), *row) for row in found)


def read_stored_child(row: Row) -> StoredChild:
    """Read a child and its outcome from a row in the order of ``CHILD_COLUMNS``."""
    return StoredChild(
        child=read_child(row), status=read_child_status(row), reason=row[8]
    )


def read_touches(row: Row) -> OrderTouches:
    """Read an order's touches from a row of ``SqlStatements.touches``."""
    arrival, end = row
    return OrderTouches(
        arrival=read_touch("arrival touch", arrival), end=read_touch("end touch", end)
    )
