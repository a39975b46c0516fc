"""The intervals of klines, and where each of them begins.

rest-api.md, "Kline/Candlestick data" (read 2026-07-21). A zone is the distance of the
local time from UTC in ms; everything else is in ms since 1970 UTC.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
MONDAY: Final = 4 * DAY
"""The first Monday since 1970, which began on a Thursday."""
_ZONE = re.compile(r"([+-]?)(\d{1,2})(?::(\d{2}))?")
_ZONE_MIN, _ZONE_MAX = -12 * HOUR, 14 * HOUR
_MINUTES = 60
_DECEMBER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval of klines by its name."""

    name: str
    length_ms: int
    """Zero for a calendar month."""
    shift_ms: int = 0
    """Where the first one since 1970 begins."""

    def open_of(self, at_ms: int, zone_ms: int) -> int:
        """Return where the interval that holds a moment begins."""
        local = at_ms + zone_ms
        if not self.length_ms:
            return _month(local)[0] - zone_ms
        return local - (local - self.shift_ms) % self.length_ms - zone_ms

    def next_open(self, open_ms: int, zone_ms: int) -> int:
        """Return where the interval after the one that begins there begins."""
        if not self.length_ms:
            return _month(open_ms + zone_ms)[1] - zone_ms
        return open_ms + self.length_ms

    def opens(self, first_ms: int, last_ms: int, zone_ms: int) -> Sequence[int]:
        """Return the beginnings from one to another, both of them beginnings."""
        if self.length_ms:
            return range(first_ms, last_ms + 1, self.length_ms)
        months, at_ms = [], first_ms
        while at_ms <= last_ms:
            months.append(at_ms)
            at_ms = self.next_open(at_ms, zone_ms)
        return months


def _month(local_ms: int) -> tuple[int, int]:
    """Return where the month of a local moment begins, and the one after it."""
    day = datetime.fromtimestamp(local_ms // SECOND, UTC)
    first = datetime(day.year, day.month, 1, tzinfo=UTC)
    year, month = divmod(day.year * _DECEMBER + day.month, _DECEMBER)
    following = datetime(year, month + 1, 1, tzinfo=UTC)
    return int(first.timestamp()) * SECOND, int(following.timestamp()) * SECOND


def _listed() -> dict[str, Interval]:
    lengths = {"1s": SECOND}
    lengths |= {f"{count}m": count * MINUTE for count in (1, 3, 5, 15, 30)}
    lengths |= {f"{count}h": count * HOUR for count in (1, 2, 4, 6, 8, 12)}
    lengths |= {f"{count}d": count * DAY for count in (1, 3)}
    listed = {
        name: Interval(name=name, length_ms=length) for name, length in lengths.items()
    }
    listed["1w"] = Interval(name="1w", length_ms=7 * DAY, shift_ms=MONDAY)
    listed["1M"] = Interval(name="1M", length_ms=0)
    return listed


INTERVALS: Final = _listed()


def read_zone(text: str) -> int | None:
    """Return the distance from UTC in ms of a text such as `8`, `-1:00` or `05:45`.

    None when it is none, or not from -12:00 to +14:00.
    """
    found = _ZONE.fullmatch(text)
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    zone = hours * HOUR + minutes * MINUTE
    zone = -zone if sign == "-" else zone
    if minutes >= _MINUTES or not _ZONE_MIN <= zone <= _ZONE_MAX:
        return None
    return zone
