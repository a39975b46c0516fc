"""When to consider a connection dead. Pure: the caller says what time it is."""

from dataclasses import dataclass

from adapters.network.pacing import SECOND_NS
from domain.market.updates import LATE_MAX_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessSettings:
    """When to ping a connection, and when to give it up."""

    probe_after_seconds: float = 1.0
    """Age of the last proof that the stream is current, after which the server is
    pinged. A book is offered until 2.5 s after such a proof, so a connection whose
    symbols are all quiet needs pings more often than the venue's own (every 20 s)."""

    probe_wait_seconds: float = 7.0
    """Silence, without frames of any kind, after such a ping that ends a connection."""

    garbage_frames_max: int = 100
    """Unreadable frames in a row after which a connection is given up."""

    garbage_seconds_max: float = 10.0
    """Time with only unreadable frames after which a connection is given up."""


class Liveness:
    """What was heard on one connection, and when."""

    def __init__(
        self, settings: LivenessSettings, now_ns: int, as_of_ns: int | None = None
    ) -> None:
        """Start with an open connection.

        Args:
            settings: how long to wait.
            now_ns: monotonic.
            as_of_ns: when the server, which has answered, was asked to connect.
        """
        self._probe_after_ns = round(settings.probe_after_seconds * SECOND_NS)
        self._probe_wait_ns = round(settings.probe_wait_seconds * SECOND_NS)
        self._garbage_max = settings.garbage_frames_max
        self._garbage_ns = round(settings.garbage_seconds_max * SECOND_NS)
        self.heard_ns = now_ns
        """When the last frame of any kind came; set by the reader."""

        self.as_of_ns = now_ns if as_of_ns is None else as_of_ns
        """Everything that the venue sent until then is here. Read by any thread."""

        self.is_silent = False
        """Whether the venue was found silent, and has not been heard again since."""

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

    def note_word(self, as_of_ns: int) -> None:
        """Note a message that proves the stream is known up to a time."""
        self.as_of_ns = max(self.as_of_ns, as_of_ns)

    def note_pong(self, payload: bytes) -> None:
        """Note the answer to a ping of ours, which says when the ping was sent.

        What the venue sent until then has arrived before the answer, however long it
        took. A ping of the venue's, or an unsolicited pong, proves no time.
        """
        sent_ns = int(payload) if payload.isdigit() else 0
        if self._probed_ns is not None and sent_ns <= self._probed_ns:
            self.note_word(sent_ns)

    def wants_probe(self, now_ns: int) -> bool:
        """Whether the last proof is so old that the server should be pinged."""
        probed_ns = self._probed_ns
        if probed_ns is not None and self.heard_ns < probed_ns:
            return False  # one is on its way
        last_ns = max(self.as_of_ns, probed_ns or 0)
        return now_ns - last_ns >= self._probe_after_ns

    def note_probe(self, now_ns: int) -> None:
        """Note a ping of ours that is sent now, with the time as its payload."""
        self._probed_ns = now_ns

    def look_for_silence(self, now_ns: int) -> bool:
        """Check whether the venue is silent; return whether that is new.

        A silence ends only with a clearly fresh proof, so that proofs which always are
        about as old as allowed count as one silence, not many.
        """
        age_ns = now_ns - self.as_of_ns
        was_silent = self.is_silent
        self.is_silent = age_ns > (LATE_MAX_NS // 2 if was_silent else LATE_MAX_NS)
        return self.is_silent is not was_silent

    def cause_of_death(self, now_ns: int) -> str:
        """Say why to give the connection up; empty to keep it."""
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
