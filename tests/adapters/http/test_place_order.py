"""``POST /api/v1/orders`` and ``POST /SellOrder`` when nothing is wrong."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from domain.orders.commands import PlaceOrder
from domain.values import Side, TimeInForce
from tests.adapters.http.answers import content
from tests.adapters.http.fakes import BNBUSDT, FakeDesk


ORDER = {"symbol": "BNBUSDT", "side": "SELL", "quantity": "300", "price": "270.10"}


def test_placed_order_is_answered_with_where_to_find_it(client: FlaskClient) -> None:
    response = client.post("/api/v1/orders", json=ORDER)

    assert content(response, 201) == {
        "id": "01ABC",
        "sequence": 1,
        "client_order_id": None,
        "symbol": "BNBUSDT",
        "side": "SELL",
        "quantity": "300",
        "price": "270.1",
        "time_in_force": "GTC",
        "status": "NEW",
        "reason": None,
        "filled": "0",
        "remaining": "300",
        "average_price": None,
        "created_at": "2031-05-01T12:00:00.250000Z",
        "updated_at": "2031-05-01T12:00:00.250000Z",
    }
    assert response.headers["Location"] == "/api/v1/orders/01ABC"


def test_order_reaches_the_desk_with_every_field(
    client: FlaskClient, desk: FakeDesk
) -> None:
    wish = ORDER | {
        "side": "BUY",
        "time_in_force": "GTD",
        "expires_at": "2031-05-01T14:00:00.5+02:00",
        "client_order_id": "my-order_1",
    }

    client.post("/api/v1/orders", json=wish, headers={"Idempotency-Key": "key-1"})

    assert desk.placed == [
        PlaceOrder(
            symbol=BNBUSDT,
            side=Side.BUY,
            quantity=Decimal(300),
            price=Decimal("270.10"),
            time_in_force=TimeInForce.GTD,
            expires_at=datetime(2031, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC),
            client_order_id="my-order_1",
            idempotency_key="key-1",
        )
    ]


def test_optional_fields_may_be_left_out_or_null(
    client: FlaskClient, desk: FakeDesk
) -> None:
    nulls = {"time_in_force": None, "expires_at": None, "client_order_id": None}

    client.post("/api/v1/orders", json=ORDER)
    client.post("/api/v1/orders", json=ORDER | nulls)

    assert desk.placed[0] == desk.placed[1]
    assert desk.placed[0].time_in_force is TimeInForce.GTC
    assert desk.placed[0].expires_at is None
    assert desk.placed[0].client_order_id is None
    assert desk.placed[0].idempotency_key is None


def test_repeated_request_is_answered_with_the_first_order(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.repeated = True

    response = client.post("/api/v1/orders", json=ORDER)

    assert content(response, 200)["id"] == "01ABC"
    assert response.headers["Location"] == "/api/v1/orders/01ABC"


@pytest.mark.parametrize(
    "number", ["0.1", "1234567890123456.123456789012", "5", "1.50"]
)
def test_number_never_becomes_a_float(
    client: FlaskClient, desk: FakeDesk, number: str
) -> None:
    body = (
        f'{{"symbol":"BNBUSDT","side":"SELL","quantity":{number},"price":"{number}"}}'
    )

    content(
        client.post("/api/v1/orders", data=body, content_type="application/json"), 201
    )

    assert str(desk.placed[0].quantity) == number
    assert desk.placed[0].quantity == desk.placed[0].price


def test_sell_order_is_a_sell_that_waits_till_cancelled(
    client: FlaskClient, desk: FakeDesk
) -> None:
    wish = {"symbol": "BNBUSDT", "price": 270.1, "quantity": 300}

    response = client.post("/SellOrder", json=wish, headers={"Idempotency-Key": "k"})

    assert content(response, 201)["id"] == "01ABC"
    assert response.headers["Location"] == "/api/v1/orders/01ABC"
    assert desk.placed == [
        PlaceOrder(
            symbol=BNBUSDT,
            side=Side.SELL,
            quantity=Decimal(300),
            price=Decimal("270.1"),
            time_in_force=TimeInForce.GTC,
            idempotency_key="k",
        )
    ]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json; version=1",
    ],
)
def test_json_may_be_announced_in_several_ways(
    client: FlaskClient, content_type: str
) -> None:
    body = b'{"symbol":"BNBUSDT","price":"270","quantity":"1"}'

    response = client.post("/SellOrder", data=body, content_type=content_type)

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2031-05-01T12:00:00Z", datetime(2031, 5, 1, 12, tzinfo=UTC)),
        ("2031-05-01t12:00:00z", datetime(2031, 5, 1, 12, tzinfo=UTC)),
        ("2031-05-01T06:30:00-05:30", datetime(2031, 5, 1, 12, tzinfo=UTC)),
        ("2031-05-01T12:00:00.123456789Z", datetime(2031, 5, 1, 12, 0, 0, 123456, UTC)),
    ],
)
def test_expiry_is_read_in_any_offset(
    client: FlaskClient, desk: FakeDesk, text: str, moment: datetime
) -> None:
    wish = ORDER | {"time_in_force": "GTD", "expires_at": text}

    content(client.post("/api/v1/orders", json=wish), 201)

    assert desk.placed[0].expires_at == moment
