"""Turns the bodies of requests into commands. All faults are reported at once."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from adapters.api.codes import Code
from adapters.api.operator_requests import HaltRequest
from adapters.api.order_requests import (
    ORDERS_AT_ONCE_MAX,
    AmendOrderRequest,
    BulkOrderRequest,
    PlaceOrderRequest,
    ReleaseRequest,
    SellOrderRequest,
)
from adapters.http.body_reading import BodyReading, read_body
from adapters.http.problems import Problem, ProblemError
from domain.orders.commands import AmendOrder, PlaceOrder
from domain.orders.order import Order
from domain.values import Side, Symbol, TimeInForce


_NAMES: Final = ("client_order_id", "idempotency_key")
"""Fields by which one order of several is recognised if it comes again."""


class _AnyOrders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body with several orders, without looking at any of them."""

    orders: list[Any]


def read_place_order(members: dict[str, object], key: str | None) -> PlaceOrder:
    """Read the body of ``POST /api/v1/orders``.

    Args:
        members: the body.
        key: the request's idempotency key.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    return _place_order(read_body(members, PlaceOrderRequest), key)


def read_orders(members: dict[str, object]) -> Sequence[PlaceOrder | Problem]:
    """Read the body of ``POST /api/v1/orders/bulk``; each order is read for itself.

    Raises:
        ProblemError: 422 unless it has ``orders``, a list of 1 to 100 objects.
    """
    orders = members.get("orders")
    reading = BodyReading({**members, "orders": []}, _AnyOrders)
    if not isinstance(orders, list) or not 1 <= len(orders) <= ORDERS_AT_ONCE_MAX:
        reading.invalid("orders", f"must be a list of 1 to {ORDERS_AT_ONCE_MAX} orders")
        orders = []
    for number, one in enumerate(orders):
        if not isinstance(one, dict):
            reading.invalid(f"orders[{number}]", "must be an object")
    reading.finish()
    return [_order_of_several(one) for one in orders]


def _order_of_several(members: dict[str, object]) -> PlaceOrder | Problem:
    reading = BodyReading(members, BulkOrderRequest)
    if all(members.get(name) is None for name in _NAMES):
        words = "client_order_id or idempotency_key must be given"
        reading.blame("idempotency_key", Code.FIELD_MISSING, words)
    try:
        reading.finish()
    except ProblemError as error:
        return error.problem
    key = reading.values.pop("idempotency_key")
    body = PlaceOrderRequest(**reading.values)
    return _place_order(body, None if key is None else str(key))


def _place_order(body: PlaceOrderRequest, key: str | None) -> PlaceOrder:
    own_id = body.client_order_id
    expires_at = body.expires_at
    return PlaceOrder(
        symbol=Symbol(str(body.symbol)),
        side=body.side,
        quantity=Decimal(body.quantity),
        price=Decimal(body.price),
        time_in_force=body.time_in_force or TimeInForce.GTC,
        expires_at=None if expires_at is None else expires_at.plain(),
        client_order_id=None if own_id is None else str(own_id),
        idempotency_key=key,
    )


def read_sell_order(members: dict[str, object], key: str | None) -> PlaceOrder:
    """Read the body of ``POST /SellOrder``: a sell order, good till cancelled.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    body = read_body(members, SellOrderRequest)
    return PlaceOrder(
        symbol=Symbol(str(body.symbol)),
        side=Side.SELL,
        quantity=Decimal(body.quantity),
        price=Decimal(body.price),
        idempotency_key=key,
    )


def read_amend_order(members: dict[str, object], order: Order) -> AmendOrder:
    """Read the body of ``PATCH /api/v1/orders/{id}``.

    Raises:
        ProblemError: 422 naming every field that is wrong or unknown, or both fields
            when neither is given.
    """
    reading = BodyReading(members, AmendOrderRequest)
    if not {"price", "quantity"} & members.keys():
        words = "price or quantity must be given"
        reading.blame("price", Code.FIELD_MISSING, words)
    reading.finish()
    return AmendOrder(
        order_id=order.order_id,
        symbol=order.symbol,
        price=_if_given(reading.values["price"]),
        quantity=_if_given(reading.values["quantity"]),
    )


def read_halt(members: dict[str, object]) -> str:
    """Read the body of ``POST /api/v1/halt`` or ``resume``; return the reason given.

    Raises:
        ProblemError: 422 naming every field that is wrong or unknown.
    """
    return str(read_body(members, HaltRequest).reason or "")


def read_release(members: dict[str, object]) -> None:
    """Read the body of ``POST /api/v1/orders/{id}/release``, which says nothing.

    Raises:
        ProblemError: 422 naming every field that is there.
    """
    read_body(members, ReleaseRequest)


def _if_given(amount: Decimal | UnsetType) -> Decimal | None:
    return None if amount is UNSET else Decimal(amount)
