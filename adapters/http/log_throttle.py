"""Keeps what clients can cause at will from filling the log."""

import time
from collections.abc import Callable
from typing import Final


LINE_SECONDS: Final = 60.0
"""Pause between two lines."""


class LogThrottle:
    """Lets a line of one kind into the log once a minute, and counts the others."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Leave out nothing yet.

        Args:
            now: monotonic seconds.
        """
        self._now: Final = now
        self._logged_at = -LINE_SECONDS
        self._left_out = 0

    def admit(self) -> int | None:
        """Return how many lines were left out before this one; None: leave it out."""
        now = self._now()
        if now - self._logged_at < LINE_SECONDS:
            self._left_out += 1
            return None
        left_out, self._left_out, self._logged_at = self._left_out, 0, now
        return left_out
