"""Reading rows of which one may make no sense: that is one order's trouble."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from adapters.persistence.rows import Row


logger = logging.getLogger(__name__)

T = TypeVar("T")


def read_all(rows: Iterable[Row], read: Callable[[Row], T]) -> list[T]:
    """Read rows that begin with an order's id; leave out those that make no sense.

    Somebody has changed them by hand, or a version of the service was wrong. The order
    is not worked then, and all others are.
    """
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except Exception as error:  # noqa: BLE001 - whatever a row makes a reader raise
            words = "Row not readable order_id=%s problem=%r"
            logger.critical(words, row[0], error)
    return found
