"""Dry runs, and lists over all orders, as a person or a program types them."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.system.processes import Service
from tests.system.test_command_line import (
    CHANGES_SECONDS,
    ended,
    far_above,
    printed,
)
from tests.system.waiting import eventually


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("lists") / "orders.db") as running:
        running.await_trading()
        yield running


def below(service: Service) -> str:
    """A price at which somebody buys at once."""
    bid = service.client.best_bid("BTCUSDT")
    return str((bid * Decimal("0.99")).quantize(Decimal("0.01")))


def test_a_dry_run_says_what_would_be_taken_and_places_nothing(
    service: Service,
) -> None:
    before = list(service.client.orders())
    terms = ("order", "sell", "BTCUSDT", "0.01", "--price", below(service))

    code, out, err = ended(service, *terms, "--dry-run")
    found = printed(service, *terms, "--dry-run")

    assert (code, err) == (0, "")
    assert "taken at once:  0.01 at " in out
    assert (found["accepted"], found["taken"]) == (True, "0.01")
    assert list(service.client.orders()) == before


def test_a_dry_run_that_would_be_refused_says_all_reasons(service: Service) -> None:
    terms = ("order", "sell", "BTCUSDT", "0.000001", "--price", "61000.001")

    code, out, err = ended(service, *terms, "--dry-run")

    assert (code, err) == (1, "")
    assert "PRICE_OFF_TICK: " in out
    assert "QUANTITY_BELOW_MINIMUM: " in out
    code, _, err = ended(service, *terms, "--dry-run", "--watch")
    assert (code, "--watch" in err) == (2, True)


def test_fills_of_all_orders_are_listed_and_all_orders_canceled(
    service: Service,
) -> None:
    terms = ("sell", "BTCUSDT", "0.01")
    sold = printed(service, "order", *terms, "--price", below(service))["id"]
    eventually(
        lambda: service.client.order(sold)["status"] == "FILLED",
        within_seconds=CHANGES_SECONDS,
        what="it is sold",
    )
    waiting = ("--price", far_above(service), "--client-order-id", "waits")
    waits = printed(service, "order", *terms, *waiting)["id"]

    fills = printed(service, "fills", "--since", "2026-01-01T00:00:00Z")["items"]
    of_order = printed(service, "fills", sold)["items"]
    assert [one["trade_id"] for one in fills if one["order_id"] == sold] == [
        one["trade_id"] for one in reversed(of_order)
    ]
    found = printed(service, "orders", "--client-order-id", "waits", "--side", "sell")
    assert [one["id"] for one in found["items"]] == [waits]
    assert printed(service, "orders", "--until", "2026-01-01T00:00:00Z")["items"] == []

    code, out, _ = ended(service, "cancel", "--all", "BTCUSDT", "--yes")

    assert (code, out) == (0, "canceled: 1 order of BTCUSDT")
    assert service.client.order(waits)["status"] == "CANCELED"
    _, table, _ = ended(service, "fills", "--limit", "1")
    assert sold in table
    assert json.loads(ended(service, "fills", "--limit", "1", "--json")[1])["items"]
