"""Whether answers are as the OpenAPI document describes them."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from adapters.api.all_calls import CALLS
from adapters.api.calls import EVERY_CALL
from adapters.api.codes import CODES, Code
from adapters.api.openapi import describe
from adapters.http.static_files import PAGES, PREFIX


NOT_OPERATIONS = {"HEAD", "OPTIONS"}
"""Methods that are not described for each path."""

FILE_STATUSES = {200, 304}

ELSEWHERE = EVERY_CALL | {Code.UNKNOWN_PATH, Code.METHOD_NOT_ALLOWED}
"""Refusals of calls that are none."""


class DescribedClient(FlaskClient):
    """A client that fails when an answer is not as described."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Call, and check the answer."""
        response = super().open(*args, **kwargs)
        request = response.request
        check(
            request.method,
            request.path,
            response.status_code,
            dict(response.headers),
            response.get_data(),
        )
        return response


def check(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Check that an answer is described."""
    if path in PAGES or (path.startswith(PREFIX) and status in FILE_STATUSES):
        return
    operation = operation_of(method, path)
    if operation is None:
        if method not in NOT_OPERATIONS:
            code = json.loads(body)["code"]
            assert code in ELSEWHERE
            assert status == CODES[code].status
        return
    described = operation["responses"].get(str(status))
    assert described is not None, f"{method} {path} is not said to answer {status}"
    content_type = headers["Content-Type"].partition(";")[0]
    assert content_type in described["content"], (method, path, status, content_type)
    for name in described["headers"]:
        assert name in headers, f"{method} {path} {status} lacks {name}"
    if content_type.endswith("json"):
        schema = described["content"][content_type]["schema"]
        validator(json.dumps(schema)).validate(json.loads(body))


@cache
def document() -> Mapping[str, Any]:
    """Return the document."""
    return describe(CALLS, "1.2.3")


@cache
def operation_of(method: str, path: str) -> Mapping[str, Any] | None:
    """Find what is said of a call; None if there is none."""
    for template, operations in sorted(document()["paths"].items()):
        form = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(form, path):
            found: Mapping[str, Any] | None = operations.get(method.lower())
            return found
    return None


@cache
def validator(schema: str) -> Draft202012Validator:
    """Return what checks JSON against a schema of the document."""
    whole = DRAFT202012.create_resource(document())
    registry: Registry[Any] = Registry().with_resource("urn:api", whole)
    text = schema.replace('"#/components', '"urn:api#/components')
    return Draft202012Validator(
        json.loads(text), registry=registry, format_checker=FormatChecker()
    )
