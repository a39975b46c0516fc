"""Orders, levels and records for tests of actors."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    Level,
    Statement,
    statements_of,
)
from domain.orders import lifecycle
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Slice,
    VenueFill,
)
from domain.orders.commands import PlaceOrder
from domain.orders.order import Order, OrderEvent, OrderStep
from domain.orders.records import NewOrder, OrderChange
from domain.orders.stored_orders import OpenOrder
from domain.values import ZERO, OrderId, Side, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.actors.stage import START


SYMBOL = Symbol("BNBUSDT")
RULES = SymbolRules(
    symbol=SYMBOL, base_asset="BNB", quote_asset="USDT", min_notional=Decimal(10)
)


def placement(**changes: Any) -> PlaceOrder:
    """Return a command to sell 5 at 100 or better."""
    command = PlaceOrder(
        symbol=SYMBOL, side=Side.SELL, quantity=Decimal(5), price=Decimal(100)
    )
    return replace(command, **changes)


def order(name: str = "A", **changes: Any) -> Order:
    """Return an accepted order to sell 5 at 100 or better."""
    blank = Order(
        order_id=OrderId(name),
        sequence=1,
        client_order_id=None,
        symbol=SYMBOL,
        side=Side.SELL,
        quantity=Decimal(5),
        price=Decimal(100),
        time_in_force=TimeInForce.GTC,
        expires_at=None,
        created_at=START,
        updated_at=START,
    )
    return lifecycle.accept(replace(blank, **changes), now=START)[0]


def gtd_order(seconds: float, **changes: Any) -> Order:
    """Return an order that expires so long after the start."""
    expires_at = START + timedelta(seconds=seconds)
    return order(time_in_force=TimeInForce.GTD, expires_at=expires_at, **changes)


def new_order_record(accepted: Order, key: str | None = None) -> NewOrder:
    """Return the record of an order that was just accepted."""
    blank = replace(accepted, version=0)
    event = OrderEvent(
        order_id=blank.order_id,
        number=1,
        step=OrderStep.ACCEPTED,
        status=accepted.status,
        occurred_at=START,
    )
    return NewOrder(order=accepted, event=event, idempotency_key=key, fingerprint="f")


def slices(*parts: tuple[int, int], update_id: int = 7) -> tuple[Slice, ...]:
    """Return slices of (price, quantity)."""
    return tuple(
        Slice(price=Decimal(price), quantity=Decimal(quantity), update_id=update_id)
        for price, quantity in parts
    )


def with_child(accepted: Order, *parts: tuple[int, int]) -> OpenOrder:
    """Return the order with a child on disk that has no result yet."""
    child = lifecycle.child_of(accepted, slices(*parts), now=START)
    intended, _ = lifecycle.intend_child(accepted, child, now=START)
    return OpenOrder(order=intended, unresolved=child)


def intent_record(accepted: Order, *parts: tuple[int, int]) -> OrderChange:
    """Return the record of a child that is about to leave."""
    child = lifecycle.child_of(accepted, slices(*parts), now=START)
    intended, event = lifecycle.intend_child(accepted, child, now=START)
    return OrderChange(order=intended, events=(event,), intent=child)


def result(
    child: ChildOrder,
    *fills: tuple[int, int],
    status: ChildStatus = ChildStatus.DONE,
) -> ChildResult:
    """Return the venue's last word on a child, with fills of (price, quantity)."""
    return ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=status,
        fills=tuple(
            VenueFill(
                price=Decimal(price),
                quantity=Decimal(quantity),
                fee=ZERO,
                fee_asset=None,
                trade_id=None,
                executed_at=START,
            )
            for price, quantity in fills
        ),
    )


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    """Return level statements of (price, quantity)."""
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in pairs)


def stated(*pairs: tuple[int, int]) -> tuple[Statement, ...]:
    """Return the same levels as a venue states them."""
    return statements_of(levels(*pairs))


def snapshot(
    update_id: int,
    bids: tuple[tuple[int, int], ...] = ((100, 5),),
    asks: tuple[tuple[int, int], ...] = ((110, 5),),
) -> DepthSnapshot:
    return DepthSnapshot(
        symbol=SYMBOL,
        last_update_id=update_id,
        bids=stated(*bids),
        asks=stated(*asks),
    )


def update(
    first: int,
    last: int,
    bids: tuple[tuple[int, int], ...] = (),
    asks: tuple[tuple[int, int], ...] = (),
) -> DepthUpdate:
    return DepthUpdate(
        symbol=SYMBOL,
        first_update_id=first,
        last_update_id=last,
        bids=stated(*bids),
        asks=stated(*asks),
    )
