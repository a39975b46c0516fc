"""Conditions on orders that clients ask for."""

from typing import Any

from peewee import SQL

from adapters.persistence.tables import ENDED_STATUSES, IS_OPEN
from domain.errors import InvalidRequestError
from domain.orders.order import OrderStatus


class InvalidStatusError(InvalidRequestError):
    """A status that no order can have."""

    def __init__(self) -> None:
        known = ", ".join(OrderStatus)
        super().__init__(f"status is none of open, ended, {known}")


def status_condition(status: str, column: Any) -> Any:
    """Return the condition for a status as clients name it.

    Args:
        status: an ``OrderStatus``, ``open`` or ``ended``.
        column: of the table ``orders``.

    Raises:
        InvalidStatusError: it is none.
    """
    if status == "open":
        return SQL(f"orders.{IS_OPEN}")
    if status == "ended":
        return column.in_([ended.value for ended in ENDED_STATUSES])
    try:
        return column == OrderStatus(status).value
    except ValueError:
        raise InvalidStatusError from None
