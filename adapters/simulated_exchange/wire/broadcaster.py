"""Between the market and its clients: every payload passes, and faults act, here."""

import asyncio

from adapters.simulated_exchange.faults.market_faults import DEPTH_SUFFIXES, Faults
from adapters.simulated_exchange.wire.hub import Hub


class Broadcaster:
    """Publishes the market's payloads to whoever subscribed, faults applied."""

    def __init__(self, hub: Hub, faults: Faults) -> None:
        """Publish to the clients of a hub."""
        self.hub = hub
        self.published = 0
        """Payloads that somebody subscribed to."""
        self.last_depth: dict[str, bytes] = {}
        """Latest diff depth payload of each stream, for garbage made from it."""
        self._faults = faults

    def wants(self, stream: str) -> bool:
        """Return whether anybody subscribed, that is, whether rendering pays."""
        return stream in self.hub.subscribers

    def publish(self, stream: str, data: bytes) -> None:
        """Hand a payload to the subscribers of its stream."""
        self.published += 1
        if stream.endswith(DEPTH_SUFFIXES):
            self.last_depth[stream] = data
        due = self._faults.due(stream, asyncio.get_running_loop().time())
        if due is not None:
            for frame in self._faults.shape(stream, data):
                self.hub.deliver(stream, frame, due)

    async def room(self, stream: str) -> None:
        """Wait until every subscriber of the stream has taken most of its queue."""
        for connection in tuple(self.hub.subscribers.get(stream, ())):
            await connection.room()
