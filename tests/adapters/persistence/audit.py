"""All that an order has on disk, whatever the pages are that clients read it by."""

from functools import partial

from domain.orders.child_order import Fill
from domain.orders.order import OrderEvent
from domain.pages import every_entry
from domain.ports.queries import OrderQueries
from domain.values import OrderId


def fills_of(queries: OrderQueries, order_id: OrderId) -> list[Fill]:
    """Read all fills of an order, oldest first."""
    return list(every_entry(partial(queries.fill_page, order_id)))


def events_of(queries: OrderQueries, order_id: OrderId) -> list[OrderEvent]:
    """Read the whole history of an order, oldest first."""
    return list(every_entry(partial(queries.event_page, order_id)))
