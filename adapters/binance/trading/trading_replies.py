"""Reads the venue's replies about orders, trades and balances. Money is Decimal.

Source: Binance spot API documentation, trading and account endpoints (2026-07-21), and
older replies, which lack fields. Fields that are not read here are not relied on, above
all ``cummulativeQuoteQty``, which can be off, or negative.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from adapters.amount_checks import FEE_DECIMALS, check_amount
from adapters.binance.market_data.frames import UNREADABLE
from adapters.binance.rest_replies import MICROSECONDS_FROM
from domain.errors import ImpossibleMessageError, MalformedMessageError
from domain.orders.child_order import VenueFill
from domain.values import ZERO
from domain.venue.answers import Account, Balance


FINAL_STATUSES: Final = frozenset(
    {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"}
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class OrderFill(msgspec.Struct, rename="camel"):
    """One execution in the reply to a new order."""

    price: Decimal
    qty: Decimal
    commission: Decimal
    commission_asset: str | None
    trade_id: int


class OrderState(msgspec.Struct, rename="camel"):
    """An order, as the replies to placing, querying and listing open ones show it."""

    symbol: str
    order_id: int
    client_order_id: str
    side: str = ""
    status: str = ""
    """Empty in a reply of type ACK."""

    orig_qty: Decimal = ZERO
    executed_qty: Decimal = ZERO
    transact_time: int = 0
    expiry_reason: str | None = None
    fills: list[OrderFill] | None = None

    def is_final(self) -> bool:
        """Whether the order has ended for good."""
        return self.status in FINAL_STATUSES

    def fate(self) -> str:
        """Return the status, and the reason if it expired."""
        return ", ".join(filter(None, (self.status, self.expiry_reason)))


class Trade(msgspec.Struct, rename="camel"):
    """One execution, as the list of trades shows it."""

    symbol: str
    id: int
    order_id: int
    price: Decimal
    qty: Decimal
    commission: Decimal
    commission_asset: str | None
    time: int
    is_buyer: bool


class _Balance(msgspec.Struct):
    asset: str
    free: Decimal
    locked: Decimal


class _Account(msgspec.Struct, rename="camel"):
    can_trade: bool
    balances: list[_Balance]


def read_order(body: bytes) -> OrderState:
    """Read one order.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    order = _decode(body, OrderState, "order")
    _check_order(order)
    return order


def read_orders(body: bytes) -> list[OrderState]:
    """Read a list of orders.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    orders = _decode(body, list[OrderState], "orders")
    for order in orders:
        _check_order(order)
    return orders


def read_trades(body: bytes) -> list[Trade]:
    """Read a list of trades.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    trades = _decode(body, list[Trade], "trades")
    for trade in trades:
        _check_execution(trade.price, trade.qty, trade.commission, trade.time)
    return trades


def read_account(body: bytes, as_of: datetime) -> Account:
    """Read the account.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    account = _decode(body, _Account, "account")
    return Account(
        can_trade=account.can_trade,
        balances={
            entry.asset: Balance(free=_amount(entry.free), locked=_amount(entry.locked))
            for entry in account.balances
        },
        as_of=as_of,
    )


def time_of(stamp: int) -> datetime:
    """Turn the venue's milliseconds, or microseconds, since 1970 into UTC."""
    unit = timedelta(microseconds=1 if stamp >= MICROSECONDS_FROM else 1000)
    return _EPOCH + stamp * unit


def fills_of_order(order: OrderState) -> tuple[VenueFill, ...]:
    """Return the executions in a reply to a new order, each trade once."""
    executed_at = time_of(order.transact_time)
    return _each_once(
        VenueFill(
            price=fill.price,
            quantity=fill.qty,
            fee=fill.commission,
            fee_asset=fill.commission_asset,
            trade_id=fill.trade_id,
            executed_at=executed_at,
        )
        for fill in order.fills or ()
    )


def fills_of_trades(trades: Iterable[Trade]) -> tuple[VenueFill, ...]:
    """Return the executions in a list of trades, each trade once, oldest first."""
    return _each_once(
        VenueFill(
            price=trade.price,
            quantity=trade.qty,
            fee=trade.commission,
            fee_asset=trade.commission_asset,
            trade_id=trade.id,
            executed_at=time_of(trade.time),
        )
        for trade in sorted(trades, key=lambda trade: trade.id)
    )


def _each_once(fills: Iterable[VenueFill]) -> tuple[VenueFill, ...]:
    return tuple({fill.trade_id: fill for fill in fills}.values())


def _decode(body: bytes, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable {what}: {error}") from error


def _check_order(order: OrderState) -> None:
    _amount(order.orig_qty)
    _amount(order.executed_qty)
    for fill in order.fills or ():
        _check_execution(fill.price, fill.qty, fill.commission, order.transact_time)


def _check_execution(
    price: Decimal, quantity: Decimal, fee: Decimal, stamp: int
) -> None:
    if not (_amount(price) > ZERO and _amount(quantity) > ZERO):
        raise ImpossibleMessageError("an execution has no price or no quantity")
    _amount(abs(fee), FEE_DECIMALS)  # a rebate would be below zero
    if not 0 < stamp < MICROSECONDS_FROM * 1000:
        raise ImpossibleMessageError("the time of an execution is impossible")


def _amount(amount: Decimal, decimals: int = 12) -> Decimal:
    """Return an amount that the domain can compute with."""
    try:
        check_amount(amount, decimals)
    except ArithmeticError as error:
        raise ImpossibleMessageError("an amount is none that counts") from error
    except MalformedMessageError as error:
        raise ImpossibleMessageError(str(error)) from error
    return amount
