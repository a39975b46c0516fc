"""Who is told how much goes on: the metrics."""

from typing import Protocol


class Meter(Protocol):
    """Counts and durations for the operator's metrics. Cheap and thread-safe."""

    def count(self, name: str, amount: int = 1, *, kind: str = "") -> None:
        """Add to a counter.

        Args:
            name: of the counter.
            amount: not negative.
            kind: which of the counter's kinds, such as the state a book got; empty if
                it has none.
        """
        ...

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""
        ...


class NoMeter:
    """Keeps nothing."""

    def count(self, name: str, amount: int = 1, *, kind: str = "") -> None:
        """Count nothing."""

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Observe nothing."""
