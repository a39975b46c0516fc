"""Orders, updates and snapshots as tests write them: amounts are given as text."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.market.public_trades import TradedSecond, Volume
from domain.market.touch import Touch
from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    Level,
    Statement,
    TopOfBook,
    statements_of,
)
from domain.matching.matcher import WaitingOrder
from domain.orders.child_order import Slice
from domain.orders.commands import PlaceOrder
from domain.orders.lifecycle import accept
from domain.orders.order import Order
from domain.values import OrderId, Side, Symbol, TimeInForce


NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BTCUSDT = Symbol("BTCUSDT")

Pair = tuple[str, str]
"""(price, quantity) as text."""


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def levels(pairs: Iterable[Pair]) -> tuple[Level, ...]:
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in pairs)


def touch_at(bid: str | None, ask: str | None, *, update_id: int = 5) -> Touch:
    """A touch with 1 on each side, as of NOW."""
    return Touch(
        best_bid=None if bid is None else stated([(bid, "1")])[0],
        best_ask=None if ask is None else stated([(ask, "1")])[0],
        update_id=update_id,
        as_of=NOW,
    )


def stated(pairs: Iterable[Pair]) -> tuple[Statement, ...]:
    """Return the same levels as a venue states them."""
    return statements_of(levels(pairs))


def read(statements: Iterable[Statement]) -> tuple[Level, ...]:
    """Return the levels that a venue states."""
    return levels(statements)


def snapshot(
    update_id: int,
    *,
    bids: Iterable[Pair] = (),
    asks: Iterable[Pair] = (),
    symbol: Symbol = BTCUSDT,
) -> DepthSnapshot:
    """The levels are to be given best first."""
    return DepthSnapshot(
        symbol=symbol,
        last_update_id=update_id,
        bids=stated(bids),
        asks=stated(asks),
    )


def update(
    update_id: int,
    *,
    first: int | None = None,
    bids: Iterable[Pair] = (),
    asks: Iterable[Pair] = (),
    symbol: Symbol = BTCUSDT,
) -> DepthUpdate:
    """Covers the ids ``first`` to ``update_id``; only the latter by default."""
    return DepthUpdate(
        symbol=symbol,
        first_update_id=update_id if first is None else first,
        last_update_id=update_id,
        bids=stated(bids),
        asks=stated(asks),
    )


def top(update_id: int, *, bid: Pair, ask: Pair, symbol: Symbol = BTCUSDT) -> TopOfBook:
    (bid_level,) = stated([bid])
    (ask_level,) = stated([ask])
    return TopOfBook(symbol=symbol, update_id=update_id, bid=bid_level, ask=ask_level)


def waiting(
    order_id: str,
    *,
    side: Side = Side.SELL,
    price: str = "100",
    quantity: str = "1",
    released: str | None = None,
    sequence: int = 1,
    time_in_force: TimeInForce = TimeInForce.GTC,
) -> WaitingOrder:
    """What the matcher knows of an order; all of it is released when not said."""
    return WaitingOrder(
        order_id=OrderId(order_id),
        side=side,
        price=Decimal(price),
        released=Decimal(quantity if released is None else released),
        left=Decimal(quantity),
        sequence=sequence,
        time_in_force=time_in_force,
    )


def place_order(
    *,
    symbol: Symbol = BTCUSDT,
    side: Side = Side.SELL,
    quantity: str = "3",
    price: str = "100",
    time_in_force: TimeInForce = TimeInForce.GTC,
    expires_at: datetime | None = None,
    client_order_id: str | None = None,
    idempotency_key: str | None = None,
) -> PlaceOrder:
    return PlaceOrder(
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        time_in_force=time_in_force,
        expires_at=expires_at,
        client_order_id=client_order_id,
        idempotency_key=idempotency_key,
    )


def pending_order(
    sequence: int = 1,
    *,
    symbol: Symbol = BTCUSDT,
    side: Side = Side.SELL,
    quantity: str = "3",
    price: str = "100",
    time_in_force: TimeInForce = TimeInForce.GTC,
    expires_at: datetime | None = None,
) -> Order:
    """An order that was asked for and is not accepted yet."""
    return Order(
        order_id=OrderId(f"ORDER{sequence:010d}"),
        sequence=sequence,
        client_order_id=None,
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        time_in_force=time_in_force,
        expires_at=expires_at,
        created_at=NOW,
        updated_at=NOW,
    )


def accepted_order(
    sequence: int = 1,
    *,
    symbol: Symbol = BTCUSDT,
    side: Side = Side.SELL,
    quantity: str = "3",
    price: str = "100",
    time_in_force: TimeInForce = TimeInForce.GTC,
    expires_at: datetime | None = None,
) -> Order:
    """An order in status NEW."""
    order = pending_order(
        sequence,
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=price,
        time_in_force=time_in_force,
        expires_at=expires_at,
    )
    accepted, _ = accept(order, now=NOW)
    return accepted


def part(price: str, quantity: str, update_id: int = 1) -> Slice:
    """A slice of a level."""
    return Slice(price=Decimal(price), quantity=Decimal(quantity), update_id=update_id)


def traded_second(
    second: int, volumes: dict[str, str], *, first_id: int, missed: int = 0
) -> TradedSecond:
    """Sum up trades, one at each price, of which some are missing."""
    held = {Decimal(price): Decimal(quantity) for price, quantity in volumes.items()}
    return TradedSecond(
        symbol=BTCUSDT,
        second=second,
        first_id=first_id,
        last_id=first_id + len(volumes) - 1 + missed,
        count=len(volumes),
        total=Volume(
            quantity=sum(held.values(), Decimal(0)),
            quote=sum((price * one for price, one in held.items()), Decimal(0)),
        ),
        low=min(held),
        high=max(held),
        volumes=held,
    )
