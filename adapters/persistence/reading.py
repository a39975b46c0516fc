"""Reading rows of which one may make no sense: that is one order's trouble."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from adapters.persistence.rows import Row


logger = logging.getLogger(__name__)

T = TypeVar("T")


def read_all(
    rows: Iterable[Row], read: Callable[[Row], T], told: set[str] | None = None
) -> list[T]:
    """Read rows that begin with an order's id; leave out those that make no sense.

    Somebody has changed them by hand, or a version of the service was wrong. The order
    is not worked then, and all others are.

    Args:
        rows: as the database gave them.
        read: makes sense of one of them.
        told: what was said of such orders before, and is not said again; it grows.
    """
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except Exception as error:  # noqa: BLE001 - whatever a row makes a reader raise
            problem = f"order_id={row[0]} problem={error!r}"
            if told is None or problem not in told:
                logger.critical("Row not readable %s", problem)
            if told is not None:
                told.add(problem)
    return found
