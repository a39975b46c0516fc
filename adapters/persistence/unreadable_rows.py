"""Unreadable rows: what counts instead; only the order that they belong to stops."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from adapters.persistence.cell_values import Row, count, text, time
from domain.risk.halt import Halt


logger = logging.getLogger(__name__)

T = TypeVar("T")


def read_all(
    rows: Iterable[Row], read: Callable[[Row], T], logged: set[str] | None = None
) -> list[T]:
    """Read rows that begin with an order's id; leave out unreadable ones.

    They were changed by hand, or written by a faulty version of the service. Their
    order is not worked; all others are.

    Args:
        rows: as the database returned them.
        read: interprets one row.
        logged: problems that are in the log already, and not logged again; grows.
    """
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except Exception as error:  # noqa: BLE001 - whatever a row makes a reader raise
            problem = f"order_id={row[0]} problem={error!r}"
            if logged is None or problem not in logged:
                logger.critical("Row not readable %s", problem)
            if logged is not None:
                logged.add(problem)
    return found


def read_halt(row: Row) -> Halt:
    """Read the setting of the halt switch: is_on, reason, since.

    An unreadable one may have been a halt, so it counts as one until it is resumed.
    """
    is_on, reason, since = row
    try:
        return Halt(
            is_on=bool(count("is_on", is_on, 1)),
            reason=text("reason", reason),
            since=None if since is None else time("since", since),
        )
    except ValueError as error:
        logger.critical("Halt switch not readable, halted problem=%s", error)
        return Halt(is_on=True, reason="the halt switch on disk is unreadable")


def read_rate_limit_ban(venue: str, row: Row) -> datetime | None:
    """Read until when a venue has banned us; an unreadable value counts as never.

    Asking too early costs one request, and the venue says again how long to wait.
    """
    try:
        return time("silence", row[0])
    except ValueError as error:
        logger.warning("Ban not readable venue=%s problem=%s", venue, error)
        return None
