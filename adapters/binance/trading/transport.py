"""HTTP to the venue: one request, one answer, and whether anything was sent at all.

No redirect, proxy, retry or silent reconnection: a request that may have been executed
is never sent again. Whether it may is not guessed from the kind of error, which is the
same for a handshake that failed and for a connection cut later; the connection notes
when the first byte of a request is handed to the socket.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from adapters.binance.trading.settings import TradingSettings
from domain.ports import Clock


BODY_MAX: Final = 16_000_000
_CHUNK: Final = 65_536
_NO_HEADERS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server said."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    """Names are found in any case."""

    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """No answer, or not a whole one."""

    may_have_arrived: bool
    """False: certainly not a byte of the request was sent."""

    cause: str


Answer = Reply | NoReply


class _Progress(threading.local):
    """Of the request that this thread is making."""

    clock: Clock | None = None
    has_written = False
    written_ns = 0
    """Monotonic: when the first byte was handed to the socket; a figure, no proof."""

    def begin(self, clock: Clock) -> None:
        self.clock, self.has_written, self.written_ns = clock, False, 0

    def note(self) -> None:
        if self.has_written:
            return
        self.has_written = True
        if self.clock is not None:
            self.written_ns = self.clock.monotonic_ns()


_progress: Final = _Progress()


class _NotingHttp(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _progress.note()
        super().send(data)


class _NotingHttps(HTTPSConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # the TLS handshake is over when this returns
        _progress.note()
        super().send(data)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _NotingHttp


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _NotingHttps


class Transport:
    """A pool of connections to one server. Blocking; for any number of threads."""

    def __init__(self, settings: TradingSettings, clock: Clock) -> None:
        logging.getLogger("urllib3.connectionpool").addFilter(_shows_no_signature)
        self._settings = settings
        self._clock = clock
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=settings.connections,
            timeout=urllib3.Timeout(settings.timeout_seconds),
            retries=False,
        )
        self._pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Make one request, once; the URL goes out as it is."""
        _progress.begin(self._clock)
        try:
            return self._exchange(method, url, headers)
        except (HTTPError, OSError, ValueError) as error:
            return NoReply(may_have_arrived=_progress.has_written, cause=_cause(error))

    @staticmethod
    def written_ns() -> int:
        """Return when this thread's last request began to leave; 0: it did not."""
        return _progress.written_ns

    def close(self) -> None:
        """Drop idle connections."""
        self._pool.clear()

    def _exchange(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        deadline = time.monotonic() + self._settings.answer_seconds_max
        response = self._pool.urlopen(
            method, url, headers=headers, redirect=False, preload_content=False
        )
        with _dropped_unless_whole(response):
            body = bytearray()
            for chunk in response.stream(_CHUNK):
                body += chunk
                if len(body) > BODY_MAX:
                    raise HTTPError("the answer is far too large")
                if time.monotonic() > deadline:
                    raise PoolTimeoutError("the answer took too long")
        return Reply(status=response.status, headers=response.headers, body=bytes(body))


def _shows_no_signature(record: logging.LogRecord) -> bool:
    """Keep signed URLs, which urllib3 writes on level DEBUG, out of the log."""
    return "signature=" not in record.getMessage()


@contextlib.contextmanager
def _dropped_unless_whole(response: urllib3.BaseHTTPResponse) -> Iterator[None]:
    """Let a connection back into the pool only when the answer was read to its end."""
    try:
        yield
    except BaseException:
        response.close()
        raise
    response.release_conn()


def _cause(error: Exception) -> str:
    """Say in a few words what happened; urllib3's own hold the signed URL."""
    root: BaseException = error
    while (inner := root.__cause__ or root.__context__) is not None:
        root = inner
    told = "timed out" if isinstance(error, PoolTimeoutError) else ""
    words = getattr(root, "strerror", None) or told or type(root).__name__
    return f"{type(error).__name__}: {words}"
