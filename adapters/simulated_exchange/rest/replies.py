"""The frame around every REST reply, and the refusals that any call can meet."""

import json

from aiohttp import web

from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.wire.weights import Admission


JSON_TYPE = "application/json;charset=UTF-8"
FORBIDDEN, BANNED, TOO_MANY = 403, 418, 429
FIREWALL_PAGE = b"<html><head><title>ERROR: The request could not be satisfied</title>"
FAULT_REFUSALS = {
    BANNED: (-1003, "Way too much request weight used; IP banned."),
    TOO_MANY: (-1003, "Too much request weight used; please use WebSocket Streams."),
    451: (0, "Service unavailable from a restricted location."),
    500: (-1000, "An unknown error occurred while processing the request."),
    502: (-1006, "An unexpected response was received from the message bus."),
    503: (-1008, "Server is currently overloaded with other requests."),
    504: (-1007, "Timeout waiting for response from backend server."),
}
"""HTTP status of an armed fault -> the venue's code and text."""


def reply(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Return a response as the venue frames it."""
    framed = {"Content-Type": JSON_TYPE, **(headers or {})}
    return web.Response(body=body, status=status, headers=framed)


def refuse(refusal: VenueError, headers: dict[str, str] | None = None) -> web.Response:
    """Return the venue's error reply."""
    body = json.dumps(
        {"code": refusal.code, "msg": refusal.text}, separators=(",", ":")
    )
    return reply(body.encode(), status=refusal.status, headers=headers)


def refuse_weight(verdict: Admission, headers: dict[str, str]) -> web.Response:
    """Return the reply to a client that used too much weight: 429, or 418 if banned."""
    headers = {**headers, "Retry-After": str(verdict.retry_after_seconds)}
    return refuse(weight_refusal(verdict), headers)


def weight_refusal(verdict: Admission) -> VenueError:
    """Return the refusal of a client that used too much weight."""
    if verdict.banned_until_ms:
        message = (
            "Way too much request weight used; IP banned until"
            f" {verdict.banned_until_ms}. Please use WebSocket Streams for live"
            " updates to avoid bans."
        )
        banned = VenueError(-1003, message, BANNED)
        banned.retry_after = verdict.retry_after_seconds
        return banned
    message = (
        "Too much request weight used; current limit is 6000 request weight per"
        " 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling"
        " the API."
    )
    refusal = VenueError(-1003, message, TOO_MANY)
    refusal.retry_after = verdict.retry_after_seconds
    return refusal


def refuse_by_fault(
    status: int, retry_after: int, headers: dict[str, str]
) -> web.Response:
    """Return the reply that an armed HTTP fault asks for."""
    if status == FORBIDDEN:
        return web.Response(
            body=FIREWALL_PAGE, status=status, headers={"Content-Type": "text/html"}
        )
    if status in (BANNED, TOO_MANY):
        headers = {**headers, "Retry-After": str(retry_after)}
    code, text = FAULT_REFUSALS[status]
    return refuse(VenueError(code, text, status), headers)
