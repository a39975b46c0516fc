"""The push stream's frames: Server-Sent Events.

The format is the one that browsers read (https://html.spec.whatwg.org/#server-sent-events).
Its ids are positions. A browser that has lost its connection comes back by itself, with
the last id that it was given as ``Last-Event-ID``.

An answer ends with its connection. Chunks would add nothing: a client treats a stream
that was cut off like one that has ended, discards the unfinished event at its end, and
comes back with the id of the last whole one.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct

from adapters.api.bodies import encode
from adapters.api.orders import FillAnswer, OrderAnswer, OrderEventAnswer
from adapters.api.stream import HeartbeatAnswer, PositionAnswer
from adapters.api.times import time_or_none, time_text
from domain.orders.committed import CommittedEvent, Position


STREAM_HEADERS: Final = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-store"),
    # nginx would hold events back until it has a page full.
    ("X-Accel-Buffering", "no"),
)
"""Of the answer; its length is not known, and it is not sent in chunks."""

RETRY_MILLISECONDS: Final = 1000
"""A browser's pause before it comes back."""


def event_frame(one: CommittedEvent) -> bytes:
    """Write an event of the stream."""
    data = encode(OrderEventAnswer.of(one.event, one.order.symbol))
    return b"id: %b\nevent: order\ndata: %b\n\n" % (str(one.position).encode(), data)


def order_after(one: CommittedEvent) -> bytes:
    """Write the order as it is after an event.

    Null if it has gone on since: because further steps were committed together with
    this one, or before it was read from the disk. They follow, and the last one has it.
    """
    if one.order.version != one.event.number:
        return b"null"
    return encode(OrderAnswer.of(one.order))


def fill_of(one: CommittedEvent) -> bytes:
    """Write the fill that an event has booked; nothing if it has booked none."""
    return b"" if one.fill is None else encode(FillAnswer.of(one.fill))


def first_frame(position: Position) -> bytes:
    """Write where a stream begins, and how soon to come back when it is lost."""
    return b"retry: %d\n%b" % (RETRY_MILLISECONDS, position_frame(position))


def position_frame(position: Position) -> bytes:
    """Write where a client is that has read this.

    It has data, because clients need not keep the id of an event that has none: one
    that loses its connection before the first order event misses nothing.
    """
    data = encode(PositionAnswer(position=str(position)))
    return b"id: %b\nevent: position\ndata: %b\n\n" % (str(position).encode(), data)


def state_frame(kind: str, state: Struct) -> bytes:
    """Write how something is now; it has no id, because the next one replaces it."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), encode(state))


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
