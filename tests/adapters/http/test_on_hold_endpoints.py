"""Settling a child by hand, and releasing an order, over HTTP and from a terminal."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.http.server import HttpServer
from domain.orders.child_order import ChildOrder, ChildStatus, Fill, Slice
from domain.orders.commands import StatedFill
from domain.orders.order import OrderStatus, StepDetail
from domain.orders.stored_orders import ChildHistory
from domain.reasons import EndReason, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.values import ChildId, OrderId, Side, TimeInForce
from tests.adapters.http import answers
from tests.adapters.http.answers import content
from tests.adapters.http.fakes import (
    BNBUSDT,
    NOON,
    FakeDesk,
    FakeQueries,
    make_fill,
    make_order,
)
from tests.adapters.http.test_halt_from_terminal import environ, port_of, run


__all__ = ["environ"]

ONE_TRADE = {"price": "1", "quantity": "1", "trade_id": 7}
SETTLE = "/api/v1/orders/01ABC/children/01ABC-1/settle"
RELEASE = "/api/v1/orders/01ABC/release"
NOTE = "as the venue's page has it"

CHILD = ChildOrder(
    child_id=ChildId("01ABC-1"),
    order_id=OrderId("01ABC"),
    symbol=BNBUSDT,
    side=Side.SELL,
    price=Decimal(270),
    quantity=Decimal(2),
    slices=(Slice(price=Decimal(271), quantity=Decimal(2), update_id=7),),
    intended_at=NOON,
)


def history(status: ChildStatus, *fills: Fill) -> ChildHistory:
    return ChildHistory(
        order=make_order(), child=CHILD, status=status, fills=fills, holds=()
    )


@pytest.fixture(autouse=True)
def child(queries: FakeQueries) -> None:
    queries.child = history(ChildStatus.INTENDED)


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Return a problem of that status and code."""
    members = answers.problem(answer, status)
    assert members["code"] == code
    return members


def fill(quantity: str, price: str, trade_id: int | None = None) -> StatedFill:
    return StatedFill(
        price=Decimal(price), quantity=Decimal(quantity), trade_id=trade_id
    )


@pytest.mark.parametrize(
    ("stated", "fills"),
    [
        ({"quantity": "0"}, ()),
        ({"quantity": 0}, ()),
        ({"quantity": "0.000"}, ()),
        ({"quantity": "1.5", "average_price": "270.1"}, (fill("1.5", "270.1"),)),
        (
            {"fills": [{"quantity": "1", "price": "270", "trade_id": 7}]},
            (fill("1", "270", 7),),
        ),
        (
            {
                "fills": [
                    {"quantity": "1", "price": "270", "trade_id": 2**63 - 1},
                    {
                        "quantity": "1",
                        "price": "271",
                        "fee": "0.1",
                        "fee_asset": "BNB",
                        "executed_at": "2031-05-01T12:00:00Z",
                    },
                ]
            },
            (
                fill("1", "270", 2**63 - 1),
                replace(
                    fill("1", "271"),
                    fee=Decimal("0.1"),
                    fee_asset="BNB",
                    executed_at=datetime(2031, 5, 1, 12, tzinfo=UTC),
                ),
            ),
        ),
    ],
)
def test_what_was_executed_is_stated_as_a_sum_or_trade_by_trade(
    client: FlaskClient,
    desk: FakeDesk,
    stated: dict[str, object],
    fills: tuple[StatedFill, ...],
) -> None:
    answer = client.post(SETTLE, json={"note": NOTE, **stated})

    assert content(answer)["id"] == "01ABC"
    (command,) = desk.settled
    assert (command.child_id, command.symbol) == ("01ABC-1", BNBUSDT)
    assert (command.fills, command.note) == (fills, NOTE)


