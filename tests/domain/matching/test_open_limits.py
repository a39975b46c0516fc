from decimal import Decimal

from domain.matching.matcher import WaitingOrder
from domain.matching.open_limits import OpenLimit, OpenLimits, open_limits
from domain.values import OrderId, Side, TimeInForce
from tests.builders import BTCUSDT


def waiting(side: Side, price: str, left: str, released: str = "0.1") -> WaitingOrder:
    return WaitingOrder(
        order_id=OrderId(f"{side}{price}{left}"),
        side=side,
        price=Decimal(price),
        released=Decimal(released),
        left=Decimal(left),
        sequence=1,
        time_in_force=TimeInForce.GTC,
    )


def limit(price: str, quantity: str, orders: int) -> OpenLimit:
    return OpenLimit(price=Decimal(price), quantity=Decimal(quantity), orders=orders)


def test_orders_with_one_limit_are_added_up_and_those_served_first_come_first() -> None:
    orders = [
        waiting(Side.SELL, "101", "1"),
        waiting(Side.SELL, "100", "2"),
        waiting(Side.SELL, "101.00", "0.5"),
        waiting(Side.BUY, "98", "3"),
        waiting(Side.BUY, "99", "4"),
    ]

    assert open_limits(BTCUSDT, orders) == OpenLimits(
        symbol=BTCUSDT,
        sells=(limit("100", "2", 1), limit("101", "1.5", 2)),
        buys=(limit("99", "4", 1), limit("98", "3", 1)),
    )


def test_without_orders_there_are_no_limits() -> None:
    assert open_limits(BTCUSDT, ()) == OpenLimits(symbol=BTCUSDT)
