"""Pushes committed events to many clients, with no thread for each.

One thread waits for events (``EventSubscription.read``), and encodes each once for all
clients. The loop writes what came within a moment to every client at once. A client
that comes with an older position reads the disk first, page by page as it takes them,
then goes on from the latest events in memory. Both steps are by position, and the last
one happens within the loop in one go; so no client misses an event or gets one twice.

Nothing is read while nobody listens.
"""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from adapters.api.codes import Code
from adapters.api.stream_calls import FOLLOW_EVENTS
from adapters.http.desk_states import DeskStates
from adapters.http.event_follower import EventFollower
from adapters.http.log_throttle import LogThrottle
from adapters.http.older_events import OlderEvents
from adapters.http.order_endpoints import known_order
from adapters.http.problems import Problem, ProblemError, failed
from adapters.http.push import Drained, Headers, ServeClient
from adapters.http.push_listener import PushListener
from adapters.http.push_settings import NewExecutor, PushSettings, PushSources
from adapters.http.recent_frames import Chunk, Frame, RecentFrames, split
from adapters.http.request_reading import Request
from adapters.http.server_sent_events import (
    STREAM_HEADERS,
    first_frame,
    heartbeat_frame,
)
from adapters.http.state_board import StateBoard
from adapters.http.stream_request import StreamRequest, read_stream_request
from adapters.http.stream_selection import Excerpt, Selection
from domain.errors import (
    PositionBeyondEndError,
    TradeExecutorError,
)
from domain.orders.committed import Position
from domain.ports.observing import Meter
from domain.ports.runtime import Clock
from domain.reasons import RefusalCode
from domain.values import OrderId


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

PUSH_PATH: Final = FOLLOW_EVENTS.path

_BOOK_THREADS: Final = 4

_PAGE_THREADS: Final = 2
"""One reads a page; the other sees whether the database ever gave a position."""


