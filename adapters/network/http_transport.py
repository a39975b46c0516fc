"""HTTP to the venue: one request, one answer, and whether anything was sent at all.

No redirect, proxy, retry or silent reconnection: a request that may have been executed
is never sent again. Whether it may is not guessed from the kind of error, which is the
same for a failed handshake and for a connection cut later: the connection notes when
the first byte of a request is handed to the socket.

A connection is opened first and used afterwards, so that whatever takes time (DNS, TCP,
TLS) is done before a request is stamped. One that was idle for some seconds is not used
again: a router or firewall that has dropped it does not say so.
"""

import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, RemoteDisconnected
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from adapters.network.bounded_answer import whole_within
from adapters.network.pacing import SECOND_NS
from domain.errors import ConfigurationError
from domain.ports.runtime import Clock


BODY_MAX: Final = 16_000_000
_CHUNK: Final = 65_536
_NO_HEADERS: Final[Mapping[str, str]] = {}
_ERRORS: Final = (HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """The transport's time limits, and how many connections it keeps."""

    timeout_seconds: float = 5.0
    """For each wait for bytes of an answer. Under load a venue takes longer than a
    second, and each timeout leaves an order with an unknown outcome."""

    connect_seconds_max: float = 2.5
    """For TCP, and again for TLS: a lost first packet is sent again after a second.
    A failure leaves nothing in doubt."""

    unconfirmed_seconds_max: float = 3.0
    """How long sent data may stay unacknowledged. A venue that is slow to answer still
    acknowledges within a round trip, so without that the path is dead; after this, the
    kernel does not retransmit the request either."""

    idle_seconds_max: float = 5.0
    """How long after the last byte from the venue a connection may be used. Routers and
    firewalls silently drop idle connections after 30 to 350 s: an order sent on one
    would be in doubt until it is looked up."""

    warm_connections: int = 2
    """Kept alive by pings, two per ``idle_seconds_max``, so that an order after a quiet
    time need not connect first. At Binance that is less than one percent of the
    request weight."""

    answer_seconds_max: float = 15.0
    """For a whole answer, however slowly it comes in."""

    connections: int = 8
    """Kept open; one for each thread that sends at the same time."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigurationError: names the setting that cannot work.
        """
        seconds = (
            self.timeout_seconds,
            self.answer_seconds_max,
            self.connect_seconds_max,
            self.unconfirmed_seconds_max,
            self.idle_seconds_max,
        )
        if min(seconds) <= 0:
            raise ConfigurationError("timeouts must be above 0")
        if self.connections < 1:
            raise ConfigurationError("connections: at least one is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """The server's answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    """Names are case-insensitive."""

    body: bytes = b""
    written_ns: int = 0
    """Monotonic: when the first byte of the request was handed to the socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """No answer, or an incomplete one."""

    may_have_arrived: bool
    """False: certainly no byte of the request was sent."""

    cause: str
    written_ns: int = 0
    """As of ``HttpReply``; 0 when there was no first byte."""


Answer = HttpReply | NoReply


class _Noting:
    """Mixin of connections: notes when a request began to leave; a figure, no proof."""

    auto_open = 0  # otherwise a cut connection would be reopened within a request
    clock: Clock
    has_written = False
    written_ns = 0

    def send(self, data: Any) -> None:
        if not self.has_written:
            self.has_written = True
            self.written_ns = self.clock.monotonic_ns()
        super().send(data)  # type: ignore[misc]  # of the connection beside it


class _NotingHttp(_Noting, HTTPConnection):
    pass


class _NotingHttps(_Noting, HTTPSConnection):
    pass


_Connection = _NotingHttp | _NotingHttps


class OpenConnection:
    """An open connection, to be used for one request and then taken again."""

    def __init__(self, transport: "Transport", connection: _Connection) -> None:
        self._transport = transport
        self._connection = connection
        self.heard_ns = transport.now_ns()
        """Monotonic: when the server was last heard."""

    @property
    def has_been_cut(self) -> bool:
        """Whether the connection is known to be closed by the other end."""
        return not self._connection.is_connected

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Send one request, once; path and query are sent as they are."""
        connection = self._connection
        connection.has_written, connection.written_ns = False, 0
        try:
            reply = self._exchange(method, url, headers)
        except _ERRORS as error:
            self.close()
            return NoReply(
                may_have_arrived=connection.has_written,
                cause=_cause(error),
                written_ns=connection.written_ns,
            )
        self.heard_ns = self._transport.now_ns()
        self.release()
        return reply

    def release(self) -> None:
        """Give it back: nothing was sent, or the answer was read completely."""
        self._transport.take_back(self)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _exchange(self, method: str, url: str, headers: Mapping[str, str]) -> HttpReply:
        connection = self._connection
        connection.request(method, url, headers=headers, preload_content=False)
        response = connection.getresponse()
        body = bytearray()
        for chunk in response.stream(_CHUNK):
            body += chunk
            if len(body) > BODY_MAX:
                raise HTTPError("the answer is far too large")
        return HttpReply(
            status=response.status,
            headers=response.headers,
            body=bytes(body),
            written_ns=connection.written_ns,
        )


class Transport:
    """Connections to one server. Blocking; for any number of threads."""

    def __init__(
        self, rest_url: str, settings: TransportSettings, clock: Clock
    ) -> None:
        """Connect to nothing yet.

        Args:
            rest_url: of the server; requests keep a path in it as their prefix.
            settings: time limits and number of connections.
            clock: measures the age of connections.
        """
        parts = urlsplit(rest_url)
        self._is_encrypted = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._answer_class = whole_within(settings.answer_seconds_max)
        self._tls = ssl.create_default_context() if self._is_encrypted else None
        self._clock = clock
        self._lock = threading.Lock()
        self._is_closed = False
        self._idle: list[OpenConnection] = []
        """In the order in which they last heard from the server."""

        self.settings = settings

    def open(self) -> OpenConnection | NoReply:
        """Take a connection that was alive recently, or open one; may take long."""
        while connection := self._take():
            if not connection.has_been_cut:
                return connection
            connection.close()
        try:
            return self._connect()
        except _ERRORS as error:
            return NoReply(may_have_arrived=False, cause=_cause(error))

    def quiet_connections(self, count: int) -> list[OpenConnection | NoReply]:
        """Take those of the latest ``count`` connections that need a ping.

        If there are fewer than ``count``, new ones are opened. Older ones that will not
        be used any more are closed.
        """
        now_ns = self.now_ns()
        with self._lock:
            self._drop_old(now_ns)
            kept = self._idle[-count:] if count else []
            due = [
                connection
                for connection in kept
                if now_ns - connection.heard_ns >= self._quiet_ns
            ]
            for connection in due:
                self._idle.remove(connection)
        return [*due, *(self.open() for _ in range(count - len(kept)))]

    def target_of(self, url: str) -> str:
        """Return the part of this server's URL that goes into a request line."""
        assert url.startswith(self._origin)
        return url.removeprefix(self._origin)

    def take_back(self, connection: OpenConnection) -> None:
        """Keep a connection for the next request, unless there are enough."""
        if self._is_closed or connection.has_been_cut:  # the answer may announce that
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)
            self._idle.sort(key=lambda one: one.heard_ns)
            surplus = self._idle[: -self.settings.connections]
            del self._idle[: len(surplus)]
        for one in surplus:
            one.close()

    def close(self) -> None:
        """Close idle connections."""
        self._is_closed = True
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def now_ns(self) -> int:
        """Return the monotonic time by which ages are measured."""
        return self._clock.monotonic_ns()

    @property
    def _quiet_ns(self) -> int:
        return round(self.settings.idle_seconds_max / 2 * SECOND_NS)

    def _take(self) -> OpenConnection | None:
        with self._lock:
            self._drop_old(self.now_ns())
            return self._idle.pop() if self._idle else None

    def _drop_old(self, now_ns: int) -> None:
        oldest_ns = now_ns - round(self.settings.idle_seconds_max * SECOND_NS)
        while self._idle and self._idle[0].heard_ns < oldest_ns:
            self._idle.pop(0).close()

    def _connect(self) -> OpenConnection:
        settings = self.settings
        known: dict[str, Any] = {
            "port": self._port,
            "timeout": settings.connect_seconds_max,
            "socket_options": _options(settings),
        }
        connection: _Connection = (
            _NotingHttp(self._host, **known)
            if self._tls is None
            else _NotingHttps(self._host, ssl_context=self._tls, **known)
        )
        connection.clock = self._clock
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.timeout = settings.timeout_seconds  # for each wait for bytes
        connection.response_class = self._answer_class
        return OpenConnection(self, connection)


def _options(settings: TransportSettings) -> list[tuple[int, int, int]]:
    """Make the kernel give up a connection whose other end acknowledges nothing."""
    options: list[tuple[int, int, int]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ]
    name = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux has it
    if name is not None:
        patience_ms = round(settings.unconfirmed_seconds_max * 1000)
        options.append((socket.IPPROTO_TCP, name, patience_ms))
    return options


def _cause(error: Exception) -> str:
    """Describe an error briefly; urllib3's own text contains the signed URL."""
    root: BaseException = error
    while (inner := root.__cause__ or root.__context__) is not None:
        root = inner
    told = "timed out" if isinstance(error, PoolTimeoutError | TimeoutError) else ""
    if isinstance(root, RemoteDisconnected):
        told = "the connection was cut before an answer came"
    words = getattr(root, "strerror", None) or told or type(root).__name__
    return f"{type(error).__name__}: {words}"
