"""axe finds nothing on the page, in any of its states, themes and widths."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.page.browser import Page
from tests.system.processes import Service


AXE = (
    Path(__file__).parents[2]
    / ".venv-clients/axe-core-js/node_modules/axe-core/axe.min.js"
)
SYMBOL = "BTCUSDT"

RUN_AXE = """
const done = arguments[0];
axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations
  .map(one => `${one.impact} ${one.id}: ${one.nodes.map(node => node.html).join()}`)));
"""

pytestmark = pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not installed: make clients"
)


def findings(page: Page) -> list[str]:
    page.run(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.browser.execute_async_script(RUN_AXE)
    return found


@pytest.fixture
def filled(service: Service) -> dict[str, Any]:
    """An order with a child, placed so far below the bid that no walk leaves it."""
    price = f"{service.client.best_bid(SYMBOL) * Decimal('0.99'):.2f}"
    placed: dict[str, Any] = service.client.place(SYMBOL, "SELL", "0.5", price).body
    return placed


@pytest.fixture
def waiting(service: Service) -> dict[str, Any]:
    """An order at half the bid, which nobody takes."""
    price = f"{service.client.best_bid(SYMBOL) / 2:.2f}"
    placed: dict[str, Any] = service.client.place(SYMBOL, "BUY", "0.5", price).body
    return placed


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    page: Page,
    filled: dict[str, Any],
    waiting: dict[str, Any],
    width: int,
    theme: str,
) -> None:
    page.open_live()
    page.size(width, 844, is_dark=theme == "dark")

    found = of_orders(page, filled["id"], waiting["id"]) | of_dialogs(page)
    page.run("location.hash = '#/service'")
    page.await_text(".service h2", "Halt switch")
    found["service"] = findings(page)
    page.run("location.hash = '#/reports'")
    page.await_text(".card.report", "Implementation shortfall")
    found["reports"] = findings(page)
    page.run("location.hash = '#/'")

    page.meddle({"cut": True})
    page.run("window.meddled.cutStream()")
    page.await_text(".link", "Stream lost")
    found["lost"] = findings(page)
    page.meddle({})

    assert {state: these for state, these in found.items() if these} == {}


def of_orders(page: Page, filled: str, waiting: str) -> dict[str, list[str]]:
    """Look at the desk, at a story and at a cancel that asks."""
    page.await_true(lambda: page.find(f"#row-{waiting}"), "an order is shown")
    found = {"desk": findings(page)}

    page.click("Ended", "[role=tab]")
    page.click("", f"#row-{filled}")
    page.await_text(".timeline", "Child 1")
    page.click("Child 1")
    found["story"] = findings(page)
    page.click("", ".story .close")

    page.click("Open", "[role=tab]")
    page.click("", f"#row-{waiting}")
    page.click("Cancel…")
    found["cancel"] = findings(page)
    page.click("", ".story .close")
    return found


def of_dialogs(page: Page) -> dict[str, list[str]]:
    found = {}
    page.press("n")
    page.type_into("#place-quantity", "0.5")
    page.await_text(".dry", "takes")
    found["place"] = findings(page)
    page.click("", "dialog .close")

    page.click("Halt…")
    found["halt"] = findings(page)
    page.click("", "dialog .close")
    return found
