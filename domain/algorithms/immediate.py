"""The default: all of an order at once, whenever the book is good enough."""

from datetime import datetime
from typing import Final

from domain.algorithms.contract import Algorithm, Want
from domain.orders.order import Order
from domain.venue.symbol_rules import SymbolRules


class _Immediate:
    """Releases the whole order at its own limit."""

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        del now, rules
        return Want(target=order.quantity, limit=order.price)


IMMEDIATE: Final[Algorithm] = _Immediate()
