"""The queries behind lists of orders."""

from collections.abc import Sequence
from typing import Any, Final

import peewee
from peewee import SQL

from adapters.persistence.cell_values import Row, write_time
from adapters.persistence.order_filters import status_condition
from adapters.persistence.order_rows import ORDER_COLUMNS
from adapters.persistence.page_cursors import read_cursor, write_cursor
from adapters.persistence.sql_statements import INTENT_OF_ORDER, ORDER_NOW
from adapters.persistence.tables import IS_OPEN, ChildRow, OrderRow
from domain.orders.stored_orders import OpenOrderKey, OrderFilter
from domain.values import OrderId, Symbol


_MARK: Final = "s"
"""In the cursors."""

_ORDERS_NOW: Final = OrderRow.alias("orders")
_INTENTS: Final = ChildRow.alias("intent")
"""Under the names that ORDER_NOW has for them."""

_SEQUENCE: Final = ORDER_COLUMNS.index("sequence")


def order_list(wanted: OrderFilter) -> Any:
    """Return the query of a page of orders, newest first, and of one order more.

    Raises:
        InvalidCursorError: when the cursor is not one of ours.
        InvalidStatusError: when the status is neither an ``OrderStatus`` nor ``open``
            or ``ended``.
    """
    query = _ORDERS_NOW.select(SQL(ORDER_NOW)).join(
        _INTENTS, peewee.JOIN.LEFT_OUTER, on=SQL(INTENT_OF_ORDER)
    )
    if wanted.symbol is not None:
        query = query.where(_ORDERS_NOW.symbol == wanted.symbol)
    if wanted.status is not None:
        query = query.where(status_condition(wanted.status, _ORDERS_NOW.status))
    if wanted.side is not None:
        query = query.where(_ORDERS_NOW.side == wanted.side.value)
    if wanted.since is not None:
        query = query.where(_ORDERS_NOW.created_at >= write_time(wanted.since))
    if wanted.until is not None:
        query = query.where(_ORDERS_NOW.created_at < write_time(wanted.until))
    if wanted.client_order_id is not None:
        query = query.where(_ORDERS_NOW.client_order_id == wanted.client_order_id)
    if wanted.cursor is not None:
        before = read_cursor(_MARK, wanted.cursor)
        query = query.where(_ORDERS_NOW.sequence < before)
    return query.order_by(_ORDERS_NOW.sequence.desc()).limit(wanted.limit + 1)


def cursor_behind(rows: Sequence[Row], limit: int) -> str | None:
    """Return the cursor of the next page; None if there is none.

    Args:
        rows: of ``order_list``.
        limit: of the page.
    """
    return (
        write_cursor(_MARK, rows[limit - 1][_SEQUENCE]) if len(rows) > limit else None
    )


def open_order_list(symbol: Symbol | None, before: int | None, limit: int) -> Any:
    """Return the query of the keys of open orders, highest sequence first."""
    query = OrderRow.select(OrderRow.order_id, OrderRow.symbol, OrderRow.sequence)
    query = query.where(SQL(IS_OPEN))
    if symbol is not None:
        query = query.where(OrderRow.symbol == symbol)
    if before is not None:
        query = query.where(OrderRow.sequence < before)
    return query.order_by(OrderRow.sequence.desc()).limit(limit)


def read_open_key(row: Row) -> OpenOrderKey:
    """Read a row of ``open_order_list``."""
    order_id, symbol, sequence = row
    return OpenOrderKey(
        order_id=OrderId(order_id), symbol=Symbol(symbol), sequence=sequence
    )
