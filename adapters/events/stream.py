"""Hands committed events over to subscribers, without ever waiting for them.

What was just committed comes through memory. A subscriber that was away, or did not
keep up, reads on from the disk, from the last position that it has seen, until it has
caught up: a batch in memory counts only if it follows that position. So no subscriber
misses an event or sees one twice, whatever was dropped in between.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from domain.errors import PositionBeyondEndError
from domain.orders.committed import CommittedBatch, CommittedEvent, Position
from domain.ports.events import CommittedEvents, EventSubscription


WAITING_MAX: Final = 4_096
"""Events that may wait in memory for one subscriber; then it reads on from the disk."""

PAGE_SIZE: Final = 500

LOOK_SECONDS: Final = 1.0
"""Between looks at the disk while the next event may be found there alone. On
PostgreSQL one can be final only some time after its commit, when an older transaction
has ended; and where nobody publishes, in a process that only reads, all are."""

logger = logging.getLogger(__name__)


class EventStream:
    """Implements the ports ``EventPublisher`` and ``EventSource``."""

    def __init__(self, reader: CommittedEvents, waiting_max: int = WAITING_MAX) -> None:
        self._reader: Final = reader
        self._waiting_max: Final = waiting_max
        self._lock: Final = threading.Lock()
        self._has_publisher: Final = threading.Event()
        self._subscriptions: tuple[Subscription, ...] = ()
        """Replaced under the lock and never changed, so that ``publish`` needs none."""

    def publish(self, batch: CommittedBatch) -> None:
        """Hand the batch over to all subscribers; never waits for any of them."""
        self._has_publisher.set()
        for one in self._subscriptions:
            one.hand_over(batch)

    def subscribe(self, name: str, position: Position | None = None) -> "Subscription":
        """Follow the events from a position on; see ``EventSource``."""
        if position is None:
            position = self._reader.last_position()
        elif position > (highest := self._reader.highest_position()):
            raise PositionBeyondEndError(position=position, highest=highest)
        one = Subscription(
            name, self._reader, position, self._waiting_max, self._has_publisher
        )
        with self._lock:
            self._subscriptions = (*self._subscriptions, one)
        return one

    def unsubscribe(self, one: EventSubscription) -> None:
        """Hand nothing more over to this subscription."""
        with self._lock:
            rest = [other for other in self._subscriptions if other is not one]
            self._subscriptions = tuple(rest)


class Subscription:
    """Implements ``EventSubscription``; holds a thread only while ``read`` waits."""

    def __init__(
        self,
        name: str,
        reader: CommittedEvents,
        position: Position,
        waiting_max: int,
        has_publisher: threading.Event,
    ) -> None:
        """Begin after a position.

        Args:
            name: for the log.
            reader: of the disk.
            position: the last one that was seen.
            waiting_max: events that may wait in memory.
            has_publisher: set once somebody publishes here what is committed.
        """
        self._name: Final = name
        self._reader: Final = reader
        self._waiting_max: Final = waiting_max
        self._has_publisher: Final = has_publisher
        self._position = position
        self._is_on_disk = True  # it may be there that the next event is found
        self._changed: Final = threading.Condition()
        self._waiting: deque[CommittedBatch] = deque()
        self._count = 0
        self._is_woken = False
        self._has_dropped = False

    @property
    def position(self) -> Position:
        """Return that of the last event returned, or passed over."""
        return self._position

    def hand_over(self, batch: CommittedBatch) -> None:
        """Take a batch, and drop all earlier ones if they are too many."""
        with self._changed:
            self._count += len(batch.events)
            if self._count > self._waiting_max and self._waiting:
                self._waiting.clear()
                self._count = len(batch.events)
                self._has_dropped = True
            self._waiting.append(batch)
            self._changed.notify()

    def wake(self) -> None:
        """Make ``read`` return, now or the next time, even without events."""
        with self._changed:
            self._is_woken = True
            self._changed.notify()

    def read(self, timeout_seconds: float = 0.0) -> Sequence[CommittedEvent]:
        """Return the next events; none when there are none in time.

        Raises:
            StoreUnavailableError: see ``EventSubscription.read``.
        """
        until = time.monotonic() + timeout_seconds
        while True:
            if events := self._take_waiting():
                return events
            if self._is_on_disk and (events := self._read_disk()):
                return events
            if not self._wait(until):
                return ()

    def _read_disk(self) -> Sequence[CommittedEvent]:
        while True:
            page = self._reader.events_after(self._position, PAGE_SIZE)
            if page.position == self._position:
                self._is_on_disk = not self._is_at_end()
                return ()
            self._position = page.position
            if page.events:
                return page.events

    def _is_at_end(self) -> bool:
        """Whether the disk has no more, so that what is committed next is handed over.

        What was committed just now and is not on the page is either above us, or still
        to be published. What an earlier process committed was there from the start.
        """
        if not self._has_publisher.is_set():
            return False
        return self._reader.highest_position() <= self._position

    def _take_waiting(self) -> Sequence[CommittedEvent]:
        """Take the waiting batches that follow; note if the disk must be read first."""
        with self._changed:
            batches, self._waiting, self._count = self._waiting, deque(), 0
            has_dropped, self._has_dropped = self._has_dropped, False
        if has_dropped:
            logger.info("Subscriber reads on from the disk name=%s", self._name)
        found: list[CommittedEvent] = []
        for batch in batches:
            if batch.events and batch.events[-1].position <= self._position:
                continue  # already read from the disk
            self._is_on_disk = batch.follows is None or batch.follows > self._position
            if self._is_on_disk:
                break  # events before it are missing; the disk has them, and the rest
            new = [one for one in batch.events if one.position > self._position]
            if new:
                found += new
                self._position = new[-1].position
        return found

    def _wait(self, until: float) -> bool:
        """Wait for something to read; return False when the time is up."""
        with self._changed:
            if self._waiting:
                return True
            if self._is_woken:
                self._is_woken = False
                return False
            remaining = until - time.monotonic()
            if remaining <= 0:
                return False
            self._changed.wait(
                min(remaining, LOOK_SECONDS) if self._is_on_disk else remaining
            )
            return True
