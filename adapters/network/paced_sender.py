"""Sends what one connection has to send, below the venue's rate limit.

Requests, pings and pongs count alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from adapters.network.pacing import SlidingWindow


_SPARE_FOR_PONGS: Final = 1
_PONGS_MAX: Final = 2
"""So that a flood of pings cannot hold up requests for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a connection may send."""

    messages_max: int
    """In any ``span_seconds``; one of them is kept for a pong."""

    span_seconds: float
    """A little longer than the venue's, since the network may bunch messages up."""


class Wire(Protocol):
    """The sending side of a websocket."""

    def send_text(self, text_data: str) -> int:
        """Send a text frame."""
        ...

    def ping(self, payload: bytes) -> None:
        """Send a ping frame."""
        ...

    def send_pong(self, payload: bytes) -> None:
        """Send a pong frame."""
        ...


class PacedSender:
    """Sends what is due. One thread; the caller says what time it is."""

    def __init__(self, next_request: Callable[[int], str | None], pace: Pace) -> None:
        """Start with nothing sent.

        Args:
            next_request: returns the next control message, given monotonic nanoseconds;
                None when there is none.
            pace: the one that the venue allows.
        """
        self._next_request = next_request
        self._window = SlidingWindow(
            limit=pace.messages_max, span_seconds=pace.span_seconds
        )
        self._pongs = SlidingWindow(limit=_PONGS_MAX, span_seconds=pace.span_seconds)
        self._owed_pong: bytes | None = None

    def answer_ping(self, wire: Wire, payload: bytes, now_ns: int) -> bool:
        """Send a pong at once; in a flood of pings only the latest is answered.

        Returns:
            whether it was sent now.
        """
        self._owed_pong = payload
        return self._send_owed_pong(wire, now_ns)

    def send_ping(self, wire: Wire, now_ns: int) -> bool:
        """Send a ping with the time, if the pace allows; return whether it did."""
        if self._window.wait_seconds(now_ns, spare=_SPARE_FOR_PONGS):
            return False
        self._window.note(now_ns)
        wire.ping(str(now_ns).encode())
        return True

    def send_due(self, wire: Wire, now_ns: int) -> None:
        """Send what the pace allows by now."""
        self._send_owed_pong(wire, now_ns)
        while not self._window.wait_seconds(now_ns, spare=_SPARE_FOR_PONGS):
            request = self._next_request(now_ns)
            if request is None:
                return
            self._window.note(now_ns)
            wire.send_text(request)

    def _send_owed_pong(self, wire: Wire, now_ns: int) -> bool:
        payload = self._owed_pong
        if payload is None:
            return False
        if self._window.wait_seconds(now_ns) or self._pongs.wait_seconds(now_ns):
            return False
        self._window.note(now_ns)
        self._pongs.note(now_ns)
        self._owed_pong = None
        wire.send_pong(payload)
        return True
