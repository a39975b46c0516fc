"""Children, and the venue's words about them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from domain.orders.child_order import ChildOrder, Slice
from domain.values import ChildId, OrderId, Side, Symbol


ORDER_ID = "01J000000000000000000000AB"
INTENDED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def child(
    quantity: str = "2",
    price: str = "270",
    *,
    side: Side = Side.SELL,
    symbol: str = "BNBUSDT",
    number: int = 1,
) -> ChildOrder:
    part = Slice(price=Decimal(price), quantity=Decimal(quantity), update_id=7)
    return ChildOrder(
        child_id=ChildId(f"{ORDER_ID}-{number}"),
        order_id=OrderId(ORDER_ID),
        symbol=Symbol(symbol),
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        slices=(part,),
        intended_at=INTENDED_AT,
    )


def order_body(one: ChildOrder, executed: str | None = None, **more: Any) -> Any:
    """An order as placing and asking describe it; filled unless told otherwise."""
    filled = executed is None
    return {
        "symbol": one.symbol,
        "orderId": 28,
        "orderListId": -1,
        "clientOrderId": one.child_id,
        "transactTime": 1_700_000_000_123,
        "price": str(one.price),
        "origQty": str(one.quantity),
        "executedQty": executed or str(one.quantity),
        "cummulativeQuoteQty": "-1",
        "status": "FILLED" if filled else "EXPIRED",
        "timeInForce": "IOC",
        "type": "LIMIT",
        "side": one.side.value,
    } | more


def fill_body(quantity: str, trade_id: int = 56, **more: Any) -> Any:
    return {
        "price": "271.10000000",
        "qty": quantity,
        "commission": "0.00100000",
        "commissionAsset": "BNB",
        "tradeId": trade_id,
    } | more


def trade_body(one: ChildOrder, quantity: str, trade_id: int, **more: Any) -> Any:
    return {
        "symbol": one.symbol,
        "id": trade_id,
        "orderId": 28,
        "price": "271.10000000",
        "qty": quantity,
        "quoteQty": "0",
        "commission": "0.00100000",
        "commissionAsset": "BNB",
        "time": 1_700_000_000_123,
        "isBuyer": one.side is Side.BUY,
        "isMaker": False,
    } | more
