"""The default: all of an order at once, whenever the book is good enough."""

from typing import Final

from domain.algorithms.contract import Algorithm, Want
from domain.orders.order import Order


class _Immediate:
    """Releases the whole order at its own limit."""

    def want(self, order: Order) -> Want:
        return Want(target=order.quantity, limit=order.price)


IMMEDIATE: Final[Algorithm] = _Immediate()
