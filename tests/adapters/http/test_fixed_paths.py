"""Calls whose method and path say which endpoint is meant: Flask is not asked."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import has_request_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.http.app import NON_BLOCKING_CALLS
from adapters.http.request_reading import BODY_BYTES_MAX
from domain.errors import DeskTimeoutError
from domain.orders.commands import PlaceOrder
from domain.orders.records import Stored
from domain.refusals import Refusal
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import FakeDesk


ORDER = b'{"symbol":"BNBUSDT","side":"SELL","price":"270","quantity":"1"}'
SALE = b'{"symbol":"BNBUSDT","price":"270","quantity":"1"}'
JSON = "application/json"

REQUESTS: dict[str, dict[str, Any]] = {
    "an order": {"data": ORDER, "content_type": JSON},
    "a sale": {"data": SALE, "content_type": JSON},
    "no body": {},
    "another type": {"data": ORDER, "content_type": "text/plain"},
    "no JSON": {"data": b"{", "content_type": JSON},
    "faulty fields": {"data": b'{"symbol":1,"price":[]}', "content_type": JSON},
    "a long body": {"data": b" " * (BODY_BYTES_MAX + 1), "content_type": JSON},
    "a parameter": {"data": ORDER, "content_type": JSON, "query_string": "a=b"},
    "a bad key": {
        "data": ORDER,
        "content_type": JSON,
        "headers": {"Idempotency-Key": "a b"},
    },
}


@dataclass(slots=True)
class WatchingDesk(FakeDesk):
    """Notes whether Flask had the request when an order arrived."""

    through_flask: list[bool] = field(default_factory=list)

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        self.through_flask.append(has_request_context())
        return FakeDesk.place(self, command)


@pytest.fixture
def desk() -> WatchingDesk:
    return WatchingDesk()


def through_flask(path: str) -> dict[str, str]:
    """Spell the path so that only Flask recognises it."""
    return {"PATH_INFO": f"/{path}"}


def all_of(response: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return response.status, list(response.headers), response.data


def test_an_order_is_placed_without_flask(
    client: FlaskClient, desk: WatchingDesk
) -> None:
    path = "/api/v1/orders"

    content(client.post(path, data=ORDER, content_type=JSON), 201)
    spelt = through_flask(path)
    other = client.post(path, data=ORDER, content_type=JSON, environ_overrides=spelt)

    content(other, 201)
    assert desk.through_flask == [False, True]


@pytest.mark.parametrize("error", [None, DeskTimeoutError("late"), KeyError("a bug")])
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
@pytest.mark.parametrize(("method", "path"), sorted(NON_BLOCKING_CALLS))
def test_flask_gives_the_same_answer(
    client: FlaskClient,
    desk: WatchingDesk,
    method: str,
    path: str,
    request_: dict[str, Any],
    error: Exception | None,
) -> None:
    desk.error = error

    response = client.open(path, method=method, **request_)
    other = client.open(
        path, method=method, environ_overrides=through_flask(path), **request_
    )

    assert all_of(response) == all_of(other)


@pytest.mark.parametrize(
    ("length", "code"),
    [(BODY_BYTES_MAX, "MALFORMED_JSON"), (BODY_BYTES_MAX + 1, "BODY_TOO_LARGE")],
)
def test_a_body_that_the_server_has_received_is_judged_by_its_length(
    client: FlaskClient, length: int, code: str
) -> None:
    response = client.post(
        "/SellOrder",
        data=b" " * length,
        content_type=JSON,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert problem(response, response.status_code)["code"] == code


def test_a_length_that_is_too_long_is_refused_unread(client: FlaskClient) -> None:
    stated = {"wsgi.input_terminated": True, "CONTENT_LENGTH": str(BODY_BYTES_MAX + 1)}

    response = client.post(
        "/SellOrder", data=ORDER, content_type=JSON, environ_overrides=stated
    )

    assert problem(response, 413)["code"] == "BODY_TOO_LARGE"
