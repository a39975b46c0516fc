"""Events that have been committed, as they are told to whoever follows them."""

import re
from dataclasses import dataclass
from typing import Final

from domain.orders.order import Order, OrderEvent


_FORM: Final = re.compile(r"(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """Where an event stands among all that were ever committed to a database.

    Positions only grow and are never given twice. They have gaps, and say nothing of
    how many events lie between two of them.
    """

    transaction: int
    """0 where one transaction at a time can write: then the number alone tells."""

    number: int
    """Of the event: in the database, or inside the transaction where that is not 0."""

    def __str__(self) -> str:
        """Return the text that ``read_position`` reads, such as ``0-4711``."""
        return f"{self.transaction}-{self.number}"


BEGINNING: Final = Position(transaction=0, number=0)
"""Before every event."""


def read_position(text: str) -> Position:
    """Read a position that was kept as text.

    Raises:
        ValueError: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no position of an event")
    return Position(transaction=int(found[1]), number=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedEvent:
    """A step of an order that is on disk.

    Position and event are the same however often and from wherever they are read.
    """

    position: Position
    event: OrderEvent
    order: Order
    """As it was on disk when this was read: with what never changes (symbol, side,
    client order id), and at least as far as the event. Its version says how far."""

    @property
    def is_end(self) -> bool:
        """Whether this is the last event of an order that has ended; there is one."""
        return self.order.status.is_final and self.event.number == self.order.version


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedBatch:
    """What one transaction has put on disk, by ascending position."""

    events: tuple[CommittedEvent, ...]
    follows: Position | None
    """No event lies between this position and the first one here, nor ever will. None:
    nobody knows, and whoever must miss nothing reads from the disk."""


NOBODY_KNOWS: Final = CommittedBatch(events=(), follows=None)
"""Something may have been committed that is not told here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events from the disk, by ascending position."""

    events: tuple[CommittedEvent, ...]
    position: Position
    """Read on from here; as asked when there was nothing. It may be beyond the last
    event, where one makes no sense and is left out."""
