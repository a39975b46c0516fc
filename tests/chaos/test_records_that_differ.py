"""The service's disk is tampered with between two lives; the exchange knows better.

Source: docs/reconciliation.md.
"""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.chaos.exchange import Exchange
from tests.chaos.test_killed_in_flight import SYMBOL, exchange, start
from tests.system.processes import Service
from tests.system.waiting import eventually


SECONDS = 12.0
"""The first pass comes at the start, the next one after 5 s if nobody was there yet."""

__all__ = ("exchange",)  # a fixture


def sell(exchange: Exchange, service: Service) -> dict[str, Any]:
    """Sell 2, at once."""
    service.await_trading()
    bid, _ = exchange.touch(SYMBOL)
    answer = service.client.place(SYMBOL, "SELL", "2", str(round(bid * 9 / 10, 2)))
    assert answer.status == 201, answer
    order_id = answer.body["id"]

    def look() -> dict[str, Any] | None:
        order: dict[str, Any] = service.client.order(order_id)
        return order if order["status"] == "FILLED" else None

    found = eventually(look, within_seconds=10, what="it is filled")
    assert found is not None
    return found


def reopen(database: Path, order: dict[str, Any], tampering: str) -> None:
    """Have the order be one of 3, waiting for a price that nobody pays; then tamper."""
    price = str(Decimal(order["price"]) * 2)
    with closing(sqlite3.connect(database)) as disk, disk:
        disk.execute(
            "UPDATE orders SET status = 'PARTIALLY_FILLED', reason = NULL, "
            "quantity = '3', price = ? WHERE order_id = ?",
            (price, order["id"]),
        )
        disk.execute(tampering, {"order_id": order["id"]})


def await_reason(service: Service, order_id: str, reason: str | None) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        order: dict[str, Any] = service.client.order(order_id)
        return order if order["reason"] == reason else None

    what = f"the reason is {reason}"
    found = eventually(look, within_seconds=SECONDS, what=what)
    assert found is not None
    return found


def test_fills_that_are_not_on_disk_are_booked_from_the_venues_records(
    tmp_path: Path, exchange: Exchange
) -> None:
    database = tmp_path / "orders.db"
    with start(exchange, database) as service:
        order = sell(exchange, service)
        fills = service.client.fills(order["id"])
        assert service.interrupt() == 0
    reopen(database, order, "DELETE FROM fills WHERE order_id = :order_id")
    with closing(sqlite3.connect(database)) as disk, disk:
        disk.execute("UPDATE orders SET filled = '0', filled_quote = '0'")

    with start(exchange, database) as service:

        def is_booked() -> bool:
            return bool(service.client.order(order["id"])["filled"] == "2")

        eventually(is_booked, within_seconds=SECONDS, what="the fills are back")
        found = service.client.fills(order["id"])
        assert service.interrupt() == 0

    told = {"price", "quantity", "fee", "fee_asset", "child_id", "trade_id"}
    assert [{one: fill[one] for one in told} for fill in found] == [
        {one: fill[one] for one in told} for fill in fills
    ]


def test_a_fill_that_contradicts_the_venue_puts_the_order_on_hold(
    tmp_path: Path, exchange: Exchange
) -> None:
    database = tmp_path / "orders.db"
    with start(exchange, database) as service:
        order = sell(exchange, service)
        assert service.interrupt() == 0
    reopen(database, order, "UPDATE fills SET fee = '7' WHERE order_id = :order_id")
    path = f"/api/v1/orders/{order['id']}"

    with start(exchange, database) as service:
        await_reason(service, order["id"], "ON_HOLD")
        events = service.client.get(f"{path}/events").body["items"]
        # Before the kill: the log is written by and by.
        told = f"Order on hold order_id={order['id']} DIFFERENT_FILL"
        assert service.err.wait_for(told, SECONDS)
        service.kill()
    assert events[-1]["kind"] == "HELD"
    assert events[-1]["reason"].startswith("DIFFERENT_FILL")

    with start(exchange, database) as service:
        held = await_reason(service, order["id"], "ON_HOLD")
        answer = service.client.patch(path, {"price": held["price"]})
        assert (answer.status, answer.body["reason"]) == (200, None)
        assert service.client.delete(path).body["status"] == "CANCELED"
