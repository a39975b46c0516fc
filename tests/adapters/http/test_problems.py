"""Refusals and errors: which status each becomes, and that none is forgotten."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.api.codes import CODES
from adapters.http.problems import RETRY_AFTER_SECONDS, failed
from domain import errors
from domain.errors import (
    DeskTimeoutError,
    InvalidRequestError,
    StoreOutcomeUnknownError,
    StoreUnavailableError,
    TradeExecutorError,
    UnavailableError,
    UnreadableRecordError,
    VenueUnavailableError,
)
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from tests.adapters.http.answers import problem
from tests.adapters.http.fakes import FakeDesk, FakeQueries


ORDER = {"symbol": "BNBUSDT", "side": "SELL", "quantity": "300", "price": "270"}
PATHS_READ = [
    "/api/v1/orders",
    "/api/v1/orders/01ABC",
    "/api/v1/orders/01ABC/fills",
    "/api/v1/orders/01ABC/events",
    "/api/v1/orders/01ABC/summary",
]


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


def test_every_refusal_has_its_status() -> None:
    assert set(RefusalCode) <= CODES.keys()


@pytest.mark.parametrize("code", RefusalCode)
def test_refusal_is_answered_with_its_code_and_field(
    app: Flask, desk: FakeDesk, code: RefusalCode
) -> None:
    client = FlaskClient(app)  # the description does not name all of them for this call
    desk.refusal = Refusal(code=code, detail="because", field="price")

    response = client.patch("/api/v1/orders/01ABC", json={"price": "1"})

    found = problem(response, CODES[code].status)
    assert found["code"] == code.value
    assert found["detail"] == "because"
    assert found["field"] == "price"
    assert 400 <= response.status_code < 500 or response.status_code == 503
    assert ("Retry-After" in response.headers) is (response.status_code == 503)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (RefusalCode.IDEMPOTENCY_KEY_REUSED, 409),
        (RefusalCode.CLIENT_ORDER_ID_REUSED, 409),
        (RefusalCode.PRICE_OFF_TICK, 422),
        (RefusalCode.EXPIRES_AT_MISSING, 422),
        (RefusalCode.STORE_UNAVAILABLE, 503),
        (RefusalCode.STOPPING, 503),
    ],
)
def test_refused_order_has_no_location(
    client: FlaskClient, desk: FakeDesk, code: RefusalCode, status: int
) -> None:
    desk.refusal = Refusal(code=code, detail="because")

    response = client.post("/api/v1/orders", json=ORDER)

    problem(response, status)
    assert "Location" not in response.headers


def test_every_error_raised_on_purpose_has_a_status_of_its_own() -> None:
    found = subclasses(TradeExecutorError)
    kinds = [kind for kind in found if kind.__module__ == errors.__name__][1:]

    assert errors.UnavailableError in kinds
    for kind in kinds:
        error = kind.__new__(kind)
        assert isinstance(error, TradeExecutorError)
        assert failed(error).status != 500


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StoreUnavailableError("disk full"), 503, "STORE_UNAVAILABLE"),
        (StoreOutcomeUnknownError("connection lost"), 503, "TIMEOUT"),
        (DeskTimeoutError("no answer in 5 s"), 503, "TIMEOUT"),
        (VenueUnavailableError("venue is away"), 503, "UNAVAILABLE"),
        (UnavailableError("later"), 503, "UNAVAILABLE"),
        (UnreadableRecordError("01ABC"), 409, "ORDER_UNREADABLE"),
        (InvalidRequestError("never"), 400, "INVALID_REQUEST"),
    ],
)
def test_error_of_the_desk_is_answered_by_its_class(
    client: FlaskClient,
    desk: FakeDesk,
    error: TradeExecutorError,
    status: int,
    code: str,
) -> None:
    desk.error = error

    response = client.post("/api/v1/orders", json=ORDER)

    found = problem(response, status)
    assert found["code"] == code
    assert found["detail"] == str(error)
    if status == 503:
        assert response.headers["Retry-After"] == RETRY_AFTER_SECONDS


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/orders/01ABC"),
        ("GET", "/api/v1/orders/01ABC/events"),
        ("GET", "/api/v1/orders/01ABC/fills"),
        ("GET", "/api/v1/orders/01ABC/summary"),
        ("PATCH", "/api/v1/orders/01ABC"),
        ("DELETE", "/api/v1/orders/01ABC"),
        ("POST", "/api/v1/orders/01ABC/release"),
        ("POST", "/api/v1/orders/01ABC/children/01ABC-1/settle"),
    ],
)
def test_an_order_of_which_the_disk_makes_no_sense_is_a_conflict(
    client: FlaskClient, queries: FakeQueries, method: str, path: str
) -> None:
    queries.error = UnreadableRecordError("01ABC")
    body = {"price": "270"} if method in ("PATCH", "POST") else None
    if path.endswith("release"):
        body = {}

    found = problem(client.open(path, method=method, json=body), 409)

    assert found["code"] == "ORDER_UNREADABLE"
    assert "01ABC" in found["detail"]


@pytest.mark.parametrize("path", PATHS_READ)
def test_reading_without_a_database_is_unavailable(
    client: FlaskClient, queries: FakeQueries, path: str
) -> None:
    queries.error = StoreUnavailableError("database is locked")

    found = problem(client.get(path), 503)

    assert found["code"] == "STORE_UNAVAILABLE"


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), TradeExecutorError("secret")]
)
def test_bug_is_logged_once_and_not_told(
    client: FlaskClient,
    desk: FakeDesk,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    desk.error = error

    response = client.post("/api/v1/orders", json=ORDER)

    assert problem(response, 500)["code"] == "INTERNAL_ERROR"
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(records) == 1
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/api/v1",
        "/api/v1/orders/",
        "/api/v1/orders/01ABC/",
        "/api/v1/orders/01ABC/nothing",
        "/api//v1/orders",
        "/sellorder",
        "/static/x",
        "/api/v1/symbols/BNBUSDT",
        "/%ff%00",
        "/<script>",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_path_is_not_found(client: FlaskClient, method: str, path: str) -> None:
    assert problem(client.open(path, method=method), 404)["code"] == "UNKNOWN_PATH"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/orders", {"GET", "HEAD", "OPTIONS", "POST", "DELETE"}),
        ("POST", "/api/v1/orders/01ABC", {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
        ("GET", "/SellOrder", {"OPTIONS", "POST"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/readyz", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/metrics", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_impossible_method_is_answered_with_the_possible_ones(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    response = client.open(path, method=method)

    assert problem(response, 405)["code"] == "METHOD_NOT_ALLOWED"
    assert set(response.headers["Allow"].split(", ")) == allowed
