"""Webhook targets, as answers have them."""

from typing import Self

from msgspec import Struct

from adapters.api.times import Time, time_or_none, time_text
from adapters.webhooks.messages import WebhookMessage
from adapters.webhooks.status import TargetStatus


class DeadLetterAnswer(Struct, frozen=True, kw_only=True):
    """A message that was given up."""

    id: str
    """As in the header `webhook-id`."""

    events: int
    """How many it would have told of; the orders' own events are still there."""

    since: Time
    """When the first of them occurred."""

    attempts: int
    problem: str
    """Of the last attempt."""

    @classmethod
    def of(cls, message: WebhookMessage) -> Self:
        """Show a message."""
        return cls(
            id=message.message_id,
            events=message.events,
            since=time_text(message.since),
            attempts=message.attempts,
            problem=message.problem,
        )


class WebhookAnswer(Struct, frozen=True, kw_only=True):
    """A target, and what it has not been told yet."""

    target: str
    """Its host, and a hash of its URL, which may hold a secret."""

    disabled: bool
    """It answered 410; the next start of the service tries it again."""

    waiting_events: int
    """Not told yet, as far as they have been read: those of the message on its way, and
    of the next one."""

    oldest_at: Time | None
    """When the first of them occurred; null: none waits."""

    attempts: int
    """Of the message on its way that have failed."""

    next_attempt_at: Time | None
    """Null: nothing is to be sent again."""

    problem: str | None
    """Of the last attempt; null: there was none, or it succeeded."""

    delivered_at: Time | None
    """When a message was last taken, since the start of the service."""

    dead_letters: list[DeadLetterAnswer]
    """Messages given up after three days; up to 100, the newest first."""

    @classmethod
    def of(cls, status: TargetStatus) -> Self:
        """Show a target."""
        return cls(
            target=status.name,
            disabled=status.is_disabled,
            waiting_events=status.waiting,
            oldest_at=time_or_none(status.oldest),
            attempts=status.attempts,
            next_attempt_at=time_or_none(status.next_at),
            problem=status.problem or None,
            delivered_at=time_or_none(status.delivered_at),
            dead_letters=[DeadLetterAnswer.of(one) for one in status.dead],
        )
