"""A service that wants a token: it is typed in, stays in its tab, may be revoked."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.page.browser import Page
from tests.system.processes import RUN, Program, Service


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


@pytest.fixture
def guarded(browser: Chrome, database: Path) -> Iterator[Page]:
    with Service(database, "--require-token") as service:
        yield Page(browser, service.url)


def run_token(database: Path, *arguments: str) -> str:
    where = ("--database", f"sqlite:///{database}")
    with Program(RUN, "token", *arguments, *where, python=sys.executable) as program:
        assert program.wait(20.0) == 0, program.err.text
        return program.out.lines[0]


def use_token(page: Page, token: str) -> None:
    page.await_text("dialog", "wants a token")
    page.type_into("#token", token)
    page.click("Use it")


def test_a_token_is_asked_for_and_goes_into_a_header_and_nowhere_else(
    guarded: Page, database: Path
) -> None:
    token = run_token(database, "create", "desk", "--scope", "trade")
    guarded.open()
    use_token(guarded, "te_wrong")
    guarded.await_text("dialog", "wants a token")
    use_token(guarded, token)
    guarded.await_live()

    kept = guarded.run(
        "return [location.href, document.cookie, Object.values(localStorage),"
        " performance.getEntriesByType('resource').map(one => one.name)]"
    )
    assert token not in str(kept)
    guarded.browser.refresh()
    guarded.await_live()  # in the same tab it is not asked for again


def test_a_revoked_token_ends_what_was_open_and_another_one_goes_on(
    guarded: Page, database: Path
) -> None:
    token = run_token(database, "create", "desk", "--scope", "trade")
    other = run_token(database, "create", "other", "--scope", "trade")
    guarded.open()
    use_token(guarded, token)
    guarded.await_live()

    run_token(database, "revoke", "desk")

    use_token(guarded, other)
    guarded.await_live()


def test_what_a_token_may_not_do_is_said(guarded: Page, database: Path) -> None:
    token = run_token(database, "create", "looker", "--scope", "read")
    guarded.open()
    use_token(guarded, token)
    guarded.await_live()

    guarded.click("Halt…")
    guarded.click("Halt all trading")

    guarded.await_text("dialog [role=alert]", "SCOPE")
