"""Reads orders, fills and events for clients, from any thread."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

import peewee
from peewee import SQL

from adapters.persistence.backends import Backend, backend_of
from adapters.persistence.cell_values import LONG, Row, from_zero, plain
from adapters.persistence.child_histories import history_reader
from adapters.persistence.event_positions import position_of, read_page
from adapters.persistence.event_rows import EVENT_COLUMNS, event_row, read_event
from adapters.persistence.evidence_queries import (
    child_rows,
    read_past,
    read_stored_child,
    read_touches,
    select_reached,
)
from adapters.persistence.failures import Translated
from adapters.persistence.fill_lists import (
    cursor_behind_fills,
    fill_list,
    read_booked_fill,
)
from adapters.persistence.fill_rows import FILL_COLUMNS, read_fill
from adapters.persistence.intents import read_intent
from adapters.persistence.order_lists import (
    cursor_behind,
    open_order_list,
    order_list,
    read_open_key,
)
from adapters.persistence.order_rows import read_order
from adapters.persistence.page_cursors import read_cursor, write_cursor
from adapters.persistence.price_rows import read_point, select_points
from adapters.persistence.schema import require_current
from adapters.persistence.sql_statements import (
    SqlStatements,
)
from adapters.persistence.tables import (
    EventRow,
    FillRow,
    OrderRow,
)
from adapters.persistence.traded_rows import read_traded, select_traded
from adapters.persistence.unreadable_rows import read_all
from domain.errors import (
    StoreUnavailableError,
    UnreadableRecordError,
)
from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.committed import BEGINNING, EventPage, Position
from domain.orders.order import Order, OrderEvent
from domain.orders.stored_orders import (
    BookedFill,
    ChildHistory,
    FillFilter,
    OpenOrderKey,
    OrderFilter,
    OrderPage,
    OrderPast,
    OrderTouches,
    StoredChild,
)
from domain.orders.summary import FeeSums, FillTotals
from domain.pages import Page, PageWanted
from domain.values import ChildId, OrderId, Symbol, order_of


_FILLS: Final = "f"
_EVENTS: Final = "e"
_CHILDREN: Final = "c"
_PRICES: Final = "p"
"""Marks in the lists' cursors."""

_FEES_AT_ONCE: Final = 1000

T = TypeVar("T")


