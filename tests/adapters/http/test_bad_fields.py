"""Orders that cannot work: each gets a 422 that names the field to blame."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.adapters.http.answers import problem
from tests.adapters.http.fakes import FakeDesk


ORDER: dict[str, Any] = {
    "symbol": "BNBUSDT",
    "side": "SELL",
    "quantity": "300",
    "price": "270",
}

BAD_AMOUNTS: list[object] = [
    True,
    False,
    [],
    {},
    ["1"],
    "",
    " 1",
    "1 ",
    "-1",
    "+1",
    "0",
    "0.000",
    "1e5",
    "1E-5",
    "NaN",
    "Infinity",
    "-Infinity",
    "1,5",
    "1.",
    ".5",
    "0x10",
    "1_000",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "1" * 17,
    "0." + "1" * 13,
    "9" * 400,
    -1,
    0,
    1e300,
    1e-9,
]

BAD_VALUES: dict[str, list[object]] = {
    "quantity": BAD_AMOUNTS,
    "price": BAD_AMOUNTS,
    "symbol": [5, True, [], {}, "", "X" * 65],
    "side": [5, True, [], {}, "", "sell", "HOLD", "SELL "],
    "time_in_force": [5, True, [], {}, "", "gtc", "DAY"],
    "expires_at": [
        1935403200,
        True,
        [],
        {},
        "",
        "tomorrow",
        "2031-05-01",
        "2031-05-01T12:00:00",
        "2031-05-01 12:00:00Z",
        "2031-02-31T12:00:00Z",
        "2031-05-01T25:00:00Z",
        "2031-05-01T12:00:60Z",
        "2031-05-01T12:00:00+25:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "20310501T120000Z",
        "2031-05-01T12:00:00Z\n",
    ],
    "client_order_id": [5, True, [], {}, "", "x" * 37, "a b", "a/b", "ä", "a\n", "a\t"],
}
BAD_FIELDS = [(name, bad) for name, values in BAD_VALUES.items() for bad in values]


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS)
def test_bad_field_is_named(
    client: FlaskClient, desk: FakeDesk, name: str, value: object
) -> None:
    response = client.post("/api/v1/orders", json=ORDER | {name: value})

    found = problem(response, 422)
    assert found["field"] == name
    assert found["code"] == "FIELD_INVALID"
    assert len(found["detail"]) < 200
    assert desk.placed == []


@pytest.mark.parametrize("value", ["", None], ids=["absent", "null"])
@pytest.mark.parametrize("name", ["symbol", "side", "quantity", "price"])
def test_missing_field_is_named(
    client: FlaskClient, name: str, value: str | None
) -> None:
    wish = ORDER | {name: None}
    if value is not None:
        del wish[name]

    found = problem(client.post("/api/v1/orders", json=wish), 422)

    assert found["field"] == name
    assert found["code"] == "FIELD_MISSING"


@pytest.mark.parametrize("path", ["/api/v1/orders", "/SellOrder"])
def test_unknown_field_is_named(client: FlaskClient, path: str) -> None:
    wish = {"symbol": "BNBUSDT", "price": "270", "quantity": "1", "prize": "1"}
    if path == "/api/v1/orders":
        wish["side"] = "SELL"

    found = problem(client.post(path, json=wish), 422)

    assert found["field"] == "prize"
    assert found["code"] == "FIELD_UNKNOWN"


def test_sell_order_takes_its_three_fields_only(client: FlaskClient) -> None:
    found = problem(client.post("/SellOrder", json=ORDER), 422)

    assert found["field"] == "side"


def test_several_bad_fields_are_named_at_once(client: FlaskClient) -> None:
    wish = {"symbol": "BNBUSDT", "side": "UP", "price": "-1", "colour": 1}

    found = problem(client.post("/api/v1/orders", json=wish), 422)

    assert found["code"] == "FIELDS_INVALID"
    assert "field" not in found
    assert {error["field"]: error["code"] for error in found["errors"]} == {
        "colour": "FIELD_UNKNOWN",
        "side": "FIELD_INVALID",
        "quantity": "FIELD_MISSING",
        "price": "FIELD_INVALID",
    }
    assert all(error["detail"] in found["detail"] for error in found["errors"])


def test_answer_to_thousands_of_unknown_fields_is_short(client: FlaskClient) -> None:
    wish = ORDER | {f"x{number}": 1 for number in range(4000)} | {"y" * 9000: 1}

    response = client.post("/api/v1/orders", json=wish)

    problem(response, 422)
    assert len(response.data) < 5000
