"""How an executor reports on its order."""

import logging

from actors import names
from actors.executor.trading_rules import TradingRules
from actors.messages.lifecycle import OrderEnded, OrderProgress
from actors.runtime.runtime import ActorContext
from domain.orders.order import Order, OrderStatus
from domain.values import OrderId, format_amount


logger = logging.getLogger(__name__)


class Reporter:
    """Reports to the log and the manager, but only what is on disk."""

    __slots__ = ("_context", "_is_on_hold", "_reports_progress", "_told")

    def __init__(self, context: ActorContext, rules: TradingRules) -> None:
        self._context = context
        self._reports_progress = bool(rules.limits.max_open_notional)
        self._told: OrderStatus | None = None
        self._is_on_hold: bool | None = None

    def begin(self, order: Order, *, is_news: bool) -> None:
        """Report an order as found on disk, without logging its status.

        Args:
            order: as it is on disk.
            is_news: whether the manager may not know it: a predecessor may have failed
                between writing and reporting.
        """
        self._told = order.status
        self._is_on_hold = None if is_news else order.is_on_hold
        self.tell(order)

    def ended_before(self, order_id: OrderId, contradiction: str) -> None:
        """Report that the order had ended when it was read.

        Args:
            order_id: of the order.
            contradiction: what we wanted to record on top; if any, raises an alarm.
        """
        if contradiction:
            words = "Order ended differently on disk order_id=%s %s"
            logger.critical(words, order_id, contradiction)
        self._context.tell(names.MANAGER, OrderEnded(order_id=order_id))

    def amendment_refused(self, order: Order) -> None:
        """Report that an amendment was refused: the order stays as it is."""
        if self._reports_progress:
            progress = OrderProgress(order=order, is_amendment_refused=True)
            self._context.tell(names.MANAGER, progress)

    def tell(self, order: Order) -> None:
        """Report an order that is on disk; log its status if that has changed."""
        if self._reports_progress or order.is_on_hold is not self._is_on_hold:
            self._is_on_hold = order.is_on_hold
            self._context.tell(names.MANAGER, OrderProgress(order=order))
        if order.status is not self._told:
            self._told = order.status
            known = order.order_id, order.status, format_amount(order.filled)
            logger.info("Order changed order_id=%s status=%s filled=%s", *known)
