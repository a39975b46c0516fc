"""A lost stream, a restarted service, a wrong clock, a token, many orders."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from adapters.clock import SystemClock
from tests.page.browser import Page
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL = "BTCUSDT"
MEGABYTE = 1024 * 1024


def far_above(service: Service) -> str:
    """A price at which nobody buys."""
    return f"{service.client.best_bid(SYMBOL) * 2:.2f}"


def lose_stream(page: Page) -> None:
    page.meddle({"cut": True})
    page.run("window.meddled.cutStream()")
    page.await_text(".link", "Stream lost")


def test_without_the_stream_the_page_is_old_and_places_nothing_but_cancels_and_halts(
    page: Page, service: Service
) -> None:
    order = service.client.place(SYMBOL, "SELL", "0.5", far_above(service)).body
    page.open_live()
    page.await_true(lambda: page.find(f"#row-{order['id']}"), "the order is shown")
    lose_stream(page)

    page.await_text(".orders .as-of", "old")
    assert page.is_off("New order")
    page.press("n")
    page.wait_frames(5)
    assert page.find("dialog") is None

    page.click("", f"#row-{order['id']}")
    page.await_text(".story h2", "0.5 BTC")
    assert page.is_off("Amend…")
    page.press("x")
    page.click("Cancel 0.5 BTC", "#cancel-go")
    page.await_text(".action", "CANCELED")
    assert service.client.order(order["id"])["status"] == "CANCELED"

    page.click("Halt…")
    page.type_into("#halt-reason", "the page is blind")
    page.click("Halt all trading")
    page.await_text("dialog", "It holds since")
    page.click("Close", "dialog button.solid")
    page.await_true(lambda: page.find("dialog") is None, "the dialog is closed")
    assert service.client.get("/api/v1/halt").body["reason"] == "the page is blind"
    page.await_text(".halted", "the page is blind")

    page.click("Resume…")
    page.click("Resume trading on 3 symbols")
    page.await_text("dialog", "Child orders may leave again")
    assert not service.client.get("/api/v1/halt").body["halted"]


def test_what_happened_while_the_stream_was_cut_is_there_when_it_is_back(
    page: Page, service: Service
) -> None:
    page.open_live()
    lose_stream(page)
    placed = [
        service.client.place(SYMBOL, "SELL", "0.01", far_above(service)).body["id"]
        for _ in range(3)
    ]
    service.client.delete(f"/api/v1/orders/{placed[0]}")

    page.meddle({})
    page.click("Try now")
    page.await_live()

    page.await_true(lambda: page.find(f"#row-{placed[2]}"), "a new order is shown")
    page.await_true(lambda: page.find(f"#row-{placed[1]}"), "the one before, too")
    page.click("Ended", "[role=tab]")
    page.await_true(lambda: page.find(f"#row-{placed[0]}"), "the end of one is shown")


def await_listeners(service: Service, count: int) -> None:
    gauge = f'push_listeners{{state="live"}} {count}.0\n'
    eventually(
        lambda: gauge in service.client.get("/metrics").body,
        within_seconds=5,
        what=f"{count} listeners",
    )


def test_a_page_that_nobody_sees_lets_its_stream_go_and_misses_nothing(
    page: Page, service: Service
) -> None:
    """A browser has six connections to one address, for all its tabs."""
    page.open(meddle={"timesFaster": 60})
    page.await_live()
    await_listeners(service, 1)

    page.run("window.meddled.hide(true)")
    await_listeners(service, 0)
    order = service.client.place(SYMBOL, "SELL", "0.5", far_above(service)).body
    page.run("window.meddled.hide(false)")

    page.await_live()
    page.await_true(lambda: page.find(f"#row-{order['id']}"), "the order is shown")
    await_listeners(service, 1)


def test_a_page_opened_behind_others_waits_until_it_is_seen(
    page: Page, service: Service
) -> None:
    page.open(meddle={"unseen": True})
    page.await_text(".banner", "Connecting")
    page.wait_frames(10)
    await_listeners(service, 0)

    page.run("window.meddled.hide(false)")

    page.await_live()


def test_an_open_page_goes_on_over_a_restart_of_the_service(
    browser: Chrome, tmp_path: Path
) -> None:
    with Service(tmp_path / "orders.db") as first:
        first.await_trading()
        port = first.url.rsplit(":", 1)[1]
        page = Page(browser, first.url)
        page.open_live()
        order = first.client.place(SYMBOL, "SELL", "0.5", far_above(first)).body
        page.await_true(lambda: page.find(f"#row-{order['id']}"), "it is shown")
        first.kill()
        page.await_text(".link", "Stream lost")

    with Service(tmp_path / "orders.db", "--port", port) as second:
        second.await_trading()
        other = second.client.place(SYMBOL, "SELL", "0.6", far_above(second)).body
        page.await_live()
        page.await_true(lambda: page.find(f"#row-{other['id']}"), "a new one is shown")
        page.click("", f"#row-{order['id']}")
        page.click("Cancel…")
        page.click("Cancel 0.5 BTC", "#cancel-go")
        page.await_text(".action", "CANCELED")
        shown = page.await_text(".timeline h3", "events").text
        history = second.client.get(f"/api/v1/orders/{order['id']}/events").body[
            "items"
        ]
        assert f"{len(history)} events" in shown


def test_a_wrong_clock_of_the_browser_is_neither_shown_nor_sent(page: Page) -> None:
    page.open(meddle={"hoursAhead": 30})
    page.await_live()

    text = page.await_text(".utc", "UTC").text
    shown = datetime.strptime(text, "%H:%M:%S UTC").replace(tzinfo=UTC)
    now = SystemClock().now()
    apart = now - shown.replace(year=now.year, month=now.month, day=now.day)
    apart %= timedelta(days=1)
    assert min(apart, timedelta(days=1) - apart) < timedelta(minutes=2)

    page.press("n")
    page.click("GTD")
    page.type_into("#place-quantity", "0.01")
    until = page.await_text("dialog footer", "until").text
    found = re.search(r"until (\d\d:\d\d:\d\d) UTC", until)
    assert found
    ends = datetime.strptime(found[1], "%H:%M:%S").replace(tzinfo=UTC)
    ahead = (ends - shown) % timedelta(days=1)
    assert timedelta(minutes=29) < ahead < timedelta(minutes=35)


def test_ten_thousand_orders_are_a_table_that_scrolls_and_little_memory(
    page: Page,
) -> None:
    page.open(meddle={"many": 10_000})
    page.await_text("[role=tab]", "Open10,000")

    assert page.run("return document.querySelectorAll('.spacer .row').length") < 60
    scroll = (
        "const rows = document.querySelector('.orders .rows');"
        "rows.scrollTop = rows.scrollHeight"
    )
    page.run(scroll)
    page.await_true(
        lambda: page.find("#row-01M00000000000000000009999"), "the last row"
    )
    assert page.run("return document.querySelectorAll('.spacer .row').length") < 60
    assert page.heap_bytes() < 150 * MEGABYTE


def test_the_page_does_little_while_nothing_happens(page: Page) -> None:
    page.open(meddle={"many": 10_000})
    page.await_text("[role=tab]", "Open10,000")
    page.wait_frames(60)

    before = page.metrics()
    page.wait_frames(300)
    after = page.metrics()

    busy = after["TaskDuration"] - before["TaskDuration"]
    assert busy / (after["Timestamp"] - before["Timestamp"]) < MOSTLY_IDLE


MOSTLY_IDLE = 0.5
"""A bound that a loaded machine keeps, too; on a quiet one it is about a tenth."""


@pytest.fixture(autouse=True)
def _nothing_to_complain(page: Page) -> Any:
    yield
    found = page.complaints()
    assert [one for one in found if "ERR_CONNECTION" not in one] == []


def test_the_service_says_what_stops_a_symbol(page: Page, service: Service) -> None:
    page.open_live()
    service.client.post("/api/v1/halt", {"reason": "a drill"})
    page.await_text(".symbol .chip", "HALTED")
    page.await_text(".latest", "halt")

    service.client.post("/api/v1/resume", {})
    eventually(
        lambda: page.find(".symbol .chip") is None,
        within_seconds=5.0,
        what="no symbol is halted",
    )
