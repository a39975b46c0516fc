"""Reads older events from the disk, for clients that come with an older position.

To read and encode them takes a processor for as long as there are any, and in one
process only one thread at a time computes. So pages are read one at a time, with a
pause after each, and the latest ones are kept for other clients.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Final, TypeVar

from adapters.http.event_follower import Pace, ReadTrouble, encoded
from adapters.http.recent_frames import Chunk
from domain.errors import StoreUnavailableError, UnavailableError
from domain.orders.committed import Position
from domain.ports.events import CommittedEvents


T = TypeVar("T")

_KEPT_PAGES_MAX: Final = 64
"""Some megabytes. Clients that come back together after a restart are seldom further
apart."""

_PAUSE_SECONDS_MAX: Final = 0.25
"""A disk that is slow for once must not hold up everybody for long."""


class OlderEvents:
    """Pages of committed events; for the loop's thread."""

    def __init__(
        self,
        events: CommittedEvents,
        threads: Executor,
        page_events: int,
        pace: Pace,
    ) -> None:
        """Read nothing yet.

        Args:
            events: on disk.
            threads: where they are read.
            page_events: read at a time.
            pace: how long to pause.
        """
        self._events: Final = events
        self._threads: Final = threads
        self._page_events: Final = page_events
        self._pace: Final = pace
        self._turn: Final = asyncio.Lock()
        self._pages: Final[OrderedDict[Position, Chunk]] = OrderedDict()
        self._trouble: Final = ReadTrouble()
        self._pause_until = 0.0
        self._read_seconds = 0.0
        self._is_stopped = False

    def stop(self) -> None:
        """Read nothing more."""
        self._is_stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def highest_position(self) -> Position:
        """Return that of the last event on disk.

        Raises:
            StoreUnavailableError: the database is out of reach.
            UnavailableError: stopped.
        """
        return await self.in_thread(self._events.highest_position)

    async def page_after(self, position: Position) -> Chunk:
        """Return what follows a position, empty if nothing does.

        Waits for its turn, and for the database if that is out of reach.

        Raises:
            UnavailableError: stopped.
        """
        while True:
            async with self._turn:
                if position in self._pages:
                    await asyncio.sleep(0)  # others go first, as if it were read
                    return self._pages[position]
                try:
                    page = await self._read(position)
                except StoreUnavailableError as error:
                    self._trouble.note(error)
                else:
                    self._trouble.note(None)
                    self._keep(position, page)
                    return page
            await asyncio.sleep(self._pace.retry_seconds)

    async def in_thread(self, call: Callable[[], T]) -> T:
        """Read something else from the disk.

        Raises:
            UnavailableError: stopped; and what the call raises.
        """
        if self._is_stopped:
            raise UnavailableError("the service is stopping")
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def _read(self, position: Position) -> Chunk:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if began < self._pause_until:
            await asyncio.sleep(self._pause_until - began)
            began = loop.time()
        self._pause(self._read_seconds)  # if the client goes, nobody sees the end
        page = await self.in_thread(partial(self._page, position))
        self._read_seconds = loop.time() - began
        self._pause(self._read_seconds)
        return page

    def _pause(self, seconds: float) -> None:
        """Pause after a page that took so long to read."""
        pause = min(self._pace.page_pause * seconds, _PAUSE_SECONDS_MAX)
        self._pause_until = asyncio.get_running_loop().time() + pause

    def _keep(self, position: Position, page: Chunk) -> None:
        """Keep what can never change: nothing comes between events once read."""
        if page.frames:
            self._pages[position] = page
        if len(self._pages) > _KEPT_PAGES_MAX:
            self._pages.popitem(last=False)

    def _page(self, position: Position) -> Chunk:
        page = self._events.events_after(position, self._page_events)
        return encoded(page.events, page.position)
