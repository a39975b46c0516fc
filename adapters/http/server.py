"""Serves the application on a socket, in threads of its own."""

import logging
import resource
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from adapters.http.acceptor import Acceptor
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.service_addresses import is_loopback, url_of_address
from adapters.http.wire_server import Lanes, LoopWork, WireServer
from adapters.process.missing_resources import is_lack_of_files
from domain.errors import ConfigurationError


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

THREADS: Final = 32
"""Requests served at a time, besides those that never block. Most of the time they wait
for the database, so there are more threads than cores."""

URGENT_THREADS: Final = 2
"""For readiness and metrics, besides those for everything else."""

CONNECTIONS_MAX: Final = 400
"""Well below the usual limit of 1,024 open files, which feeds and database use, too."""

CONNECTIONS_MIN: Final = 16

OTHER_FILES: Final = 192
"""Open files reserved for feeds, database and guests when the limit is lower."""

GUESTS_MAX: Final = 32
"""Besides the others, for urgent calls: halt, resume, health, readiness, metrics."""

PEER_CONNECTIONS_MAX: Final = 200
"""From one address beyond this machine; a proxy needs fewer."""

IDLE_SECONDS_MAX: Final = 60
"""After this long without a byte a connection is closed."""

HEADER_BYTES_MAX: Final = 16 * 1024

WIRE_BODY_BYTES_MAX: Final = 32 * 1024 * 1024
"""A refused body up to this length is read and discarded, so that the client can read
the refusal. A longer one is cut off."""

PORT_MAX: Final = 65535

_LOOP_SECONDS: Final = 1.0
_DRAIN_LOOP_SECONDS: Final = 0.02
_THREADS_END_SECONDS: Final = 1
_LOOP_ENDS_SECONDS: Final = 3.0
"""After the grace period; the loop's thread is a daemon, and must not delay the end."""


