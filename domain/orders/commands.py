"""What clients ask for. A command may be refused."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.orders.child_order import VenueFill
from domain.values import ZERO, ChildId, OrderId, Side, Symbol, TimeInForce


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
        """Whether the same request can be recognised if it comes again."""
        return self.client_order_id is not None or self.idempotency_key is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """End an order with what it has filled."""

    order_id: OrderId
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """Change an order's limit, its quantity, or both. None leaves it as it is."""

    order_id: OrderId
    symbol: Symbol
    price: Decimal | None = None
    quantity: Decimal | None = None
    """The new whole quantity, fills included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrder:
    """Let an order that is on hold take offers again."""

    order_id: OrderId
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseOrder:
    """Let an order take no offers; or let it take them again."""

    order_id: OrderId
    symbol: Symbol
    is_on: bool
    """False: resume it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFill:
    """An execution as an operator states it."""

    price: Decimal
    """In quote; the average, if it stands for several."""

    quantity: Decimal
    """In base."""

    trade_id: int | None = None
    """The venue's. With it, reconciliation recognises the trade."""

    fee: Decimal = ZERO
    fee_asset: str | None = None
    executed_at: datetime | None = None
    """Aware UTC; None: the time of the statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleChild:
    """State what became of a child order if the venue cannot, or not sensibly, say."""

    order_id: OrderId
    symbol: Symbol
    child_id: ChildId
    fills: tuple[StatedFill, ...]
    """Everything that was executed; empty if nothing was."""

    note: str
    """The operator's words: how they know."""

    def fills_at(self, now: datetime) -> tuple[VenueFill, ...]:
        """Return the executions as the venue would report them."""
        return tuple(
            VenueFill(
                price=fill.price,
                quantity=fill.quantity,
                fee=fill.fee,
                fee_asset=fill.fee_asset,
                trade_id=fill.trade_id,
                executed_at=fill.executed_at or now,
            )
            for fill in self.fills
        )


OrderCommand = CancelOrder | AmendOrder | ReleaseOrder | PauseOrder | SettleChild
"""What can be asked of an open order."""
