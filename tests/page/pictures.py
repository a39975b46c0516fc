"""Draws the pictures of the page that README and docs show.

``python -m tests.page.pictures docs/images``: a service on its simulated market, with
orders of all kinds, in a browser. It takes two minutes, so that there is something to
see.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from adapters.clock import pause
from tests.page.browser import Page, start_browser
from tests.system.client import Client
from tests.system.processes import Service


SEED: Final = 11
QUANTITIES: Final = {"BTCUSDT": (0.2, 3), "BNBUSDT": (20, 300), "ETHBTC": (5, 30)}
PLACES: Final = {"BTCUSDT": (4, 2), "BNBUSDT": (2, 2), "ETHBTC": (3, 5)}
"""Decimals of quantity and price."""

NAMES: Final = ("desk-7", "rebalance", "treasury", "hedge", None)
ORDERS: Final = 90
WATCHED_SECONDS: Final = 75
HALF: Final = Decimal("0.5")
DESK, PHONE = (1280, 800), (390, 844)


def terms(rng: random.Random, client: Client, number: int) -> dict[str, str]:
    """Draw an order near the touch; most will wait for their price."""
    symbol = rng.choice([*QUANTITIES, "BTCUSDT"])
    quantity_places, price_places = PLACES[symbol]
    side = rng.choice(["SELL", "BUY"])
    away = Decimal(str(rng.uniform(-0.0003, 0.003)))
    factor = 1 + away if side == "SELL" else 1 - away
    name = rng.choice(NAMES)
    more = {} if name is None else {"client_order_id": f"{name}-{number}"}
    return {
        "symbol": symbol,
        "side": side,
        "quantity": f"{rng.uniform(*QUANTITIES[symbol]):.{quantity_places}f}",
        "price": f"{client.best_bid(symbol) * factor:.{price_places}f}",
        **more,
    }


def place_all(client: Client) -> None:
    rng = random.Random(SEED)
    for number in range(ORDERS):
        client.post("/api/v1/orders", terms(rng, client, number))
    waiting = [
        order for order in client.orders("&status=open") if order["filled"] == "0"
    ]
    client.delete(f"/api/v1/orders/{waiting[0]['id']}")
    client.post(f"/api/v1/orders/{waiting[1]['id']}/pause", {})


def half_filled(client: Client) -> dict[str, Any]:
    """Return the open order of which about half is filled."""

    def away(order: dict[str, Any]) -> Decimal:
        return abs(Decimal(order["filled"]) / Decimal(order["quantity"]) - HALF)

    return min(client.orders("&status=open"), key=away)


def views(page: Page, client: Client) -> Iterator[str]:
    """Go through what is drawn; the name of each picture comes when it is there."""
    page.size(*DESK)
    page.open_live()
    page.size(*DESK)
    pause(WATCHED_SECONDS)  # for price paths and fills
    yield "desk-light"
    page.size(*DESK, is_dark=True)
    yield "desk-dark"
    page.size(*PHONE)
    yield "phone-light"
    page.size(*PHONE, is_dark=True)
    yield "phone-dark"
    yield from of_one_order(page, client)


def of_one_order(page: Page, client: Client) -> Iterator[str]:
    page.run(f"location.hash = '#/orders/{half_filled(client)['id']}'")
    page.await_text(".story .timeline", "Child")
    pause(2)
    yield "phone-story-dark"
    page.size(*DESK, is_dark=True)
    page.click("Child", ".timeline button")
    pause(1)
    yield "story-dark"
    yield from of_reports_and_form(page, client)


def of_reports_and_form(page: Page, client: Client) -> Iterator[str]:
    page.size(*DESK)
    page.run("location.hash = '#/reports'")
    page.await_text(".card.report", "Implementation shortfall")
    yield "reports-light"
    page.run("location.hash = '#/'")
    page.press("n")
    page.type_into("#place-quantity", "0.25")
    price = f"{client.best_bid('BTCUSDT') * Decimal('0.9998'):.2f}"
    page.type_into("#place-price", price)
    page.await_text(".dry", "takes")
    pause(1)
    yield "place-light"


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        Service(Path(scratch) / "orders.db", "--trades") as service,
    ):
        service.await_trading()
        browser = start_browser()
        place_all(service.client)
        for name in views(Page(browser, service.url), service.client):
            pause(0.5)
            browser.save_screenshot(str(folder / f"page-{name}.png"))
        browser.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
