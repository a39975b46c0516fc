"""Reads the frames of Binance's combined streams.

Source: Binance spot API documentation, market streams (2026-07-21). Amounts are checked
here, and stay text until the book needs their value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import msgspec

from adapters.binance.market_data.settings import PULSE
from adapters.binance.statements import read_statements, read_touch
from adapters.market_data.event_ages import EventAges
from domain.errors import MalformedMessageError
from domain.market.updates import LATE_MAX_NS, DepthUpdate, TopOfBook
from domain.values import Symbol


UNREADABLE: Final = (
    msgspec.MsgspecError,
    UnicodeError,
    ArithmeticError,
    RecursionError,
    ValueError,
)
"""Everything that decoding malformed bytes has been seen to raise."""

_PREFIX: Final = b'{"stream":"'
_NAME_START: Final = len(_PREFIX)
_STREAMS_MAX: Final = 4096
"""Stream names remembered; the venue allows 1024 on a connection."""

SHUTDOWN: Final = "serverShutdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerShutdown:
    """The server is about to go away; no lead time is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A well-formed frame that does not concern the book."""

    kind: str
    """Its event or stream kind, such as ``trade``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A frame that is only used for its time."""

    received_ns: int
    stated_ns: int
    """As in ``DepthUpdate``; 0: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReply:
    """The answer to a control message such as SUBSCRIBE."""

    request_id: int | str | None
    error: str = ""
    """Empty when the request was carried out."""


StreamFrame = DepthUpdate | TopOfBook | Pulse | ServerShutdown | Ignored | ControlReply
"""What one frame can be."""

_TIMED: Final = (DepthUpdate, TopOfBook, Pulse)


class _DepthData(msgspec.Struct, gc=False):
    e: Literal["depthUpdate"]
    E: int
    s: str
    U: int
    u: int
    b: msgspec.Raw
    a: msgspec.Raw


class _DepthFrame(msgspec.Struct, gc=False):
    data: _DepthData


class _TickerData(msgspec.Struct, gc=False):
    u: int
    s: str
    b: str
    B: str
    a: str
    A: str


class _TickerFrame(msgspec.Struct, gc=False):
    data: _TickerData


class _PulseData(msgspec.Struct, gc=False):
    E: int


class _PulseFrame(msgspec.Struct, gc=False):
    data: _PulseData


