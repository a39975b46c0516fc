"""Follows the committed events in one thread, as long as somebody listens."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, ParamSpec, Protocol, TypeVar

from adapters.http.recent_frames import Chunk, Frame, RecentFrames, split
from adapters.http.server_sent_events import event_frame, fill_of, order_after
from domain.errors import StoreUnavailableError
from domain.orders.committed import CommittedEvent, Position
from domain.ports.events import EventSource, EventSubscription


P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is handed on at a time, and how often."""

    join_seconds: float = 0.08
    """Events committed within this time are handed on together: to write to 256
    connections costs milliseconds, however little it is."""

    chunk_bytes_max: int = 128 * 1024
    """Of what is handed on at a time."""

    chunk_seconds: float = 0.02
    """Pause after a chunk, in which a client can read it. After a burst it would have
    too much unread otherwise, through no fault of its own."""

    recent_bytes_max: int = 4 * 1024 * 1024
    """Of events that are kept for clients that come back; about 10,000 of them."""

    read_seconds: float = 60.0
    """Waiting for events at a time."""

    page_pause: float = 4.0
    """Pause after a page of older events, in times of what it took to read. Many
    clients that catch up take longer, and not the time of those who place orders."""

    retry_seconds: float = 1.0
    """Pause between tries to read the database."""


class ReadTrouble:
    """Says once that the database cannot be read, not at each try."""

    def __init__(self) -> None:
        self._problem: str | None = None

    def note(self, error: Exception | None) -> None:
        """Note how a try has ended; None: well."""
        problem = None if error is None else repr(error)
        if problem is not None and problem != self._problem:
            logger.warning("Push stream waits for the database error=%s", problem)
        elif problem is None and self._problem is not None:
            logger.info("Push stream reads the database again")
        self._problem = problem


class Clients(Protocol):
    """Those who follow the events."""

    def are_there(self) -> bool:
        """Whether there are any, or one may come in a moment."""
        ...

    def take(self, chunk: Chunk) -> None:
        """Take what was committed; ``RecentFrames`` has it already."""
        ...

    def end_all(self) -> None:
        """Send them away: there is a bug, and what comes next would have a gap."""
        ...


class EventFollower:
    """Reads what is committed, and hands it on as frames; for the loop's thread.

    What is next is read in a thread. While nobody listens there is no subscription, so
    that nothing is encoded or kept; the next one who comes makes a new one.
    """

    def __init__(
        self, source: EventSource, clients: Clients, thread: Executor, pace: Pace
    ) -> None:
        """Follow nothing yet.

        Args:
            source: of the events.
            clients: those who follow.
            thread: where ``read`` may wait; for nothing else.
            pace: how much is handed on at a time, and how often.
        """
        self._source: Final = source
        self._clients: Final = clients
        self._thread: Final = thread
        self._pace: Final = pace
        self._trouble: Final = ReadTrouble()
        self._recent: asyncio.Future[RecentFrames] | None = None
        self._task: asyncio.Task[None] | None = None
        self._subscription: EventSubscription | None = None

    async def recent(self) -> RecentFrames:
        """Return the latest frames; begins to follow if nobody listened before.

        Raises:
            StoreUnavailableError: the database cannot be read, so that it is not known
                where to begin.
        """
        if self._recent is None:
            loop = asyncio.get_running_loop()
            self._recent = loop.create_future()
            self._task = loop.create_task(self._follow(self._recent))
        # A client that gives up must not cancel what others wait for.
        return await asyncio.shield(self._recent)

    def last_position(self) -> Position | None:
        """Return where one is that has seen everything; from any thread."""
        subscription = self._subscription
        return None if subscription is None else subscription.position

    def stop_unless_followed(self) -> None:
        """Stop waiting for events if nobody follows them any more."""
        if self._subscription is not None and not self._clients.are_there():
            self._subscription.wake()

    def stop(self) -> None:
        """Follow nothing any more."""
        if self._subscription is not None:
            self._subscription.wake()  # the thread must not wait any longer
        if self._task is not None:
            self._task.cancel()

    async def _follow(self, opened: asyncio.Future[RecentFrames]) -> None:
        try:
            subscription = await self._in_thread(self._source.subscribe, "push stream")
        except Exception as error:  # noqa: BLE001 - raised to those who wait for it
            self._recent = None
            opened.set_exception(error)
            return
        except asyncio.CancelledError:
            opened.cancel()
            raise
        self._subscription = subscription
        recent = RecentFrames(subscription.position, self._pace.recent_bytes_max)
        opened.set_result(recent)
        try:
            while self._clients.are_there():
                await self._hand_on_next(subscription, recent)
        except Exception:
            logger.exception("Push stream failed, all its clients have to come back")
            self._clients.end_all()
        finally:
            self._recent = self._subscription = None
            self._source.unsubscribe(subscription)

    async def _hand_on_next(
        self, subscription: EventSubscription, recent: RecentFrames
    ) -> None:
        try:
            whole = await self._in_thread(
                read_frames, subscription, self._pace.read_seconds
            )
        except StoreUnavailableError as error:  # the position stays
            self._trouble.note(error)
            await asyncio.sleep(self._pace.retry_seconds)
            return
        self._trouble.note(None)
        for chunk in split(whole, self._pace.chunk_bytes_max):
            recent.append(chunk)
            self._clients.take(chunk)
            await asyncio.sleep(self._pace.chunk_seconds)
        await asyncio.sleep(self._pace.join_seconds)

    def _in_thread(
        self, call: Callable[P, T], *arguments: P.args, **more: P.kwargs
    ) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, partial(call, *arguments, **more))


def read_frames(subscription: EventSubscription, timeout_seconds: float) -> Chunk:
    """Read the next events, which may wait, and encode them.

    Returns:
        Their frames; none if there was nothing in time.

    Raises:
        StoreUnavailableError: see ``EventSubscription.read``.
    """
    events = subscription.read(timeout_seconds)
    return encoded(events, subscription.position)


def encoded(events: Iterable[CommittedEvent], position: Position) -> Chunk:
    """Encode events; ``position`` is where one is that has read them."""
    frames = tuple(
        Frame(
            position=one.position,
            occurred_at=one.event.occurred_at,
            symbol=one.order.symbol,
            order_id=one.event.order_id,
            text=event_frame(one),
            order=order_after(one),
            fill=fill_of(one),
        )
        for one in events
    )
    return Chunk(frames=frames, position=position)
