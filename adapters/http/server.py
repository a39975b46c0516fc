"""Serves the application on a socket: a loop in its thread, and threads to wait in."""

import asyncio
import logging
import resource
import socket
import threading
from typing import TYPE_CHECKING, Final

from adapters.http.acceptor import Acceptor
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.server_options import ServerOptions
from adapters.http.service_addresses import url_of_address
from adapters.http.serving_loop import ServingLoop
from adapters.process.missing_resources import is_lack_of_files
from domain.errors import ConfigurationError


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

THREADS: Final = 32
"""Requests served at a time, besides those that never block. Most of the time they wait
for the database, so there are more threads than cores."""

CONNECTIONS_MAX: Final = 400
"""Well below the usual limit of 1,024 open files, which feeds and database use, too."""

CONNECTIONS_MIN: Final = 16

OTHER_FILES: Final = 192
"""Open files reserved for feeds, database and guests when the limit is lower."""

GUESTS_MAX: Final = 32
"""Besides the others, for urgent calls: halt, resume, health, readiness, metrics."""

PEER_CONNECTIONS_MAX: Final = 200
"""From one address beyond this machine; a proxy needs fewer."""

PORT_MAX: Final = 65535

BACKLOG: Final = 1024
"""Clients that the system lets wait to be accepted."""

_LOOP_ENDS_SECONDS: Final = 3.0
"""After the grace period; the loop's thread is a daemon, and must not delay the end."""


class HttpServer:
    """aiohttp on one address, its loop in a thread of its own.

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
        options: ServerOptions | None = None,
    ) -> None:
        """Bind the address.

        Args:
            app: the application; called by several threads at a time.
            host: name or address to listen on.
            port: 0 lets the system choose one.
            threads: how many requests that may wait are served at a time.
            taken: the socket, if ``take_address`` has bound it before.
            options: which calls are served how; None for all alike, in threads.

        Raises:
            ConfigurationError: when the address is busy, or not one of this machine.
        """
        self._app = app
        self._options = options or ServerOptions()
        self._threads = threads
        self._host = host
        self._address = f"{host}:{port}"
        self._socket = take_address(host, port) if taken is None else taken
        self._url = url_of_address(host, self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_serving = threading.Event()
        self._is_stopping = False
        self._grace_seconds: asyncio.Future[float]

    @property
    def url(self) -> str:
        """Where a client on this machine finds the service, without a slash."""
        return self._url

    def start(self) -> None:
        """Accept connections, and return.

        Raises:
            ConfigurationError: when another process took the address meanwhile.
        """
        try:
            self._socket.listen(BACKLOG)
        except OSError as error:
            raise _not_listening(self._address, error) from error
        self._thread.start()
        self._is_serving.wait()
        logger.info("Http started url=%s threads=%s", self._url, self._threads)

    def stop(self, grace_seconds: float) -> None:
        """Refuse new connections, let running requests finish, close the rest.

        Args:
            grace_seconds: how long requests may take; those not answered by then are
                cut off.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        if self._loop is None:
            self._socket.close()
            return
        self._loop.call_soon_threadsafe(self._grace_seconds.set_result, grace_seconds)
        self._thread.join(grace_seconds + _LOOP_ENDS_SECONDS)
        if self._thread.is_alive():
            logger.warning("Http does not stop, left behind url=%s", self._url)
        else:
            logger.info("Http stopped url=%s", self._url)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_failure)
        self._grace_seconds = loop.create_future()
        self._socket.settimeout(0)
        acceptor = Acceptor(self._options.slots or _slots())
        serving = ServingLoop(
            self._app, self._socket, acceptor, self._options, self._threads
        )
        serving.start()
        self._loop = loop
        self._is_serving.set()
        await serving.drain(await self._grace_seconds)


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


def _not_listening(address: str, error: Exception) -> ConfigurationError:
    cause = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"cannot listen on {address}: {cause}")


def _log_failure(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what nobody else has caught, in the form of all lines."""
    error = context.get("exception")
    logger.error(
        "Http loop failed problem=%s",
        context["message"],
        exc_info=error if isinstance(error, BaseException) else None,
    )


def _slots() -> ConnectionSlots:
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = max(CONNECTIONS_MIN, files_max - OTHER_FILES)
    regular = min(CONNECTIONS_MAX, allowed)
    return ConnectionSlots(
        regular=regular,
        guests=GUESTS_MAX,
        per_peer=min(PEER_CONNECTIONS_MAX, regular),
    )
