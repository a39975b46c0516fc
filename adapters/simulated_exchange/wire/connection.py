"""One client on the stream endpoint: what it subscribed to and what waits for it."""

import asyncio
import logging
from collections import deque

from aiohttp import WSMsgType, web

from adapters.simulated_exchange.wire import payloads


logger = logging.getLogger(__name__)

ROOM_BYTES = 1_000_000
"""A publisher that waits for its clients goes on when less than this is queued, or
half of what the queue may hold at all."""


class StreamConnection:
    """A websocket client with a bounded queue and one writer.

    Frames leave in the order in which they were offered; a frame that is not due yet
    holds back those behind it, as on a slow network.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        *,
        combined: bool,
        microseconds: bool,
        queue_bytes_max: int,
    ) -> None:
        """Begin with no subscription and nothing queued."""
        self.streams: dict[str, None] = {}
        """Subscribed names in the order of subscription."""
        self.combined = combined
        self.microseconds = microseconds
        self.queued_bytes = 0
        self.closed = False
        self._socket = socket
        self._transport = transport
        self._ending = False
        self._queue_bytes_max = queue_bytes_max
        self._room_bytes = min(ROOM_BYTES, queue_bytes_max // 2)
        self._queue: deque[tuple[float, bytes]] = deque()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()

    def offer(self, frame: bytes, due: float = 0.0) -> None:
        """Queue a text frame, to leave at `due` (loop time) or later.

        A client whose queue overflows is cut: memory stays bounded, and the client
        finds out by the broken connection rather than by a silent hole.
        """
        if self.closed:
            return
        if self.queued_bytes + len(frame) > self._queue_bytes_max:
            logger.warning("Slow consumer cut queued_bytes=%s", self.queued_bytes)
            self.abort()
            return
        self._queue.append((due, frame))
        self.queued_bytes += len(frame)
        self._filled.set()

    async def room(self) -> None:
        """Wait until little enough is queued, or the client is gone."""
        while self.queued_bytes > self._room_bytes and not self.closed:
            self._drained.clear()
            await self._drained.wait()

    async def write_queue(self) -> None:
        """Send what is queued, for as long as the connection lives."""
        loop = asyncio.get_running_loop()
        while not self.closed:
            if not self._queue and self._ending:
                self._transport.close()
                return
            if not self._queue:
                self._drained.set()
                self._filled.clear()
                await self._filled.wait()
                continue
            due, frame = self._queue[0]
            if due > (now := loop.time()):
                await asyncio.sleep(due - now)
                continue
            self._queue.popleft()
            await self._socket.send_frame(frame, WSMsgType.TEXT)
            self.queued_bytes -= len(frame)
            if self.queued_bytes <= self._room_bytes:
                self._drained.set()

    def abort(self) -> None:
        """Cut the connection without a farewell, as a failing network does."""
        self.close_queue()
        self._transport.abort()

    def end_when_empty(self) -> None:
        """Close the connection once everything queued has left."""
        self._ending = True
        self._filled.set()

    def close_queue(self) -> None:
        """Accept nothing more and let go of those who wait."""
        self.closed = True
        self._queue.clear()
        self.queued_bytes = 0
        self._drained.set()
        self._filled.set()

    def frame_of(self, stream: str, data: bytes) -> bytes:
        """Return the frame that this connection sees of a payload."""
        if self.microseconds:
            data = payloads.to_microseconds(data)
        return payloads.combined(stream, data) if self.combined else data
