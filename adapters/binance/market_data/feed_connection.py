"""One websocket connection: a thread that opens, reads and maintains it."""

import logging
import threading
from collections.abc import Sequence
from typing import Final, Protocol

from websocket import (
    ABNF,
    WebSocketBadStatusException,
    WebSocketException,
    WebSocketTimeoutException,
)

from adapters.binance.ban_refusals import heed_handshake
from adapters.binance.market_data.feed_context import FeedContext
from adapters.binance.market_data.frames import FrameParser, as_of_ns
from adapters.binance.market_data.message_delivery import Delivery
from adapters.binance.market_data.settings import PULSE, StreamKind
from adapters.binance.market_data.subscriptions import Subscriptions
from adapters.binance.rest_replies import words_of_refusal
from adapters.binance.venue_limits import WEBSOCKET_PACE
from adapters.network.buffered_websocket import BufferedWebSocket
from adapters.network.connection_liveness import Liveness
from adapters.network.paced_sender import PacedSender
from adapters.network.pacing import SECOND_NS
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.market.updates import LATE_MAX_NS
from domain.values import Symbol


logger = logging.getLogger(__name__)

_GATHER_ROUNDS_MAX: Final = 10


class ConnectionOwner(Protocol):
    """Is told of a connection's state, in the connection's thread."""

    def connection_ended(self, connection: "FeedConnection", cause: str) -> None:
        """The connection delivers nothing any more, or never did."""
        ...

    def replacement_wanted(self, connection: "FeedConnection", reason: str) -> None:
        """The connection still delivers, but not for long. Called repeatedly."""
        ...

    def look_at_handover(self, connection: "FeedConnection", now_ns: int) -> None:
        """Called regularly while the connection sends through a gate."""
        ...


