"""A service with its simulated market, and a browser; both for all tests here."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.page.browser import CHROMIUM, DRIVER, Page, start_browser
from tests.system.processes import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("page") / "orders.db") as running:
        running.await_trading()
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no chromium with its chromedriver on this machine")
    browser = start_browser()
    yield browser
    browser.quit()


@pytest.fixture
def page(browser: Chrome, service: Service) -> Iterator[Page]:
    """A page that nobody has opened yet; no order of a test is left to the next one."""
    yield Page(browser, service.url)
    service.client.delete("/api/v1/orders?all=true")
