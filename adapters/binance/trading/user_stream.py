"""The user's events, over a WebSocket API connection that is reopened when it ends.

Source: Binance spot API documentation, WebSocket API and user data stream (2026-07-21).
Events are not repeated: after each ``UserStreamConnected`` the owner asks for what may
have been missed.
"""

import logging
import random
import threading
import uuid
from typing import Final

import msgspec
from websocket import (
    ABNF,
    WebSocketBadStatusException,
    WebSocketException,
    WebSocketTimeoutException,
)

from adapters.binance.ban_refusals import heed_handshake
from adapters.binance.market_data.settings import FeedSettings
from adapters.binance.rest_replies import words_of_refusal
from adapters.binance.trading.error_reactions import BAD_TIMESTAMP
from adapters.binance.trading.settings import UserStreamSettings
from adapters.binance.trading.user_events import (
    OK,
    StreamEnding,
    WsApiReply,
    parse_user_frame,
)
from adapters.binance.trading.venue_calls import VenueCalls
from adapters.binance.venue_limits import WEBSOCKET_PACE, Use
from adapters.network.buffered_websocket import BufferedWebSocket
from adapters.network.connection_liveness import Liveness
from adapters.network.paced_sender import PacedSender
from adapters.network.pacing import SECOND_NS, Backoff
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.ports.runtime import Clock, Recipient
from domain.venue.answers import UserStreamConnected, UserStreamLost, UserStreamMessage


logger = logging.getLogger(__name__)

METHOD: Final = "userDataStream.subscribe.signature"
WEIGHT: Final = 4
"""Two for connecting, two for subscribing."""

_NO_DETOURS: Final = {
    "redirect_limit": 0,
    "http_proxy_host": "unused",
    "http_proxy_port": 1,
    "http_no_proxy": ["*"],
}
"""A proxy of the environment, or whoever a redirect leads to, would get our key. The
library heeds ``http_no_proxy`` only when a proxy is named."""

CLOSE_SECONDS_MAX: Final = 2.0
_LIMITED: Final = (429, 418)
_CLIENT_ERRORS: Final = range(400, 500)
_CONNECTION: Final = FeedSettings(probe_after_seconds=5.0, probe_wait_seconds=3.0)
"""As for the market's connections, except for pings: no trade depends on it."""


class _StreamRefusedError(VenueUnavailableError):
    """The venue refuses us: do not try again soon."""


