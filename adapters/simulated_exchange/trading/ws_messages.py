"""Requests and replies of the WebSocket API (web-socket-api.md, read 2026-07-21)."""

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import BANNED, TOO_MANY


_ID_TEXT = re.compile(r"[A-Za-z0-9\-_]{1,36}")
_ID_MAX = 2**63 - 1
_TIME_FIELD = re.compile(rb'"(\w*[tT]ime|\w+Since|E|T|O|W|u)":(\d{13})(?=[,}])')
Pairs = list[tuple[str, str]]
OK = 200
SHOWS_LIMITS = "returnRateLimits"
"""A parameter of every request, meant for the connection and not for the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WsRequest:
    """One request of a client."""

    request_id: object
    method: str
    signed_pairs: Pairs
    """All parameters as text: a signature covers every one that was sent."""
    pairs: Pairs
    """Those of the call itself, without what the connection takes for itself."""
    shows_limits: bool | None
    """What the request says about rate limits in its reply, if anything."""


def parse(text: str) -> WsRequest:
    """Read a frame.

    Raises:
        VenueError: It is no request.
    """
    try:
        # Numbers keep their text: it is part of what was signed.
        message = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        raise VenueError(-1135, "JSON Request is invalid.") from None
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        raise VenueError(-1135, "JSON Request is invalid: 'method' is missing.")
    parameters = message.get("params", {})
    if not isinstance(parameters, dict):
        raise VenueError(-1135, "JSON Request is invalid: 'params' is no object.")
    sent = [
        (name, _as_text(value))
        for name, value in parameters.items()
        if value is not None
    ]
    return WsRequest(
        request_id=_read_id(message.get("id")),
        method=message["method"].removeprefix("v3/"),
        signed_pairs=sent,
        pairs=[pair for pair in sent if pair[0] != SHOWS_LIMITS],
        shows_limits=read_shows_limits(dict(sent).get(SHOWS_LIMITS)),
    )


def read_shows_limits(text: str | None) -> bool | None:
    """Read whether replies show rate limits; None where nothing is said.

    Raises:
        VenueError: It is neither true nor false.
    """
    if text not in {"true", "false", None}:
        message = f"Data sent for parameter '{SHOWS_LIMITS}' is not valid."
        raise VenueError(-1130, message)
    return None if text is None else text == "true"


def _read_id(value: object) -> object:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (is_integer and abs(int(str(value))) <= _ID_MAX):
        return value
    if isinstance(value, str) and _ID_TEXT.fullmatch(value):
        return value
    raise VenueError(-1135, "JSON Request is invalid: 'id' is invalid.")


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict | bool):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def result(request_id: object, value: object, limits: object) -> bytes:
    """Return the frame of a reply; `limits` None leaves them out."""
    reply = {"id": request_id, "status": OK, "result": value}
    if limits is not None:
        reply["rateLimits"] = limits
    return msgspec.json.encode(reply)


def refusal(
    request_id: object, error: VenueError, limits: object, now_ms: int
) -> bytes:
    """Return the frame of a refusal."""
    shown: dict[str, object] = {"code": error.code, "msg": error.text}
    if error.data is not None:
        shown["data"] = error.data
    elif error.status in {BANNED, TOO_MANY}:
        until_ms = now_ms + error.retry_after * 1000
        shown["data"] = {"serverTime": now_ms, "retryAfter": until_ms}
    reply = {"id": request_id, "status": error.status, "error": shown}
    if limits is not None:
        reply["rateLimits"] = limits
    return msgspec.json.encode(reply)


def in_microseconds(frame: bytes) -> bytes:
    """Return a frame with its times in microseconds."""
    return _TIME_FIELD.sub(rb'"\1":\g<2>000', frame)
