"""Requests that cannot be read, or ask for what is not there: a clear 4xx."""

import json
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
JSON = "application/json"

BODIES = {
    "nothing": b"",
    "blank": b"  ",
    "array": b"[]",
    "array of an order": json.dumps([ORDER]).encode(),
    "string": b'"SELL"',
    "number": b"7",
    "null": b"null",
    "true": b"true",
    "truncated": json.dumps(ORDER).encode()[:-1],
    "truncated inside a string": b'{"symbol":"BNB',
    "two values": b"{}{}",
    "trailing comma": b'{"symbol":"BNBUSDT",}',
    "single quotes": b"{'symbol':'BNBUSDT'}",
    "comment": b'{"symbol":"BNBUSDT"/**/}',
    "NaN": b'{"price":NaN}',
    "Infinity": b'{"price":Infinity}',
    "minus Infinity": b'{"price":-Infinity}',
    "leading zero": b'{"price":01}',
    "plus sign": b'{"price":+1}',
    "bare point": b'{"price":.5}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": json.dumps(ORDER).encode("utf-16"),
    "not UTF-8": b'{"symbol":"\xff"}',
    "overlong UTF-8": b'{"symbol":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"symbol":"\xed\xa0\x80"}',
    "lone surrogate": b'{"symbol":"\\ud800"}',
    "lone surrogate in a name": b'{"\\udc00":1}',
    "lone surrogate in a list": b'{"fills":["\\ud800"]}',
    "lone surrogate in a name further in": b'{"fills":[{"\\udc00":1}]}',
    "lone surrogate in a doubled name": b'{"\\udc00":1,"\\udc00":1}',
    "raw NUL": b'{"symbol":"\x00"}',
    "escaped NUL": b'{"symbol":"\\u0000"}',
    "raw newline": b'{"symbol":"\n"}',
    "deep arrays": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
    "deep in a field": b'{"price":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "form": b"symbol=BNBUSDT",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/orders"),
        ("POST", "/SellOrder"),
        ("PATCH", "/api/v1/orders/01ABC"),
        ("POST", "/api/v1/orders/01ABC/children/01ABC-1/settle"),
    ],
)
def test_body_that_is_not_a_json_object_is_malformed(
    client: FlaskClient, desk: FakeDesk, method: str, path: str, body: bytes
) -> None:
    response = client.open(path, method=method, data=body, content_type=JSON)

    assert problem(response, 400)["code"] == "MALFORMED_JSON"
    assert desk.placed == []
    assert desk.amended == []


def test_doubled_field_is_named(client: FlaskClient, desk: FakeDesk) -> None:
    body = b'{"symbol":"BNBUSDT","price":"270","price":"1","quantity":"1"}'

    found = problem(client.post("/SellOrder", data=body, content_type=JSON), 400)

    assert found["field"] == "price"
    assert found["code"] == "DUPLICATE_FIELD"
    assert desk.placed == []


