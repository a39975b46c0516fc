"""Tells one target of committed events: in their order, each at least once.

The events on disk are the outbox. On disk, too, is how far the target has been told,
and the message on its way, so that a message is the same in every attempt, whatever
ends between two of them.
"""

import logging
import random
from collections import deque
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from adapters.webhooks.delivery import Outcome, Send
from adapters.webhooks.messages import Collector, WebhookMessage
from adapters.webhooks.status import TargetStatus
from domain.errors import PositionBeyondEndError
from domain.orders.committed import CommittedEvent, Position
from domain.orders.order import OrderStep
from domain.ports.events import EventSource, EventSubscription
from domain.ports.observing import Meter
from domain.ports.runtime import Clock


GATHER: Final = timedelta(seconds=1)
"""From the first event after a quiet time to the message."""

RETRY_FIRST: Final = timedelta(seconds=5)
RETRY_LONGEST: Final = timedelta(minutes=15)
"""Each wait is twice the one before, up to this, less up to a fifth of it by chance."""

GIVE_UP_AFTER: Final = timedelta(days=3)
LOOK: Final = timedelta(minutes=1)
"""The longest wait for events."""

PASSED_OVER_MAX: Final = 5_000
"""Events of other kinds after which the position is written all the same."""

DEAD_SHOWN_MAX: Final = 100

logger = logging.getLogger(__name__)


class Record(Protocol):
    """What is on disk about a target."""

    @property
    def position(self) -> Position | None:
        """Of the last event that is in a message."""
        ...

    @property
    def message(self) -> WebhookMessage | None:
        """The message on its way."""
        ...

    @property
    def dead(self) -> tuple[WebhookMessage, ...]:
        """What was given up, the newest first."""
        ...


