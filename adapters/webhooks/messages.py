"""Messages to webhook targets, and how they are made of committed events."""

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import Struct

from adapters.api.bodies import encode
from adapters.api.orders import OrderAnswer
from adapters.api.times import Time, time_text
from domain.orders.committed import CommittedEvent, Position
from domain.orders.order import Order, OrderStep
from domain.values import OrderId


TYPE: Final = "orders.changed"

ORDERS_MAX: Final = 200
"""In one message; there may be any number of events of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """What one target is told at once, and what became of it so far."""

    message_id: str
    """The same in every attempt."""

    body: str
    """JSON; the same in every attempt."""

    events: int
    """How many it tells of."""

    since: datetime
    """When the first of them occurred."""

    made_at: datetime
    next_at: datetime
    """When it is to be sent."""

    attempts: int = 0
    problem: str = ""
    """Why the last attempt failed."""

    is_dead: bool = False
    """Given up; the messages after it are sent."""


class ChangedOrder(Struct, frozen=True, kw_only=True):
    """What has happened to one order."""

    order: OrderAnswer
    """As it was after the last of these events, or later."""

    events: dict[str, int]
    """How many of each kind."""


class ChangedOrders(Struct, frozen=True, kw_only=True):
    """What has happened since the last message."""

    orders: list[ChangedOrder]
    """In the order of their first event here."""

    first_position: str
    """Of the first event."""

    last_position: str


class MessageBody(Struct, frozen=True, kw_only=True):
    """A message, in the form that Standard Webhooks proposes."""

    type: str
    timestamp: Time
    """Of the last event."""

    data: ChangedOrders


class Collector:
    """Collects events for the next message to one target."""

    def __init__(self, kinds: AbstractSet[OrderStep]) -> None:
        """Begin without any.

        Args:
            kinds: of the events that the target is told of.
        """
        self._kinds: Final = kinds
        self._orders: dict[OrderId, Order] = {}
        self._counts: dict[OrderId, Counter[str]] = {}
        self._first: CommittedEvent | None = None
        self._last: CommittedEvent | None = None
        self.count = 0
        """Events collected."""

    @property
    def is_full(self) -> bool:
        """Whether the message should be made before more events are read."""
        return len(self._orders) >= ORDERS_MAX

    @property
    def oldest(self) -> datetime | None:
        """When the first event occurred; None without any."""
        return None if self._first is None else self._first.event.occurred_at

    def add(self, one: CommittedEvent) -> bool:
        """Take the next event; return whether it is of a kind that is told."""
        if one.event.step not in self._kinds:
            return False
        order_id = one.order.order_id
        known = self._orders.get(order_id)
        if known is None or one.order.version >= known.version:
            self._orders[order_id] = one.order
        self._counts.setdefault(order_id, Counter())[one.event.step.value] += 1
        self._first = self._first or one
        self._last = one
        self.count += 1
        return True

    def message(self, target: str, now: datetime) -> WebhookMessage:
        """Make a message of what was collected; there must be something."""
        assert self._first is not None
        assert self._last is not None
        first, last = self._first.position, self._last.position
        body = MessageBody(
            type=TYPE,
            timestamp=time_text(self._last.event.occurred_at),
            data=ChangedOrders(
                orders=[
                    ChangedOrder(order=OrderAnswer.of(order), events=dict(counts))
                    for order, counts in zip(
                        self._orders.values(), self._counts.values(), strict=True
                    )
                ],
                first_position=str(first),
                last_position=str(last),
            ),
        )
        return WebhookMessage(
            message_id=_message_id(target, first, last),
            body=encode(body).decode(),
            events=self.count,
            since=self._first.event.occurred_at,
            made_at=now,
            next_at=now,
        )


def _message_id(target: str, first: Position, last: Position) -> str:
    """Return an id that no other message has; positions are never used twice."""
    return f"msg_{target.rpartition('-')[2]}_{first}_{last}"
