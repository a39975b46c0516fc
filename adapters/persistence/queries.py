"""Reading orders, fills and events for clients, from any thread."""

import base64
import binascii
from collections.abc import Container, Sequence
from typing import Any, Final

import peewee
from peewee import SQL

from adapters.persistence.backends import Backend, backend_of
from adapters.persistence.failures import translated
from adapters.persistence.history_rows import (
    EVENT_COLUMNS,
    FILL_COLUMNS,
    read_event,
    read_fill,
)
from adapters.persistence.rows import ORDER_COLUMNS, Row, read_order
from adapters.persistence.schema import require_current
from adapters.persistence.tables import (
    ENDED_STATUSES,
    IS_OPEN,
    EventRow,
    FillRow,
    OrderRow,
)
from domain.errors import InvalidRequestError, StoreUnavailableError
from domain.execution import Fill
from domain.order import Order, OrderEvent, OrderStatus
from domain.records import OrderFilter, OrderPage
from domain.values import OrderId, Symbol


_CURSOR_MARK: Final = "s"
_SEQUENCE_DIGITS_MAX: Final = 18


class InvalidCursorError(InvalidRequestError):
    """A cursor that no page of ours ever named."""

    def __init__(self) -> None:
        super().__init__("cursor is not one that a page of orders gave")


class InvalidStatusError(InvalidRequestError):
    """A status that no order can have."""

    def __init__(self) -> None:
        known = ", ".join(OrderStatus)
        super().__init__(f"status is none of open, ended, {known}")


class SqlOrderQueries:
    """Implements ``domain.ports.OrderQueries`` over a pool of reading connections."""

    def __init__(self, backend: Backend) -> None:
        self._shown: Final = backend.shown
        self._database: Final = backend.readers()
        self._closed = False

    def order(self, order_id: OrderId) -> Order | None:
        """Read one order."""
        query = _select(OrderRow, ORDER_COLUMNS).where(OrderRow.order_id == order_id)
        rows = self._rows(query)
        return read_order(rows[0]) if rows else None

    def orders(self, wanted: OrderFilter) -> OrderPage:
        """Read a page of orders, newest first.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            InvalidStatusError: when the status is neither an ``OrderStatus`` nor
                ``open`` or ``ended``.
            StoreUnavailableError: when the database is out of reach.
        """
        query = _select(OrderRow, ORDER_COLUMNS)
        if wanted.symbol is not None:
            query = query.where(OrderRow.symbol == wanted.symbol)
        if wanted.status is not None:
            query = query.where(_status_condition(wanted.status))
        if wanted.cursor is not None:
            query = query.where(OrderRow.sequence < _read_cursor(wanted.cursor))
        query = query.order_by(OrderRow.sequence.desc()).limit(wanted.limit + 1)
        orders = tuple(read_order(row) for row in self._rows(query))
        page = orders[: wanted.limit]
        more = len(orders) > len(page) > 0
        return OrderPage(
            orders=page, next_cursor=_cursor(page[-1].sequence) if more else None
        )

    def open_symbols_besides(self, symbols: Container[Symbol]) -> tuple[Symbol, ...]:
        """Read of which symbols but these orders are open; sorted.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = OrderRow.select(OrderRow.symbol).where(_status_condition("open"))
        rows = self._rows(query.distinct().order_by(OrderRow.symbol))
        return tuple(Symbol(row[0]) for row in rows if row[0] not in symbols)

    def has_orders(self, symbol: Symbol) -> bool:
        """Say whether there ever was an order of the symbol.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = OrderRow.select(OrderRow.order_id).where(OrderRow.symbol == symbol)
        return bool(self._rows(query.limit(1)))

    def fills(self, order_id: OrderId) -> Sequence[Fill]:
        """Read the fills of an order, oldest first."""
        query = _select(FillRow, FILL_COLUMNS).where(FillRow.order == order_id)
        return [read_fill(row) for row in self._rows(query.order_by(FillRow.id))]

    def events(self, order_id: OrderId) -> Sequence[OrderEvent]:
        """Read the history of an order, oldest first."""
        query = _select(EventRow, EVENT_COLUMNS).where(EventRow.order == order_id)
        return [read_event(row) for row in self._rows(query.order_by(EventRow.number))]

    def close(self) -> None:
        """Close the connections; later calls raise StoreUnavailableError."""
        self._closed = True
        self._database.close_idle()  # type: ignore[attr-defined]  # the pool's own

    def _rows(self, query: Any) -> Sequence[Row]:
        with translated(self._shown):
            if self._closed:
                msg = f"database {self._shown} is closed"
                raise StoreUnavailableError(msg)
            with self._database.connection_context():
                # The driver's cursor: Peewee's own would convert every value again.
                rows: Sequence[Row] = self._database.execute(query).fetchall()
                return rows


def open_queries(url: str) -> SqlOrderQueries:
    """Open the database of the URL for reading; ``open_store`` made its tables.

    Raises:
        ConfigurationError: the URL, the file or the server cannot be used.
        StoreUnavailableError: it is locked or out of reach for now.
    """
    backend = backend_of(url)
    require_current(backend)
    return SqlOrderQueries(backend)


def _select(table: type[peewee.Model], columns: Sequence[str]) -> Any:
    return table.select(*(SQL(column) for column in columns))


def _status_condition(status: str) -> Any:
    if status == "open":
        return SQL(IS_OPEN)
    if status == "ended":
        return OrderRow.status.in_([ended.value for ended in ENDED_STATUSES])
    try:
        return OrderRow.status == OrderStatus(status).value
    except ValueError:
        raise InvalidStatusError from None


def _cursor(sequence: int) -> str:
    text = f"{_CURSOR_MARK}{sequence}".encode("ascii")
    return base64.urlsafe_b64encode(text).decode("ascii").rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise InvalidCursorError from None
    digits = text.removeprefix(_CURSOR_MARK)
    if text[:1] != _CURSOR_MARK or not digits.isdigit():
        raise InvalidCursorError
    if len(digits) > _SEQUENCE_DIGITS_MAX:
        raise InvalidCursorError
    return int(digits)
