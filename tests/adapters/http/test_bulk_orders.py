"""``POST /api/v1/orders/bulk``."""

from concurrent.futures import Future
from typing import Any

import pytest
from flask.testing import FlaskClient

from adapters.http.deferred_response import all_of
from domain.errors import DeskTimeoutError
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import FakeDesk


BULK = "/api/v1/orders/bulk"
ORDER = {"symbol": "BNBUSDT", "side": "SELL", "quantity": "3", "price": "270.10"}


def named(name: str, **changes: object) -> dict[str, object]:
    return {**ORDER, "client_order_id": name, **changes}


def place(client: FlaskClient, *orders: object) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = content(
        client.post(BULK, json={"orders": list(orders)}), 200
    )["results"]
    return results


def test_each_order_has_its_result_in_the_order_given(
    client: FlaskClient, desk: FakeDesk
) -> None:
    keyed = {**ORDER, "side": "BUY", "idempotency_key": "k-1"}

    results = place(client, named("a"), keyed)

    assert [result["status"] for result in results] == [201, 201]
    assert [result["problem"] for result in results] == [None, None]
    assert results[0]["order"]["client_order_id"] == "a"
    assert [command.client_order_id for command in desk.placed] == ["a", None]
    assert [command.idempotency_key for command in desk.placed] == [None, "k-1"]


def test_one_bad_order_refuses_only_itself(client: FlaskClient, desk: FakeDesk) -> None:
    results = place(
        client,
        named("a", price="-1", quantity="x"),
        named("b"),
        named("c", symbol="NOPE"),
        named("d", extra=1),
    )

    codes = [result["problem"] and result["problem"]["code"] for result in results]
    assert codes == ["FIELDS_INVALID", None, "UNKNOWN_SYMBOL", "FIELD_UNKNOWN"]
    assert [result["status"] for result in results] == [422, 201, 422, 422]
    assert results[2]["problem"]["supported"] == ["BNBUSDT", "ETHBTC"]
    assert [command.client_order_id for command in desk.placed] == ["b", "c"]


def test_repeated_orders_are_answered_as_such(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.repeated = True

    assert [result["status"] for result in place(client, named("a"))] == [200]


@pytest.mark.parametrize("names", [{}, {"client_order_id": None}])
def test_order_that_could_not_be_recognised_again_is_refused(
    client: FlaskClient, desk: FakeDesk, names: dict[str, object]
) -> None:
    (result,) = place(client, {**ORDER, **names})

    assert result["problem"]["code"] == "FIELD_MISSING"
    assert result["problem"]["field"] == "idempotency_key"
    assert desk.placed == []


def test_orders_whose_outcome_is_unknown_say_so(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.error = DeskTimeoutError("no answer within 5.0 seconds")

    (result,) = place(client, named("a"))

    assert (result["status"], result["problem"]["code"]) == (503, "TIMEOUT")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orders": []},
        {"orders": {}},
        {"orders": [named("a")] * 101},
        {"orders": [named("a"), "b"]},
        {"orders": [named("a")], "more": 1},
    ],
)
def test_body_that_is_no_list_of_orders_places_nothing(
    client: FlaskClient, desk: FakeDesk, body: dict[str, object]
) -> None:
    assert problem(client.post(BULK, json=body), 422)["code"].startswith("FIELD")
    assert desk.placed == []


def test_one_key_for_all_is_refused(client: FlaskClient, desk: FakeDesk) -> None:
    response = client.post(
        BULK, json={"orders": [named("a")]}, headers={"Idempotency-Key": "k"}
    )

    assert problem(response, 400)["code"] == "HEADER_INVALID"
    assert desk.placed == []


def test_a_hundred_orders_fit(client: FlaskClient, desk: FakeDesk) -> None:
    long = {"idempotency_key": "k" * 255}

    results = place(client, *(named(f"n{n}", **long) for n in range(100)))

    assert {result["status"] for result in results} == {201}
    assert len(desk.placed) == 100


def test_all_of_is_done_when_the_last_is_done_well_or_badly() -> None:
    first: Future[int] = Future()
    second: Future[int] = Future()
    whole = all_of([first, second])

    second.set_exception(ValueError("no"))
    assert not whole.done()
    first.set_result(1)

    assert whole.result(0) == [first, second]
    assert all_of([]).result(0) == []


def test_its_path_is_no_orders(client: FlaskClient) -> None:
    answer = client.delete(BULK)

    assert problem(answer, 405)["code"] == "METHOD_NOT_ALLOWED"
    for allowed in (answer, client.options(BULK)):
        assert set(allowed.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert client.get("/api/v1/orders/bulky").status_code == 404
