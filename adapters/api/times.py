"""Times in JSON: RFC 3339 in UTC, always to the microsecond."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final

from msgspec import Meta


Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""Such as ``2026-11-30T18:56:32.697511Z``, which sorts as text as it does in time."""

_MOMENTS: Final = 64
"""Times whose text is cached: a new order has the same one twice."""


@lru_cache(maxsize=_MOMENTS)
def time_text(moment: datetime) -> Time:
    """Write an aware time."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{text[:-6]}Z"  # without "+00:00"


def time_or_none(moment: datetime | None) -> Time | None:
    """Write an aware time that need not be there."""
    return None if moment is None else time_text(moment)
