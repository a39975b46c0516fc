"""Committed events: the one stream that everything follows which reports on orders."""

from collections.abc import Sequence
from typing import Protocol

from domain.orders.committed import (
    CommittedBatch,
    CommittedEvent,
    EventPage,
    Position,
)


class CommittedEvents(Protocol):
    """The events on disk; any thread may read.

    Every call raises StoreUnavailableError if the database is out of reach.
    """

    def last_position(self) -> Position:
        """Return the end: no event will ever be committed up to this position."""
        ...

    def highest_position(self) -> Position:
        """Return that of the last event on disk, whether it is final or not.

        No position that was ever given out is above it; one may be above the end.
        """
        ...

    def events_after(self, position: Position, limit: int) -> EventPage:
        """Read the events after a position, as far as their order is final.

        What was read once stays as it is: no event will ever be committed between two
        that were read.
        """
        ...


class EventPublisher(Protocol):
    """Where the ledger publishes what it has committed."""

    def publish(self, batch: CommittedBatch) -> None:
        """Hand the batch over to all subscribers; never waits for any of them."""
        ...


class EventSubscription(Protocol):
    """One subscriber's place in the stream; for one reading thread."""

    @property
    def position(self) -> Position:
        """Return that of the last event that ``read`` has returned, or passed over.

        Kept beside what was made of the events, it leads to the next one. It may be
        beyond the last event returned, because an unreadable one is left out; to
        come back with that event's own position does as well.
        """
        ...

    def read(self, timeout_seconds: float = 0) -> Sequence[CommittedEvent]:
        """Return the next events; none when there are none in time.

        Raises:
            StoreUnavailableError: what is next is on the disk only, and that is out of
                reach. The position stays, to be read from again.
        """
        ...

    def wake(self) -> None:
        """Have ``read`` return, now or the next time, although there is nothing.

        From any thread.
        """
        ...


class EventSource(Protocol):
    """Where subscribers hear of what was committed; any thread may subscribe."""

    def subscribe(
        self, name: str, position: Position | None = None
    ) -> EventSubscription:
        """Follow the events from a position on.

        Args:
            name: of the subscriber, for the log.
            position: the last one that was seen, kept from an earlier subscription,
                perhaps of an earlier process; None: only what is committed from now on.

        Raises:
            PositionBeyondEndError: this database never gave such a position. One that
                it gave before it was restored from a backup is noticed only until it
                has grown beyond it.
            StoreUnavailableError: the database cannot be read.
        """
        ...

    def unsubscribe(self, one: EventSubscription) -> None:
        """Hand nothing more over to this one; else it is kept for ever."""
        ...