class _Problem(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _AnyFrame(msgspec.Struct):
    stream: str | None = None
    e: str | None = None
    id: int | str | None = None
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    code: int | None = None
    msg: str = ""
    error: _Problem | None = None


_Reader = Callable[[bytes, int], StreamFrame]
_decode_depth = msgspec.json.Decoder(_DepthFrame).decode
_decode_ticker = msgspec.json.Decoder(_TickerFrame).decode
_decode_pulse = msgspec.json.Decoder(_PulseFrame).decode
_decode_any = msgspec.json.Decoder(_AnyFrame).decode


class FrameParser:
    """Reads frames; remembers only how each stream name is to be read.

    Not for several threads at once: give each connection its own.
    """

    def __init__(self) -> None:
        self._readers: dict[bytes, _Reader] = {}
        self.ages = EventAges()
        """Of the events it reads; unknown until the venue's time is set."""

        self._lag_ns: int | None = None
        """How late events without a time are; None: unknown."""

        self._pulse_ns = 0
        """When that was last measured."""

        self._read_ns = -1
        self._stated_ns = 0
        """When events without a time, received at ``_read_ns``, were stated."""

    def parse(self, frame: bytes | str, received_ns: int = 0) -> StreamFrame:
        """Read one text frame of a combined stream.

        Args:
            frame: the payload of the websocket frame.
            received_ns: monotonic time of receipt, copied into the message.

        Raises:
            MalformedMessageError: when it is not JSON, not of the documented shape,
                or an amount in it is not one.
        """
        try:
            data = frame.encode() if isinstance(frame, str) else frame
            if data.startswith(_PREFIX):
                name = data[_NAME_START : data.index(b'"', _NAME_START)]
                reader = self._readers.get(name)
                if reader is not None:
                    return reader(data, received_ns)
            return self._parse_unknown(data, received_ns)
        except UNREADABLE as error:
            raise MalformedMessageError(f"unreadable frame: {error}") from error

    def _parse_unknown(self, data: bytes, received_ns: int) -> StreamFrame:
        frame = _decode_any(data)
        if frame.stream is None:
            return _read_without_stream(frame)
        reader = self._reader_of(frame.stream)
        message = reader(data, received_ns)
        if len(self._readers) < _STREAMS_MAX:
            self._readers[frame.stream.encode()] = reader
        return message

    def _reader_of(self, stream: str) -> _Reader:
        symbol, _, kind = stream.partition("@")
        if kind == "depth" or kind.startswith("depth@"):
            return partial(self._read_depth, Symbol(symbol.upper()))
        if kind == "bookTicker":
            return partial(self._read_ticker, Symbol(symbol.upper()))
        if kind == PULSE:
            return self._read_pulse
        if stream == f"!{SHUTDOWN}":
            return _read_shutdown
        return partial(_read_other, Ignored(kind=kind or stream))

    def _read_depth(
        self, symbol: Symbol, frame: bytes, received_ns: int
    ) -> DepthUpdate:
        data = _decode_depth(frame).data
        if data.s != symbol or not 0 <= data.U <= data.u:
            raise MalformedMessageError(f"depth event of {symbol} contradicts itself")
        return DepthUpdate(
            symbol=symbol,
            first_update_id=data.U,
            last_update_id=data.u,
            bids=read_statements(data.b),
            asks=read_statements(data.a),
            received_ns=received_ns,
            stated_ns=self.ages.stated_ns(data.E, received_ns),
        )

    def _read_ticker(self, symbol: Symbol, frame: bytes, received_ns: int) -> TopOfBook:
        data = _decode_ticker(frame).data
        if data.s != symbol or data.u < 0:
            raise MalformedMessageError(f"bookTicker of {symbol} contradicts itself")
        bid, bid_quantity, ask, ask_quantity = read_touch(
            data.b, data.B, data.a, data.A
        )
        if received_ns != self._read_ns:  # frames read together are equally late
            self._date(received_ns)
        return TopOfBook(
            symbol=symbol,
            update_id=data.u,
            bid=(bid, bid_quantity),
            ask=(ask, ask_quantity),
            received_ns=received_ns,
            stated_ns=self._stated_ns,
        )

    def _date(self, received_ns: int) -> None:
        """Set when events without a time were stated; 0: unknown."""
        self._read_ns = received_ns
        lag_ns = self._lag_ns
        self._stated_ns = 0 if lag_ns is None else received_ns - lag_ns
        since_pulse_ns = received_ns - self._pulse_ns
        if self._stated_ns and since_pulse_ns > LATE_MAX_NS:
            self._stated_ns -= since_pulse_ns  # no newer measurement is known

    def _read_pulse(self, frame: bytes, received_ns: int) -> Pulse:
        """Take a frame's time: what comes after the frame is as late."""
        stated_ns = self.ages.stated_ns(_decode_pulse(frame).data.E, received_ns)
        self._lag_ns = received_ns - stated_ns if stated_ns else None
        self._pulse_ns = received_ns
        self._date(received_ns)
        return Pulse(received_ns=received_ns, stated_ns=stated_ns)


def as_of_ns(messages: Sequence[StreamFrame]) -> int:
    """Return the time of the latest frame about the market; 0: there is none.

    If its age is unknown, that is when it was received.
    """
    for message in reversed(messages):
        if isinstance(message, _TIMED):
            return message.stated_ns or message.received_ns
    return 0


def stream_name(symbol: Symbol, suffix: str) -> str:
    """Name a symbol's stream, such as ``bnbusdt@depth@100ms``."""
    return f"{symbol.lower()}@{suffix}"


def _read_shutdown(frame: bytes, _received_ns: int) -> ServerShutdown:
    _decode_any(frame)
    return ServerShutdown()


def _read_other(message: Ignored, frame: bytes, _received_ns: int) -> Ignored:
    _decode_any(frame)
    return message


def _read_without_stream(frame: _AnyFrame) -> StreamFrame:
    if frame.e == SHUTDOWN:
        return ServerShutdown()
    if frame.e is not None:
        return Ignored(kind=frame.e)
    problem = frame.error
    if problem is None and frame.code is not None:
        problem = _Problem(code=frame.code, msg=frame.msg)
    if problem is not None:
        error = f"code {problem.code}: {problem.msg}"
        return ControlReply(request_id=frame.id, error=error)
    if frame.result is msgspec.UNSET:
        raise MalformedMessageError("frame is neither an event nor an answer")
    return ControlReply(request_id=frame.id)
