"""``cancel`` of all orders, and what a person or a program learns of it."""

import io
import json
from typing import Any

import pytest

from tests.adapters.cli.scripted_server import ScriptedServer, answer
from tests.adapters.cli.test_order_placing import run
from tests.adapters.cli.test_service_client import ORDER


CANCELED: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "complete": True,
    "next_before_sequence": None,
    "up_to_sequence": 7,
    "asked": 2,
    "canceled": 2,
    "pending": 0,
    "ended": 0,
    "failed": 0,
    "may_fill": [],
    "failures": [],
}
ALL = ("cancel", "--all", "BTCUSDT", "--yes")


class Terminal(io.StringIO):
    """Standard input at which a person types."""

    def isatty(self) -> bool:
        return True


def failed(code: str) -> dict[str, Any]:
    failure = {"id": "A1", "symbol": "BTCUSDT", "code": code, "detail": "because"}
    return {**CANCELED, "canceled": 1, "failed": 1, "failures": [failure]}


def test_all_of_a_symbol_are_canceled(capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer(answer(200, CANCELED)) as server:
        assert run(*ALL, "--url", server.url) == 0

    (asked,) = server.asked
    assert (asked.method, asked.path) == ("DELETE", "/api/v1/orders?symbol=BTCUSDT")
    assert capsys.readouterr().out == "canceled: 2 orders of BTCUSDT\n"


def test_it_asks_on_until_all_were_asked(capsys: pytest.CaptureFixture[str]) -> None:
    part = {**CANCELED, "symbol": None, "complete": False, "next_before_sequence": 4}
    rest = {**CANCELED, "symbol": None, "canceled": 1}
    with ScriptedServer(answer(202, part), None, answer(200, rest)) as server:
        code = run("cancel", "--all-symbols", "--yes", "--json", "--url", server.url)

    assert code == 0
    first, *others = [one.path for one in server.asked]
    assert first == "/api/v1/orders?all=true"
    assert others == [f"{first}&before_sequence=4"] * 2
    answers = capsys.readouterr().out.splitlines()
    assert [json.loads(one) for one in answers] == [part, rest]


def test_answers_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    part = {**failed("TIMEOUT"), "complete": False, "next_before_sequence": 4}
    with ScriptedServer(answer(202, part), answer(200, CANCELED)) as server:
        assert run(*ALL, "--url", server.url) == 3

    assert capsys.readouterr().out.splitlines() == [
        "canceled: 3 orders of BTCUSDT",
        "not canceled: order A1 BTCUSDT, TIMEOUT: because",
    ]


def test_what_may_still_fill_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    pending = {"id": "A1", "symbol": "BTCUSDT", "side": "SELL", "may_fill": "0.5"}
    said = {**CANCELED, "canceled": 1, "pending": 1, "may_fill": [pending]}
    with ScriptedServer(answer(200, said)) as server:
        assert run(*ALL, "--url", server.url) == 0

    assert capsys.readouterr().out.splitlines() == [
        "canceled: 1 order of BTCUSDT",
        "PENDING_CANCEL: order A1, up to 0.5 BTCUSDT may still fill",
    ]


@pytest.mark.parametrize(("code", "exit_code"), [("TIMEOUT", 3), ("ORDER_ENDED", 1)])
def test_what_is_not_canceled_is_said(
    capsys: pytest.CaptureFixture[str], code: str, exit_code: int
) -> None:
    with ScriptedServer(answer(200, failed(code))) as server:
        assert run(*ALL, "--url", server.url) == exit_code

    said = capsys.readouterr().out.splitlines()
    assert said[1] == f"not canceled: order A1 BTCUSDT, {code}: because"


def test_a_person_is_asked_and_told_how_many(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    some = {"items": [ORDER, ORDER], "next_cursor": "c"}
    with ScriptedServer(answer(200, some)) as server:
        assert run("cancel", "--all", "BTCUSDT", "--url", server.url) == 1

    (asked,) = server.asked
    assert asked.path == "/api/v1/orders?status=open&limit=500&symbol=BTCUSDT"
    said = capsys.readouterr().err
    assert "Cancel all 2 or more open orders of BTCUSDT? [y/N]" in said
    assert "nothing was canceled" in said


def test_without_a_terminal_it_wants_to_be_told_that_all_are_meant(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with ScriptedServer() as server:
        assert run("cancel", "--all", "BTCUSDT", "--url", server.url) == 2

    assert server.asked == []
    assert "add --yes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [(), ("A1", "--all", "BTCUSDT"), ("--all", "BTCUSDT", "--all-symbols")],
)
def test_it_wants_to_know_which(arguments: tuple[str, ...]) -> None:
    assert run("cancel", *arguments, "--yes") == 2
