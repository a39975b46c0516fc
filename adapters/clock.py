"""The machine's clock: the one place where the time of day is read."""

import time
from datetime import UTC, datetime

from domain.ports import Clock


class SystemClock(Clock):
    """The time as the operating system tells it."""

    def now(self) -> datetime:
        """Return the wall clock, aware UTC; it may jump when the system sets it."""
        return datetime.now(UTC)  # noqa: TID251 - everyone else takes a Clock

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back; the zero point means nothing."""
        return time.monotonic_ns()
