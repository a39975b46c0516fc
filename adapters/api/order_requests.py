"""What clients say of orders."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.api.amounts import PositiveAmount
from adapters.api.request_fields import (
    ClientOrderId,
    IdempotencyKey,
    Instant,
    SymbolName,
)
from domain.values import Side, TimeInForce


class PlaceOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to place."""

    symbol: SymbolName
    side: Side
    quantity: PositiveAmount
    """In the base asset (the BNB of BNBUSDT)."""

    price: PositiveAmount
    """The limit, in the quote asset (the USDT of BNBUSDT): sell at this or higher, buy
    at this or lower."""

    time_in_force: TimeInForce | None = TimeInForce.GTC
    expires_at: Instant | None = None
    """Required with `GTD`, not allowed otherwise."""

    client_order_id: ClientOrderId | None = None
    """Your own name for the order, never to be used for another one."""


class SellOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to sell, good till cancelled."""

    symbol: SymbolName
    price: PositiveAmount
    """The limit, in the quote asset: sell at this or higher."""

    quantity: PositiveAmount
    """In the base asset."""


class AmendOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change about an order: its price, its quantity, or both."""

    price: PositiveAmount | UnsetType = UNSET
    """The new limit, in the quote asset."""

    quantity: PositiveAmount | UnsetType = UNSET
    """The new whole quantity, fills included, in the base asset."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"minProperties": 1}


class ReleaseRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing: an order that is released takes offers again as it is."""


class PauseOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing: an order that is paused, or goes on, does so as it is."""


class BulkOrderRequest(PlaceOrderRequest, frozen=True, kw_only=True):
    """One of several orders to place."""

    idempotency_key: IdempotencyKey | None = None
    """Required without a `client_order_id`; means what the header of that name does."""


ORDERS_AT_ONCE_MAX: Final = 100


class BulkRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders to place, each for itself."""

    orders: Annotated[
        list[BulkOrderRequest], Meta(min_length=1, max_length=ORDERS_AT_ONCE_MAX)
    ]