class HttpServer:
    """Waitress on one address.

    The address is bound at once, so that a busy port is noticed before anything else is
    started; connections are accepted from ``start`` on.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        host: str,
        port: int,
        *,
        threads: int = THREADS,
        taken: socket.socket | None = None,
        work: LoopWork | None = None,
    ) -> None:
        """Bind the address.

        Args:
            app: the application; called by several threads at a time.
            host: name or address to listen on.
            port: 0 lets the system choose one.
            threads: how many requests are served at a time.
            taken: the socket, if ``take_address`` has bound it before.
            work: of the loop's own thread; None for nothing special.

        Raises:
            ConfigurationError: when the address is busy, or not one of this machine.
        """
        self._app = app
        self._work = work or LoopWork()
        self._threads = threads
        self._host = host
        self._address = f"{host}:{port}"
        self._socket = take_address(host, port) if taken is None else taken
        self._url = url_of_address(host, self._socket.getsockname()[1])
        self._lanes = Lanes(usual=_dispatcher(), urgent=_dispatcher())
        self._server: WireServer | None = None
        self._loop = threading.Thread(target=self._serve, name="http", daemon=True)
        self._stopping = threading.Event()
        self._grace_seconds = 0.0

    @property
    def url(self) -> str:
        """Where a client on this machine finds the service, without a slash."""
        return self._url

    def start(self) -> None:
        """Accept connections, and return.

        Raises:
            ConfigurationError: when another process took the address meanwhile.
        """
        acceptor = Acceptor(self._work.slots or _slots())
        try:
            self._server = WireServer(
                self._app,
                sock=self._socket,
                lanes=self._lanes,
                acceptor=acceptor,
                adjustments=_adjustments(self._socket),
                work=self._work,
            )
        except OSError as error:
            acceptor.close()
            raise _not_listening(self._address, error) from error
        self._lanes.usual.set_thread_count(self._threads)
        self._lanes.urgent.set_thread_count(URGENT_THREADS)
        self._loop.start()
        logger.info("Http started url=%s threads=%s", self._url, self._threads)
        if not is_loopback(self._host):
            logger.warning(
                "Listening beyond this machine, whoever reaches the port can trade "
                "address=%s",
                self._address,
            )

    def stop(self, grace_seconds: float) -> None:
        """Refuse new connections, let running requests finish, close the rest.

        Args:
            grace_seconds: how long requests may take; those not answered by then are
                cut off.
        """
        if self._stopping.is_set():
            return
        self._grace_seconds = grace_seconds  # before the loop reads it
        self._stopping.set()
        if self._server is None:
            self._socket.close()
            return
        self._server.pull_trigger()
        self._loop.join(grace_seconds + _LOOP_ENDS_SECONDS)
        if self._loop.is_alive():
            logger.warning("Http does not stop, left behind url=%s", self._url)
        else:
            logger.info("Http stopped url=%s", self._url)

    def _serve(self) -> None:
        assert self._server is not None
        while not self._stopping.is_set():
            self._server.loop_once(_LOOP_SECONDS)
        self._drain(self._server)

    def _drain(self, server: WireServer) -> None:
        server.draining = True
        server.stop_listening()
        deadline = time.monotonic() + self._grace_seconds
        while busy := _close_idle(server):
            if time.monotonic() >= deadline:
                logger.warning("Requests cut off at stop count=%s", busy)
                break
            server.loop_once(_DRAIN_LOOP_SECONDS)
        seconds = 0 if busy else _THREADS_END_SECONDS
        self._lanes.usual.shutdown(timeout=seconds)
        self._lanes.urgent.shutdown(timeout=seconds)
        for connection in server.connections():
            connection.handle_close()
        server.close_all()


def take_address(host: str, port: int) -> socket.socket:
    """Bind a socket that nobody can connect to yet.

    Raises:
        ConfigurationError: the address is busy, or not one of this machine.
    """
    if not 0 <= port <= PORT_MAX:  # getaddrinfo() would take it modulo 65536
        raise ConfigurationError(f"cannot listen on {host}:{port}: no such port")
    sock: socket.socket | None = None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        sock = socket.socket(family, kind, protocol)
        # Otherwise the address would stay busy for a minute after a stop.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except (OSError, ValueError) as error:
        if sock is not None:
            sock.close()
        if is_lack_of_files(error):
            raise  # another address would fail for lack of them, too
        raise _not_listening(f"{host}:{port}", error) from error
    return sock


def _close_idle(server: WireServer) -> int:
    """Close connections without a request; return how many are still busy."""
    busy = 0
    for connection in server.connections():
        if connection.requests or connection.total_outbufs_len:
            busy += 1
        else:
            connection.handle_close()
    return busy


def _not_listening(address: str, error: Exception) -> ConfigurationError:
    cause = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"cannot listen on {address}: {cause}")


def _dispatcher() -> ThreadedTaskDispatcher:
    dispatcher = ThreadedTaskDispatcher()
    # Waitress would warn at every request that waits for a thread.
    dispatcher.queue_logger = logging.getLogger(f"{__name__}.queue")
    dispatcher.queue_logger.setLevel(logging.ERROR)
    return dispatcher


def _slots() -> ConnectionSlots:
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = max(CONNECTIONS_MIN, files_max - OTHER_FILES)
    regular = min(CONNECTIONS_MAX, allowed)
    return ConnectionSlots(
        regular=regular,
        guests=GUESTS_MAX,
        per_peer=min(PEER_CONNECTIONS_MAX, regular),
    )


def _adjustments(sock: socket.socket) -> Adjustments:
    return Adjustments(
        sockets=[sock],
        ident="trade-executor",
        asyncore_use_poll=True,
        connection_limit=sys.maxsize,  # the acceptor limits them
        channel_timeout=IDLE_SECONDS_MAX,
        cleanup_interval=5,
        max_request_header_size=HEADER_BYTES_MAX,
        max_request_body_size=WIRE_BODY_BYTES_MAX,
        recv_bytes=65536,
        clear_untrusted_proxy_headers=False,  # we read none
        log_socket_errors=False,  # clients that hang up are not our problem
    )
