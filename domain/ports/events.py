"""Committed events: the one stream that everything follows which reports on orders."""

from typing import Protocol

from domain.orders.committed import CommittedBatch, EventPage, Position


class CommittedEvents(Protocol):
    """The events on disk; any thread may read.

    Every call raises StoreUnavailableError if the database is out of reach.
    """

    def last_position(self) -> Position:
        """Return the end: no event will ever be committed up to this position."""
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
