"""Events that have been committed, as subscribers receive them."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderEvent


_FORM: Final = re.compile(r"(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})", re.ASCII)


class Position(NamedTuple):
    """Where an event stands among all that were ever committed to a database.

    Positions only grow and are never used twice. They have gaps: they do not say how
    many events lie between two of them.
    """

    transaction: int
    """0 if only one transaction at a time can write: then the number is enough."""

    number: int
    """Of the event: in the database or, if ``transaction`` is not 0, inside that."""

    def __str__(self) -> str:
        """Return the text that ``read_position`` reads, such as ``0-4711``."""
        return f"{self.transaction}-{self.number}"


BEGINNING: Final = Position(transaction=0, number=0)
"""Before every event."""


def read_position(text: str) -> Position:
    """Read a position that was kept as text.

    Raises:
        ValueError: the text is no position.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no position of an event")
    return Position(transaction=int(found[1]), number=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedEvent:
    """A step of an order that is on disk.

    Position and event are the same however often and wherever they are read.
    """

    position: Position
    event: OrderEvent
    order: Order
    """As it was on disk when this was read: at least as far as the event; its version
    says how far. What never changes (symbol, side, client order id) is always there."""

    fill: Fill | None = None
    """What the step has booked; None if it is none that books, or was taken over from
    a version that could not say which fill is which step's."""

    @property
    def is_end(self) -> bool:
        """Whether this is the last event of an order that has ended; each has one."""
        return self.order.status.is_final and self.event.number == self.order.version


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedBatch:
    """What one transaction has committed, by ascending position."""

    events: tuple[CommittedEvent, ...]
    follows: Position | None
    """No event lies between this position and the first one here, and none ever will.
    None: unknown; a subscriber that must miss nothing reads from the disk."""


NOBODY_KNOWS: Final = CommittedBatch(events=(), follows=None)
"""Something may have been committed that is not in here."""

NOTHING_TOLD: Final = CommittedBatch(events=(), follows=BEGINNING)
"""What was committed, if anything, is told with the next step of its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events from the disk, by ascending position."""

    events: tuple[CommittedEvent, ...]
    position: Position
    """Read on from here; as asked if there was nothing. It may be beyond the last
    event, because an unreadable event is left out."""