@pytest.mark.parametrize(
    ("stated", "field", "code"),
    [
        ({"quantity": "0"}, "note", "FIELD_MISSING"),
        ({"quantity": "0", "note": "  "}, "note", "FIELD_MISSING"),
        ({"quantity": "0", "note": "a\nb"}, "note", "FIELD_INVALID"),
        ({"note": NOTE}, "quantity", "FIELD_MISSING"),
        ({"note": NOTE, "quantity": "-1"}, "quantity", "FIELD_INVALID"),
        ({"note": NOTE, "quantity": "1e3"}, "quantity", "FIELD_INVALID"),
        ({"note": NOTE, "quantity": "1"}, "average_price", "FIELD_MISSING"),
        (
            {"note": NOTE, "quantity": "1", "average_price": "0"},
            "average_price",
            "FIELD_INVALID",
        ),
        (
            {"note": NOTE, "quantity": "0", "average_price": "1"},
            "average_price",
            "FIELD_INVALID",
        ),
        ({"note": NOTE, "fills": "none"}, "fills", "FIELD_INVALID"),
        ({"note": NOTE, "fills": ["x"]}, "fills[0]", "FIELD_INVALID"),
        (
            {"note": NOTE, "fills": [{"price": "1"}]},
            "fills[0].quantity",
            "FIELD_MISSING",
        ),
        (
            {"note": NOTE, "fills": [{"price": "1", "quantity": "0"}]},
            "fills[0].quantity",
            "FIELD_INVALID",
        ),
        (
            {
                "note": NOTE,
                "fills": [{"price": "1", "quantity": "1", "trade_id": 2**63}],
            },
            "fills[0].trade_id",
            "FIELD_INVALID",
        ),
        (
            {
                "note": NOTE,
                "fills": [{"price": "1", "quantity": "1", "trade_id": 7}] * 2,
            },
            "fills",
            "FIELD_INVALID",
        ),
        ({"note": NOTE, "fills": []}, "fills", "FIELD_INVALID"),
        (
            {"note": NOTE, "fills": [ONE_TRADE], "quantity": "0"},
            "quantity",
            "FIELD_INVALID",
        ),
        (
            {"note": NOTE, "fills": [ONE_TRADE], "average_price": "2"},
            "average_price",
            "FIELD_INVALID",
        ),
        ({"note": NOTE, "quantity": "0", "who": "me"}, "who", "FIELD_UNKNOWN"),
    ],
)
def test_a_statement_that_cannot_be_meant_is_refused_by_its_field(
    client: FlaskClient,
    desk: FakeDesk,
    stated: dict[str, object],
    field: str,
    code: str,
) -> None:
    answer = problem(client.post(SETTLE, json=stated), 422, code)

    assert answer["field"] == field
    assert desk.settled == []


def test_a_quantity_that_cannot_be_read_is_not_said_to_be_zero(
    client: FlaskClient,
) -> None:
    stated = {"note": NOTE, "quantity": "0,5", "average_price": "1"}

    answer = problem(client.post(SETTLE, json=stated), 422, "FIELD_INVALID")

    assert answer["field"] == "quantity"
    assert "average_price" not in str(answer)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/orders/NOBODY/children/NOBODY-1/settle", "UNKNOWN_ORDER"),
        ("/api/v1/orders/01ABC/children/01ABC-2/settle", "UNKNOWN_CHILD"),
        ("/api/v1/orders/01ABC/children/OTHER-1/settle", "UNKNOWN_CHILD"),
        ("/api/v1/orders/01ABC/children/x/settle", "UNKNOWN_CHILD"),
    ],
)
def test_a_child_that_there_is_not_is_not_settled(
    client: FlaskClient, path: str, code: str
) -> None:
    problem(client.post(path, json={"note": NOTE, "quantity": "0"}), 404, code)


def test_to_state_the_same_again_changes_nothing(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    booked = make_fill(quantity=Decimal(1), price=Decimal(270), trade_id=7)
    statement = StepDetail(quantity=Decimal(1), price=Decimal(270))
    found = history(ChildStatus.SETTLED_BY_HAND, booked)
    queries.child = replace(found, stated=statement)
    same = {"note": "again", "fills": [{"price": 270, "quantity": 1, "trade_id": 7}]}

    assert content(client.post(SETTLE, json=same))["id"] == "01ABC"
    assert desk.settled == []


@pytest.mark.parametrize(
    "status", [ChildStatus.SETTLED_BY_HAND, ChildStatus.DONE, ChildStatus.NEVER_SENT]
)
def test_what_has_ended_otherwise_is_not_settled_again(
    client: FlaskClient, queries: FakeQueries, status: ChildStatus
) -> None:
    queries.child = history(status, make_fill())

    answer = client.post(SETTLE, json={"note": NOTE, "quantity": "0"})

    problem(answer, 409, "CHILD_SETTLED")


def test_who_was_told_twice_and_did_it_once_answers_as_if_once(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    queries.child = history(ChildStatus.INTENDED)
    desk.refusal = Refusal(code=RefusalCode.CHILD_SETTLED, detail="has ended")
    desk.on_settle = lambda: setattr(
        queries,
        "child",
        replace(
            history(ChildStatus.SETTLED_BY_HAND),
            stated=StepDetail(quantity=Decimal(0)),
        ),
    )

    answer = client.post(SETTLE, json={"note": NOTE, "quantity": "0"})

    assert content(answer)["id"] == "01ABC"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (SETTLE, {"note": NOTE, "quantity": "0"}, RefusalCode.CHILD_IN_FLIGHT),
        (SETTLE, {"note": NOTE, "quantity": "0"}, RefusalCode.CHILD_NOT_SETTLED),
        (RELEASE, {}, RefusalCode.CHILD_NOT_SETTLED),
    ],
)
def test_a_refusal_is_a_conflict(
    client: FlaskClient,
    desk: FakeDesk,
    path: str,
    body: dict[str, str],
    code: RefusalCode,
) -> None:
    desk.refusal = Refusal(code=code, detail="no")

    problem(client.post(path, json=body), 409, code)


