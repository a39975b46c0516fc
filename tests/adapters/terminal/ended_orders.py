"""An ended order and its fills, for the tests of what the operator sees."""

from datetime import UTC, datetime
from decimal import Decimal

from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason
from domain.values import ChildId, OrderId, Side, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules


NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
RULES = SymbolRules(symbol=Symbol("BNBUSDT"), base_asset="BNB", quote_asset="USDT")
ORDER = Order(
    order_id=OrderId("01KARQ0000000000000000000X"),
    sequence=1,
    client_order_id=None,
    symbol=Symbol("BNBUSDT"),
    side=Side.SELL,
    quantity=Decimal(300),
    price=Decimal(270),
    time_in_force=TimeInForce.GTC,
    expires_at=None,
    created_at=NOW,
    updated_at=NOW,
    status=OrderStatus.FILLED,
    reason=EndReason.COMPLETED,
    filled=Decimal(300),
    filled_quote=Decimal("81080.5"),
)


def fill(price: str, quantity: str, fee: str = "0") -> Fill:
    return Fill(
        order_id=ORDER.order_id,
        child_id=ChildId("child"),
        number=1,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset="BNB",
        trade_id=None,
        update_id=7,
        executed_at=NOW,
    )


FILLS = (fill("270.50", "139"), fill("270.07", "150"), fill("270", "11"))
