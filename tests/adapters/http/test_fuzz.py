"""Whatever is sent: an answer that fits, and never one that blames the service."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from adapters.http.app import create_app
from tests.adapters.http.fakes import ON_PAPER, FakeDesk, FakeQueries


FIELDS = (
    "symbol",
    "side",
    "quantity",
    "price",
    "time_in_force",
    "expires_at",
    "client_order_id",
)
SAME_EVERY_TIME = settings(derandomize=True, deadline=None, database=None)
CALLS = [
    ("POST", "/api/v1/orders"),
    ("POST", "/SellOrder"),
    ("PATCH", "/api/v1/orders/01ABC"),
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)
plausible = st.sampled_from(
    ["BNBUSDT", "SELL", "1", 1, "GTC", "GTD", "2031-05-01T12:00:00Z", "my-id", None]
)
orders = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(), plausible | anything, max_size=8
)
headers = st.dictionaries(
    st.sampled_from(["Idempotency-Key", "Content-Encoding", "Host", "Accept"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255)),
)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def send() -> Callable[..., TestResponse]:
    client: FlaskClient = create_app(FakeDesk(), FakeQueries(), ON_PAPER).test_client()

    def send(*args: Any, **kwargs: Any) -> TestResponse:
        response = client.open(*args, **kwargs)
        assert response.status_code < 500, response.text
        if response.status_code >= 400:
            assert response.content_type == "application/problem+json"
            members = json.loads(response.data)
            assert members["status"] == response.status_code
        return response

    return send


@pytest.mark.parametrize(("method", "path"), CALLS)
@settings(SAME_EVERY_TIME, max_examples=60)
@given(wish=orders, headers=headers)
def test_any_json_object_is_answered(
    send: Callable[..., TestResponse],
    method: str,
    path: str,
    wish: dict[str, object],
    headers: dict[str, str],
) -> None:
    body = json.dumps(wish)

    send(
        path,
        method=method,
        data=body,
        content_type="application/json",
        headers=headers,
    )


@pytest.mark.parametrize("name", FIELDS)
@settings(SAME_EVERY_TIME, max_examples=40)
@given(value=anything)
def test_any_value_of_one_field_is_taken_or_blamed_on_it(
    send: Callable[..., TestResponse], name: str, value: object
) -> None:
    good = {"symbol": "BNBUSDT", "side": "SELL", "quantity": "1", "price": "1"}
    body = json.dumps(good | {name: value})

    response = send(
        "/api/v1/orders", method="POST", data=body, content_type="application/json"
    )

    if response.status_code == 422:
        assert json.loads(response.data)["field"] == name


@pytest.mark.parametrize(("method", "path"), CALLS)
@settings(SAME_EVERY_TIME, max_examples=60)
@given(body=st.binary() | orders.map(lambda wish: json.dumps(wish).encode()[:-3]))
def test_any_bytes_are_answered(
    send: Callable[..., TestResponse], method: str, path: str, body: bytes
) -> None:
    response = send(path, method=method, data=body, content_type="application/json")

    assert response.status_code in {400, 422}


@settings(SAME_EVERY_TIME, max_examples=80)
@given(content_type=texts.filter(lambda text: text.isprintable() and text.isascii()))
def test_any_content_type_is_answered(
    send: Callable[..., TestResponse], content_type: str
) -> None:
    send("/SellOrder", method="POST", data=b"{}", content_type=content_type)


@settings(SAME_EVERY_TIME, max_examples=80)
@given(
    name=st.sampled_from(["status", "symbol", "limit", "cursor"]) | texts,
    value=texts | st.integers().map(str),
)
def test_any_query_is_answered(
    send: Callable[..., TestResponse], name: str, value: str
) -> None:
    send("/api/v1/orders", query_string={name: value})
    send("/api/v1/symbols/BNBUSDT/book", query_string={name: value})


@settings(SAME_EVERY_TIME, max_examples=80)
@given(query=st.binary())
def test_any_raw_query_is_answered(
    send: Callable[..., TestResponse], query: bytes
) -> None:
    raw = query.decode("latin-1")

    send("/api/v1/orders", environ_overrides={"QUERY_STRING": raw})


@settings(SAME_EVERY_TIME, max_examples=80)
@given(part=st.binary(), method=st.sampled_from(["GET", "DELETE", "PATCH", "POST"]))
def test_any_path_is_answered(
    send: Callable[..., TestResponse], part: bytes, method: str
) -> None:
    raw = part.decode("latin-1")

    for prefix in ("/", "/api/v1/orders/", "/api/v1/symbols/"):
        send("/", method=method, environ_overrides={"PATH_INFO": prefix + raw})
