"""The market's own trades, over connections of their own.

Source: Binance spot API documentation, aggregate trade streams (2026-07-21). They are
no prices to trade by, so they neither share a connection with those nor are handed over
from one to the next: what was missed shows in the ids.
"""

import logging
import threading
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final, Literal, Self

import msgspec
from websocket import (
    ABNF,
    WebSocketBadStatusException,
    WebSocketException,
    WebSocketTimeoutException,
)

from adapters.amount_checks import check_levels
from adapters.binance.ban_refusals import heed_handshake
from adapters.binance.market_data.feed_context import FeedContext
from adapters.binance.market_data.frames import SHUTDOWN, UNREADABLE, stream_name
from adapters.binance.rest_replies import words_of_refusal
from adapters.binance.venue_limits import WEBSOCKET_PACE
from adapters.network.buffered_websocket import BufferedWebSocket
from adapters.network.connection_liveness import Liveness, LivenessSettings
from adapters.network.paced_sender import PacedSender
from adapters.network.pacing import Backoff
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.market.public_trades import PublicTrade, PublicTrades
from domain.ports.runtime import Recipient
from domain.values import Symbol


logger = logging.getLogger(__name__)

STREAM: Final = "aggTrade"
CLOSE_SECONDS_MAX: Final = 2.0

_LIVENESS: Final = LivenessSettings(probe_after_seconds=30.0, probe_wait_seconds=10.0)
"""No trade depends on it."""

_MS: Final = 1000


class _TradeData(msgspec.Struct, gc=False):
    e: Literal["aggTrade"]
    s: str
    a: int
    p: str
    q: str
    T: int


class _TradeFrame(msgspec.Struct, gc=False):
    data: _TradeData


_decode = msgspec.json.Decoder(_TradeFrame).decode


def read_trade(frame: bytes) -> PublicTrade:
    """Read one frame of a combined stream.

    Raises:
        MalformedMessageError: it is nothing of the documented shape.
    """
    try:
        data = _decode(frame).data
        price, quantity = Decimal(data.p), Decimal(data.q)
        check_levels(((price, quantity),))
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable trade: {error}") from error
    if data.a < 0 or data.T < 0 or not quantity:
        raise MalformedMessageError(f"trade of {data.s} is out of range")
    return PublicTrade(
        symbol=Symbol(data.s),
        trade_id=data.a,
        price=price,
        quantity=quantity,
        second=data.T // _MS,
    )


