"""Who is told what goes on: the operator and the metrics."""

from typing import Protocol

from domain.orders.order import Order


class Announcer(Protocol):
    """Tells the operator, without ever making the caller wait."""

    def order_ended(self, order: Order) -> None:
        """Show the summary of an order that has ended and is on disk."""
        ...


class Meter(Protocol):
    """Counts and durations for the operator's metrics. Cheap and thread-safe."""

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter."""
        ...

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""
        ...
