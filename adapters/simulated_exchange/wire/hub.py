"""Who is connected, and who subscribed to which stream."""

import asyncio
from collections.abc import Iterable

from adapters.simulated_exchange.wire.connection import StreamConnection


STREAMS_MAX = 1024
"""Streams of one connection (web-socket-streams.md)."""


class Hub:
    """Connections by stream name. Holds no data of its own."""

    def __init__(self) -> None:
        """Start without clients."""
        self.connections: dict[StreamConnection, None] = {}
        self.subscribers: dict[str, dict[StreamConnection, None]] = {}
        self.subscribed = asyncio.Event()
        """Set when somebody subscribes to anything."""
        self.deserted = asyncio.Event()
        """Set while nobody is connected."""
        self.deserted.set()

    def subscribe(self, connection: StreamConnection, names: Iterable[str]) -> bool:
        """Add streams; False, and nothing changed, when they would be too many."""
        wanted = [name for name in names if name not in connection.streams]
        if len(connection.streams) + len(set(wanted)) > STREAMS_MAX:
            return False
        for name in wanted:
            connection.streams[name] = None
            self.subscribers.setdefault(name, {})[connection] = None
        if wanted:
            self.subscribed.set()
        return True

    def unsubscribe(self, connection: StreamConnection, names: Iterable[str]) -> None:
        """Remove streams; unknown ones are none of our business."""
        for name in names:
            if name in connection.streams:
                del connection.streams[name]
                self._forget(connection, name)

    def add(self, connection: StreamConnection) -> None:
        """Note a client."""
        self.connections[connection] = None
        self.deserted.clear()

    def drop(self, connection: StreamConnection) -> None:
        """Forget a client and its subscriptions."""
        self.connections.pop(connection, None)
        if not self.connections:
            self.deserted.set()
        for name in connection.streams:
            self._forget(connection, name)

    def _forget(self, connection: StreamConnection, name: str) -> None:
        listeners = self.subscribers.get(name)
        if listeners is not None:
            listeners.pop(connection, None)
            if not listeners:
                del self.subscribers[name]

    def deliver(self, stream: str, data: bytes, due: float = 0.0) -> None:
        """Queue a payload for everybody who subscribed to the stream."""
        frames: dict[tuple[bool, bool], bytes] = {}
        for connection in tuple(self.subscribers.get(stream, ())):
            mode = (connection.combined, connection.microseconds)
            frame = frames.get(mode)
            if frame is None:
                frame = frames[mode] = connection.frame_of(stream, data)
            connection.offer(frame, due)
