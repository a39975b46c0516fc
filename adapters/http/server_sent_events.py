"""The push stream's words: Server-Sent Events, and where a client wants to begin.

The format is the one that browsers read (https://html.spec.whatwg.org/#server-sent-events).
Its ids are positions. A browser that has lost its connection comes back by itself, with
the last id that it was given as ``Last-Event-ID``.

An answer ends with its connection. Chunks would add nothing: a client treats a stream
that was cut off like one that has ended, discards the unfinished event at its end, and
comes back with the id of the last whole one.
"""

from datetime import datetime
from typing import Final

from adapters.api.bodies import encode
from adapters.api.codes import Code
from adapters.api.order_calls import FOLLOW_EVENTS
from adapters.api.orders import OrderEventAnswer
from adapters.api.stream import HeartbeatAnswer, PositionAnswer
from adapters.api.times import time_or_none, time_text
from adapters.http.problems import malformed
from adapters.http.request_reading import Request, bad_parameter, read_parameters
from domain.orders.committed import CommittedEvent, Position, read_position


STREAM_HEADERS: Final = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-store"),
    # nginx would hold events back until it has a page full.
    ("X-Accel-Buffering", "no"),
)
"""Of the answer; its length is not known, and it is not sent in chunks."""

RETRY_MILLISECONDS: Final = 1000
"""A browser's pause before it comes back."""

_AFTER: Final = "after"
_LAST_EVENT_ID: Final = "Last-Event-ID"
_POSITION_WORDS: Final = "must be a position that the stream gave, such as 0-4711"


def event_frame(one: CommittedEvent) -> bytes:
    """Write an event of the stream."""
    data = encode(OrderEventAnswer.of(one.event, one.order.symbol))
    return b"id: %b\nevent: order\ndata: %b\n\n" % (str(one.position).encode(), data)


def position_frame(position: Position) -> bytes:
    """Write where a stream begins.

    It has data, because clients need not keep the id of an event that has none: one
    that loses its connection before the first order event misses nothing.
    """
    data = encode(PositionAnswer(position=str(position)))
    return b"retry: %d\nid: %b\nevent: position\ndata: %b\n\n" % (
        RETRY_MILLISECONDS,
        str(position).encode(),
        data,
    )


def heartbeat_frame(now: datetime, last_event_at: datetime | None) -> bytes:
    """Write that there is nothing new; it has no id, and so changes none.

    Args:
        now: the service's time. The difference to it is an age, whatever time the
            client's own clock shows.
        last_event_at: when the last event occurred; None if none was ever sent.
    """
    age = None
    if last_event_at is not None:  # it is later than now if the clock was set back
        age = max((now - last_event_at).total_seconds(), 0.0)
    heartbeat = HeartbeatAnswer(
        time=time_text(now), last_event_at=time_or_none(last_event_at), age_seconds=age
    )
    return b"event: heartbeat\ndata: %b\n\n" % encode(heartbeat)


def read_start(request: Request) -> Position | None:
    """Read after which position a client wants the events.

    It says so by ``Last-Event-ID``, or by ``after`` in the query if it cannot set
    headers, such as a new ``EventSource``. The header is newer when a browser comes
    back with the URL that it began with.

    Returns:
        The position; None for only what is committed from now on.

    Raises:
        ProblemError: 400 for what is no position, and for any other parameter.
    """
    after = _read_after(request)
    last_event_id: str | None = request.environ.get("HTTP_LAST_EVENT_ID")
    if not last_event_id:
        return after
    try:
        return read_position(last_event_id)
    except ValueError:
        detail = f"{_LAST_EVENT_ID} {_POSITION_WORDS}"
        raise malformed(Code.HEADER_INVALID, detail, _LAST_EVENT_ID) from None


def _read_after(request: Request) -> Position | None:
    after = read_parameters(request, FOLLOW_EVENTS).get(_AFTER)
    if after is None:
        return None
    try:
        return read_position(after)
    except ValueError:
        raise bad_parameter(_AFTER, _POSITION_WORDS) from None
