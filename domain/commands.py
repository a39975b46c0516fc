"""What clients ask for. A command may be refused."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.values import OrderId, Side, Symbol, TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Work an order until it is done."""

    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_at: datetime | None = None
    """Aware UTC; required for GTD, refused otherwise."""

    client_order_id: str | None = None
    idempotency_key: str | None = None
    """From the HTTP header of that name; a second name for the same order."""

    @property
    def is_recognisable(self) -> bool:
        """Whether the same request can be told when it comes again."""
        return self.client_order_id is not None or self.idempotency_key is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """End an order with what it has filled."""

    order_id: OrderId
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """Change an order's limit, its quantity, or both. None leaves as it is."""

    order_id: OrderId
    symbol: Symbol
    price: Decimal | None = None
    quantity: Decimal | None = None
    """The new whole quantity, fills included."""
