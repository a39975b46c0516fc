"""The rules that all executors of a symbol follow: the venue's and the operator's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from actors.messages.client_requests import AmendRequest, OrderRequest
from actors.messages.routing import Offer
from domain.algorithms.choice import AlgorithmOf, algorithm_of
from domain.market.touch import Touch
from domain.matching.sizing import child_limit
from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder
from domain.orders.level_taken import LevelStatement
from domain.orders.order import Order
from domain.orders.records import OrderChange
from domain.orders.requested_change import requested_change
from domain.refusals import Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import Side, Symbol
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingRules:
    """The rules that all executors of a symbol follow, always current."""

    symbol: Symbol
    rules_book: Mapping[Symbol, SymbolRules]
    """The venue's current rules, by symbol."""

    limits: RiskLimits = NO_LIMITS
    """The operator's limits."""

    algorithm_of: AlgorithmOf = algorithm_of
    """Says which algorithm works an order."""

    rules_read_ns: Callable[[], int | None] = lambda: None
    """When the last reading of the rules began; None: they never change."""

    read_touch: Callable[[], Touch | None] = lambda: None
    """Returns the symbol's touch as of now; None if the book is not usable."""

    statement_at: Callable[[Side, Decimal], LevelStatement | None] = lambda *_: None
    """Returns what the book says now of a level that an order of that side takes."""

    is_traded: bool = True
    """Whether the symbol has a router; if not, orders can only end."""

    @property
    def of_venue(self) -> SymbolRules:
        """Return the venue's current rules of the symbol."""
        return self.rules_book[self.symbol]

    def child_of(
        self, order: Order, offer: Offer, *, limit: Decimal, now: datetime
    ) -> ChildOrder:
        """Make the order's next child from what the router offered.

        Args:
            order: with nothing in flight.
            offer: that it has taken.
            limit: as which the order was enlisted; no worse than its own.
            now: aware UTC.
        """
        touch = offer.touch
        far_touch = None if touch is None else touch.far(order.side)
        return lifecycle.child_of(
            order,
            offer.slices,
            now=now,
            price=child_limit(order.side, limit, far_touch, self.of_venue),
            touch=touch,
        )

    def requested_change(
        self, request: OrderRequest, order: Order, *, now: datetime
    ) -> OrderChange | Order | Refusal:
        """Apply a request to an order without a child in flight."""
        return requested_change(
            order,
            request.command,
            sequence=request.sequence if isinstance(request, AmendRequest) else 0,
            rules=self.of_venue,
            limits=self.limits,
            now=now,
        )
