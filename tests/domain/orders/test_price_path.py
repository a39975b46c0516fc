from dataclasses import replace

from domain.orders.order import OrderStatus
from domain.orders.price_path import AFTERWARDS_SECONDS, path_of
from tests.builders import NOW, accepted_order, at


def test_an_open_orders_path_goes_on() -> None:
    order = accepted_order()
    path = path_of(order, 5)

    assert (path.symbol, path.step) == (order.symbol, 5)
    assert path.since == int(NOW.timestamp())
    assert path.until > int(at(10**9).timestamp())


def test_an_ended_orders_path_goes_on_for_a_minute() -> None:
    order = replace(accepted_order(), status=OrderStatus.CANCELED, updated_at=at(30))

    assert path_of(order).until == int(at(30).timestamp()) + AFTERWARDS_SECONDS
