"""Reads the header ``Retry-After``: seconds, or a date (RFC 9110, section 10.2.3)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final


_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]*)?")
"""The standard has no fractions, but a server that sends one means it."""


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return for how long the server bans us; None when it does not say.

    Not bounded: that is up to the caller.

    Args:
        headers: of the answer, with case-insensitive names.
        now: our best estimate of the server's time; the answer's own ``Date`` is
            better, because both dates are by one clock.
    """
    text = headers.get("Retry-After", "").strip()
    # A repeated header arrives as one with a comma; but dates have commas, too.
    seconds = [float(one) for one in _parts(text) if _SECONDS.fullmatch(one)]
    if seconds:
        return max(seconds)
    until = _date(text)
    if until is None:
        return None
    since = _date(headers.get("Date", "")) or now
    return max((until - since).total_seconds(), 0.0)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _date(text: str) -> datetime | None:
    """Read an HTTP date; None when it is not one."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):  # all were seen
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
