"""What all executors of a symbol share, and how each tells the log of its order."""

import logging
from dataclasses import dataclass

from domain.instrument import SymbolRules
from domain.order import Order, OrderStatus
from domain.ports import Announcer
from domain.values import Symbol


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorTools:
    """What all executors of a symbol share."""

    symbol: Symbol
    rules: SymbolRules
    announcer: Announcer


class StatusLog:
    """Logs a status once it is on disk, so that the log never knows more."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: OrderStatus | None = None

    def begin(self, order: Order) -> None:
        """Take the order's status as known."""
        self._told = order.status

    def tell(self, order: Order) -> None:
        """Log the status of an order that is on disk, if it is new."""
        if order.status is not self._told:
            self._told = order.status
            known = order.order_id, order.status, order.filled
            logger.info("Order changed order_id=%s status=%s filled=%s", *known)
