"""The list of all orders' fills, by when they were executed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from peewee import SQL, Tuple

from adapters.persistence.cell_values import Row, one_of, time, write_time
from adapters.persistence.fill_rows import FILL_COLUMNS, read_fill
from adapters.persistence.page_cursors import read_cursors, write_cursor
from adapters.persistence.tables import FillRow, OrderRow
from domain.orders.stored_orders import BookedFill, FillFilter
from domain.values import Side, Symbol


_MARK: Final = "b"
"""In the cursors."""

_EXECUTED_AT: Final = FILL_COLUMNS.index("executed_at")
_SYMBOL: Final = FILL_COLUMNS.index("symbol")
_SIDE: Final = len(FILL_COLUMNS)
_ID: Final = _SIDE + 1

_SIDES: Final = {side.value: side for side in Side}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def fill_list(wanted: FillFilter) -> Any:
    """Return the query of a page of fills, newest first, and of one fill more.

    Raises:
        InvalidCursorError: when the cursor is not one of ours.
    """
    fills = FillRow.alias("fills")
    columns = [SQL(f"fills.{name}") for name in FILL_COLUMNS]
    query = fills.select(*columns, OrderRow.side, fills.id).join(
        OrderRow, on=fills.order == OrderRow.order_id
    )
    if wanted.symbol is not None:
        query = query.where(fills.symbol == wanted.symbol)
    if wanted.since is not None:
        query = query.where(fills.executed_at >= write_time(wanted.since))
    if wanted.until is not None:
        query = query.where(fills.executed_at < write_time(wanted.until))
    if wanted.cursor is not None:
        micros, number = read_cursors(_MARK, wanted.cursor, 2)
        before = write_time(_EPOCH + micros * _MICROSECOND)
        query = query.where(Tuple(fills.executed_at, fills.id) < (before, number))
    newest_first = (fills.executed_at.desc(), fills.id.desc())
    return query.order_by(*newest_first).limit(wanted.limit + 1)


def cursor_behind_fills(rows: Sequence[Row], limit: int) -> str | None:
    """Return the cursor of the next page; None if there is none.

    Args:
        rows: of ``fill_list``.
        limit: of the page.
    """
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    micros = (time("executed_at", last[_EXECUTED_AT]) - _EPOCH) // _MICROSECOND
    return write_cursor(_MARK, micros, last[_ID])


def read_booked_fill(row: Row) -> BookedFill:
    """Read a row of ``fill_list``."""
    return BookedFill(
        fill=read_fill(row[:_SIDE]),
        symbol=Symbol(row[_SYMBOL]),
        side=one_of("side", row[_SIDE], _SIDES),
    )