class TradeStream:
    """A thread, ``binance-trades``, that passes trades to a recipient.

    The recipient's ``tell`` must only take the message.
    """

    def __init__(
        self,
        symbols: Sequence[Symbol],
        context: FeedContext,
        recipient: Recipient[PublicTrades],
    ) -> None:
        """Connect to nothing yet.

        Args:
            symbols: as many as one connection may carry.
            context: of the market's other connections.
            recipient: of all trades.
        """
        names = "/".join(stream_name(symbol, STREAM) for symbol in symbols)
        self._url = f"{context.stream_url}/stream?streams={names}"
        self._context = context
        self._recipient = recipient
        settings = context.settings
        self._backoff = Backoff(
            first_seconds=settings.backoff_first_seconds,
            max_seconds=settings.backoff_max_seconds,
            rng=context.rng,
        )
        self._told_cause = ""
        self._has_warned = False
        self._open_anew()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="binance-trades", daemon=True
        )

    @classmethod
    def of_all(
        cls,
        symbols: Collection[Symbol],
        context: FeedContext,
        recipient: Recipient[PublicTrades],
    ) -> list[Self]:
        """Return as many streams as these symbols need."""
        most, every = context.settings.symbols_per_connection, list(symbols)
        parts = (every[at : at + most] for at in range(0, len(every), most))
        return [cls(part, context, recipient) for part in parts]

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    def close(self) -> None:
        """End the stream; nothing is sent afterwards. Waits 2 s at most."""
        self._stopping.set()
        self._socket.abort()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS_MAX)

    def _run(self) -> None:
        while not self._stopping.is_set():
            cause, wait_seconds = self._live_once()
            if self._stopping.is_set():
                return
            if cause != self._told_cause:
                logger.warning("Public trades lost cause=%s", cause)
                self._told_cause = cause
            self._stopping.wait(max(wait_seconds, self._backoff.next_seconds()))

    def _live_once(self) -> tuple[str, float]:
        """Read until the connection ends; return why, and how long to stay away."""
        wait_seconds = 0.0
        try:
            self._connect()
            self._receive()
            cause = "stopped"
        except (VenueUnavailableError, MalformedMessageError) as error:
            cause = str(error)
        except WebSocketBadStatusException as error:
            words = words_of_refusal(error.status_code, error.resp_body or b"")
            cause = f"the handshake was refused with {words}"
            wait_seconds = heed_handshake(self._context.limits, error, words=words)
        except (WebSocketException, OSError) as error:
            cause = f"connection lost: {error}"
        finally:
            self._socket.shutdown()  # type: ignore[no-untyped-call]  # its own lack
        return cause, wait_seconds

    def _open_anew(self) -> None:
        settings = self._context.settings
        self._sender = PacedSender(lambda _now_ns: None, WEBSOCKET_PACE)
        self._socket = BufferedWebSocket(
            self._answer_ping, settings.connect_seconds_max
        )
        self._liveness = Liveness(_LIVENESS, self._context.clock.monotonic_ns())

    def _connect(self) -> None:
        while wait_seconds := self._context.connect_pace.claim():
            if self._stopping.wait(wait_seconds):
                raise VenueUnavailableError("stopped")
        self._open_anew()
        settings = self._context.settings
        self._socket.settimeout(settings.connect_timeout_seconds)
        self._socket.connect(self._url)
        self._socket.settimeout(settings.tick_seconds)
        self._liveness = Liveness(_LIVENESS, self._context.clock.monotonic_ns())
        logger.info("Public trades connected")

    def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                opcode, payload = self._socket.receive()
            except WebSocketTimeoutException:
                self._look_after()
                continue
            self._liveness.heard_ns = self._context.clock.monotonic_ns()
            self._liveness.note_word(self._liveness.heard_ns)
            if opcode == ABNF.OPCODE_TEXT:
                self._take(payload)
            elif opcode == ABNF.OPCODE_CLOSE:
                raise VenueUnavailableError("connection lost: the server closed it")
            self._look_after()

    def _take(self, first: bytes) -> None:
        """Take a frame, and all that came with it."""
        next_read = self._socket.reader_of_next()
        trades: list[PublicTrade] = []
        payload: bytes | None = first
        while payload is not None:
            try:
                trades.append(read_trade(payload))
            except MalformedMessageError as error:
                if SHUTDOWN.encode() in payload:
                    cause = "server announced its shutdown"
                    raise VenueUnavailableError(cause) from None
                self._note_unreadable(error)
            payload = next_read()
        if trades:
            self._liveness.garbage_count = 0
            self._told_cause = ""
            self._backoff.reset()
            self._recipient.tell(PublicTrades(trades=tuple(trades)))

    def _note_unreadable(self, error: MalformedMessageError) -> None:
        """Leave a frame out; the gap in the ids tells of it."""
        self._context.meter.count("feed_frames_unreadable")
        self._liveness.note_garbage(self._context.clock.monotonic_ns())
        if not self._has_warned:
            self._has_warned = True
            logger.warning(
                "Unreadable trade, others will only be counted cause=%s",
                str(error)[:200],
            )

    def _answer_ping(self, payload: bytes) -> None:
        now_ns = self._context.clock.monotonic_ns()
        self._sender.answer_ping(self._socket, payload, now_ns)

    def _look_after(self) -> None:
        """Do what is due besides reading.

        Raises:
            VenueUnavailableError: when the connection is to be given up.
        """
        now_ns = self._context.clock.monotonic_ns()
        if cause := self._liveness.cause_of_death(now_ns):
            raise VenueUnavailableError(cause)
        is_due = self._liveness.wants_probe(now_ns)
        if is_due and self._sender.send_ping(self._socket, now_ns):
            self._liveness.note_probe(now_ns)
