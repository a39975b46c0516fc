"""Orders of a symbol that the venue has forgotten, or that we trade no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.exchange import Exchange
from tests.system.processes import Service
from tests.system.waiting import eventually


FORGOTTEN, OTHER = "BNBUSDT", "BTCUSDT"
FAR = "4000"
"""Nobody buys a BNB for that."""


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(11, "--symbols", f"{FORGOTTEN},{OTHER}") as running:
        yield running


def await_status(service: Service, order_id: str, status: str) -> None:
    eventually(
        lambda: service.client.order(order_id)["status"] == status,
        within_seconds=15,
        what=f"the order is {status}",
    )


@pytest.mark.parametrize("symbols", [f"{FORGOTTEN},{OTHER}", OTHER])
def test_their_orders_can_be_cancelled_and_hinder_nobody(
    tmp_path: Path, exchange: Exchange, symbols: str
) -> None:
    database, options = tmp_path / "orders.db", exchange.as_venue
    both = (*options, "--symbols", f"{FORGOTTEN},{OTHER}")
    with Service(database, *both, variables=exchange.variables) as service:
        service.await_trading()
        placed = service.client.place(FORGOTTEN, "SELL", "0.05", FAR).body["id"]
        assert service.interrupt() == 0
    switch: dict[str, object] = {
        "fault": "symbol_status",
        "symbol": FORGOTTEN,
        "status": "DELISTED",
    }
    exchange.throw(switch)

    later = (*options, "--symbols", symbols)
    with Service(database, *later, variables=exchange.variables) as service:
        traded = service.client.place(OTHER, "SELL", "0.01", "50000").body["id"]
        service.client.delete(f"/api/v1/orders/{placed}")
        for order_id, status in ((placed, "CANCELED"), (traded, "FILLED")):
            await_status(service, order_id, status)
        assert service.interrupt() == 0