@pytest.mark.parametrize("number", ["9" * 5000, "1E400", "-0", "1e5", "0.0", "1.5e0"])
def test_json_number_not_in_plain_digits_is_refused(
    client: FlaskClient, number: str
) -> None:
    body = f'{{"symbol":"BNBUSDT","price":{number},"quantity":"1"}}'

    found = problem(client.post("/SellOrder", data=body, content_type=JSON), 422)

    assert found["field"] == "price"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    ],
)
def test_other_content_is_not_supported(
    client: FlaskClient, desk: FakeDesk, headers: dict[str, str]
) -> None:
    body = json.dumps(ORDER)

    response = client.post("/api/v1/orders", data=body, headers=headers)

    assert problem(response, 415)["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert desk.placed == []


def test_longest_body_is_read_and_a_longer_one_is_not(client: FlaskClient) -> None:
    order = json.dumps(ORDER).encode()
    longest = order + b" " * (64 * 1024 - len(order))

    taken = client.post("/api/v1/orders", data=longest, content_type=JSON)
    refused = client.post("/api/v1/orders", data=longest + b" ", content_type=JSON)

    assert taken.status_code == 201
    assert problem(refused, 413)["code"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ä", "tab\there", "\x7f"])
@pytest.mark.parametrize("path", ["/api/v1/orders", "/SellOrder"])
def test_bad_idempotency_key_is_named(
    client: FlaskClient, desk: FakeDesk, path: str, key: str
) -> None:
    wish = {"symbol": "BNBUSDT", "price": "270", "quantity": "1"}
    if path == "/api/v1/orders":
        wish["side"] = "SELL"

    response = client.post(path, json=wish, headers={"Idempotency-Key": key})

    found = problem(response, 400)
    assert found["field"] == "Idempotency-Key"
    assert found["code"] == "HEADER_INVALID"
    assert desk.placed == []


def test_longest_idempotency_key_is_taken(client: FlaskClient, desk: FakeDesk) -> None:
    key = "~" * 255

    client.post("/api/v1/orders", json=ORDER, headers={"Idempotency-Key": key})

    assert desk.placed[0].idempotency_key == key


def test_unsupported_symbol_is_answered_with_the_supported_ones(
    client: FlaskClient,
) -> None:
    found = problem(client.post("/api/v1/orders", json=ORDER | {"symbol": "DOGE"}), 422)

    assert found["field"] == "symbol"
    assert found["code"] == "UNKNOWN_SYMBOL"
    assert found["supported"] == ["BNBUSDT", "ETHBTC"]
    assert "BNBUSDT, ETHBTC" in found["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/orders?dry_run=true"),
        ("POST", "/SellOrder?dry_run=true"),
        ("PATCH", "/api/v1/orders/01ABC?dry_run=true"),
        ("DELETE", "/api/v1/orders/01ABC?dry_run=true"),
        ("GET", "/api/v1/orders?dry_run=true"),
        ("GET", "/api/v1/orders/01ABC?dry_run=true"),
        ("GET", "/api/v1/orders/01ABC/fills?dry_run=true"),
        ("GET", "/api/v1/orders/01ABC/events?dry_run=true"),
        ("GET", "/api/v1/orders/01ABC/summary?dry_run=true"),
        ("GET", "/api/v1/symbols?dry_run=true"),
        ("GET", "/api/v1/symbols/BNBUSDT/book?dry_run=true"),
    ],
)
def test_unknown_parameter_is_named_and_nothing_is_done(
    client: FlaskClient, desk: FakeDesk, method: str, path: str
) -> None:
    found = problem(client.open(path, method=method, json=ORDER), 400)

    assert found["field"] == "dry_run"
    assert found["code"] == "PARAMETER_UNKNOWN"
    assert not desk.placed + desk.amended + desk.canceled


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.0", "limit"),
        ("limit=%2B5", "limit"),
        ("limit=\N{ARABIC-INDIC DIGIT THREE}", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=5&limit=6", "limit"),
        ("status=OPEN", "status"),
        ("status=new", "status"),
        ("status=", "status"),
        ("symbol=", "symbol"),
        ("symbol=%00", "symbol"),
        ("symbol=A%0AB", "symbol"),
        ("symbol=" + "X" * 65, "symbol"),
        ("cursor=", "cursor"),
        ("cursor=a%20b", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "x" * 201, "cursor"),
        ("cursor=forged", "cursor"),
    ],
)
def test_bad_list_parameter_is_named(
    client: FlaskClient, query: str, name: str
) -> None:
    found = problem(client.get(f"/api/v1/orders?{query}"), 400)

    assert found["field"] == name
    assert found["code"] == "PARAMETER_INVALID"


@pytest.mark.parametrize("limit", ["0", "5001", "x", "-1", ""])
def test_bad_book_limit_is_named(client: FlaskClient, limit: str) -> None:
    found = problem(client.get(f"/api/v1/symbols/BNBUSDT/book?limit={limit}"), 400)

    assert found["field"] == "limit"
