"""The OpenAPI document, made of the calls and of the structs that they name."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from apispec import APISpec

from adapters.api.calls import JSON_TYPE, Answer, Call, Parameter
from adapters.api.codes import CODES
from adapters.api.problems import ProblemAnswer
from adapters.api.schemas import Schemas
from adapters.api.stream import (
    HeartbeatAnswer,
    PositionAnswer,
    PushedEventAnswer,
    ServiceAnswer,
    UnansweredAnswer,
)


OPENAPI_VERSION: Final = "3.1.0"
PROBLEM_TYPE: Final = "application/problem+json"

ABOUT: Final = """\
Works limit orders against an exchange's live order book.

Amounts are exact decimals: strings of plain digits in answers, strings or numbers in
requests. Times are RFC 3339 in UTC. Every refusal is `application/problem+json`, as RFC
9457 has it, with a `code` that stays the same from version to version. A path that does
not exist is answered with 404 `UNKNOWN_PATH`, another method with 405
`METHOD_NOT_ALLOWED`. `HEAD` is answered like `GET`, without the body.
"""

_TOKEN: Final = "token"  # noqa: S105 - the name of the scheme
SECURITY_SCHEME: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "te_ and 36 letters and digits",
    "description": (
        "Needed if the service listens beyond loopback, or was started with "
        "`--require-token`. Each operation names the scope that the token must have: "
        "`read`, `trade`, which includes it, or `admin`, which includes both."
    ),
}

_PUSHED: Final = (
    PushedEventAnswer,
    PositionAnswer,
    HeartbeatAnswer,
    ServiceAnswer,
    UnansweredAnswer,
)


_TRY_AGAIN: Final = frozenset(
    {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
)


def describe(calls: Sequence[Call], version: str) -> Mapping[str, Any]:
    """Describe an API.

    Args:
        calls: those that it has.
        version: of the service.
    """
    spec = APISpec(
        title="Trade Executor",
        version=version,
        openapi_version=OPENAPI_VERSION,
        info={"description": ABOUT},
        servers=[{"url": "/"}],
    )
    kinds = dict.fromkeys((*_bodies(calls), *_PUSHED, ProblemAnswer))
    schemas = Schemas(list(kinds))
    for name, schema in schemas.by_name.items():
        spec.components.schema(name, schema)
    spec.components.security_scheme(_TOKEN, SECURITY_SCHEME)
    for topic in dict.fromkeys(call.topic for call in calls):
        spec.tag({"name": topic})
    for call in calls:
        operation = _operation(call, schemas)
        spec.path(path=call.path, operations={call.method.lower(): operation})
    found: Mapping[str, Any] = spec.to_dict()
    return found


def _bodies(calls: Iterable[Call]) -> Iterable[Any]:
    for call in calls:
        yield from call.bodies
        for answer in call.answers:
            if not isinstance(answer.body, dict):
                yield answer.body
            if answer.other_body is not None:
                yield answer.other_body


def _operation(call: Call, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [call.topic],
        "operationId": call.name,
        "summary": call.summary,
        "parameters": [
            *(_parameter(one, "path", is_required=True) for one in call.variables),
            *(_parameter(one, "query") for one in call.query),
            *(_parameter(one, "header") for one in call.headers),
        ],
        "responses": _responses(call, schemas),
        "security": [{}] if call.is_open else [{_TOKEN: [call.scope.value]}, {}],
    }
    if call.description:
        operation["description"] = call.description
    if call.bodies:
        kinds = [schemas.of(kind) for kind in call.bodies]
        schema = kinds[0] if len(kinds) == 1 else {"oneOf": kinds}
        operation["requestBody"] = {
            "required": call.is_body_required,
            "content": {JSON_TYPE: {"schema": schema, "example": call.example}},
        }
    return operation


def _parameter(one: Parameter, place: str, *, is_required: bool = False) -> Any:
    return {
        "name": one.name,
        "in": place,
        "required": is_required,
        "description": one.description,
        "schema": one.schema,
    }


def _responses(call: Call, schemas: Schemas) -> dict[str, Any]:
    refusals = dict(call.refusals())
    responses: dict[str, Any] = {}
    for answer in call.answers:
        codes = refusals.pop(answer.status, ())
        responses[str(answer.status.value)] = _answer(answer, codes, schemas)
    for status, codes in sorted(refusals.items()):
        responses[str(status.value)] = {
            "description": _meanings(codes),
            "headers": _headers(status, {}),
            "content": {PROBLEM_TYPE: {"schema": _problem(codes, schemas)}},
        }
    return responses


def _answer(answer: Answer, codes: Sequence[str], schemas: Schemas) -> Any:
    """Describe an answer; one that is refused with the same status has these codes."""
    is_described = isinstance(answer.body, dict)
    schema = answer.body if is_described else schemas.of(answer.body)
    if answer.other_body is not None:
        schema = {"anyOf": [schema, schemas.of(answer.other_body)]}
    content = {answer.content_type: {"schema": schema}}
    if answer.text_type is not None:
        content[answer.text_type] = {"schema": {"type": "string"}}
    description = answer.description
    if codes:
        content[PROBLEM_TYPE] = {"schema": _problem(codes, schemas)}
        description = f"{description}\n\n{_meanings(codes)}"
    return {
        "description": description,
        "headers": _headers(answer.status, answer.headers),
        "content": content,
    }


def _headers(status: HTTPStatus, headers: Mapping[str, str]) -> Any:
    if status in _TRY_AGAIN:
        headers = {**headers, "Retry-After": "Seconds to wait before trying again."}
    if status is HTTPStatus.UNAUTHORIZED:
        headers = {**headers, "WWW-Authenticate": "That a token is wanted."}
    return {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in headers.items()
    }


def _problem(codes: Sequence[str], schemas: Schemas) -> Any:
    return {
        "allOf": [
            schemas.of(ProblemAnswer),
            {"properties": {"code": {"enum": list(codes)}}},
        ]
    }


def _meanings(codes: Sequence[str]) -> str:
    return "\n".join(f"* `{code}`: {CODES[code].words}" for code in codes)
