"""Rows that make no sense: what counts in their place; only their own order stops."""

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
    """Read rows that begin with an order's id; leave out those that make no sense.

    Somebody has changed them by hand, or a version of the service was wrong. The order
    is not worked then, and all others are.

    Args:
        rows: as the database gave them.
        read: makes sense of one of them.
        logged: what the log says of such orders already, and does not say again; grows.
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
    """Read how the halt switch stands: is_on, reason, since.

    What makes no sense may have been a halt, so it is one, until somebody resumes.
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
        return Halt(is_on=True, reason="what is on disk of the halt makes no sense")


def read_rate_limit_ban(venue: str, row: Row) -> datetime | None:
    """Read until when a venue wanted silence; what makes no sense counts as never.

    To ask too early costs one request, and the venue then says again how long to wait.
    """
    try:
        return time("silence", row[0])
    except ValueError as error:
        logger.warning("Ban not readable venue=%s problem=%s", venue, error)
        return None
