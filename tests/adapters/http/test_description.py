"""The OpenAPI document names every call, parameter, status and code.

That answers are as described is checked in all tests here, by ``DescribedClient``.
"""

import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, ValidationError

from adapters.api.all_calls import CALLS
from adapters.api.calls import Call
from adapters.api.codes import CODES, Code
from adapters.api.operator_requests import SettleByFillsRequest
from adapters.api.order_requests import PlaceOrderRequest
from adapters.api.schemas import Schemas, field_words
from adapters.api.stream_calls import FOLLOW_EVENTS
from adapters.http.static_files import PAGES, PREFIX
from domain.reasons import RefusalCode
from tests.adapters.http.answers import content, problem
from tests.adapters.http.described import check, document, operation_of, validator


ELSEWHERE = {
    Code.METHOD_NOT_ALLOWED,  # such a call is none of those described
    RefusalCode.PRICE_OUTSIDE_COLLAR,  # of child orders
    RefusalCode.CHILD_RATE_ABOVE_LIMIT,
}


def test_the_document_is_served(client: FlaskClient) -> None:
    served = content(client.get("/openapi.json"))

    assert served["openapi"] == "3.1.0"
    assert served["paths"].keys() == document()["paths"].keys()


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    routes = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule not in PAGES and not rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(call.method, call.path) for call in CALLS}

    assert described - {(FOLLOW_EVENTS.method, FOLLOW_EVENTS.path)} == routes
    assert {
        (method.upper(), path)
        for path, operations in document()["paths"].items()
        for method in operations
    } == described


def test_every_code_is_described_with_its_status() -> None:
    found: dict[str, set[int]] = {}
    for call in CALLS:
        for status, codes in call.refusals().items():
            for code in codes:
                found.setdefault(code, set()).add(status)

    assert found.pop(RefusalCode.UNKNOWN_SYMBOL) == {404, 422}
    assert found.keys() | ELSEWHERE | {RefusalCode.UNKNOWN_SYMBOL} == CODES.keys()
    assert {code: {CODES[code].status} for code in found} == found


def test_schemas_are_schemas_and_references_lead_somewhere() -> None:
    schemas = document()["components"]["schemas"]
    text = json.dumps(document())

    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= schemas.keys()
    assert not [name for name in schemas if name.endswith("Answer")]


def test_operations_have_names_of_their_own_and_words() -> None:
    names = [call.name for call in CALLS]

    assert len(set(names)) == len(names)
    assert all(call.summary[0].isupper() for call in CALLS)
    assert all(call.answers for call in CALLS)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_query_parameters_are_those_described(client: FlaskClient, call: Call) -> None:
    if call is FOLLOW_EVENTS or not call.checks_query:
        return  # the one is not served by the application, others take any
    path = re.sub(r"\{\w+\}", "01ABC", call.path)
    body: dict[str, Any] = {"json": {}} if call.bodies else {}

    found = problem(client.open(f"{path}?what=1", method=call.method, **body), 400)

    assert found["code"] == "PARAMETER_UNKNOWN"
    possible = ", ".join(call.query_names)
    assert found["detail"].endswith(possible or "there are none")


def test_what_stands_beneath_a_field_describes_it() -> None:
    price = document()["components"]["schemas"]["PlaceOrderRequest"]["properties"]

    words = price["price"]["description"]
    assert words.startswith("The limit, in the quote asset")
    assert field_words(PlaceOrderRequest)["price"] == words


@pytest.mark.parametrize(
    ("amount", "is_described"),
    [("0.5", True), (0.5, True), (5, True), ("1e5", False), ("-1", False), (0, False)],
)
def test_amounts_of_requests_are_strings_of_plain_digits_or_numbers(
    *, amount: object, is_described: bool
) -> None:
    order = {"symbol": "BNBUSDT", "side": "SELL", "price": "1", "quantity": amount}
    schema = json.dumps(Schemas([PlaceOrderRequest]).of(PlaceOrderRequest))

    assert validator(schema).is_valid(order) is is_described


def test_examples_are_as_described() -> None:
    for call in CALLS:
        if call.bodies:
            kinds = [Schemas([kind]).of(kind) for kind in call.bodies]
            assert validator(json.dumps({"oneOf": kinds})).is_valid(call.example)


def test_nested_fields_are_described_too() -> None:
    names = Schemas([SettleByFillsRequest]).by_name.keys()

    assert {"SettleByFillsRequest", "StatedFillRequest", "TradeId", "Note"} <= names


def test_stream_is_described_as_a_stream() -> None:
    operation = operation_of("GET", FOLLOW_EVENTS.path)
    assert operation is not None

    assert list(operation["responses"]["200"]["content"]) == ["text/event-stream"]
    assert {one["name"] for one in operation["parameters"]} == {
        "topics",
        "levels",
        "symbol",
        "order",
        "after",
        "Last-Event-ID",
    }


def test_an_answer_that_is_not_described_is_noticed() -> None:
    headers = {"Content-Type": "application/json"}
    check("GET", "/healthz", 200, headers, b'{"status":"ok"}')

    with pytest.raises(AssertionError, match="is not said to answer 418"):
        check("GET", "/healthz", 418, headers, b"{}")
    with pytest.raises(ValidationError):
        check("GET", "/healthz", HTTPStatus.OK, headers, b'{"status":5}')
