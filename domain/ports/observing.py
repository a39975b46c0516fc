"""Who is told how much goes on: the metrics."""

from typing import Protocol


class Meter(Protocol):
    """Counts and durations for the operator's metrics. Cheap and thread-safe."""

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter."""
        ...

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""
        ...
