"""The age of what one connection brings, by the venue's own event times."""

import logging
from typing import Final

from adapters.binance.pacing import SECOND_NS


logger = logging.getLogger(__name__)

AGE_DOUBTED_NS: Final = 1 * SECOND_NS
"""Of an event: either it is late, or a clock has moved, which is to be found out."""

_MILLISECOND_NS: Final = 1_000_000
_PLAUSIBLE_NS: Final = 3600 * SECOND_NS


class EventAges:
    """Turns the event times of one connection into ours. For its thread alone."""

    def __init__(self) -> None:
        self.epoch_ns: int | None = None
        """Of the EventClock; set by the reader before it reads."""

        self.age_ns = 0
        """Of the latest event that carried a time."""

        self.are_doubtful = False
        """Whether the venue's clock should be looked at."""

        self._is_comparable: bool | None = None

    def stated_ns(self, event_ms: int, received_ns: int) -> int:
        """Return when an event was stated, by our clock; 0 when that is unknown."""
        if self.epoch_ns is None:
            self.are_doubtful = True
            return 0
        age_ns = received_ns + self.epoch_ns - event_ms * _MILLISECOND_NS
        if not self._is_comparable:
            if self._is_comparable is None:
                self._compare(age_ns)
                self.are_doubtful = False
            if not self._is_comparable:
                return 0
        self.age_ns = age_ns
        self.are_doubtful = not -AGE_DOUBTED_NS < age_ns < AGE_DOUBTED_NS
        return received_ns - age_ns if age_ns > 0 else received_ns

    def _compare(self, age_ns: int) -> None:
        """Judge the first event: what just connected cannot lag by an hour."""
        self._is_comparable = abs(age_ns) < _PLAUSIBLE_NS
        if not self._is_comparable:
            logger.warning(
                "Event times are not of the venue's clock, so nothing will be seen"
                " to be late hours=%.1f",
                age_ns / _PLAUSIBLE_NS,
            )
