"""Reads the header ``Retry-After``: seconds, or a date (RFC 9110, section 10.2.3)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final


_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]*)?")
"""The standard knows no fractions, but whoever writes one means it."""


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return for how long the server bans us; None when it does not say.

    Not bounded: whoever obeys it knows how long that may be.

    Args:
        headers: of the answer, whose names are found in any case.
        now: the server's time as far as it is known; the answer's own ``Date`` is
            better, for both dates are of one clock.
    """
    text = headers.get("Retry-After", "").strip()
    # The header twice arrives as one with a comma, which dates have, too.
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
    """Read a date of HTTP; None when it is none."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):  # all were seen
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
