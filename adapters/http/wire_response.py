"""Answers, and how they are written to a client: each in one piece."""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from adapters.http.problems import Problem
from adapters.http.push import Drained, Headers, ServeClient
from adapters.http.security_headers import security_lines


_SERVER: Final = "trade-executor"
_WITHOUT_BODY: Final = frozenset({204, 304})
_JOINED_BYTES_MAX: Final = 64 * 1024
"""A longer body is written by itself rather than copied behind its head."""


class Answer:
    """What the application says: takes the place of WSGI's ``start_response``."""

    __slots__ = ("body", "headers", "status")

    def __init__(self) -> None:
        self.status = f"{HTTPStatus.INTERNAL_SERVER_ERROR.value} Internal Server Error"
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        """Take status and headers, as WSGI has it."""
        self.status = status
        self.headers = headers
        return self._write

    def read(self, body: Any) -> None:
        """Take all of the body, and close it as WSGI has it."""
        try:
            self.body += b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _write(self, data: bytes) -> None:
        self.body += data


def answer_of(problem: Problem, *headers: tuple[str, str]) -> Answer:
    """Make the answer that a problem is, with further headers if there are any."""
    response = problem.response(*headers)
    answer = Answer()
    answer.start(response.status_line, response.headers)
    answer.body = response.body
    return answer


class WireResponse(web.StreamResponse):
    """An answer on its way to a client.

    aiohttp calls ``prepare`` and ``write_eof`` of any response. Its own ones copy the
    headers into a dictionary and write head and body apart, which takes as long as
    finding out what to answer.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        stays: bool,
        cuts_off: bool = False,
    ) -> None:
        """Write nothing yet.

        Args:
            answer: what to write.
            stays: whether the connection is kept for another request.
            cuts_off: whether the rest of the request is not read, as aiohttp would for
                a while. It costs time, and else the client may not see the answer.
        """
        super().__init__(status=int(answer.status[:3]))
        self._answer: Final = answer
        self._stays: Final = stays
        self._cuts_off: Final = cuts_off
        self._request: web.BaseRequest | None = None

    @property
    def keep_alive(self) -> bool:
        """Whether the connection is kept."""
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> None:
        """Note whom to write to."""
        self._request = request

    async def write_eof(self, data: bytes = b"") -> None:
        """Write everything; returns when the client has read most of it.

        Raises:
            ConnectionError: it has gone.
        """
        assert not data
        assert self._request is not None
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        head = self._write_head(self._request)
        has_body = self.status not in _WITHOUT_BODY and self._request.method != "HEAD"
        body = self._answer.body if has_body else b""
        if len(body) <= _JOINED_BYTES_MAX:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
        await self._request.writer.drain()
        if self._cuts_off:
            self._request.protocol.force_close()

    def _write_head(self, request: web.BaseRequest) -> bytes:
        lines = []
        has_length = self.status in _WITHOUT_BODY
        for name, value in self._answer.headers:
            has_length = has_length or name.lower() == "content-length"
            lines.append(f"{name}: {value}")
        lines += security_lines(self._answer.headers)
        if not has_length:
            lines.append(f"Content-Length: {len(self._answer.body)}")
        if not self._stays:
            lines.append("Connection: close")
        elif request.version.minor == 0:
            lines.append("Connection: keep-alive")
        return _head(self._answer.status, lines)


class EndlessResponse(web.StreamResponse):
    """An answer that goes on until its connection ends."""

    def __init__(self, headers: Headers, serve: ServeClient) -> None:
        """Write nothing yet.

        Args:
            headers: of the answer.
            serve: writes the body.
        """
        super().__init__(status=HTTPStatus.OK)
        self._own_headers: Final = headers
        self._serve: Final = serve
        self._transport: asyncio.Transport | None = None
        self._drained: Drained

    @property
    def keep_alive(self) -> bool:
        """Never: its end is the end of the connection."""
        return False

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write the head.

        Raises:
            ConnectionError: the client has gone.
        """
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        lines = [f"{name}: {value}" for name, value in self._own_headers]
        lines += security_lines(self._own_headers)
        transport.write(_head("200 OK", [*lines, "Connection: close"]))
        if request.method != "HEAD":
            self._transport = transport
            self._drained = request.writer.drain

    async def write_eof(self, data: bytes = b"") -> None:
        """Write to the client until the stream, or the client, ends it."""
        assert not data
        if self._transport is not None:
            await self._serve(self._transport, self._drained)
            if self._transport.get_write_buffer_size():
                self._transport.abort()  # it does not read; nobody waits for it


def _head(status: str, lines: list[str]) -> bytes:
    own = (f"Date: {_date(int(time.monotonic()))}", f"Server: {_SERVER}", "", "")
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, *own)).encode("latin-1")


@lru_cache(maxsize=1)
def _date(_second: int) -> str:
    """Write the time; once a second is enough."""
    return formatdate(usegmt=True)
