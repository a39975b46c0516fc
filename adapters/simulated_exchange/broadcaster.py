"""Between the market and its clients: every payload passes, and faults act, here."""

from adapters.simulated_exchange.hub import Hub


class Broadcaster:
    """Publishes the market's payloads to whoever subscribed."""

    def __init__(self, hub: Hub) -> None:
        """Publish to the clients of a hub."""
        self.hub = hub

    def wants(self, stream: str) -> bool:
        """Return whether anybody subscribed, that is, whether rendering pays."""
        return stream in self.hub.subscribers

    def publish(self, stream: str, data: bytes) -> None:
        """Hand a payload to the subscribers of its stream."""
        self.hub.deliver(stream, data)
