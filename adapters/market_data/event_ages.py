"""The age of one connection's messages, by the venue's own event times."""

import logging
from typing import Final

from adapters.network.pacing import SECOND_NS


logger = logging.getLogger(__name__)

AGE_DOUBTED_NS: Final = 1 * SECOND_NS
"""An event of this age is late, or a clock has moved: measure to find out."""

_MILLISECOND_NS: Final = 1_000_000
_HOUR_NS: Final = 3600 * SECOND_NS
_PLAUSIBLE_NS: Final = _HOUR_NS


class EventAges:
    """Converts the event times of one connection to ours. For its thread only."""

    def __init__(self) -> None:
        self.epoch_ns = 0
        """From the EventClock; set by the reader before it reads; 0: unknown."""

        self.age_ns = 0
        """Of the latest event that carried a time, at most, unless it was taken."""

        self._is_comparable = self._is_judged = self._is_wanting = False

    @property
    def are_doubtful(self) -> bool:
        """Whether the venue's clock should be measured."""
        is_usual = -AGE_DOUBTED_NS < self.age_ns < AGE_DOUBTED_NS
        return self._is_wanting or not is_usual

    def take_age(self) -> int:
        """Return the age of the latest event since the last time; 0: there was none."""
        age_ns, self.age_ns = self.age_ns, 0
        return age_ns

    def stated_ns(self, event_ms: int, received_ns: int) -> int:
        """Return when an event was stated, by our clock; 0 when that is unknown."""
        if not self._is_comparable:
            return self._judge(event_ms, received_ns)
        stated_ns = event_ms * _MILLISECOND_NS - self.epoch_ns
        self.age_ns = received_ns - stated_ns
        return min(received_ns, stated_ns)

    def _judge(self, event_ms: int, received_ns: int) -> int:
        """Judge the first event: a new connection cannot lag by an hour."""
        self._is_wanting = not self.epoch_ns
        if self._is_wanting or self._is_judged:
            return 0
        self._is_judged = True
        age_ns = received_ns + self.epoch_ns - event_ms * _MILLISECOND_NS
        if abs(age_ns) < _PLAUSIBLE_NS:
            self._is_comparable = True
            return self.stated_ns(event_ms, received_ns)
        logger.warning(
            "Event times are not of the venue's clock, so nothing will be seen"
            " to be late hours=%.1f",
            age_ns / _HOUR_NS,
        )
        return 0
