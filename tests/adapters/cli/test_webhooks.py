import json
import os
from typing import Any

import pytest

from adapters.cli.client_commands import build_client_cli
from adapters.cli.entry_point import run_cli
from tests.adapters.cli.scripted_server import ScriptedServer, answer


TARGET: dict[str, Any] = {
    "target": "example.com-07d9c092",
    "disabled": False,
    "waiting_events": 14,
    "oldest_at": "2026-12-01T05:08:07.949403Z",
    "attempts": 2,
    "next_attempt_at": "2026-12-01T05:08:13.047167Z",
    "problem": "answered 503",
    "delivered_at": None,
    "dead_letters": [],
}


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("TRADE_EXECUTOR_"):
            monkeypatch.delenv(name)


def webhooks(targets: list[dict[str, Any]], *arguments: str) -> None:
    items = {"items": targets, "next_cursor": None}
    with ScriptedServer(answer(200, items)) as server:
        url = ("--url", server.url)
        assert run_cli(build_client_cli(), ["webhooks", *url, *arguments]) == 0

    assert [one.path for one in server.asked] == ["/api/v1/webhooks"]


def test_each_target_has_a_row_that_says_how_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = {**TARGET, "target": "example.org-1", "disabled": True}
    fine = {**TARGET, "target": "example.net-2", "problem": None, "waiting_events": 0}
    webhooks([TARGET, gone, fine])

    rows = [line.split() for line in capsys.readouterr().out.splitlines()][1:]
    assert [row[:3] for row in rows] == [
        ["example.com-07d9c092", "failing", "14"],
        ["example.org-1", "disabled", "14"],
        ["example.net-2", "ok", "0"],
    ]
    assert rows[0][3:] == [
        *("2026-12-01", "05:08:07", "2", "2026-12-01", "05:08:13", "0"),
        *("answered", "503"),
    ]


def test_programs_get_the_service_s_own_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    webhooks([TARGET], "--json")

    assert json.loads(capsys.readouterr().out)["items"] == [TARGET]


def test_without_targets_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    webhooks([])

    assert capsys.readouterr().err == "none\n"
