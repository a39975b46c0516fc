import os
import shlex
from collections.abc import Sequence

import pytest

from adapters.cli import service_client
from adapters.cli.client_commands import build_client_cli
from adapters.cli.entry_point import run_cli
from tests.adapters.cli.scripted_server import ScriptedServer, answer, problem
from tests.adapters.cli.test_service_client import ORDER


TERMS = ("sell", "BTCUSDT", "0.5", "--price", "61000")
GTD = ("--expires-at", "2099-05-01T12:00:00Z", "--client-order-id", "mine-1")


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("TRADE_EXECUTOR_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(service_client, "PAUSE_SECONDS", 0.0)


def run(*arguments: str) -> int:
    return run_cli(build_client_cli(), arguments)


def repeated(said: str) -> Sequence[str]:
    """The arguments of the command that a message says to repeat."""
    _, _, command = said.strip().partition("places nothing twice: ")
    python, program, *arguments = shlex.split(command)
    assert (python, program) == ("python", "run.py")
    return arguments


def test_an_order_whose_outcome_is_unknown_can_be_repeated_as_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ScriptedServer(None, None, None, answer(200, ORDER)) as server:
        assert run("order", *TERMS, *GTD, "--url", server.url) == 3
        said = capsys.readouterr().err
        assert run(*repeated(said)) == 0

    assert said.count("\n") == 1
    assert said.startswith("error: no answer from ")
    assert len({one.headers["idempotency-key"] for one in server.asked}) == 1
    assert [one.body for one in server.asked] == [server.asked[0].body] * 4
    assert capsys.readouterr().out.startswith("known already: order A1, SELL 1")


def test_each_call_has_a_key_of_its_own_unless_one_is_given() -> None:
    script = [answer(201, ORDER)] * 3
    with ScriptedServer(*script) as server:
        assert run("order", *TERMS, "--url", server.url) == 0
        assert run("order", *TERMS, "--url", server.url) == 0
        given = ("--idempotency-key", "mine")
        assert run("order", *TERMS, *given, "--url", server.url) == 0

    first, second, third = [one.headers["idempotency-key"] for one in server.asked]
    assert first != second
    assert third == "mine"


def test_the_terms_are_sent_as_they_were_given() -> None:
    with ScriptedServer(answer(201, ORDER), answer(201, ORDER)) as server:
        run("order", *TERMS, "--url", server.url)
        run("order", *TERMS, *GTD, "--url", server.url)

    plain, dated = [one.body for one in server.asked]
    assert plain == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.5",
        "price": "61000",
    }
    assert dated == {
        **plain,
        "time_in_force": "GTD",
        "expires_at": "2099-05-01T12:00:00Z",
        "client_order_id": "mine-1",
    }


def test_a_refusal_is_final_and_says_nothing_of_repeating(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ScriptedServer(None, problem(422, "PRICE_OFF_TICK")) as server:
        assert run("order", *TERMS, "--url", server.url) == 1

    assert capsys.readouterr().err == "error: PRICE_OFF_TICK: because\n"


@pytest.mark.parametrize(
    ("command", "sent"), [(("cancel", "A1"), 3), (("amend", "A1", "--price", "1"), 1)]
)
def test_a_cancel_is_repeated_and_an_amendment_is_not(
    capsys: pytest.CaptureFixture[str], command: Sequence[str], sent: int
) -> None:
    """Repeated, it could undo what somebody else has amended meanwhile."""
    with ScriptedServer(*[None] * sent) as server:
        assert run(*command, "--url", server.url) == 3

    assert len(server.asked) == sent
    advice = f"look at GET {server.url}/api/v1/orders/A1, and try again\n"
    assert capsys.readouterr().err.endswith(advice)
