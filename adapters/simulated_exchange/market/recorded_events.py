"""Reads what a recording's frames say, as far as the exchange must understand them."""

from msgspec import DecodeError, Struct, json

from adapters.replay.recordings import RecordingError


class DepthEvent(Struct, frozen=True):
    """A diff depth event; levels are (price, quantity) as written."""

    s: str
    U: int
    u: int
    b: list[tuple[str, str]]
    a: list[tuple[str, str]]


class TickerEvent(Struct, frozen=True):
    """A bookTicker event."""

    s: str
    u: int
    b: str
    B: str
    a: str
    A: str


class TradeEvent(Struct, frozen=True):
    """A trade event."""

    s: str
    t: int
    p: str
    q: str
    T: int
    m: bool


class AggregateEvent(Struct, frozen=True):
    """An aggTrade event."""

    s: str
    a: int
    p: str
    q: str
    f: int
    l: int  # noqa: E741 - the venue's name
    T: int
    m: bool


class Snapshot(Struct, frozen=True, rename={"last_update_id": "lastUpdateId"}):
    """A REST depth reply."""

    last_update_id: int
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


RecordedEvent = DepthEvent | TickerEvent | TradeEvent | AggregateEvent

_KINDS: dict[str, type[RecordedEvent]] = {
    "depth": DepthEvent,
    "depth@100ms": DepthEvent,
    "bookTicker": TickerEvent,
    "trade": TradeEvent,
    "aggTrade": AggregateEvent,
}


def read_event(stream: str, data: bytes) -> RecordedEvent | None:
    """Return what a payload says; None for kinds that the exchange only passes on.

    Raises:
        RecordingError: The payload does not have the shape of its stream.
    """
    kind = _KINDS.get(stream.partition("@")[2])
    if kind is None:
        return None
    try:
        return json.decode(data, type=kind)
    except (DecodeError, UnicodeDecodeError) as error:
        message = f"bad {stream} payload in the recording: {error}"
        raise RecordingError(message) from error


def read_snapshot(symbol: str, body: bytes) -> Snapshot:
    """Return a recorded snapshot.

    Raises:
        RecordingError: The body is no depth reply.
    """
    try:
        return json.decode(body, type=Snapshot)
    except (DecodeError, UnicodeDecodeError) as error:
        message = f"bad snapshot of {symbol} in the recording: {error}"
        raise RecordingError(message) from error
