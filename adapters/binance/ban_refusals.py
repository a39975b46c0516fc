"""Refusals that ban us, whatever request they refuse."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from urllib3 import HTTPHeaderDict
from websocket import WebSocketBadStatusException

from adapters.binance.rest_replies import parse_ban
from adapters.binance.venue_limits import PAUSE_SECONDS_MAX, VenueLimits
from adapters.network.retry_after import retry_after_seconds
from domain.venue.answers import PauseReason


_FORBIDDEN, _BANNED, _TOO_MANY, _RESTRICTED = 403, 418, 429, 451
_PAUSES_SECONDS: Final = {
    _FORBIDDEN: 60.0,
    _BANNED: 120.0,
    _TOO_MANY: 60.0,
    _RESTRICTED: 60.0,
}
"""When the venue does not say how long: time for the firewall, the two minutes that a
ban lasts at least, and the minute after which used weight no longer counts."""

BANNING_STATUSES: Final = frozenset(_PAUSES_SECONDS)
"""The statuses."""


def heed_refusal(
    limits: VenueLimits,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    words: str,
) -> float:
    """Send nothing for as long as the refusal demands.

    Args:
        limits: shared by all connections to the venue.
        status: of HTTP.
        headers: of the answer, with case-insensitive names.
        body: of the answer.
        words: the venue's own, for the operator.

    Returns:
        for how many seconds; 0 when the refusal bans nobody.
    """
    if status not in BANNING_STATUSES:
        return 0.0
    seconds = _seconds(status, headers, body, limits.venue_now())
    is_blocked = status in (_FORBIDDEN, _RESTRICTED)
    reason = PauseReason.VENUE_BLOCKED if is_blocked else PauseReason.RATE_LIMITED
    limits.pause(seconds, reason, words=words)
    return seconds


def heed_handshake(
    limits: VenueLimits, error: WebSocketBadStatusException, *, words: str
) -> float:
    """Do the same for a refused WebSocket handshake."""
    headers = HTTPHeaderDict(error.resp_headers or {})
    body = error.resp_body or b""
    return heed_refusal(limits, error.status_code, headers, body, words=words)


def _seconds(
    status: int, headers: Mapping[str, str], body: bytes, venue_now: datetime
) -> float:
    wanted = retry_after_seconds(headers, venue_now)
    if wanted is None:
        wanted = max(_PAUSES_SECONDS[status], parse_ban(body, venue_now) or 0)
    return min(wanted, PAUSE_SECONDS_MAX)