class EventPush:
    """Implements ``PushStream``; for the loop's thread, but anybody may count."""

    def __init__(
        self,
        sources: PushSources,
        clock: Clock,
        *,
        meter: Meter | None = None,
        settings: PushSettings | None = None,
        new_executor: NewExecutor = ThreadPoolExecutor,
    ) -> None:
        """Read nothing, and start no thread, before somebody listens.

        Args:
            sources: of what is told.
            clock: tells clients the service's time.
            meter: counts events sent and clients dropped.
            settings: sizes and times.
            new_executor: makes the threads that read: one for what is committed, two
                for pages of older events, one for how things are, four for books.
        """
        self._sources: Final = sources
        self._clock: Final = clock
        self._meter: Final = meter
        self._settings: Final = settings or PushSettings()
        self._thread: Final = new_executor(1, "event-push")
        pace = self._settings.pace
        page_threads = new_executor(_PAGE_THREADS, "event-pages")
        page_events = self._settings.page_events
        self._older: Final = OlderEvents(sources.disk, page_threads, page_events, pace)
        self._follower: Final = EventFollower(sources.events, self, self._thread, pace)
        self._board: Final = self._open_board(new_executor)
        self._listeners: Final[set[PushListener]] = set()
        self._live: Final[set[PushListener]] = set()
        self._news: Final = asyncio.Event()
        self._last: Frame | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._lingers_until = 0.0
        self._is_stopped = False
        self._throttle: Final = LogThrottle()

    def counts(self) -> Mapping[str, float]:
        """Return how many clients there are, by what they read: for a gauge."""
        live = len(self._live)
        return {"live": live, "catching_up": len(self._listeners) - live}

    def stop(self) -> None:
        """End all connections at once, and take no more."""
        self._is_stopped = True
        for listener in self._listeners:
            listener.end()
        self._follower.stop()
        self._board.stop()
        if self._looking is not None:
            self._looking.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._older.stop()

    async def accept(
        self, environ: "WSGIEnvironment"
    ) -> tuple[Headers, ServeClient] | Problem:
        """Judge a request; see ``read_stream_request`` for what it may say."""
        try:
            traded = [rules.symbol for rules in self._sources.desk.symbols()]
            wanted = read_stream_request(Request(environ), traded)
            position = await self.admit(wanted)
        except ProblemError as error:
            return error.problem
        return list(STREAM_HEADERS), partial(self.serve, wanted, position)

    async def admit(self, wanted: StreamRequest) -> Position:
        """Return the position after which a client will be sent events.

        Raises:
            ProblemError: 503 if there are too many clients, the database cannot be read
                or the service stops; 409 if the database never gave such a position;
                404 if it has no such order.
        """
        self._check_running()
        if self._is_full():
            detail = f"{len(self._listeners)} clients listen already; try again"
            raise _unavailable(Code.TOO_MANY_LISTENERS, detail)
        self._linger()
        try:
            recent = await self._follower.recent()
            await self._check_order(wanted.selection.order_id)
            start = wanted.start
            if start is None:
                return recent.end
            if start > recent.end:
                await self._check_on_disk(start)
        except TradeExecutorError as error:
            raise ProblemError(failed(error)) from error
        return start

    async def serve(
        self,
        wanted: StreamRequest,
        position: Position,
        transport: asyncio.WriteTransport,
        drained: Drained,
    ) -> None:
        """Send a client the stream until it goes or has to go; close the connection.

        Args:
            wanted: as asked for.
            position: as admitted.
            transport: where the answer's head has been written.
            drained: of this transport.
        """
        if self._is_full() or self._is_stopped:  # others came meanwhile
            transport.close()
            return
        limits, selection = self._settings.limits, wanted.selection
        listener = PushListener(
            transport, position, selection, limits, self._has_unread
        )
        self._listeners.add(listener)
        listener.send(first_frame(position))
        self._board.join(listener, wanted.states)
        self._linger()
        await self._send_all(listener, drained)

    async def _send_all(self, listener: PushListener, drained: Drained) -> None:
        catching_up = asyncio.ensure_future(self._catch_up(listener, drained))
        try:
            await asyncio.wait(
                (catching_up, listener.ended), return_when=asyncio.FIRST_COMPLETED
            )
            if catching_up.done():
                catching_up.result()
            await asyncio.wait((listener.ended,))
        except (ConnectionError, TradeExecutorError, ProblemError):
            pass  # it has gone, nothing can be read any more, or the service stops
        finally:
            catching_up.cancel()
            self._live.discard(listener)
            self._listeners.discard(listener)
            self._board.leave(listener)
            self._linger()
            listener.end()

    def are_there(self) -> bool:
        """Whether anybody listens, or may come in a moment; see ``Clients``."""
        now = asyncio.get_running_loop().time()
        return bool(self._listeners) or now < self._lingers_until

    def take(self, chunk: Chunk) -> None:
        """Send what was committed to all who have everything before it."""
        excerpts: dict[Selection, Excerpt] = {}
        sent = 0
        self._note(chunk)
        for listener in self._live:
            selection = listener.selection
            if selection not in excerpts:
                excerpts[selection] = selection.of(chunk)
            excerpt = excerpts[selection]
            listener.pass_on(excerpt, chunk.position)
            sent += excerpt.frame_count
        self._count(sent)
        self._news.set()
        self._news.clear()  # those who wait now are woken all the same

    def end_all(self) -> None:
        """End all connections: their clients come back."""
        for listener in self._listeners:
            listener.end()

    def _open_board(self, new_executor: NewExecutor) -> StateBoard:
        pace = self._settings.state_pace
        reader = DeskStates(
            self._sources.desk,
            self._clock.now,
            self._follower.last_position,
            new_executor(1, "event-states"),
            new_executor(_BOOK_THREADS, "event-books"),
            pace.answer_seconds_max,
        )
        return StateBoard(reader, pace)

    def _is_full(self) -> bool:
        return len(self._listeners) >= self._settings.listeners_max

    def _linger(self) -> None:
        """Follow the events for a while, though nobody listens yet or any more."""
        now = asyncio.get_running_loop().time()
        self._lingers_until = now + self._settings.linger_seconds
        if self._looking is None:
            self._look()

    def _check_running(self) -> None:
        if self._is_stopped:
            raise _unavailable(RefusalCode.STOPPING.value, "the service is stopping")

    async def _check_order(self, order_id: OrderId | None) -> None:
        """Refuse an order that is not on disk: nothing would ever be told of it."""
        if order_id is not None:
            await self._older.in_thread(
                partial(known_order, self._sources.orders, order_id)
            )

    async def _check_on_disk(self, start: Position) -> None:
        """Refuse a position that nobody can have."""
        highest = await self._older.highest_position()
        if start > highest:
            error = PositionBeyondEndError(position=start, highest=highest)
            raise ProblemError(
                Problem(
                    status=HTTPStatus.CONFLICT,
                    code=Code.POSITION_BEYOND_END,
                    detail=f"{error}; begin anew without a position",
                )
            )

    async def _catch_up(self, listener: PushListener, drained: Drained) -> None:
        """Send what was committed before; return when the client is live, or gone.

        What is live follows on the end of the latest frames. Between looking there and
        becoming live nothing else runs in the loop, so that nothing comes in between.
        """
        recent = await self._follower.recent()
        while not listener.ended.done():  # else it goes no further, and nothing waits
            if recent.covers(listener.position):
                self._go_on_from(recent, listener)
                if listener.position == recent.end:
                    self._live.add(listener)
                    return
            elif not await self._send_page(listener, drained) and not recent.covers(
                listener.position
            ):
                await self._news.wait()  # its event is not final in its order yet
            await drained()

    def _go_on_from(self, recent: RecentFrames, listener: PushListener) -> None:
        chunk = recent.after(listener.position, self._settings.pace.chunk_bytes_max)
        self._send(listener, chunk)

    async def _send_page(self, listener: PushListener, drained: Drained) -> bool:
        """Send a page from the disk; return False if there is nothing."""
        before = listener.position
        page = await self._older.page_after(before)
        for chunk in split(page, self._settings.pace.chunk_bytes_max):
            if listener.ended.done():
                break
            self._send(listener, chunk)
            await drained()
        return listener.position != before

    def _send(self, listener: PushListener, chunk: Chunk) -> None:
        excerpt = listener.selection.of(chunk)
        listener.pass_on(excerpt, chunk.position)
        self._note(chunk)
        self._count(excerpt.frame_count)

    def _count(self, sent: int) -> None:
        if self._meter is not None and sent:
            self._meter.count("push_events", sent)

    def _note(self, chunk: Chunk) -> None:
        """Note when the last event occurred."""
        last = chunk.frames[-1] if chunk.frames else None
        if last and (self._last is None or last.position > self._last.position):
            self._last = last

    def _look(self) -> None:
        """Send heartbeats, and end what is too old, again and again."""
        beat: bytes | None = None

        def heartbeat() -> bytes:
            nonlocal beat
            last_at = None if self._last is None else self._last.occurred_at
            beat = beat or heartbeat_frame(self._clock.now(), last_at)
            return beat

        for listener in self._listeners:
            listener.look(heartbeat)
        self._looking = None
        if self._is_stopped:
            return
        if self.are_there():
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(self._settings.look_seconds, self._look)
        else:
            self._follower.stop_unless_followed()

    def _has_unread(self, peer: object, unread_bytes: int) -> None:
        """Log a client that does not keep up, at most one a minute."""
        if self._meter is not None:
            self._meter.count("push_listeners_dropped")
        unlogged = self._throttle.admit()
        if unlogged is None:
            return
        logger.warning(
            "Push client dropped, it does not keep up peer=%s unread_bytes=%s "
            "unlogged=%s",
            peer,
            unread_bytes,
            unlogged,
        )


def _unavailable(code: str, detail: str) -> ProblemError:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return ProblemError(Problem(status=status, code=code, detail=detail))
