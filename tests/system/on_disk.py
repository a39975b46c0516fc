"""What the database says of orders and fills, and whether it adds up."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.persistence.queries import SqlOrderQueries, open_queries
from domain.orders.child_order import Fill
from domain.orders.committed import BEGINNING, CommittedEvent, Position
from domain.orders.order import Order
from domain.orders.stored_orders import OrderFilter
from domain.values import ZERO, OrderId, Side
from tests.adapters.persistence.audit import events_of, fills_of


@contextmanager
def opened(database: Path) -> Iterator[SqlOrderQueries]:
    queries = open_queries(f"sqlite:///{database}")
    yield queries
    queries.close()


def all_orders(queries: SqlOrderQueries, status: str | None = None) -> Iterator[Order]:
    """Read order by order, newest first; ``status`` may be ``open``."""
    cursor = None
    while True:
        page = queries.orders(OrderFilter(status=status, limit=500, cursor=cursor))
        yield from page.orders
        cursor = page.next_cursor
        if cursor is None:
            return


def events_after(
    queries: SqlOrderQueries, position: Position = BEGINNING
) -> Iterator[CommittedEvent]:
    """Read what was committed after a position, event by event."""
    while (page := queries.events_after(position, 1_000)).events:
        yield from page.events
        position = page.position


def find_order(database: Path, order_id: str) -> Order:
    with opened(database) as queries:
        order = queries.order(OrderId(order_id))
    assert order is not None
    return order


def find_faults(database: Path, accepted: Collection[str]) -> list[str]:
    """Hold every order against its fills, and all against what clients know.

    Only while nobody trades: an order may change between two reads.
    """
    with opened(database) as queries:
        orders = list(all_orders(queries))
        faults = [fault for order in orders for fault in _faults_of(order, queries)]
    known = {order.order_id for order in orders}
    faults += [f"{one}: accepted, but not on disk" for one in set(accepted) - known]
    return faults


def _has_level(fill: Fill) -> bool:
    """Whether a fill on paper says which statement it took, and took no more."""
    if fill.update_id is None or fill.stated is None or fill.taken_before is None:
        return False
    return ZERO <= fill.taken_before <= fill.stated - fill.quantity


def _faults_of(order: Order, queries: SqlOrderQueries) -> list[str]:
    filled, quote = ZERO, ZERO
    for fill in fills_of(queries, order.order_id):
        filled += fill.quantity
        quote += fill.price * fill.quantity
        if fill.trade_id is None and not _has_level(fill):
            return [f"{order.order_id}: no level is stated with {fill}"]
        beyond = fill.price - order.price
        if (beyond if order.side is Side.SELL else -beyond) < 0:
            return [f"{order.order_id}: filled at {fill.price}, beyond its limit"]
    if (filled, quote) != (order.filled, order.filled_quote):
        return [f"{order.order_id}: fills {filled} for {quote}, it says {order}"]
    events = events_of(queries, order.order_id)
    if [event.number for event in events] != list(range(1, order.version + 1)):
        return [f"{order.order_id}: its history has holes"]
    return []
