"""The venue says of one child what cannot be true, while all other orders trade.

Source: docs/reconciliation.md, a child order that only you can settle.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.exchange import Exchange
from tests.chaos.test_killed_in_flight import SYMBOL, exchange, start
from tests.system.processes import Service
from tests.system.waiting import eventually


HEALTHY = 30
"""Orders around the one that is in trouble."""

SECONDS = 20.0

__all__ = ("exchange",)  # a fixture


def sell(exchange: Exchange, service: Service, *, quantity: str = "2") -> str:
    """Sell at once, whatever the price; return the order's id."""
    bid, _ = exchange.touch(SYMBOL)
    answer = service.client.place(SYMBOL, "SELL", quantity, str(round(bid / 2, 2)))
    assert answer.status == 201, answer
    order_id: str = answer.body["id"]
    return order_id


def await_order(service: Service, order_id: str, **wanted: Any) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        order: dict[str, Any] = service.client.order(order_id)
        return order if wanted.items() <= order.items() else None

    what = f"{order_id} reads {wanted}"
    found = eventually(look, within_seconds=SECONDS, what=what)
    assert found is not None
    return found


def await_on_hold(service: Service, count: int) -> None:
    """Wait until so many orders are said to be on hold, wherever that is said."""
    gauge = f'trade_executor_orders_on_hold{{symbol="{SYMBOL}"}} {count}.0'

    def is_said() -> bool:
        ready = service.client.get("/readyz").body["orders_on_hold"]
        return ready == count and gauge in service.client.get("/metrics").body

    eventually(is_said, within_seconds=SECONDS, what=f"{count} on hold are shown")


def events_of(service: Service, order_id: str) -> list[dict[str, Any]]:
    path = f"/api/v1/orders/{order_id}/events?limit=500"
    found: list[dict[str, Any]] = service.client.get(path).body["items"]
    return found


def trade_on(exchange: Exchange, service: Service, count: int = HEALTHY) -> None:
    """Have so many orders filled."""
    for order_id in [sell(exchange, service) for _ in range(count)]:
        await_order(service, order_id, status="FILLED")


@pytest.fixture
def in_trouble(
    tmp_path: Path, exchange: Exchange
) -> Iterator[tuple[Service, str, Path]]:
    """A service with one order whose trades have numbers beyond 64 bits."""
    database = tmp_path / "orders.db"
    with start(exchange, database) as service:
        service.await_trading()
        exchange.throw({"fault": "huge_trade_ids", "count": 1})
        order_id = sell(exchange, service)
        await_order(service, order_id, reason="ON_HOLD")
        yield service, order_id, database


def test_one_contradiction_stops_one_order_and_nothing_else(
    exchange: Exchange, in_trouble: tuple[Service, str, Path]
) -> None:
    service, order_id, database = in_trouble
    (held,) = [one for one in events_of(service, order_id) if one["kind"] == "HELD"]
    assert held["reason"].startswith("a trade id is beyond 64 bits; the venue says: ")
    assert service.err.wait_for(
        f"CRITICAL .*Order on hold order_id={order_id}", SECONDS
    )
    trade_on(exchange, service)
    service.kill()

    with start(exchange, database) as restarted:
        restarted.await_trading()
        assert restarted.client.order(order_id)["reason"] == "ON_HOLD"
        assert f"Orders on hold symbol={SYMBOL} orders=1" in (restarted.err.text)
        await_on_hold(restarted, 1)
        trade_on(exchange, restarted)
        child = f"/api/v1/orders/{order_id}/children/{order_id}-1/settle"
        price = events_of(restarted, order_id)[1]["price"]
        stated = {
            "note": "on the venue's page",
            "quantity": "2",
            "average_price": price,
        }
        settled = restarted.client.post(child, stated)
        again = restarted.client.post(child, stated)
        await_on_hold(restarted, 0)
        assert restarted.interrupt() == 0
    assert (settled.status, settled.body["status"]) == (200, "FILLED")
    assert (again.status, again.body["status"]) == (200, "FILLED")
    children = [one["clientOrderId"] for one in exchange.audit().orders]
    assert children.count(f"{order_id}-1") == 1
    assert f"{order_id}-2" not in children


def test_a_fill_at_a_worse_price_is_booked_and_holds_the_order(
    tmp_path: Path, exchange: Exchange
) -> None:
    with start(exchange, tmp_path / "orders.db") as service:
        service.await_trading()
        exchange.throw({"fault": "worse_price", "fraction": 0.5, "count": 1})
        exchange.throw({"fault": "partial_fill", "fraction": 0.5, "count": 1})
        order_id = sell(exchange, service)

        held = await_order(service, order_id, reason="ON_HOLD")
        alarm = f"CRITICAL .*Fill booked order_id={order_id} WORSE_THAN_LIMIT"
        assert service.err.wait_for(alarm, SECONDS)
        fills = service.client.fills(order_id)
        released = service.client.post(f"/api/v1/orders/{order_id}/release", {})
        ended = await_order(service, order_id, status="FILLED")
        assert service.interrupt() == 0

    assert (held["status"], held["filled"]) == ("PARTIALLY_FILLED", "1")
    assert sum(Decimal(fill["quantity"]) for fill in fills) == 1
    assert all(Decimal(fill["price"]) < Decimal(held["price"]) for fill in fills)
    assert (released.status, released.body["reason"]) == (200, None)
    assert ended["filled"] == "2"
