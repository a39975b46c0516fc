"""Which intents are on disk only as their child's row; see ``intents``."""

from collections.abc import Sequence
from typing import Final

from domain.orders.order import OrderEvent
from domain.orders.records import OrderChange, Record, RecordOutcome, Stored
from domain.values import OrderId


_NO_VERSION: Final = -1


class UntoldIntents:
    """The events of intents that their order's next step is to be written with.

    At most one for each child in flight. Only what was committed is noted.
    """

    def __init__(self) -> None:
        self._events: dict[OrderId, OrderEvent] = {}

    def before(self, change: OrderChange) -> OrderEvent | None:
        """Return the event that has to be written with a change, just before it."""
        event = self._events.get(change.order.order_id)
        is_next = event is not None and event.number == change.follows
        return event if is_next else None

    def row_version(self, change: OrderChange) -> int:
        """Return the version that the order's row has if a change is its next step."""
        event = self._events.get(change.order.order_id)
        if event is not None and event.number == change.follows:
            return change.follows - 1
        if event is not None and event.number == change.follows + 1:
            return _NO_VERSION  # the intent is that step
        return change.follows

    def add(self, event: OrderEvent) -> None:
        """Note the event of an intent of which only the child's row is on disk."""
        self._events[event.order_id] = event

    def note(
        self,
        records: Sequence[Record],
        outcomes: Sequence[RecordOutcome],
        alone: Sequence[OrderChange],
    ) -> None:
        """Note what was committed.

        Args:
            records: all of the transaction.
            outcomes: one for each.
            alone: those of which only the child's row is on disk.
        """
        for record, outcome in zip(records, outcomes, strict=True):
            if isinstance(outcome, Stored):
                event = self._events.get(record.order.order_id)
                if event is not None and event.number < record.order.version:
                    del self._events[record.order.order_id]
        for intent in alone:
            self.add(intent.events[0])
