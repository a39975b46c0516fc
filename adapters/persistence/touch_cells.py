"""Converts touches to the text of one column and back.

JSON: [bid, its quantity, ask, its quantity, update id, as of]; null for an empty side.
The amounts are spelled as in the venue's statements, with padding zeros.
"""

import json
from datetime import UTC
from typing import Final

from adapters.persistence.cell_values import (
    LONG,
    above_zero,
    count_or_none,
    time,
)
from domain.market.touch import Touch
from domain.market.updates import Statement, written


_WIDTH: Final = 6


def write_touch(touch: Touch | None) -> str | None:
    """Write a touch."""
    if touch is None:
        return None
    bid, ask = _cells(touch.best_bid), _cells(touch.best_ask)
    # Not by ``write_time``: no other time is the same, so that it need not be cached.
    moment = touch.as_of.astimezone(UTC).isoformat(timespec="microseconds")
    return f'[{bid},{ask},{touch.update_id},"{moment}"]'


def read_touch(name: str, value: object) -> Touch | None:
    """Read a touch; None where none was recorded.

    Raises:
        ValueError: the service cannot have written it.
    """
    if value is None:
        return None
    cells = json.loads(value) if isinstance(value, str) else None
    if not isinstance(cells, list) or len(cells) != _WIDTH:
        raise ValueError(f"{name} {value!r} is no touch")
    number = count_or_none(f"{name}'s update id", cells[4])
    if number is None:
        raise ValueError(f"{name} {value!r} has no update id")
    return Touch(
        best_bid=_statement(name, *cells[:2]),
        best_ask=_statement(name, *cells[2:4]),
        update_id=number,
        as_of=time(f"{name}'s time", cells[5]),
    )


def _cells(level: Statement | None) -> str:
    return "null,null" if level is None else f'"{level[0]}","{level[1]}"'


def _statement(name: str, price: object, quantity: object) -> Statement | None:
    if price is None and quantity is None:
        return None
    return (
        written(above_zero(name, price, LONG)),
        written(above_zero(name, quantity, LONG)),
    )
