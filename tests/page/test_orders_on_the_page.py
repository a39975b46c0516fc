"""An order's way on the page: placed, watched, amended, cancelled; each once."""

from decimal import Decimal
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.page.browser import Page
from tests.system.processes import Service


SYMBOL = "BTCUSDT"


@pytest.fixture(autouse=True)
def _nothing_to_complain(page: Page) -> Any:
    """The browser itself finds nothing wrong: no script error, no refused content."""
    yield
    assert page.complaints() == []


def open_form(page: Page, quantity: str, price: str) -> None:
    page.press("n")
    page.type_into("#place-quantity", quantity)
    page.type_into("#place-price", price)


def orders(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.client.get("/api/v1/orders?limit=500").body[
        "items"
    ]
    return found


def far_above(service: Service) -> str:
    """A price at which nobody buys."""
    return f"{service.client.best_bid(SYMBOL) * 2:.2f}"


def below(service: Service) -> str:
    """A price at which somebody buys at once."""
    return f"{service.client.best_bid(SYMBOL) * Decimal('0.99'):.2f}"


def choose_symbol(page: Page) -> None:
    page.click(SYMBOL, ".symbol button")


def test_an_order_is_placed_and_watched_until_it_is_filled(
    page: Page, service: Service
) -> None:
    page.open_live()
    choose_symbol(page)
    open_form(page, "0.01", below(service))
    page.await_text(".dry", "of 0.01 BTC at")
    page.click("SELL 0.01 BTC")

    page.await_text("dialog", "Accepted and on disk")
    page.await_text("dialog .pairs", "FILLED")
    page.click("Open its story")
    page.await_text(".story .why", "all of it was filled")
    page.click("Child 1")
    page.await_text(".story .timeline", "The book that it was offered")
    (order,) = (one for one in orders(service) if one["quantity"] == "0.01")
    assert page.find(".story .meta", order["id"])
    assert page.find(".story .figures", f"{Decimal(order['average_price']):,.2f}")


def test_ten_enters_place_one_order(page: Page, service: Service) -> None:
    page.open_live()
    choose_symbol(page)
    before = len(orders(service))

    open_form(page, "0.02", far_above(service))
    page.press(*[Keys.ENTER] * 10)

    page.await_true(
        lambda: page.run("return window.meddled.sent.length"), "the order is sent"
    )
    page.await_true(lambda: len(orders(service)) > before, "the order is there")
    page.wait_frames(30)
    assert page.run("return window.meddled.sent.length") == 1
    assert len(orders(service)) == before + 1


def test_ten_clicks_place_one_order(page: Page, service: Service) -> None:
    page.open_live()
    choose_symbol(page)
    before = len(orders(service))

    open_form(page, "0.03", far_above(service))
    page.await_true(lambda: page.find("#place-go", "SELL 0.03 BTC"), "it can be sent")
    page.run("for (let i = 0; i < 10; i++) document.getElementById('place-go').click()")

    page.await_text("dialog", "Accepted and on disk")
    assert page.run("return window.meddled.sent.length") == 1
    assert len(orders(service)) == before + 1


def test_a_reload_before_the_answer_places_no_second_order(
    page: Page, service: Service
) -> None:
    page.open_live()
    choose_symbol(page)
    before = len(orders(service))
    open_form(page, "0.04", far_above(service))
    page.meddle({"losesAnswer": True})
    page.click("SELL 0.04 BTC")
    page.await_true(lambda: len(orders(service)) > before, "the order is there")

    page.meddle({})
    page.browser.refresh()
    page.await_text("dialog", "the answer is not known")
    page.click("Ask again: SELL 0.04 BTC")

    page.await_text("dialog", "Accepted and on disk")
    assert len(orders(service)) == before + 1


def test_an_order_is_amended_and_cancelled_with_the_effect_in_words(
    page: Page, service: Service
) -> None:
    price = far_above(service)
    order = service.client.place(SYMBOL, "SELL", "0.5", price).body
    page.open_live()
    page.await_true(lambda: page.find(f"#row-{order['id']}"), "the order is shown")
    page.click("", f"#row-{order['id']}")

    page.press("a")
    higher = f"{Decimal(price) + 1:.2f}"
    page.type_into(".action input", higher)
    page.await_text(".action", f"→ {Decimal(higher):,}")
    page.click("Amend", "#amend-go")
    page.await_text(".action", "Amended to 0.5 BTC")
    page.await_text(".story h2", f"0.5 BTC at {Decimal(higher):,}")
    page.await_text(".timeline", "AMENDED")

    page.press(Keys.ESCAPE)
    page.press("x")
    page.click(f"Cancel 0.5 BTC SELL at {Decimal(higher):,}", "#cancel-go")
    page.await_text(".action", "CANCELED")
    page.await_text(".story .why", "cancelled by a client")
    assert service.client.order(order["id"])["status"] == "CANCELED"


def test_an_order_is_paused_and_resumed(page: Page, service: Service) -> None:
    price = far_above(service)
    order = service.client.place(SYMBOL, "SELL", "0.5", price).body
    page.open_live()
    page.await_true(lambda: page.find(f"#row-{order['id']}"), "the order is shown")
    page.click("", f"#row-{order['id']}")
    page.await_text(".story .why", "short of the limit")
    page.await_text(".story .why", "within a day")

    page.click("Pause…")
    page.click("Pause SELL 0.5 BTC", "#pause-go")
    page.await_text(".action", "Paused.")
    page.await_text(".story .why", "takes nothing until it is resumed")
    assert service.client.order(order["id"])["paused"]

    page.click("Resume…", ".meta button")
    page.click("Resume SELL 0.5 BTC", "#pause-go")
    page.await_text(".action", "It goes on.")
    page.await_text(".story .timeline", "RESUMED")


def test_what_the_service_refuses_is_said_in_its_words_at_the_field(
    page: Page, service: Service
) -> None:
    page.open_live()
    choose_symbol(page)
    name = {"client_order_id": "taken-before"}
    service.client.place(SYMBOL, "SELL", "0.5", far_above(service), **name)
    open_form(page, "0.05", far_above(service))
    page.type_into("fieldset .mono", "taken-before")
    page.click("SELL 0.05 BTC")

    page.await_text("dialog footer", "CLIENT_ORDER_ID_REUSED")


def test_what_breaks_the_rules_of_the_venue_is_said_while_it_is_typed(
    page: Page,
) -> None:
    page.open_live()
    choose_symbol(page)
    open_form(page, "0.05", "64000.001")

    page.await_text("dialog .below", "PRICE_OFF_TICK")
    assert not page.find("#place-go").is_enabled()
    page.press(Keys.ESCAPE)


def test_the_keys_lead_through_the_orders_and_can_be_switched_off(
    page: Page, service: Service
) -> None:
    placed = [
        service.client.place(SYMBOL, "SELL", "0.1", far_above(service)).body["id"]
        for _ in range(2)
    ]
    page.open_live()
    page.await_true(lambda: page.find(f"#row-{placed[1]}"), "the order is shown")

    page.press("j")
    page.await_true(lambda: page.find(f"#row-{placed[1]}.on"), "the newest is chosen")
    page.press("j", Keys.ENTER)
    page.await_text(".story .meta", placed[0])
    page.press("k")
    page.await_text(".story .meta", placed[1])
    page.press(Keys.ESCAPE)
    page.await_true(lambda: page.find(".story") is None, "the story is closed")

    page.press("?")
    page.click("", "dialog input[type=checkbox]")
    page.press(Keys.ESCAPE)
    page.await_true(lambda: page.find("dialog") is None, "the help is closed")
    page.press("n")
    page.wait_frames(5)
    assert page.find("dialog") is None