class Table(Protocol):
    """Where it is written; every call may raise StoreUnavailableError."""

    def read(self, target: str) -> Record:
        """Read what is known of a target."""
        ...

    def keep(
        self, target: str, position: Position, message: WebhookMessage | None = None
    ) -> None:
        """Write how far a target is, with the message that leads there."""
        ...

    def note_attempt(self, target: str, message: WebhookMessage) -> None:
        """Write what became of a message that was not taken."""
        ...

    def remove(self, target: str, message: WebhookMessage) -> None:
        """Forget a message that was taken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """What one target is told."""

    name: str
    """Without secrets: shown, logged, and its key on disk."""

    kinds: AbstractSet[OrderStep]
    interval: timedelta
    """At least so long from one message to the next, unless one is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all targets share."""

    events: EventSource
    table: Table
    clock: Clock
    meter: Meter
    chance: Callable[[], float] = random.random
    """From 0 to 1."""


class Target:
    """One target's state; one thread calls ``turn``, any may read ``status``."""

    def __init__(
        self, settings: TargetSettings, send: Send, surroundings: Surroundings
    ) -> None:
        """Subscribe, from where the target was when it was last told.

        Raises:
            StoreUnavailableError: the database is out of reach.
        """
        self.name: Final = settings.name
        self._settings: Final = settings
        self._send: Final = send
        self._table: Final = surroundings.table
        self._clock: Final = surroundings.clock
        self._meter: Final = surroundings.meter
        self._chance: Final = surroundings.chance
        record = surroundings.table.read(settings.name)
        self.subscription: Final = self._subscribe(surroundings, record.position)
        self._position = self.subscription.position
        """Of the last event that was collected or passed over."""

        if record.position is None:
            self._table.keep(self.name, self._position)
        self._ahead: deque[CommittedEvent] = deque()
        """Read, but too much for the message that is collected now."""

        self._message = record.message
        self._dead = record.dead
        self._collector = Collector(settings.kinds)
        self._passed_over = 0
        self._made_at: datetime | None = None
        self._delivered_at: datetime | None = None
        self._is_disabled = False
        self._unsaved: Callable[[], None] | None = None
        self.status = self._status()

    def turn(self, patience_seconds: float) -> None:
        """Read events, for so long if there are none, and send what is due.

        Raises:
            StoreUnavailableError: to be tried again; nothing is lost.
        """
        self._save()
        self._read(patience_seconds)
        now = self._clock.now()
        if self._message is None and self._is_due(now):
            self._make_message(now)
        self.status = self._status()  # an attempt may take long
        if self._message is not None and not self._is_disabled:
            self._try(self._message, now)
        self.status = self._status()

    def patience_seconds(self) -> float:
        """Return how long there is nothing to do, if no event comes."""
        if self._is_disabled:
            return LOOK.total_seconds()
        now = self._clock.now()
        due = self._due_at() if self._message is None else self._message.next_at
        left = LOOK if due is None else min(LOOK, max(due - now, timedelta(0)))
        return left.total_seconds()

    @property
    def reads_events(self) -> bool:
        """Whether events are read; else the next turn must be waited for."""
        return not self._is_disabled and not self._collector.is_full

    def _subscribe(
        self, surroundings: Surroundings, position: Position | None
    ) -> EventSubscription:
        name = f"webhook {self.name}"
        try:
            return surroundings.events.subscribe(name, position)
        except PositionBeyondEndError as error:
            logger.warning(
                "Webhook target is ahead of the database; it is told what comes "
                "from now on target=%s error=%s",
                self.name,
                error,
            )
            return surroundings.events.subscribe(name)

    def _read(self, patience_seconds: float) -> None:
        if not self.reads_events:
            return
        if not self._ahead:
            self._ahead.extend(self.subscription.read(patience_seconds))
        while self._ahead and not self._collector.is_full:
            one = self._ahead.popleft()
            self._position = one.position
            self._passed_over += not self._collector.add(one)
        if self._collector.count or self._passed_over < PASSED_OVER_MAX:
            return
        self._table.keep(self.name, self._position)
        self._passed_over = 0

    def _due_at(self) -> datetime | None:
        oldest = self._collector.oldest
        if oldest is None:
            return None
        if self._collector.is_full or self._made_at is None:
            return oldest + GATHER
        return max(oldest + GATHER, self._made_at + self._settings.interval)

    def _is_due(self, now: datetime) -> bool:
        due = self._due_at()
        if due is None:
            return False
        # Later than it can be: the clock was set back meanwhile.
        return due <= now or due > now + self._settings.interval + GATHER

    def _make_message(self, now: datetime) -> None:
        message = self._collector.message(self.name, now)
        self._table.keep(self.name, self._position, message)
        self._message, self._made_at = message, now
        self._collector = Collector(self._settings.kinds)
        self._passed_over = 0

    def _try(self, message: WebhookMessage, now: datetime) -> None:
        if now < message.next_at <= now + RETRY_LONGEST:
            return
        outcome = self._send(message, now)
        if outcome.problem:
            self._meter.count("webhook_failures")
            self._note_failure(message, outcome)
            return
        self._meter.count("webhook_deliveries")
        if message.attempts:
            logger.info("Webhook target takes messages again target=%s", self.name)
        self._message, self._delivered_at = None, now
        self._unsaved = lambda: self._table.remove(self.name, message)
        self._save()

    def _note_failure(self, message: WebhookMessage, outcome: Outcome) -> None:
        problem, is_gone = outcome.problem, outcome.is_gone
        now = self._clock.now()  # the attempt itself may have taken long
        attempts = message.attempts + 1
        tried = replace(
            message,
            attempts=attempts,
            problem=problem,
            next_at=now + self._wait_after(attempts, outcome.retry_after),
            is_dead=not is_gone and now - message.made_at >= GIVE_UP_AFTER,
        )
        self._message = None if tried.is_dead else tried
        if problem != message.problem or tried.is_dead or is_gone:
            logger.warning(
                "Webhook message not taken target=%s message=%s attempts=%d "
                "problem=%s next=%s",
                self.name,
                message.message_id,
                attempts,
                problem,
                "disabled" if is_gone else "given up" if tried.is_dead else "retry",
            )
        if tried.is_dead:
            self._dead = (tried, *self._dead)[:DEAD_SHOWN_MAX]
        self._is_disabled = is_gone
        self._unsaved = lambda: self._table.note_attempt(self.name, tried)
        self._save()

    def _wait_after(self, attempts: int, wanted: timedelta) -> timedelta:
        """Return how long to wait: what the target wants counts up to the longest."""
        doublings = min(attempts - 1, 20)
        longest = min(RETRY_FIRST * (1 << doublings), RETRY_LONGEST)
        by_chance = longest * (1 - self._chance() / 5)
        return max(by_chance, min(wanted, RETRY_LONGEST))

    def _save(self) -> None:
        """Write what became of an attempt, before anything else is done."""
        if self._unsaved is not None:
            self._unsaved()
            self._unsaved = None

    def _status(self) -> TargetStatus:
        message = self._message
        waiting = self._collector.count + (0 if message is None else message.events)
        is_sent = message is not None and not self._is_disabled
        return TargetStatus(
            name=self.name,
            is_disabled=self._is_disabled,
            waiting=waiting,
            oldest=self._collector.oldest if message is None else message.since,
            attempts=0 if message is None else message.attempts,
            next_at=message.next_at if message is not None and is_sent else None,
            problem="" if message is None else message.problem,
            delivered_at=self._delivered_at,
            dead=self._dead,
        )