class UserStream:
    """A thread, ``binance-user-stream``, that passes events to a recipient.

    The recipient's ``tell`` must only take the message.
    """

    def __init__(
        self,
        *,
        url: str,
        calls: VenueCalls,
        clock: Clock,
        rng: random.Random,
        recipient: Recipient[UserStreamMessage],
        settings: UserStreamSettings,
    ) -> None:
        """Connect to nothing yet.

        Args:
            url: with its path, such as ``wss://ws-api.binance.com/ws-api/v3``.
            calls: for signing, the venue's time, and its limits.
            clock: for ages and bans.
            rng: spreads attempts.
            recipient: of all events.
            settings: time limits.
        """
        self._url = url
        self._calls = calls
        self._clock = clock
        self._recipient = recipient
        self._settings = settings
        self._backoff = Backoff(
            first_seconds=settings.backoff_first_seconds,
            max_seconds=settings.backoff_max_seconds,
            rng=rng,
        )
        self._sender = PacedSender(lambda _now_ns: None, WEBSOCKET_PACE)
        self._socket = self._new_socket()
        self._liveness = Liveness(_CONNECTION, 0)
        self._request_id = self._told_cause = ""
        self._opened_ns = 0
        self._is_subscribed = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="binance-user-stream", daemon=True
        )

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
        cause = "internal error"
        try:
            while not self._stopping.is_set():
                cause, wait_seconds = self._live_once()
                self._lose(cause)
                self._stopping.wait(wait_seconds)
                cause = "internal error"
        finally:
            self._lose(cause)

    def _live_once(self) -> tuple[str, float]:
        """Connect, and read until the connection ends.

        Returns:
            why it ended, and how long to wait before the next attempt.
        """
        wait_seconds = 0.0
        try:
            self._open()
            cause = self._receive()
        except _StreamRefusedError as error:
            cause, wait_seconds = str(error), self._settings.refused_seconds
        except VenueUnavailableError as error:
            cause = str(error)
        except WebSocketBadStatusException as error:
            words = words_of_refusal(error.status_code, error.resp_body or b"")
            cause = f"the handshake was refused with {words}"
            if error.status_code in _CLIENT_ERRORS:
                wait_seconds = self._settings.refused_seconds
            shown = self._calls.hide(words)
            heed_handshake(self._calls.limits, error, words=shown)
        except (WebSocketException, OSError, ValueError) as error:
            cause = f"connection lost: {error}"
        finally:
            self._socket.shutdown()  # type: ignore[no-untyped-call]  # its own lack
        if self._is_subscribed and self._age_seconds() >= _CONNECTION.stable_seconds:
            self._backoff.reset()
        return self._calls.hide(cause), wait_seconds or self._backoff.next_seconds()

    def _lose(self, cause: str) -> None:
        """Report a loss once, however often connecting fails for the same reason."""
        was_subscribed, self._is_subscribed = self._is_subscribed, False
        if self._stopping.is_set() or (
            cause == self._told_cause and not was_subscribed
        ):
            return
        self._told_cause = cause
        logger.warning("User stream lost cause=%s", cause)
        self._recipient.tell(UserStreamLost(cause=cause))

    def _open(self) -> None:
        while wait_seconds := self._calls.limits.claim(WEIGHT, Use.LOOK_UP):
            if self._stopping.wait(wait_seconds):
                raise VenueUnavailableError("stopped")
        self._sender = PacedSender(lambda _now_ns: None, WEBSOCKET_PACE)
        self._socket = self._new_socket()
        self._socket.settimeout(_CONNECTION.connect_timeout_seconds)
        self._socket.connect(self._url, **_NO_DETOURS)
        self._socket.settimeout(_CONNECTION.tick_seconds)
        self._opened_ns = self._clock.monotonic_ns()
        self._liveness = Liveness(_CONNECTION, self._opened_ns)
        self._request_id = str(uuid.uuid4())
        params = self._calls.stream_parameters(self._settings.receive_window_ms)
        if params is None:
            raise VenueUnavailableError("the venue does not tell its time")
        request = {"id": self._request_id, "method": METHOD, "params": params}
        self._socket.send_text(msgspec.json.encode(request).decode())

    def _new_socket(self) -> BufferedWebSocket:
        return BufferedWebSocket(self._answer_ping, _CONNECTION.connect_seconds_max)

    def _receive(self) -> str:
        """Read until told to stop; return the cause."""
        while True:
            try:
                opcode, payload = self._socket.receive()
            except WebSocketTimeoutException:
                opcode = None
            if self._stopping.is_set():
                return "stopped"
            if opcode is None:
                self._look_after()
                continue
            self._liveness.heard_ns = self._clock.monotonic_ns()
            self._liveness.note_word(self._liveness.heard_ns)
            if opcode == ABNF.OPCODE_TEXT:
                self._take(payload)
            elif opcode == ABNF.OPCODE_CLOSE:
                raise VenueUnavailableError("connection lost: the server closed it")
            self._look_after()

    def _take(self, payload: bytes) -> None:
        try:
            frame = parse_user_frame(payload)
        except MalformedMessageError as error:
            logger.warning(
                "Unreadable user event cause=%s", self._calls.hide(str(error))
            )
            self._liveness.note_garbage(self._clock.monotonic_ns())
            return
        self._liveness.garbage_count = 0
        if frame is None:
            return
        if isinstance(frame, WsApiReply):
            self._take_reply(frame)
        elif isinstance(frame, StreamEnding):
            raise VenueUnavailableError(frame.cause)
        else:
            self._recipient.tell(frame)

    def _take_reply(self, reply: WsApiReply) -> None:
        if reply.status == OK:
            if reply.request_id == self._request_id:
                self._is_subscribed = True
                self._told_cause = ""
                logger.info("User stream connected url=%s", self._url)
                self._recipient.tell(UserStreamConnected())
            return
        if reply.status in _LIMITED:
            self._calls.pause_until(reply.retry_at_ms)
        shown = " ".join(reply.text.split())[:200]
        cause = f"refused with {reply.status}, {reply.code}: {shown}"
        if reply.code == BAD_TIMESTAMP:
            self._calls.measure_clock()
        elif reply.status in _CLIENT_ERRORS:
            raise _StreamRefusedError(cause)
        raise VenueUnavailableError(cause)

    def _answer_ping(self, payload: bytes) -> None:
        self._sender.answer_ping(self._socket, payload, self._clock.monotonic_ns())

    def _look_after(self) -> None:
        now_ns = self._clock.monotonic_ns()
        age_seconds = self._age_seconds()
        cause = self._liveness.cause_of_death(now_ns)
        if not self._is_subscribed and age_seconds > self._settings.answer_wait_seconds:
            cause = "server did not confirm the subscription"
        if age_seconds > self._settings.age_max_seconds:
            cause = "connection is old"
        if cause:
            raise VenueUnavailableError(cause)
        is_due = self._liveness.wants_probe(now_ns)
        if is_due and self._sender.send_ping(self._socket, now_ns):
            self._liveness.note_probe(now_ns)
        self._sender.send_due(self._socket, now_ns)

    def _age_seconds(self) -> float:
        return (self._clock.monotonic_ns() - self._opened_ns) / SECOND_NS
