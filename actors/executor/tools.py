"""What all executors of a symbol share, and how each reports on its order."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from actors import names
from actors.messages.lifecycle import OrderEnded, OrderProgress
from actors.messages.routing import Offer
from actors.runtime.runtime import ActorContext
from domain.matching.sizing import child_limit, legal_limit
from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder
from domain.orders.order import Order, OrderStatus
from domain.ports.observing import Announcer
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import OrderId, Symbol, format_amount
from domain.venue.symbol_rules import SymbolRules


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorTools:
    """What all executors of a symbol share."""

    symbol: Symbol
    book: Mapping[Symbol, SymbolRules]
    """The venue's rules, as they are now."""

    announcer: Announcer
    limits: RiskLimits = NO_LIMITS
    """The operator's."""

    rules_read_ns: Callable[[], int | None] = lambda: None
    """When the last reading of the rules began; None: they never change."""

    is_traded: bool = True
    """Whether there is a router; if not, orders can only end."""

    @property
    def rules(self) -> SymbolRules:
        """Return the rules of the symbol, as they are now."""
        return self.book[self.symbol]

    def limit_of(self, order: Order) -> Decimal:
        """Return the order's limit as the venue takes it now."""
        return legal_limit(order.side, order.price, self.rules)

    def child_of(self, order: Order, offer: Offer, *, now: datetime) -> ChildOrder:
        """Write the order's next child, for what the router offered."""
        return lifecycle.child_of(
            order,
            offer.slices,
            now=now,
            price=child_limit(order.side, order.price, offer.touch, self.rules),
            touch=offer.touch,
        )


class Reporter:
    """Tells the log, and the manager, of what is on disk; so neither knows more."""

    __slots__ = ("_context", "_is_on_hold", "_reports_progress", "_told")

    def __init__(self, context: ActorContext, tools: ExecutorTools) -> None:
        self._context = context
        self._reports_progress = bool(tools.limits.max_open_notional)
        self._told: OrderStatus | None = None
        self._is_on_hold: bool | None = None

    def begin(self, order: Order, *, is_news: bool) -> None:
        """Report an order as it is found on disk; its status is known already.

        Args:
            order: as it is found.
            is_news: whether the manager has not seen it so: a predecessor may have
                failed before it could report what it had written.
        """
        self._told = order.status
        self._is_on_hold = None if is_news else order.is_on_hold
        self.tell(order)

    def ended_before(self, order_id: OrderId, contradiction: str) -> None:
        """Report that the order had ended when it was read.

        Args:
            order_id: of the order.
            contradiction: what we wanted to record on top; raises the alarm.
        """
        if contradiction:
            words = "Order has ended otherwise order_id=%s %s"
            logger.critical(words, order_id, contradiction)
        self._context.tell(names.MANAGER, OrderEnded(order_id=order_id))

    def amendment_refused(self, order: Order) -> None:
        """Report that the order stays as it is."""
        if self._reports_progress:
            progress = OrderProgress(order=order, is_amendment_refused=True)
            self._context.tell(names.MANAGER, progress)

    def tell(self, order: Order) -> None:
        """Report an order that is on disk; log its status if it is new."""
        if self._reports_progress or order.is_on_hold is not self._is_on_hold:
            self._is_on_hold = order.is_on_hold
            self._context.tell(names.MANAGER, OrderProgress(order=order))
        if order.status is not self._told:
            self._told = order.status
            known = order.order_id, order.status, format_amount(order.filled)
            logger.info("Order changed order_id=%s status=%s filled=%s", *known)
