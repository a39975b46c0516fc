"""Converts orders to rows and back.

Rows are tuples, not Peewee models: every order takes this path, and a model object
costs more than the write itself. The column tuples give the order of the values.
"""

from collections.abc import Mapping
from typing import Any, Final

from adapters.persistence.cell_values import (
    LONG,
    SEQUENCE_MAX,
    SIDES,
    Row,
    above_zero,
    count,
    from_zero,
    one_of,
    time,
    write_time,
)
from adapters.persistence.child_rows import read_child
from adapters.persistence.touch_cells import write_touch
from domain.orders.order import (
    Order,
    OrderStatus,
)
from domain.orders.records import NewOrder, OrderChange
from domain.orders.stored_orders import OpenOrder
from domain.reasons import EndReason, WaitReason
from domain.values import TimeInForce, format_amount


ORDER_COLUMNS: Final = (
    "order_id",
    "sequence",
    "client_order_id",
    "symbol",
    "side",
    "quantity",
    "price",
    "time_in_force",
    "expires_at",
    "created_at",
    "updated_at",
    "status",
    "reason",
    "filled",
    "filled_quote",
    "at_venue",
    "children",
    "version",
    "is_paused",
)
REQUEST_COLUMNS: Final = ("idempotency_key", "fingerprint", "arrival_touch")
CHANGED_COLUMNS: Final = (
    "sequence",
    "quantity",
    "price",
    "updated_at",
    "status",
    "reason",
    "filled",
    "filled_quote",
    "at_venue",
    "children",
    "version",
    "is_paused",
    "end_touch",
)
"""The columns that a step can change."""

PROGRESS_COLUMNS: Final = (
    "updated_at",
    "reason",
    "filled",
    "filled_quote",
    "at_venue",
    "children",
    "version",
)
"""The columns that a step of a child order can change; none is in an index."""

_TIMES_IN_FORCE: Final = {term.value: term for term in TimeInForce}
STATUSES: Final = {status.value: status for status in OrderStatus}
_REASONS: Final[Mapping[str, EndReason | WaitReason]] = {
    **{reason.value: reason for reason in EndReason},
    **{reason.value: reason for reason in WaitReason},
}


def order_row(order: Order) -> tuple[Any, ...]:
    """Write an order in the order of ``ORDER_COLUMNS``."""
    expires_at = order.expires_at
    return (
        order.order_id,
        order.sequence,
        order.client_order_id,
        order.symbol,
        order.side.value,
        format_amount(order.quantity),
        format_amount(order.price),
        order.time_in_force.value,
        None if expires_at is None else write_time(expires_at),
        write_time(order.created_at),
        write_time(order.updated_at),
        order.status.value,
        None if order.reason is None else order.reason.value,
        format_amount(order.filled),
        format_amount(order.filled_quote),
        format_amount(order.at_venue),
        order.children,
        order.version,
        int(order.is_paused),
    )


def request_row(record: NewOrder) -> tuple[Any, ...]:
    """Write what is kept of a request, in the order of ``REQUEST_COLUMNS``."""
    return (record.idempotency_key, record.fingerprint, write_touch(record.touch))


def changed_row(change: OrderChange) -> tuple[Any, ...]:
    """Write the values of a changed order in the order of ``CHANGED_COLUMNS``."""
    order = change.order
    return (
        order.sequence,
        format_amount(order.quantity),
        format_amount(order.price),
        write_time(order.updated_at),
        order.status.value,
        None if order.reason is None else order.reason.value,
        format_amount(order.filled),
        format_amount(order.filled_quote),
        format_amount(order.at_venue),
        order.children,
        order.version,
        int(order.is_paused),
        write_touch(change.touch),
    )


def progress_row(order: Order) -> tuple[Any, ...]:
    """Write an order's values in the order of ``PROGRESS_COLUMNS``."""
    return (
        write_time(order.updated_at),
        None if order.reason is None else order.reason.value,
        format_amount(order.filled),
        format_amount(order.filled_quote),
        format_amount(order.at_venue),
        order.children,
        order.version,
    )


def read_order(row: Row) -> Order:
    """Read an order from the first values of a row in the order of ORDER_COLUMNS.

    Raises:
        ValueError: the service cannot have written a value; the error says which.
        AssertionError: the values contradict one another.
    """
    order = Order(
        order_id=row[0],
        sequence=count("sequence", row[1], SEQUENCE_MAX, least=1),
        client_order_id=row[2],
        symbol=row[3],
        side=one_of("side", row[4], SIDES),
        quantity=above_zero("quantity", row[5]),
        price=above_zero("price", row[6]),
        time_in_force=one_of("time_in_force", row[7], _TIMES_IN_FORCE),
        expires_at=None if row[8] is None else time("expires_at", row[8]),
        created_at=time("created_at", row[9]),
        updated_at=time("updated_at", row[10]),
        status=one_of("status", row[11], STATUSES),
        reason=None if row[12] is None else one_of("reason", row[12], _REASONS),
        filled=from_zero("filled", row[13]),
        filled_quote=from_zero("filled_quote", row[14], LONG),
        at_venue=from_zero("at_venue", row[15]),
        children=count("children", row[16]),
        version=count("version", row[17]),
        is_paused=bool(count("is_paused", row[18], 1)),
    )
    _check_status(order)
    return order


def _check_status(order: Order) -> None:
    if order.status is OrderStatus.PENDING_NEW:  # written only once it is NEW
        raise ValueError(f"status {order.status} is of no order on disk")
    if (order.status is OrderStatus.FILLED) != (order.filled == order.quantity):
        raise ValueError(
            f"status {order.status} does not go with filled {order.filled} of "
            f"quantity {order.quantity}"
        )


def read_open_order(row: Row) -> OpenOrder:
    """Read an open order from a row of ``SqlStatements.open_orders``."""
    never_sent, *child = row[len(ORDER_COLUMNS) :]
    return OpenOrder(
        order=read_order(row),
        unresolved=None if child[0] is None else read_child(child),
        never_sent=int(never_sent),
    )
