"""For how long the venue bans requests.

Source: Binance spot API documentation, limits (2026-07-21): ``Retry-After`` in seconds
(or a date, as of HTTP); bans last two minutes to three days; windows follow the
calendar.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from adapters.binance.rest_replies import parse_ban
from adapters.binance.venue_limits import PAUSE_SECONDS_MAX
from adapters.network.http_transport import HttpReply
from adapters.network.retry_after import retry_after_seconds


_SPANS_SECONDS: Final = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_BANNED: Final = 418
_BAN_SECONDS: Final = 120.0
_SECONDS_MIN: Final = 1.0

_WINDOW: Final = re.compile(
    rb"per ([0-9]{1,4})? ?(SECOND|MINUTE|HOUR|DAY)", re.IGNORECASE
)
_MARGIN_SECONDS: Final = 0.05


def ban_seconds(reply: HttpReply, venue_now: datetime) -> float:
    """Return how long to send nothing after a reply that bans us.

    By its header, else by the time or the window that its text names, else the minimum
    for such replies.
    """
    seconds = _seconds_wanted(reply, venue_now)
    return min(max(seconds, _SECONDS_MIN), PAUSE_SECONDS_MAX)


def said_duration(reply: HttpReply, venue_now: datetime) -> timedelta:
    """Return how long the header of a reply bans us; 0 when it does not say."""
    seconds = retry_after_seconds(reply.headers, venue_now) or 0.0
    return timedelta(seconds=min(seconds, PAUSE_SECONDS_MAX))


def _seconds_wanted(reply: HttpReply, venue_now: datetime) -> float:
    wanted = retry_after_seconds(reply.headers, venue_now)
    if wanted is not None:
        return wanted
    ban = parse_ban(reply.body, venue_now)
    if ban is not None:
        return ban
    if reply.status == _BANNED:
        return _BAN_SECONDS
    span = 60
    if window := _WINDOW.search(reply.body):
        span = int(window[1] or 1) * _SPANS_SECONDS[window[2].decode().upper()]
    return span - venue_now.timestamp() % max(span, 1) + _MARGIN_SECONDS
