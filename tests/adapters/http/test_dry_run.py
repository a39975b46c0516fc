"""``POST /api/v1/orders?validate_only=true``."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from domain.orders.child_order import Slice
from domain.orders.dry_run import DryRun
from domain.orders.order import OrderStatus
from domain.reasons import BookState, RefusalCode
from domain.refusals import STOPPING, Refusal
from domain.venue.answers import PauseReason, TradingPause
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import FakeDesk


DRY = "/api/v1/orders?validate_only=true"
ORDER = {"symbol": "BNBUSDT", "side": "SELL", "quantity": "300", "price": "270.10"}


def part(price: str, quantity: str) -> Slice:
    return Slice(price=Decimal(price), quantity=Decimal(quantity), update_id=9)


def test_dry_run_says_what_would_be_taken_and_places_nothing(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.run = DryRun(
        status=OrderStatus.PARTIALLY_FILLED,
        waiting=Decimal(297),
        slices=(part("272", "1"), part("270.5", "0.5"), part("270.5", "1.50")),
        book_state=BookState.SYNCED,
        update_id=9,
        best_price=Decimal("272.00"),
    )

    response = client.post(DRY, json=ORDER, headers={"Idempotency-Key": "k"})

    assert content(response, 200) == {
        "accepted": True,
        "refusals": [],
        "status": "PARTIALLY_FILLED",
        "reason": None,
        "taken": "3",
        "average_price": "271",
        "worst_price": "270.5",
        "levels": [["272", "1"], ["270.5", "2"]],
        "level_count": 2,
        "may_take_more": False,
        "waiting": "297",
        "child_refusal": None,
        "book_state": "SYNCED",
        "update_id": 9,
        "best_price": "272",
        "pause": None,
    }
    assert (desk.placed, len(desk.tried)) == ([], 1)


def test_dry_run_lists_every_refusal(client: FlaskClient, desk: FakeDesk) -> None:
    off_tick = Refusal(code=RefusalCode.PRICE_OFF_TICK, detail="t", field="price")
    too_much = Refusal(code=RefusalCode.INSUFFICIENT_BALANCE, detail="b")
    desk.run = DryRun(refusals=(off_tick, too_much))

    answer = content(client.post(DRY, json=ORDER), 200)

    assert (answer["accepted"], answer["status"], answer["taken"]) == (False, None, "0")
    assert answer["refusals"] == [
        {"code": "PRICE_OFF_TICK", "detail": "t", "field": "price"},
        {"code": "INSUFFICIENT_BALANCE", "detail": "b", "field": None},
    ]


def test_dry_run_names_a_pause_and_what_keeps_a_child_back(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.run = DryRun(
        status=OrderStatus.NEW,
        pause=TradingPause(reason=PauseReason.HALTED, detail="halted"),
        child_refusal=Refusal(code=RefusalCode.PRICE_OUTSIDE_COLLAR, detail="c"),
    )

    answer = content(client.post(DRY, json=ORDER), 200)

    assert answer["pause"] == "HALTED"
    assert answer["child_refusal"]["code"] == "PRICE_OUTSIDE_COLLAR"


def test_body_that_cannot_be_read_is_refused_as_if_it_were_meant(
    client: FlaskClient, desk: FakeDesk
) -> None:
    response = client.post(DRY, json=ORDER | {"price": "-1"})

    assert problem(response, 422)["code"] == "FIELD_INVALID"
    assert desk.tried == []


def test_false_places_the_order(client: FlaskClient, desk: FakeDesk) -> None:
    client.post("/api/v1/orders?validate_only=false", json=ORDER)

    assert (len(desk.placed), desk.tried) == (1, [])


@pytest.mark.parametrize("value", ["", "1", "TRUE", "yes"])
def test_anything_else_places_nothing(
    client: FlaskClient, desk: FakeDesk, value: str
) -> None:
    response = client.post(f"/api/v1/orders?validate_only={value}", json=ORDER)

    assert problem(response, 400)["code"] == "PARAMETER_INVALID"
    assert (desk.placed, desk.tried) == ([], [])


def test_stopping_service_tries_nothing(client: FlaskClient, desk: FakeDesk) -> None:
    desk.refusal = STOPPING

    assert problem(client.post(DRY, json=ORDER), 503)["code"] == "STOPPING"