class SqlOrderQueries:
    """All read-only access, over a pool of connections; any thread may call.

    Implements two ports: ``domain.ports.queries.OrderQueries``, for clients, and
    ``domain.ports.events.CommittedEvents``, for subscribers.
    """

    def __init__(self, backend: Backend) -> None:
        self._shown: Final = backend.shown
        self._positions: Final = backend.positions
        self._database: Final = backend.readers()
        self._statements: Final = SqlStatements.of(
            self._database.param, backend.positions
        )
        self._logged: Final[set[str]] = set()
        self._closed = False

    def order(self, order_id: OrderId) -> Order | None:
        """Read one order.

        Raises:
            UnreadableRecordError: its rows are unreadable. All calls here that are
                about one order raise it.
            StoreUnavailableError: when the database is out of reach.
        """
        rows = self._run(self._statements.order_by_id, (order_id,))
        return self._of(order_id, partial(read_order, rows[0])) if rows else None

    def orders(self, wanted: OrderFilter) -> OrderPage:
        """Read a page of orders, newest first.

        Unreadable orders are left out, so a page may have fewer than were asked for;
        the log names them.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            InvalidStatusError: when the status is neither an ``OrderStatus`` nor
                ``open`` or ``ended``.
            StoreUnavailableError: when the database is out of reach.
        """
        rows = self.rows(order_list(wanted))
        page, cursor = rows[: wanted.limit], cursor_behind(rows, wanted.limit)
        orders = read_all(page, read_order, self._logged)
        return OrderPage(orders=tuple(orders), next_cursor=cursor)

    def open_keys(
        self, symbol: Symbol | None, before: int | None, limit: int
    ) -> Sequence[OpenOrderKey]:
        """List open orders, those of the highest sequence first.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        rows = self.rows(open_order_list(symbol, before, limit))
        return tuple(read_open_key(row) for row in rows)

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        """Read a page of the fills of an order, oldest first.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            StoreUnavailableError: when the database is out of reach.
        """
        query = _select(FillRow, ("id", *FILL_COLUMNS))
        query = query.where(FillRow.order == order_id)
        _, rows = self._page_rows(query, FillRow.id, _FILLS, wanted)
        return self._page(rows, _FILLS, wanted, read_fill)

    def booked_fills(self, wanted: FillFilter) -> Page[BookedFill]:
        """Read a page of the fills of all orders, those executed last first.

        Unreadable fills are left out, as unreadable orders are of ``orders``.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            StoreUnavailableError: when the database is out of reach.
        """
        rows = self.rows(fill_list(wanted))
        page, cursor = rows[: wanted.limit], cursor_behind_fills(rows, wanted.limit)
        fills = read_all(page, read_booked_fill, self._logged)
        return Page(items=tuple(fills), next_cursor=cursor)

    def event_page(self, order_id: OrderId, wanted: PageWanted) -> Page[OrderEvent]:
        """Read a page of the history of an order, oldest first.

        Raises:
            InvalidCursorError: when the cursor is not one of ours.
            StoreUnavailableError: when the database is out of reach.
        """
        # First: if its event is written meanwhile, it is among those read next.
        alone = self._run(self._statements.lone_intent_of, (order_id,))
        query = _select(EventRow, ("number", *EVENT_COLUMNS))
        query = query.where(EventRow.order == order_id)
        last, rows = self._page_rows(query, EventRow.number, _EVENTS, wanted)
        if alone and len(rows) <= wanted.limit:
            _, event = self._of(order_id, partial(read_intent, alone[0]))
            if event.number == (rows[-1][0] if rows else last) + 1:
                rows = [*rows, (event.number, *event_row(event))]
        return self._page(rows, _EVENTS, wanted, read_event)

    def child_page(self, order_id: OrderId, wanted: PageWanted) -> Page[StoredChild]:
        """Read a page of the children of an order, oldest first; as ``fill_page``."""
        cursor = wanted.cursor
        after = 0 if cursor is None else read_cursor(_CHILDREN, cursor)
        rows = child_rows(self.rows, order_id, after, wanted.limit + 1)
        return self._page(rows, _CHILDREN, wanted, read_stored_child)

    def touches(self, order_id: OrderId) -> OrderTouches:
        """Read the touches when an order came and ended."""
        rows = self._run(self._statements.touches, (order_id,))
        if not rows:
            return OrderTouches(arrival=None, end=None)
        return self._of(order_id, partial(read_touches, rows[0]))

    def price_path(self, wanted: PathWanted, page: PageWanted) -> Page[PricePoint]:
        """Read a page of a symbol's price path, oldest first; as ``fill_page``."""
        if page.cursor is not None:
            wanted = replace(wanted, since=read_cursor(_PRICES, page.cursor))
        mark = self._database.param
        rows = self._run(*select_points(mark, wanted, page.limit + 1))
        more = rows[page.limit :]
        points = [self._of(row[0], partial(read_point, row)) for row in rows]
        return Page(
            items=tuple(points[: page.limit]),
            next_cursor=write_cursor(_PRICES, more[0][1]) if more else None,
        )

    def traded_seconds(self, wanted: PathWanted, most: int) -> Sequence[TradedSecond]:
        """Read what was traded of a symbol, with the seconds around it."""
        rows = self._run(*select_traded(self._database.param, wanted, most))
        return [self._of(row[0], partial(read_traded, row)) for row in rows]

    def past(self, order: Order) -> OrderPast:
        """Read what happened to an order that bears on why it does not fill."""
        reached = self._run(*select_reached(self._database.param, order))
        last = (f"{order.order_id}-{order.children}",)
        children = self._run(self._statements.child, last)
        holds = self._run(self._statements.holds, (order.order_id,))
        return self._of(order.order_id, partial(read_past, reached, children, holds))

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        """Add up the fills of an order.

        The order itself has the sums of its fills. Fees are text, which the database
        would add up as floats, so they are added here, in chunks.
        """
        fees = FeeSums()
        for asset, fee in self._fees(order_id):
            fees.add(asset, self._of(order_id, partial(plain, "fee", fee)))
        counted = FillRow.select(peewee.fn.COUNT(FillRow.id))
        count = self.rows(counted.where(FillRow.order == order_id))[0][0]
        sums = OrderRow.select(OrderRow.filled, OrderRow.filled_quote)
        rows = self.rows(sums.where(OrderRow.order_id == order_id))
        filled, quote = rows[0] if rows else ("0", "0")
        return FillTotals(
            count=count,
            filled=self._of(order_id, partial(from_zero, "filled", filled)),
            filled_quote=self._of(
                order_id, partial(from_zero, "filled_quote", quote, LONG)
            ),
            fees=fees.by_asset(),
        )

    def last_position(self) -> Position:
        """Return the end: no event will ever be committed up to this position."""
        rows = self._run(self._positions.last, ())
        return position_of(rows[0]) if rows else BEGINNING

    def highest_position(self) -> Position:
        """Return that of the last event on disk, whether final in its order or not."""
        rows = self._run(self._positions.highest, ())
        return position_of(rows[0]) if rows else BEGINNING

    def events_after(self, position: Position, limit: int) -> EventPage:
        """Read the events after a position, as far as their places are final."""
        keys = (*self._positions.cells(position), limit)
        text = self._positions.after.format(mark=self._database.param)
        rows = self._run(text, keys)
        return read_page(rows, position, self._logged)

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read a child's history; None when its order is unknown."""
        found = history_reader(self._run, self._statements, child_id)
        if found is None:
            return None
        row, read = found
        return self._of(order_of(child_id), partial(read, row))

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        """Return the child whose fill a trade is booked as; None when it is not.

        Scans the symbol's part of an index, so it is for rare use.
        """
        query = FillRow.select(SQL("child_id")).where(FillRow.symbol == symbol)
        rows = self.rows(query.where(FillRow.trade_id == trade_id).limit(1))
        return ChildId(rows[0][0]) if rows else None

    def close(self) -> None:
        """Close the connections; later calls raise StoreUnavailableError."""
        self._closed = True
        self._database.close_idle()  # type: ignore[attr-defined]  # the pool's own

    def _page_rows(
        self, query: Any, position: Any, mark: str, wanted: PageWanted
    ) -> tuple[int, Sequence[Row]]:
        """Read the rows of a page, and one more; each begins with its position.

        Returns:
            The position after which they were read, and the rows.
        """
        after = 0
        if wanted.cursor is not None:
            after = read_cursor(mark, wanted.cursor)
            query = query.where(position > after)
        return after, self.rows(query.order_by(position).limit(wanted.limit + 1))

    def _page(
        self,
        rows: Sequence[Row],
        mark: str,
        wanted: PageWanted,
        read: Callable[[Row], T],
    ) -> Page[T]:
        page = rows[: wanted.limit]
        more = len(rows) > len(page) > 0
        return Page(
            items=tuple(self._of(row[1], partial(read, row[1:])) for row in page),
            next_cursor=write_cursor(mark, page[-1][0]) if more else None,
        )

    def _fees(self, order_id: OrderId) -> Iterator[tuple[str | None, str]]:
        query = _select(FillRow, ("id", "fee_asset", "fee"))
        query = query.where(FillRow.order == order_id).where(FillRow.fee != "0")
        last = 0
        while True:
            after = query.where(FillRow.id > last).order_by(FillRow.id)
            rows = self.rows(after.limit(_FEES_AT_ONCE))
            yield from ((asset, fee) for _, asset, fee in rows)
            if len(rows) < _FEES_AT_ONCE:
                return
            last = rows[-1][0]

    def _of(self, order_id: str, read: Callable[[], T]) -> T:
        """Read an order's rows, or raise that they are unreadable."""
        found = read_all(((order_id,),), lambda _: read(), self._logged)
        if not found:
            raise UnreadableRecordError(order_id)
        return found[0]

    def rows(self, query: Any) -> Sequence[Row]:
        """Run a query of Peewee's.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        # The driver's cursor, because Peewee's would convert every value again.
        return self._run(*self._database.get_sql_context().sql(query).query())

    def _run(self, statement: str, keys: Sequence[object]) -> Sequence[Row]:
        with Translated(self._shown):
            if self._closed:
                msg = f"database {self._shown} is closed"
                raise StoreUnavailableError(msg)
            with self._database.connection_context():
                found = self._database.execute_sql(statement, keys)
                rows: Sequence[Row] = found.fetchall()
                return rows


def open_queries(url: str) -> SqlOrderQueries:
    """Open the database of the URL for reading only; ``open_store`` made its tables.

    Claims and changes nothing, so any number of processes may do this at any time.

    Raises:
        ConfigurationError: the URL, the file or the server cannot be used.
        StoreUnavailableError: it is locked or out of reach for now.
    """
    backend = backend_of(url)
    require_current(backend)
    return SqlOrderQueries(backend)


def _select(table: type[peewee.Model], columns: Sequence[str]) -> Any:
    return table.select(*(SQL(column) for column in columns))
