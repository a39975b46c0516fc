"""A person without a mouse, one who presses twice, and words that are code."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.page.browser import Page
from tests.system.processes import Service


SYMBOL = "BTCUSDT"


def far_above(service: Service) -> str:
    """A price at which nobody buys."""
    return f"{service.client.best_bid(SYMBOL) * 2:.2f}"


def sent(page: Page) -> list[tuple[str, str]]:
    """Return the calls that changed something."""
    calls: list[dict[str, Any]] = page.run("return window.meddled.sent")
    return [(call["method"], call["path"].rpartition("/")[2]) for call in calls]


@pytest.fixture
def order(page: Page, service: Service) -> dict[str, Any]:
    """An order that waits, shown on the page."""
    placed: dict[str, Any] = service.client.place(
        SYMBOL, "SELL", "0.5", far_above(service)
    ).body
    page.open_live()
    page.await_true(lambda: page.find(f"#row-{placed['id']}"), "the order is shown")
    return placed


def test_an_order_is_found_and_cancelled_by_keys_alone(
    page: Page, service: Service, order: dict[str, Any]
) -> None:
    page.press("/")
    page.press(*order["id"], Keys.TAB)
    page.press("j", Keys.ENTER)
    page.await_text(".story h2", "0.5 BTC")
    page.press("x")
    page.await_text("#cancel-go", "Cancel 0.5 BTC")
    page.press(Keys.ENTER)  # what is asked about has the focus

    page.await_text(".story .why", "cancelled by a client")
    assert service.client.order(order["id"])["status"] == "CANCELED"
    page.press(Keys.ESCAPE)
    page.press(Keys.ESCAPE)
    page.await_true(lambda: page.find(".story") is None, "the story is closed")
    assert page.run("return document.activeElement.className") == "rows"


def test_halt_and_resume_by_keys_alone(page: Page, service: Service) -> None:
    page.open_live()
    page.run("document.querySelector('button.halt').focus()")
    page.press(Keys.ENTER)
    page.await_text("dialog", "Halt all trading")
    page.type_into("#halt-reason", "by hand")
    page.press(Keys.ENTER)  # leads to the button, so that nobody halts by a slip
    assert not service.client.get("/api/v1/halt").body["halted"]
    page.press(Keys.ENTER)
    page.await_text(".halted", "by hand")
    assert service.client.get("/api/v1/halt").body["halted"]
    page.press(Keys.ESCAPE)

    page.run("document.querySelector('button.halted').focus()")
    page.press(Keys.ENTER)
    page.await_text("#resume-go", "Resume trading on 3 symbols")
    page.press(Keys.ENTER)
    page.await_text("dialog", "Child orders may leave again")
    assert not service.client.get("/api/v1/halt").body["halted"]


@pytest.mark.parametrize(
    ("key", "button", "call"),
    [
        ("x", "#cancel-go", "DELETE"),
        ("a", "#amend-go", "PATCH"),
    ],
)
def test_ten_clicks_ask_for_one_change(
    page: Page, order: dict[str, Any], key: str, button: str, call: str
) -> None:
    page.click("", f"#row-{order['id']}")
    page.press(key)
    if call == "PATCH":
        page.type_into(".action input", f"{float(order['price']) + 1:.2f}")
    page.await_true(
        lambda: page.run(
            "return document.querySelector(arguments[0])?.disabled === false", button
        ),
        "it can be pressed",
    )
    page.run(
        "for (let i = 0; i < 10; i++) document.querySelector(arguments[0])?.click()",
        button,
    )

    page.await_true(lambda: page.find(".action .result"), "it is answered")
    assert sent(page) == [(call, order["id"])]


def test_words_of_others_are_shown_and_not_run(page: Page, service: Service) -> None:
    reason = "<img src=x onerror='window.hacked=1'>{{1}}${1}</b>"
    service.client.post("/api/v1/halt", {"reason": reason})
    try:
        page.open_live()
        page.await_text(".halted", reason)
        page.run("location.hash = '#/service'")
        page.await_text(".card", reason)
    finally:
        service.client.post("/api/v1/resume", {})

    page.await_text("button.halt", "Halt")
    assert page.run("return [document.images.length, window.hacked ?? null]") == [
        0,
        None,
    ]


def test_at_twice_the_size_nothing_is_out_of_reach(page: Page) -> None:
    """A window of 1280 pixels at 200 % has room for 640."""
    page.open_live()
    page.size(640, 400)
    page.wait_frames(5)

    assert page.run("return document.documentElement.scrollWidth") <= 640
    for words in ("Halt", "New order"):
        box = page.run(
            "const box = arguments[0].getBoundingClientRect();"
            "return [box.left, box.right, box.top, box.bottom]",
            page.await_text("button", words),
        )
        assert 0 <= box[0] < box[1] <= 640
        assert 0 <= box[2] < box[3] <= 400
