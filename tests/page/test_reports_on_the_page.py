"""Reports of a period on the page, and as a file."""

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.page.browser import Page
from tests.system.client import Client
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL, OTHER = "BTCUSDT", "BNBUSDT"


def is_filled(client: Client, path: str) -> bool:
    return bool(client.get(path).body["status"] == "FILLED")


@pytest.fixture
def traded(service: Service) -> dict[str, Any]:
    """The report of two symbols' orders that are filled."""
    client = service.client
    for symbol, quantity in ((SYMBOL, "0.1"), (OTHER, "1")):
        limit = f"{client.best_bid(symbol) * Decimal('0.99'):.2f}"
        placed = client.place(symbol, "SELL", quantity, limit).body
        path = f"/api/v1/orders/{placed['id']}"
        eventually(
            partial(is_filled, client, path),
            within_seconds=20,
            what="it is filled",
        )
    report: dict[str, Any] = client.get("/api/v1/report").body
    return report


def test_the_report_of_a_period_is_read_by_symbol(
    page: Page, traded: dict[str, Any]
) -> None:
    page.open_live()
    page.press("2")
    page.await_text(".card.report h2", SYMBOL)
    page.await_text(".card.report h2", OTHER)

    page.run(
        "const select = document.querySelectorAll('.card select')[1];"
        "select.value = arguments[0];"
        "select.dispatchEvent(new Event('change', { bubbles: true }))",
        OTHER,
    )

    page.await_true(
        lambda: page.find(".card.report h2", SYMBOL) is None, "only the other is shown"
    )
    figures = traded["symbols"][0]["figures"]
    assert traded["symbols"][0]["symbol"] == OTHER
    shown = page.await_text(".card.report tr", "Implementation shortfall").text
    rounded = f"{Decimal(figures['shortfall']['bps']):+.1f}".replace("-", "\u2212")
    assert rounded in shown
    assert figures["shortfall"]["word"] in shown
    page.click("", ".scrolls tbody a")
    page.await_text(".story .meta", traded["orders"][0]["order"]["id"])
    assert page.complaints() == []


def test_the_report_is_saved_as_a_file(
    page: Page, traded: dict[str, Any], tmp_path: Path
) -> None:
    page.browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior",
        {"behavior": "allow", "downloadPath": str(tmp_path)},
    )
    page.open_live()
    page.run("location.hash = '#/reports'")
    page.click("Save as CSV")

    file = eventually(
        lambda: next(tmp_path.glob("execution-report-*.csv"), None),
        within_seconds=20,
        what="it is saved",
    )
    assert file is not None
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "arrival_bps" in lines[0]
    assert any(traded["orders"][0]["order"]["id"] in line for line in lines)
    assert len(lines) > len(traded["orders"])
    assert page.complaints() == []
