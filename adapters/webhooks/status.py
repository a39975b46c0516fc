"""How a webhook target is, for whoever looks."""

from dataclasses import dataclass
from datetime import datetime

from adapters.webhooks.messages import WebhookMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStatus:
    """How a target is."""

    name: str
    is_disabled: bool
    """It answered 410."""

    waiting: int
    """Events that it has not been told of yet, as far as they have been read."""

    oldest: datetime | None
    """When the first of them came; None: none waits."""

    attempts: int
    """Of the message on its way."""

    next_at: datetime | None
    """When that is sent again; None: nothing is on its way, or ever will be."""

    problem: str
    """Of its last attempt."""

    delivered_at: datetime | None
    """When the last message was taken, since the start."""

    dead: tuple[WebhookMessage, ...]
    """The newest ones that were given up."""