class FeedConnection:
    """A single connection: it connects once, and another replaces it when it ends."""

    ban_seconds = 0.0
    """For how long the venue, after refusing this one, bans further attempts."""

    def __init__(
        self,
        *,
        name: str,
        context: FeedContext,
        owner: ConnectionOwner,
        symbols: Sequence[Symbol],
        delay_seconds: float,
    ) -> None:
        self.symbols = list(symbols)
        self.opened_ns: int | None = None
        self._name = name
        self._context = context
        self._owner = owner
        self._delay_seconds = delay_seconds
        settings = context.settings
        self.subscriptions = Subscriptions(
            suffixes=sorted(settings.streams),
            symbols=symbols,
            answer_wait_seconds=settings.answer_wait_seconds,
            pulse="" if StreamKind.DEPTH in settings.streams else PULSE,
        )
        self.delivery = Delivery(
            carrier=self, routes=context.routes, subscriptions=self.subscriptions
        )
        self._sender = PacedSender(self.subscriptions.next_request, WEBSOCKET_PACE)
        self._socket = BufferedWebSocket(
            self._answer_ping, settings.connect_seconds_max
        )
        self._parser = FrameParser()
        self._liveness = Liveness(settings, 0)
        self._next_look_ns = self._returned_ns = 0
        self._frames = self._bytes = 0
        self._has_warned = False
        self._stop_cause = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    def stop(self, cause: str) -> None:
        """End it soon; the owner is told ``cause``. From any thread."""
        self._stop_cause = self._stop_cause or cause
        self._stopping.set()
        self._socket.abort()

    def is_alive(self) -> bool:
        """Whether its thread is running."""
        return self._thread.is_alive()

    def join(self, timeout_seconds: float) -> None:
        """Wait for its thread to end."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    def add(self, symbol: Symbol) -> None:
        """Carry one more symbol. From any thread."""
        self.symbols.append(symbol)
        self.subscriptions.add(symbol)

    def age_seconds(self) -> float:
        """Return the time since it was opened; 0 when it was not."""
        if self.opened_ns is None:
            return 0.0
        return (self._context.clock.monotonic_ns() - self.opened_ns) / SECOND_NS

    def as_of_ns(self) -> int:
        """Return as of when its streams are known; 0 before it is open. Any thread."""
        return self._liveness.as_of_ns

    def _run(self) -> None:
        cause = "internal error"
        try:
            if self._wait_for_turn():
                self._open()
                self._receive()
            cause = self._stop_cause
        except VenueUnavailableError as error:
            cause = self._stop_cause or str(error)
        except WebSocketBadStatusException as error:
            cause = self._stop_cause or self._heed(error)
        except (WebSocketException, OSError) as error:
            what = "cannot connect" if self.opened_ns is None else "connection lost"
            cause = self._stop_cause or f"{what}: {error}"
        finally:
            self._socket.shutdown()  # type: ignore[no-untyped-call]  # its own lack
            self._count()
            self._owner.connection_ended(self, cause)

    def _heed(self, error: WebSocketBadStatusException) -> str:
        """Ban all requests if the refusal demands that; return it in words."""
        words = words_of_refusal(error.status_code, error.resp_body or b"")
        limits = self._context.limits
        self.ban_seconds = heed_handshake(limits, error, words=words)
        return f"the handshake was refused with {words}"

    def _wait_for_turn(self) -> bool:
        """Wait for the back-off, more subscriptions, and the connection rate limit."""
        if self._stopping.wait(self._delay_seconds):
            return False
        for _ in range(_GATHER_ROUNDS_MAX):
            gathered = len(self.symbols)
            if self._stopping.wait(self._context.settings.gather_seconds):
                return False
            if gathered == len(self.symbols):
                break
        while wait_seconds := self._context.connect_pace.claim():
            if self._stopping.wait(wait_seconds):
                return False
        return True

    def _open(self) -> None:
        context = self._context
        streams, symbols = self.subscriptions.for_url()
        asked_ns = context.clock.monotonic_ns()
        self._socket.settimeout(context.settings.connect_timeout_seconds)
        self._socket.connect(f"{context.stream_url}/stream?streams={streams}")
        self._socket.settimeout(context.settings.tick_seconds)
        now_ns = context.clock.monotonic_ns()
        self._liveness = Liveness(context.settings, now_ns, asked_ns)
        self.opened_ns = self._returned_ns = now_ns
        context.meter.count("feed_connections_opened")
        count = len(self.symbols)
        logger.info("Feed connected connection=%s symbols=%s", self._name, count)
        self.delivery.go_live(symbols)
        self._look_after(now_ns)

    def _receive(self) -> None:
        """Read until told to stop."""
        receive = self._socket.receive
        clock_ns = self._context.clock.monotonic_ns
        run_woken_actors = self._context.run_woken_actors
        while not self._stop_cause:
            try:
                opcode, payload = receive()
            except WebSocketTimeoutException:
                now_ns = clock_ns()
                self._check_presence(now_ns)
                self._look_after(now_ns)
                continue
            now_ns = clock_ns()
            if now_ns - self._returned_ns > LATE_MAX_NS:
                self._check_presence(now_ns)
            self._returned_ns = self._liveness.heard_ns = now_ns
            if opcode == ABNF.OPCODE_TEXT:
                with run_woken_actors():
                    said_ns = self._take_texts(payload, now_ns)
                # Only now: the recipients have what it vouches for.
                self._liveness.note_word(said_ns)
            else:
                self._take_other(opcode, payload, now_ns)
            if now_ns >= self._next_look_ns:
                self._look_after(now_ns)

    def _take_other(self, opcode: int, payload: bytes, now_ns: int) -> None:
        if opcode == ABNF.OPCODE_BINARY:
            self._take_garbage("binary frame", now_ns)
        elif opcode == ABNF.OPCODE_PONG:
            self._liveness.note_pong(payload)
        elif opcode == ABNF.OPCODE_CLOSE:
            raise VenueUnavailableError("connection lost: the server closed it")

    def _check_presence(self, now_ns: int) -> None:
        """Give the connection up after a time in which we did not read it.

        Data in its buffers, here and on the way, may be that old, but would be stamped
        as received now; a new connection has no old data.

        Raises:
            VenueUnavailableError: with the time.
        """
        away_ns = now_ns - self._returned_ns
        self._returned_ns = now_ns
        if away_ns > LATE_MAX_NS:
            seconds = away_ns / SECOND_NS
            raise VenueUnavailableError(f"it was not read for {seconds:.1f} s")

    def _take_texts(self, first: bytes, received_ns: int) -> int:
        """Take a frame, and all that came with it. The hot path of every frame.

        Returns:
            as of when they describe the market; 0 when they do not.
        """
        parse = self._parser.parse
        next_read = self._socket.reader_of_next()
        ages = self._parser.ages
        ages.epoch_ns = self._context.event_clock.epoch_ns
        liveness = self._liveness
        messages = []
        frames = octets = 0
        payload: bytes | None = first
        while payload is not None:
            frames += 1
            octets += len(payload)
            try:
                messages.append(parse(payload, received_ns))
                liveness.garbage_count = 0
            except MalformedMessageError as error:
                self._take_garbage(str(error), received_ns)
            payload = next_read()
        self._frames += frames
        self._bytes += octets
        if ages.are_doubtful:
            self._context.event_clock.want()
        self.delivery.take_all(messages)
        return as_of_ns(messages)

    def _take_garbage(self, problem: str, now_ns: int) -> None:
        self._context.meter.count("feed_frames_unreadable")
        self._liveness.note_garbage(now_ns)
        if not self._has_warned:
            self._has_warned = True
            logger.warning(
                "Unreadable frame, others will only be counted connection=%s cause=%s",
                self._name,
                problem[:200],
            )
        self._check_death(now_ns)

    def _answer_ping(self, payload: bytes) -> None:
        now_ns = self._context.clock.monotonic_ns()
        if self._sender.answer_ping(self._socket, payload, now_ns):
            self._context.meter.count("feed_pings_answered")

    def _look_after(self, now_ns: int) -> None:
        """Do what is due besides reading.

        Raises:
            VenueUnavailableError: when the connection is to be given up.
        """
        settings = self._context.settings
        self._next_look_ns = now_ns + round(settings.tick_seconds * SECOND_NS)
        self._count()
        self._check_death(now_ns)
        if self._liveness.look_for_silence(now_ns):
            self._say_silence()
        is_due = self._liveness.wants_probe(now_ns)
        if is_due and self._sender.send_ping(self._socket, now_ns):
            self._liveness.note_probe(now_ns)
            self._context.meter.count("feed_probes")
        self._sender.send_due(self._socket, now_ns)
        if self.delivery.is_shutdown_announced:
            self._owner.replacement_wanted(self, "server announced its shutdown")
        elif self.age_seconds() >= settings.age_max_seconds:
            self._owner.replacement_wanted(self, "connection is old")
        if self.delivery.gate is not None:
            self._owner.look_at_handover(self, now_ns)

    def _say_silence(self) -> None:
        known = self._name, len(self.symbols)
        if self._liveness.is_silent:
            logger.warning("Venue silent connection=%s symbols=%s", *known)
        else:
            logger.info("Venue speaks again connection=%s symbols=%s", *known)

    def _check_death(self, now_ns: int) -> None:
        cause = self._liveness.cause_of_death(now_ns)
        if not cause and self.subscriptions.is_overdue(now_ns):
            cause = "server did not confirm a subscription"
        if cause:
            raise VenueUnavailableError(cause)

    def _count(self) -> None:
        """Pass the counts on; not for each frame, because a counter may take a lock."""
        self._context.meter.count("feed_frames", self._frames)
        self._context.meter.count("feed_bytes", self._bytes)
        if age_ns := self._parser.ages.take_age():
            seconds = max(age_ns, 0) / SECOND_NS
            self._context.meter.observe_seconds("feed_event_age_seconds", seconds)
        self._frames = self._bytes = 0
