"""``report``: what it asks for, and what it prints."""

import json
from dataclasses import replace

import pytest

from adapters.api.bodies import encode
from adapters.api.report_csv import report_csv
from adapters.api.reports import OrderReportAnswer, PeriodReportAnswer
from adapters.cli.client_commands import build_client_cli
from adapters.cli.entry_point import run_cli
from domain.orders.stored_orders import OrderTouches
from domain.reports.order_report import report_on
from domain.reports.period_report import Period, PeriodReport, by_symbol
from domain.values import Side
from tests.adapters.cli.scripted_server import ScriptedServer, answer, problem
from tests.domain.reports.test_order_report import TOUCHES, evidence


BOUGHT = report_on(evidence(Side.BUY))
UNCOMPARED = report_on(
    evidence(Side.BUY, touches=OrderTouches(arrival=None, end=TOUCHES.end))
)
OF_PERIOD = PeriodReport(
    period=Period(),
    symbols=tuple(by_symbol([BOUGHT, UNCOMPARED])),
    orders=(BOUGHT, UNCOMPARED),
)


def run(*arguments: str) -> int:
    return run_cli(build_client_cli(), arguments)


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_report_of_an_order_says_what_is_a_cost_against_what(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = encode(OrderReportAnswer.of(BOUGHT))
    with ScriptedServer(answer(200, body)) as server:
        assert run("report", "01ABC", "--url", server.url) == 0

    assert server.asked[0].path == "/api/v1/orders/01ABC/report"
    said = capsys.readouterr().out
    assert "mid at arrival 100, mid at the end 101" in said
    arrival = "arrival 25 a cost mid at arrival 0.5 2"
    assert arrival.split() in rows(said)
    markout = "markout 60s 24.9377 a gain mid 60 s after the fill 0.5 2"
    assert markout.split() in rows(said)


def test_report_of_an_order_says_why_a_figure_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = encode(OrderReportAnswer.of(UNCOMPARED))
    with ScriptedServer(answer(200, body)) as server:
        assert run("report", "01ABC", "--url", server.url) == 0

    said = capsys.readouterr().out
    assert "mid at arrival not known" in said
    arrival = "arrival - NO_ARRIVAL_MID mid at arrival - 0"
    assert arrival.split() in rows(said)


def test_report_of_a_period_has_sums_and_orders(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = encode(PeriodReportAnswer.of(OF_PERIOD))
    times = ("--since", "2031-05-01T00:00:00Z", "--until", "2031-05-02T00:00:00Z")
    with ScriptedServer(answer(200, body)) as server:
        asked = (*times, "--symbol", "btcusdt", "--url", server.url)
        assert run("report", *asked) == 0

    assert server.asked[0].path == (
        "/api/v1/report?since=2031-05-01T00%3A00%3A00Z"
        "&until=2031-05-02T00%3A00%3A00Z&symbol=BTCUSDT"
    )
    said = capsys.readouterr().out
    assert "BTCUSDT: orders 2, fills 4, filled 4" in said
    partly = "arrival 25 a cost mid at arrival 0.5 2 NO_ARRIVAL_MID"
    assert partly.split() in rows(said)
    orders = [row[4:7] for row in rows(said) if "BUY" in row]
    assert orders == [["25", "56.68", "6.68"], ["-", "-", "-"]]


def test_a_period_without_orders_is_said_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nothing = replace(OF_PERIOD, symbols=(), orders=())
    body = encode(PeriodReportAnswer.of(nothing))
    with ScriptedServer(answer(200, body)) as server:
        assert run("report", "--url", server.url) == 0

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no orders came in the period\n")


def test_programs_get_what_the_service_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    members = json.loads(encode(OrderReportAnswer.of(BOUGHT)))
    table = report_csv([OrderReportAnswer.of(BOUGHT)])
    answers = answer(200, members), answer(200, table, kind="text/csv")
    with ScriptedServer(*answers) as server:
        assert run("report", "01ABC", "--json", "--url", server.url) == 0
        assert json.loads(capsys.readouterr().out) == members
        assert run("report", "01ABC", "--csv", "--url", server.url) == 0
        assert capsys.readouterr().out.encode() == table

    assert server.asked[1].path == "/api/v1/orders/01ABC/report?format=csv"


def test_csv_of_another_program_is_not_taken_for_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ScriptedServer(answer(200, b"<html>", kind="text/html")) as server:
        assert run("report", "--csv", "--url", server.url) == 3

    assert "no service answers" in capsys.readouterr().err


def test_what_the_service_refuses_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = problem(400, "INVALID_REQUEST", "too many")
    with ScriptedServer(refusal) as server:
        assert run("report", "--url", server.url) == 1

    assert capsys.readouterr().err == "error: INVALID_REQUEST: too many\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--csv", "--json"),
        ("01ABC", "--since", "2031-05-01T00:00:00Z"),
        ("01ABC", "--until", "2031-05-01T00:00:00Z"),
        ("01ABC", "--symbol", "BTCUSDT"),
        ("no id",),
    ],
)
def test_what_contradicts_itself_is_not_asked(arguments: tuple[str, ...]) -> None:
    assert run("report", *arguments, "--url", "http://127.0.0.1:1") == 2
