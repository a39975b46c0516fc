"""``POST /api/v1/orders/{id}/pause`` and ``/resume``."""

import pytest
from flask.testing import FlaskClient

from domain.orders.commands import PauseOrder
from domain.orders.completion import has_ended
from domain.orders.order import OrderStatus
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import BNBUSDT, FakeDesk, FakeQueries, make_order


ONE = "/api/v1/orders/01ABC"


def test_order_is_paused_and_says_so(client: FlaskClient, desk: FakeDesk) -> None:
    answer = content(client.post(f"{ONE}/pause"), 200)

    assert (answer["reason"], answer["paused"]) == ("PAUSED", True)
    assert desk.paused == [
        PauseOrder(order_id=OrderId("01ABC"), symbol=BNBUSDT, is_on=True)
    ]


def test_resumed_order_does_not_mention_a_pause(
    client: FlaskClient, desk: FakeDesk
) -> None:
    answer = content(client.post(f"{ONE}/resume", json={}), 200)

    assert (answer["reason"], "paused" in answer) == (None, False)
    assert [command.is_on for command in desk.paused] == [False]


@pytest.mark.parametrize("word", ["pause", "resume"])
def test_order_that_has_ended_is_refused_from_disk(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries, word: str
) -> None:
    queries.known["01ABC"] = make_order(status=OrderStatus.CANCELED)

    found = problem(client.post(f"{ONE}/{word}"), 409)

    assert (found["code"], desk.paused) == ("ORDER_ENDED", [])


def test_order_that_never_waits_is_refused(client: FlaskClient, desk: FakeDesk) -> None:
    desk.refusal = Refusal(code=RefusalCode.ORDER_NEVER_WAITS, detail="one try")

    assert problem(client.post(f"{ONE}/pause"), 409)["code"] == "ORDER_NEVER_WAITS"


def test_order_that_ended_meanwhile_is_described_from_disk(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    filled = make_order(status=OrderStatus.FILLED)
    desk.refusal = Refusal(code=RefusalCode.ORDER_ENDED, detail="the disk says how")
    desk.on_pause = lambda: queries.known.update({"01ABC": filled})

    found = problem(client.post(f"{ONE}/pause"), 409)

    assert found["detail"] == has_ended(filled).detail


@pytest.mark.parametrize("word", ["pause", "resume"])
def test_body_says_nothing(client: FlaskClient, desk: FakeDesk, word: str) -> None:
    found = problem(client.post(f"{ONE}/{word}", json={"for": 5}), 422)

    assert (found["code"], desk.paused) == ("FIELD_UNKNOWN", [])


def test_unknown_order_is_not_found(client: FlaskClient) -> None:
    found = problem(client.post("/api/v1/orders/NOBODY/pause"), 404)

    assert found["code"] == "UNKNOWN_ORDER"
