"""Reads Server-Sent Events (https://html.spec.whatwg.org/#server-sent-events)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event of a stream."""

    kind: str
    data: bytes
    last_id: str
    """The id that leads to the next event, if the connection is lost now."""


class EventParser:
    """Cuts a stream into events; what was cut off at its end is none.

    Lines end with a line feed, with or without a carriage return before it.
    """

    def __init__(self, last_id: str = "") -> None:
        """Begin.

        Args:
            last_id: with which the stream was asked for; kept while events have none.
        """
        self._last_id = last_id
        self._rest = b""
        self._kind = ""
        self._data: list[bytes] = []
        self._id: str | None = None

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take what has come; return the events that are whole."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        events = []
        for line in lines:
            event = self._take(line.removesuffix(b"\r"))
            if event is not None:
                events.append(event)
        return events

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._finish()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._kind = value.decode(errors="replace")
        elif name == b"data":
            self._data.append(value)
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace")
        return None  # the rest is comments, and fields for browsers

    def _finish(self) -> ServerSentEvent | None:
        """End an event; one without data only carries its id."""
        if self._id is not None:
            self._last_id = self._id
        kind, data = self._kind or "message", self._data
        self._kind, self._data, self._id = "", [], None
        if not data:
            return None
        return ServerSentEvent(kind=kind, data=b"\n".join(data), last_id=self._last_id)
