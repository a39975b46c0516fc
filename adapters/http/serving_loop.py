"""The loop of the HTTP server: accepts clients, keeps their connections, ends them."""

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from adapters.http.acceptor import SHUT_SECONDS, Acceptor
from adapters.http.application_calls import ApplicationCalls
from adapters.http.client_connection import ClientConnection
from adapters.http.request_handling import RequestHandling
from adapters.http.request_head import HEADER_BYTES_MAX
from adapters.http.server_options import ServerOptions


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

IDLE_SECONDS_MAX: Final = 60.0
"""After this long without a byte a connection is closed."""

ACCEPTS_MAX: Final = 64
"""Clients accepted in one round of the loop."""

SWEEP_SECONDS: Final = 5.0
"""Between two looks for connections that have expired."""

LINGER_SECONDS: Final = 2.0
"""How long the rest of a refused body is read, so that its client reads the refusal."""

BODY_BUFFER_BYTES: Final = 8 * 1024
"""Of a body that has been parsed and not yet read. The parser stops at twice as much,
and at a sixteenth of it in chunks: each costs as much time as many bytes do."""

_BEYOND_OURS: Final = 3600.0
"""aiohttp's own limit for idle connections: never reached before ours."""


class ServingLoop:
    """What happens in the loop's thread. Made within it."""

    def __init__(
        self,
        application: "WSGIApplication",
        listening: socket.socket,
        acceptor: Acceptor,
        options: ServerOptions,
        threads: int,
    ) -> None:
        """Serve nobody yet.

        Args:
            application: answers the requests.
            listening: the socket.
            acceptor: decides who gets in.
            options: which calls are served how.
            threads: for calls that may wait.
        """
        self._loop: Final = asyncio.get_running_loop()
        self._listening: Final = listening
        self._acceptor: Final = acceptor
        self._options: Final = options
        self._calls: Final = ApplicationCalls(application, options, threads)
        handling = RequestHandling(self._calls, options, self)
        # A client that hangs up is not worked for any longer.
        self._aiohttp: Final = web.Server(handling.handle, handler_cancellation=True)
        self._connections: dict[ClientConnection, None] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._changed: Final = asyncio.Event()

    def start(self) -> None:
        """Accept clients."""
        self._loop.add_reader(self._listening, self._has_newcomers)
        self._loop.call_later(SWEEP_SECONDS, self._sweep)

    async def drain(self, grace_seconds: float) -> None:
        """Accept nobody more, let what runs finish, and hang up on all others."""
        self._is_draining = True
        self._loop.remove_reader(self._listening)
        self._listening.close()
        for stream in self._options.streams.values():
            stream.stop()
        until = self._loop.time() + grace_seconds
        while busy := self._hang_up_on_idle():
            self._changed.clear()
            remaining = until - self._loop.time()
            try:
                await asyncio.wait_for(self._changed.wait(), remaining)
            except TimeoutError:
                logger.warning("Requests cut off at stop count=%s", busy)
                break
        for connection in self.connections():
            connection.hang_up()
        self._calls.close()
        self._acceptor.close()

    def connections(self) -> list[ClientConnection]:
        """Return the open connections."""
        return list(self._connections)

    def _hang_up_on_idle(self) -> int:
        """Close connections without a request; return how many are still busy."""
        busy = 0
        for connection in self.connections():
            if connection.is_waiting_for_us or connection.unread_bytes:
                busy += 1
            else:
                connection.hang_up()
        return busy

    def may_stay(self, connection: ClientConnection) -> bool:
        """Whether a connection is kept after its current answer."""
        return not (self._is_draining or connection.is_guest)

    def find_place(self, guest: ClientConnection) -> bool:
        """Give a guest a regular slot, if one is free by now."""
        return self._acceptor.promote(guest, self.connections())

    def _has_newcomers(self) -> None:
        """Accept in the next round: then all that has come in this one is known."""
        self._loop.remove_reader(self._listening)
        self._loop.call_soon(self._accept_all)

    def _accept_all(self) -> None:
        if self._is_draining:
            return
        for _ in range(ACCEPTS_MAX):
            if self._acceptor.is_shut:
                break
            accepted = self._acceptor.accept(self._listening, self.connections)
            if accepted is None:
                break
            self._admit(*accepted)
            # Without descriptors there is no way to tell whether more are waiting.
            if self._acceptor.is_starved:
                break
        self._reopen()

    def _reopen(self) -> None:
        if self._acceptor.is_shut:
            self._loop.call_later(SHUT_SECONDS, self._reopen)
        elif not self._is_draining:
            self._loop.add_reader(self._listening, self._has_newcomers)

    def _admit(self, sock: socket.socket, address: Any, is_guest: bool) -> None:  # noqa: FBT001 - as the acceptor has it
        connection = ClientConnection(
            self._aiohttp,
            address[0],
            self._has_left,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=_BEYOND_OURS,
            lingering_time=LINGER_SECONDS,
            read_bufsize=BODY_BUFFER_BYTES,
            max_line_size=HEADER_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            tcp_keepalive=False,
        )
        connection.is_guest = is_guest
        self._connections[connection] = None
        sock.settimeout(0)
        connecting = self._loop.create_task(self._connect(connection, sock))
        self._connecting.add(connecting)
        connecting.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: ClientConnection, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, sock)
        except OSError:  # the client has gone already
            sock.close()
            self._has_left(connection)

    def _has_left(self, connection: ClientConnection) -> None:
        self._connections.pop(connection, None)
        self._changed.set()
        self._acceptor.reopen()
        self._reopen()

    def _sweep(self) -> None:
        """Look for connections that have expired, once all that has come is read.

        After a stop of the process the loop comes to its timers before the sockets. So
        this waits for the end of the next round, in which they are read.
        """
        self._loop.call_soon(self._loop.call_soon, self._close_expired)
        self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _close_expired(self) -> None:
        """Close unused connections, and those that keep us waiting too long."""
        now = self._loop.time()
        for connection in self.connections():
            if connection.has_expired(now, IDLE_SECONDS_MAX):
                connection.hang_up()
