"""Cursors: where the next page of a list begins, as a text that clients send back."""

import base64
import binascii
from typing import Final

from domain.errors import InvalidRequestError


_DIGITS_MAX: Final = 18


class InvalidCursorError(InvalidRequestError):
    """A cursor that no page of ours ever gave."""

    def __init__(self) -> None:
        super().__init__("cursor is not one that a page of this list gave")


def write_cursor(mark: str, *position: int) -> str:
    """Write the position of the last entry of a page.

    Args:
        mark: one letter that tells the lists apart.
        position: the values by which the list is sorted.
    """
    text = f"{mark}{'.'.join(map(str, position))}".encode("ascii")
    return base64.urlsafe_b64encode(text).decode("ascii").rstrip("=")


def read_cursor(mark: str, cursor: str) -> int:
    """Read the position that ``write_cursor`` wrote, of a list sorted by one value.

    Raises:
        InvalidCursorError: it is not a cursor, or one of another list.
    """
    (position,) = read_cursors(mark, cursor, 1)
    return position


def read_cursors(mark: str, cursor: str, count: int) -> tuple[int, ...]:
    """Read the position that ``write_cursor`` wrote, of so many values.

    Raises:
        InvalidCursorError: it is not a cursor, or one of another list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise InvalidCursorError from None
    position = text.removeprefix(mark).split(".")
    is_known = text[:1] == mark and len(position) == count
    if not is_known or not all(map(_is_number, position)):
        raise InvalidCursorError
    return tuple(map(int, position))


def _is_number(digits: str) -> bool:
    return digits.isdigit() and len(digits) <= _DIGITS_MAX
