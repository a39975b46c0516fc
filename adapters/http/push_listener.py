"""One client of the push stream: what it has been sent, and when it has to go."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.http.server_sent_events import position_frame
from adapters.http.stream_selection import Excerpt, Selection
from domain.orders.committed import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLimits:
    """When a client has to go, and how often it is sent something."""

    unread_bytes_max: int = 256 * 1024
    """Of what it has not read, besides what the system's buffers hold."""

    heartbeat_seconds: float = 15.0
    """Without an event, a heartbeat is sent. After this long without an id, the
    position is sent if it is another one by now."""

    age_seconds_max: float = 3600.0
    """Then it has to come back, so that nobody keeps a place for ever."""

    silence_seconds_max: float = 30.0
    """It has vanished if for that long its machine does not confirm what it was sent,
    a heartbeat at least, or does not take any of it."""

    drained_bytes: int = 64 * 1024
    """With more unread than this it is sent no older events for the time being."""

    send_buffer_bytes: int = 64 * 1024
    """Of the system's memory for what is on its way. By default it takes megabytes for
    a client that does not read."""


class PushListener:
    """A client that is sent the stream; for the loop's thread only."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        position: Position,
        selection: Selection,
        limits: ListenerLimits,
        on_unread: Callable[[object, int], object],
    ) -> None:
        """Send nothing yet.

        Args:
            transport: of the connection.
            position: after which it wants events.
            selection: which events it wants.
            limits: of this client.
            on_unread: told the address and the unread bytes of a client that does not
                keep up.
        """
        loop = asyncio.get_running_loop()
        self._transport: Final = transport
        self._limits: Final = limits
        self._on_unread: Final = on_unread
        self._now: Final = loop.time
        self._opened_at: Final = loop.time()
        self._sent_at = self._opened_at
        self.selection: Final = selection
        self._told_at = self._opened_at
        self._told = position
        self.position = position
        """Of the last event sent, or passed over."""

        self.ended: Final[asyncio.Future[None]] = loop.create_future()
        """Done when nothing more will be sent."""

        transport.set_write_buffer_limits(high=limits.drained_bytes)
        _watch_over(transport.get_extra_info("socket"), limits)

    @property
    def has_unread(self) -> bool:
        """Whether something waits here, because the client does not read it."""
        return bool(self._transport.get_write_buffer_size())

    def pass_on(self, excerpt: Excerpt, position: Position) -> None:
        """Send the events that it wants of those up to a position, without waiting."""
        self.send(excerpt.text)
        if self.ended.done():
            return
        self.position = position
        if excerpt.last is not None:
            self._note_told(excerpt.last)

    def send(self, text: bytes) -> None:
        """Send whole frames, or nothing, without waiting."""
        transport = self._transport
        if self.ended.done():
            return
        if transport.is_closing():
            self.end()
            return
        if not text:
            return
        transport.write(text)
        self._sent_at = self._now()
        unread = transport.get_write_buffer_size()
        if unread > self._limits.unread_bytes_max:
            self._on_unread(transport.get_extra_info("peername"), unread)
            self.end()

    def look(self, heartbeat: Callable[[], bytes]) -> None:
        """Notice that time has passed."""
        now = self._now()
        age_seconds = now - self._opened_at
        if self._transport.is_closing() or age_seconds >= self._limits.age_seconds_max:
            self.end()
        elif self._is_position_due(now):
            self.send(position_frame(self.position))
            self._note_told(self.position)
        elif now - self._sent_at >= self._limits.heartbeat_seconds:
            self.send(heartbeat())

    def _is_position_due(self, now: float) -> bool:
        """Whether it has not been told for long that events went by which it skips."""
        is_behind = self._told != self.position
        return is_behind and now - self._told_at >= self._limits.heartbeat_seconds

    def _note_told(self, position: Position) -> None:
        self._told, self._told_at = position, self._now()

    def end(self) -> None:
        """Close the connection, and send nothing more."""
        if self.ended.done():
            return
        self.ended.set_result(None)
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # closing would wait until the client has read that
        else:
            self._transport.close()


def _watch_over(sock: socket.socket, limits: ListenerLimits) -> None:
    """Have the system end the connection of a client that has vanished."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.send_buffer_bytes)
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(limits.silence_seconds_max * 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    else:  # the system gives up by itself what nobody confirms, after some minutes
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
