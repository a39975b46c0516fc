"""A client's connection: when it is idle, what it keeps waiting, when it has to end.

aiohttp reads the requests, and writes their answers in turn. This keeps count of how
long the client takes, because nobody else does.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.http_exceptions import LineTooLong

from adapters.http.request_head import refusal
from adapters.http.wire_response import WireResponse, answer_of


UNREAD_BYTES_MAX: Final = 256 * 1024
"""Of answers that a client has not read; beyond it, no further requests are served."""

REQUEST_SECONDS_MAX: Final = 20.0
"""How long a client may take to send a request, or the first one after connecting."""

_FRAMING_BYTES_MAX: Final = 512 * 1024
"""Of a request, besides its body's content. The parser limits each line of a head, not
all of them, and not the line with a chunk's size."""

_BLANK_LINES: Final = b"\r\n"


class ClientConnection(web.RequestHandler):
    """The connection of one client."""

    __slots__ = (
        "_active_at",
        "_answered",
        "_body",
        "_framing_bytes",
        "_is_over",
        "_is_reading_body",
        "_on_lost",
        "_owed_since",
        "_unread",
        "_wire",
        "is_endless",
        "is_guest",
        "peer",
        "says_no_more",
    )

    def __init__(
        self,
        server: web.Server,
        peer: str,
        on_lost: Callable[["ClientConnection"], None],
        **options: Any,
    ) -> None:
        """Wait to be connected.

        Args:
            server: whose requests are served.
            peer: the address it comes from.
            on_lost: called when it has ended, perhaps twice.
            options: aiohttp's.
        """
        super().__init__(server, **options)
        self.peer = peer
        self.is_guest = False
        """Whether it has no regular slot."""

        self.is_endless = False
        """Whether it is given an answer without an end: a client that closes its side
        then has gone, for it can have nothing left to wait for."""

        self.says_no_more = False
        """Whether the client has closed its side; it may still read."""

        self._answered = 0
        self._is_reading_body = False
        self._is_over = False
        self._body: StreamReader = EMPTY_PAYLOAD
        self._on_lost = on_lost
        self._wire: asyncio.Transport | None = None
        self._owed_since: float | None = self._loop.time()
        """Since when we wait for the next request, or for the rest of it."""

        self._active_at = self._loop.time()
        self._framing_bytes = 0
        self._unread = 0

    @property
    def is_waiting_for_us(self) -> bool:
        """Whether it has sent a request that is not answered yet."""
        return self._unanswered > self._is_reading_body

    @property
    def _unanswered(self) -> int:
        return self._request_count - self._answered

    @property
    def unread_bytes(self) -> int:
        """How much of its answers the client has not read."""
        return 0 if self._wire is None else self._wire.get_write_buffer_size()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        wire = cast("asyncio.Transport", transport)
        wire.set_write_buffer_limits(high=UNREAD_BYTES_MAX)
        self._wire = wire
        super().connection_made(transport)
        if self._is_over:
            wire.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell whoever keeps count."""
        self._wire = None
        super().connection_lost(exc)
        self._on_lost(self)

    def data_received(self, data: bytes) -> None:
        """Take in what the client sent."""
        before = self._request_count
        super().data_received(data)
        if not data:
            return  # aiohttp goes on with what it had put off
        self._active_at = self._loop.time()
        self._framing_bytes += len(data)
        if self._request_count > before:
            self._framing_bytes = 0
            if self._messages:
                self._body = self._messages[-1][1]
            self._owed_since = None if self._body.is_eof() else self._active_at
        elif self._is_reading_body and self._body.is_eof():
            self._owed_since = None  # the rest of it is there, though not taken yet
        elif self._owed_since is None and data.strip(_BLANK_LINES):
            self._owed_since = self._active_at
        if self._framing_bytes - self._body.total_bytes > _FRAMING_BYTES_MAX:
            self.hang_up()

    def eof_received(self) -> bool | None:  # type: ignore[override] # asyncio asks for it
        """Keep the connection for the answers that the client still waits for."""
        self.says_no_more = True
        if self._parser is not None:
            with suppress(Exception):  # of any kind: what came last is no request
                self._parser.feed_eof()
        is_cut_off = not self._body.is_eof()
        if is_cut_off:  # nobody waits for the rest of it
            self._body.set_exception(web.RequestPayloadError("the body is cut off"))
        return self._unanswered > is_cut_off and not self.is_endless

    def begin_body(self) -> None:
        """Note that we wait for the body of the request in hand."""
        self._is_reading_body = True

    def end_body(self) -> None:
        """Note that it is there in full: it is our turn now."""
        self._is_reading_body = False
        if self._body.is_eof():  # else it is that of a later request
            self._owed_since = None

    def _has_answered(self) -> None:
        """Note that the answer is written: the client's time starts here."""
        self._answered += 1
        self._is_reading_body = False
        self._active_at = self._loop.time()
        if self._owed_since is not None:
            # A part of the next request had come, and was not read further.
            self._owed_since = self._active_at

    def is_last_request(self) -> bool:
        """Whether no request can follow the one that is answered now."""
        return self._close or (self.says_no_more and self._unanswered <= 1)

    def idle_seconds(self) -> float | None:
        """How long nothing has happened; None while it waits for us."""
        if self.is_waiting_for_us and self.unread_bytes <= UNREAD_BYTES_MAX:
            return None
        if 0 < self.unread_bytes <= UNREAD_BYTES_MAX:
            return None  # an answer is being sent; a client that never reads it is idle
        since = self._active_at if self._owed_since is None else self._owed_since
        return self._loop.time() - since

    def has_expired(self, now: float, idle_max: float) -> bool:
        """Whether the client has kept us waiting too long; asked every few seconds.

        Args:
            now: seconds by the loop's clock.
            idle_max: seconds without traffic between two requests.
        """
        unread = self.unread_bytes
        if unread < self._unread or (self.is_endless and not self._unread):
            self._active_at = now  # it has read, or there was nothing to read before
        self._unread = unread
        is_silent = now - self._active_at > idle_max
        if self.is_waiting_for_us or unread:
            return unread > 0 and is_silent
        owed = self._owed_since
        return is_silent or (owed is not None and now - owed > REQUEST_SECONDS_MAX)

    def hang_up(self) -> None:
        """Close the connection at once, whatever is still to be sent."""
        self._is_over = True
        if self._wire is not None:
            self._wire.abort()
        self.force_close()
        self._on_lost(self)

    async def finish_response(
        self,
        request: web.BaseRequest,
        resp: web.StreamResponse,
        start_time: float | None,
    ) -> tuple[web.StreamResponse, bool]:
        """Write the answer, and let others go first before the next request."""
        try:
            written = await super().finish_response(request, resp, start_time)
        finally:
            self._has_answered()
        if self._unanswered:
            await asyncio.sleep(0)
        return written

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - the base class's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Refuse what never became a request, and end the connection."""
        words = message.partition("\n")[0].rstrip(":") if message else None
        problem = refusal(431 if isinstance(exc, LineTooLong) else status, words)
        return WireResponse(answer_of(problem), stays=False)
