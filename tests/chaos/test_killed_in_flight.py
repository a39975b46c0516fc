"""The service is killed while a child order is under way, and hears no answer.

Source: docs/venues.md, unknown execution status.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.comparing import Known, compare, order_of
from tests.chaos.disk import read_disk
from tests.chaos.exchange import WINDOW_SECONDS, Exchange
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"
HELD = 60
"""Seconds that the exchange holds its answer: longer than the service lives."""


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(7, "--symbols", SYMBOL) as running:
        yield running


def start(exchange: Exchange, database: Path) -> Service:
    options = (*exchange.as_venue, "--symbols", SYMBOL)
    return Service(database, *options, variables=exchange.variables)


def order_and_kill(
    exchange: Exchange, service: Service, fault: dict[str, object]
) -> str:
    """Have one answer held; kill the service while it waits for it."""
    service.await_trading()
    exchange.throw({"fault": "no_answer", "seconds": HELD, "count": 1, **fault})
    exchange.throw({"fault": "user_events", "kind": "lost", "probability": 1})
    bid, _ = exchange.touch(SYMBOL)
    price = str(round(bid * 9 / 10, 2))
    answer = service.client.place(SYMBOL, "SELL", "2", price)
    assert answer.status == 201, answer
    eventually(
        lambda: exchange.applied().get("no_answer"),
        within_seconds=5,
        what="the exchange holds its answer",
    )
    order_id: str = answer.body["id"]
    assert service.client.order(order_id)["filled"] == "0"
    service.kill()
    return order_id


def await_fill(service: Service, order_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        order = service.client.order(order_id)
        return order if order["status"] == "FILLED" else None

    found = eventually(
        look, within_seconds=WINDOW_SECONDS + 3, what=f"{order_id} is filled"
    )
    assert found is not None
    return found


def assert_same_ledgers(exchange: Exchange, database: Path, order_id: str) -> None:
    known = Known(acknowledged={order_id}, unanswered=0, working=())
    assert compare(read_disk(database), exchange.audit(), known) == []


@pytest.mark.parametrize("lag", [0.0, 2.0])
def test_child_that_was_executed_unheard_before_a_kill_is_booked_after_it(
    tmp_path: Path, exchange: Exchange, lag: float
) -> None:
    database = tmp_path / "orders.db"
    exchange.throw({"fault": "query_lag", "seconds": lag, "count": 1})
    with start(exchange, database) as service:
        order_id = order_and_kill(exchange, service, {"when": "after"})
        executed = exchange.audit().executions
        assert executed

    with start(exchange, database) as service:
        order = await_fill(service, order_id)
        fills = service.client.fills(order_id)
        assert service.interrupt() == 0

    assert order["filled"] == order["quantity"]
    first = [fill for fill in fills if fill["child_id"] == f"{order_id}-1"]
    assert [fill["trade_id"] for fill in first] == [one.trade_id for one in executed]
    assert_same_ledgers(exchange, database, order_id)


def test_child_that_never_arrived_before_a_kill_is_followed_by_one_with_a_new_id(
    tmp_path: Path, exchange: Exchange
) -> None:
    database = tmp_path / "orders.db"
    with start(exchange, database) as service:
        order_id = order_and_kill(exchange, service, {"when": "before"})

    with start(exchange, database) as service:
        assert service.client.order(order_id)["filled"] == "0"
        order = await_fill(service, order_id)
        events = service.client.get(f"/api/v1/orders/{order_id}/events").body["items"]
        assert service.interrupt() == 0

    assert order["filled"] == order["quantity"]
    intended = [one["child_id"] for one in events if one["kind"] == "CHILD_INTENDED"]
    assert intended[:2] == [f"{order_id}-1", f"{order_id}-2"]
    at_exchange = [one["clientOrderId"] for one in exchange.audit().orders]
    assert f"{order_id}-1" not in at_exchange
    assert {order_of(one) for one in at_exchange} == {order_id}
    assert_same_ledgers(exchange, database, order_id)
