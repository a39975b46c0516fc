"""The halt switch under load, with a service and an exchange of their own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.exchange import Exchange
from tests.system import halted_at_start
from tests.system.client import Client
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"
CLIENTS = 4
ORDERS_EACH = 60


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(3, "--symbols", SYMBOL) as running:
        yield running


def start(exchange: Exchange, database: Path) -> Service:
    options = (*exchange.as_venue, "--symbols", SYMBOL)
    service = Service(database, *options, variables=exchange.variables)
    eventually(
        lambda: service.client.status_of(SYMBOL)["state"] == "SYNCED",
        within_seconds=10,
        what="the book is in step",
    )
    return service


def place_many(url: str) -> None:
    client = Client(url)
    for _ in range(ORDERS_EACH):
        answer = client.place(SYMBOL, "SELL", "0.05", "400")
        assert answer.status == 201, answer
    client.close()


def children(exchange: Exchange) -> int:
    return len(exchange.audit().orders)


def halted(client: Client) -> bool:
    found: bool = client.get("/api/v1/halt").body["halted"]
    return found


def test_no_child_leaves_after_a_halt_until_a_resume_also_across_a_kill(
    exchange: Exchange, tmp_path: Path
) -> None:
    database = tmp_path / "orders.db"
    with start(exchange, database) as service:
        placing = [
            threading.Thread(target=place_many, args=(service.url,))
            for _ in range(CLIENTS)
        ]
        for thread in placing:
            thread.start()
        eventually(
            lambda: children(exchange) > CLIENTS, within_seconds=10, what="children"
        )

        answer = service.client.post("/api/v1/halt", {"reason": "under load"})
        at_halt = children(exchange)

        assert answer.status == 200, answer
        assert answer.body["children_in_flight"] == 0
        for thread in placing:
            thread.join()
        assert children(exchange) == at_halt
        assert service.client.status_of(SYMBOL)["pause"] == "HALTED"
        service.send_kill()

    with start(exchange, database) as service:
        assert halted(service.client)
        assert service.client.get("/api/v1/halt").body["reason"] == "under load"
        assert children(exchange) == at_halt < CLIENTS * ORDERS_EACH
        resumed = service.client.post("/api/v1/resume", {})
        assert (resumed.status, resumed.body["halted"]) == (200, False)
        eventually(
            lambda: not list(service.client.orders("&status=open")),
            within_seconds=20,
            what="all orders are filled",
        )
        assert len(exchange.audit().executions) >= CLIENTS * ORDERS_EACH
        service.send_kill()

    with start(exchange, database) as service:
        assert not halted(service.client)


def test_a_halt_gets_in_while_open_orders_are_being_read(tmp_path: Path) -> None:
    """They may trade already: with 100,000 of them, seconds before all are worked."""
    program = ("-m", "tests.system.halted_at_start")

    with Service(tmp_path / "orders.db", program=program) as service:
        halt = service.client.get("/api/v1/halt").body

    assert (halt["halted"], halt["reason"]) == (True, halted_at_start.REASON)
