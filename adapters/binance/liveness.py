"""When a connection is to be taken for dead. Pure: the caller says what time it is."""

from adapters.binance.pacing import SECOND_NS
from adapters.binance.settings import FeedSettings


class Liveness:
    """What one connection let us hear, and when."""

    def __init__(self, settings: FeedSettings, now_ns: int) -> None:
        self._probe_after_ns = round(settings.probe_after_seconds * SECOND_NS)
        self._probe_wait_ns = round(settings.probe_wait_seconds * SECOND_NS)
        self._garbage_max = settings.garbage_frames_max
        self._garbage_ns = round(settings.garbage_seconds_max * SECOND_NS)
        self.heard_ns = now_ns
        """When the last frame of any kind came; set by the reader."""

        self._probed_ns: int | None = None
        self.garbage_count = 0
        """Unreadable frames since the last readable one; set to 0 by the reader."""

        self._garbage_first_ns = 0
        self._garbage_last_ns = 0

    def note_garbage(self, now_ns: int) -> None:
        """Count an unreadable frame."""
        if not self.garbage_count:
            self._garbage_first_ns = now_ns
        self._garbage_last_ns = now_ns
        self.garbage_count += 1

    def wants_probe(self, now_ns: int) -> bool:
        """Whether it has been silent for so long that the server should be pinged."""
        if self._probed_ns is not None and self.heard_ns >= self._probed_ns:
            self._probed_ns = None  # it lives
        silent_ns = now_ns - self.heard_ns
        return self._probed_ns is None and silent_ns >= self._probe_after_ns

    def note_probe(self, now_ns: int) -> None:
        """Count a ping that is sent now."""
        self._probed_ns = now_ns

    def cause_of_death(self, now_ns: int) -> str:
        """Say why the connection is to be given up; empty when it is not."""
        probed = self._probed_ns
        is_silent = probed is not None and self.heard_ns < probed
        if probed is not None and is_silent and now_ns - probed >= self._probe_wait_ns:
            return "server is silent and does not answer pings"
        if not self.garbage_count:
            return ""
        lasted_ns = self._garbage_last_ns - self._garbage_first_ns
        if self.garbage_count >= self._garbage_max or lasted_ns >= self._garbage_ns:
            return "server sends nothing but unreadable frames"
        return ""
