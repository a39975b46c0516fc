"""Reads single values of a row, without trusting them.

A text column takes any text, and money depends on it. A value that the service itself
could not have written is refused, in words that say what has to be repaired.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar

from domain.values import ZERO, Side


Row = Sequence[Any]
"""Values of one row, as a database driver takes and returns them."""

AMOUNT: Final = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,12})?", re.ASCII)
"""What a client or the venue may name; see ``domain.values.parse_amount``."""

LONG: Final = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", re.ASCII)
"""Products and sums of amounts, a book's prices, and fees."""

COUNT_MAX: Final = 999_999_999
"""A child's number has nine digits at most."""

SEQUENCE_MAX: Final = 10**15
"""No service gets this far, and from here it could still count on."""

_MOMENTS: Final = 64
"""Times whose text is cached: an order and its event, for example, have the same."""

_INTEGER_MAX: Final = 2**63 - 1

SIDES: Final = {side.value: side for side in Side}

T = TypeVar("T")


def plain(name: str, value: object, form: re.Pattern[str] = LONG) -> Decimal:
    """Read an amount of any sign."""
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise ValueError(f"{name} {value!r} is no amount in plain digits, or too long")
    return Decimal(value)


def above_zero(name: str, value: object, form: re.Pattern[str] = AMOUNT) -> Decimal:
    """Read an amount that cannot be zero."""
    amount = plain(name, value, form)
    if amount <= 0:
        raise ValueError(f"{name} {value} is not above 0")
    return amount


def from_zero(name: str, value: object, form: re.Pattern[str] = AMOUNT) -> Decimal:
    """Read an amount that can be zero."""
    if value == "0":  # as most are: one object for all of them
        return ZERO
    amount = plain(name, value, form)
    if amount < 0:
        raise ValueError(f"{name} {value} is below 0")
    return amount


def amount_or_none(name: str, value: object) -> Decimal | None:
    """Read an amount of the book that was not always recorded."""
    return None if value is None else from_zero(name, value, LONG)


def count(name: str, value: object, most: int = COUNT_MAX, *, least: int = 0) -> int:
    """Read a whole number that is not below zero, or not below the least."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} {value!r} is no whole number from {least} to {most}")
    return value


def count_or_none(name: str, value: object) -> int | None:
    """Read an id of the venue's, where there is one."""
    return None if value is None else count(name, value, _INTEGER_MAX)


def text(name: str, value: object) -> str:
    """Read a text, which in SQLite may be bytes."""
    if not isinstance(value, str):
        raise ValueError(f"{name} {value!r} is no text")  # noqa: TRY004 - as all here
    return value


def time(name: str, value: str) -> datetime:
    """Read a time with a zone: one without cannot be compared with others."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(f"{name} {value!r} is no time with an offset from UTC")
    return found


def one_of(name: str, value: Any, known: Mapping[str, T]) -> T:
    """Read a word of a fixed list."""
    # A dict look-up is several times faster than calling an enum.
    found = known.get(value)
    if found is None:
        raise ValueError(f"{name} {value!r} is none of {', '.join(known)}")
    return found


@lru_cache(maxsize=_MOMENTS)
def write_time(moment: datetime) -> str:
    """Write an aware time as UTC text of a fixed width."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
