"""Committed events: the one stream that everything which tells of orders goes by."""

from typing import Protocol

from domain.orders.committed import CommittedBatch, EventPage, Position


class CommittedEvents(Protocol):
    """The events on disk, for readers of any thread.

    Every call raises StoreUnavailableError when the database is out of reach.
    """

    def last_position(self) -> Position:
        """Return the end: no event will ever be committed up to this position."""
        ...

    def events_after(self, position: Position, limit: int) -> EventPage:
        """Read the events after a position, as many as are final in their order.

        What is read once stays as it is: no event will ever be committed between two
        that were read.
        """
        ...


class EventPublisher(Protocol):
    """Where the ledger says what it has committed."""

    def publish(self, batch: CommittedBatch) -> None:
        """Hand the batch over to all who follow; never waits for any of them."""
        ...
