"""SUBSCRIBE and the other messages that a client sends over a stream connection."""

import json
import re
from typing import Any

from adapters.simulated_exchange.wire.connection import StreamConnection
from adapters.simulated_exchange.wire.hub import STREAMS_MAX, Hub


METHODS = (
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST_SUBSCRIPTIONS",
    "SET_PROPERTY",
    "GET_PROPERTY",
)
UNKNOWN_PROPERTY, INVALID_TYPE, INVALID_REQUEST, INVALID_JSON = range(4)
_ID_TEXT = re.compile(r"[A-Za-z0-9-]{0,36}")
_ID_MAX = 2**63 - 1
_PROPERTY_PARAMETERS = 2


class _RefusedError(Exception):
    """A control message that cannot be obeyed."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def answer(hub: Hub, connection: StreamConnection, text: str) -> bytes:
    """Obey a control message and return the reply's frame."""
    request_id: object = None
    try:
        request = _parse(text)
        request_id = _read_id(request)
        reply = {"result": _obey(hub, connection, request), "id": request_id}
    except _RefusedError as refusal:
        reply = {"code": refusal.code, "msg": refusal.text}
        if request_id is not None:
            reply["id"] = request_id
    return json.dumps(reply, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(text: str) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(INVALID_JSON, f"Invalid JSON: {error}") from error
    if not isinstance(request, dict):
        raise _RefusedError(INVALID_REQUEST, "Invalid request: expected an object")
    return request


def _read_id(request: dict[str, Any]) -> object:
    if "id" not in request:
        raise _RefusedError(INVALID_REQUEST, "Invalid request: missing field `id`")
    value = request["id"]
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (is_integer and -_ID_MAX - 1 <= value <= _ID_MAX):
        return value
    if isinstance(value, str) and _ID_TEXT.fullmatch(value):
        return value
    raise _RefusedError(
        INVALID_REQUEST,
        "Invalid request: request ID must be an integer, a string of at most 36"
        " alphanumeric characters, or null",
    )


def _obey(hub: Hub, connection: StreamConnection, request: dict[str, Any]) -> object:
    method = request.get("method")
    if method == "LIST_SUBSCRIPTIONS":
        return list(connection.streams)
    if method == "SUBSCRIBE":
        if not hub.subscribe(connection, _stream_names(request)):
            message = f"Invalid request: more than {STREAMS_MAX} streams"
            raise _RefusedError(INVALID_REQUEST, message)
        return None
    if method == "UNSUBSCRIBE":
        hub.unsubscribe(connection, _stream_names(request))
        return None
    if method == "SET_PROPERTY":
        connection.combined = _property_value(request)
        return None
    if method == "GET_PROPERTY":
        _check_property(_parameters(request)[:1])
        return connection.combined
    known = ", ".join(f"`{name}`" for name in METHODS)
    message = f"Invalid request: unknown variant `{method}`, expected one of {known}"
    raise _RefusedError(INVALID_REQUEST, message)


def _parameters(request: dict[str, Any]) -> list[Any]:
    values = request.get("params")
    if not isinstance(values, list):
        message = "Invalid request: `params` must be an array"
        raise _RefusedError(INVALID_REQUEST, message)
    return values


def _stream_names(request: dict[str, Any]) -> list[str]:
    names = _parameters(request)
    if not names or not all(isinstance(name, str) for name in names):
        message = "Invalid request: `params` must be an array of stream names"
        raise _RefusedError(INVALID_REQUEST, message)
    return names


def _check_property(values: list[Any]) -> None:
    if not values or not isinstance(values[0], str):
        message = "Invalid request: `params` must name a property"
        raise _RefusedError(INVALID_REQUEST, message)
    if values[0] != "combined":
        raise _RefusedError(UNKNOWN_PROPERTY, "Unknown property")


def _property_value(request: dict[str, Any]) -> bool:
    values = _parameters(request)
    _check_property(values)
    if len(values) != _PROPERTY_PARAMETERS:
        message = "Invalid request: expected a property and its value"
        raise _RefusedError(INVALID_REQUEST, message)
    if not isinstance(values[1], bool):
        message = "Invalid value type: expected Boolean"
        raise _RefusedError(INVALID_TYPE, message)
    return values[1]