def test_an_order_is_released_without_a_body(
    client: FlaskClient, desk: FakeDesk
) -> None:
    assert content(client.post(RELEASE))["id"] == "01ABC"
    assert [command.order_id for command in desk.released] == ["01ABC"]


def test_an_order_that_has_ended_or_is_unknown_is_not_released(
    client: FlaskClient, queries: FakeQueries
) -> None:
    problem(client.post("/api/v1/orders/NOBODY/release"), 404, "UNKNOWN_ORDER")
    queries.known["01ABC"] = make_order(status=OrderStatus.CANCELED)

    problem(client.post(RELEASE), 409, "ORDER_ENDED")


# From a terminal.


def test_a_child_is_settled_from_a_terminal(
    server: HttpServer, desk: FakeDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ("--fills", "1@270.1#7,0.5@270", "--note", NOTE)

    assert run("settle", "01ABC-1", *said, "--port", port_of(server)) == 0

    (command,) = desk.settled
    assert command.fills == (fill("1", "270.1", 7), fill("0.5", "270"))
    out = capsys.readouterr().out
    assert out == "settled 01ABC-1: NEW, 0 of 300 filled\n"


IN_THE_LOG = "if the venue's trades say otherwise, the log does: Records differ"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "on hold: see what the venue's trades say, then release or cancel it"),
        (
            {"status": OrderStatus.PENDING_CANCEL},
            f"it ends now, for a cancel has waited; {IN_THE_LOG}",
        ),
        (
            {"time_in_force": TimeInForce.IOC},
            f"it ends now, as IOC and FOK orders do; {IN_THE_LOG}",
        ),
        (
            {"status": OrderStatus.FILLED, "reason": EndReason.COMPLETED},
            IN_THE_LOG,
        ),
    ],
)
def test_a_terminal_says_what_comes_after_a_settlement(
    server: HttpServer,
    queries: FakeQueries,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    words: str,
) -> None:
    held = make_order(**{"reason": WaitReason.ON_HOLD, **changes})
    settled = replace(history(ChildStatus.SETTLED_BY_HAND), order=held)
    queries.child = replace(settled, stated=StepDetail(quantity=Decimal(0)))

    said = ("settle", "01ABC-1", "--quantity", "0", "--note", NOTE)
    assert run(*said, "--port", port_of(server)) == 0

    assert capsys.readouterr().out.endswith(f" filled; {words}\n")


def test_an_order_is_released_from_a_terminal(
    server: HttpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("release", "01ABC", "--port", port_of(server)) == 0

    assert capsys.readouterr().out == "released 01ABC: NEW, 0 of 300 filled\n"


def test_the_service_s_refusal_is_told_in_one_line(
    server: HttpServer, desk: FakeDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.refusal = Refusal(code=RefusalCode.CHILD_IN_FLIGHT, detail="wait")
    said = ("--quantity", "0", "--note", NOTE)

    assert run("settle", "01ABC-1", *said, "--port", port_of(server)) == 1

    assert capsys.readouterr().err == "error: CHILD_IN_FLIGHT: wait\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("settle",), "CHILD"),
        (
            ("settle", "x", "--quantity", "0", "--note", "n"),
            "is not a child order's id",
        ),
        (("settle", "01ABC-1", "--quantity", "0"), "--note: must say how you know"),
        (("settle", "01ABC-1", "--note", "n"), "--quantity: is missing"),
        (
            ("settle", "01ABC-1", "--note", "n", "--fills", "1:2"),
            "must read QUANTITY@PRICE#TRADE_ID",
        ),
        (("release", "a/b"), "is not an order's id"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str
) -> None:
    assert run(*arguments) == 2

    assert problem in capsys.readouterr().err


def test_a_trade_that_is_another_childs_is_refused_before_anything_is_done(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    queries.children_of_trades[BNBUSDT, 7] = ChildId("01XYZ-3")

    answer = client.post(SETTLE, json={"note": NOTE, "fills": [ONE_TRADE]})

    told = problem(answer, 409, "TRADE_BOOKED")
    assert "trade 7 is booked already, as a fill of child order 01XYZ-3" in str(told)
    assert desk.settled == []
