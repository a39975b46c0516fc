"""A client's connection: reads its requests, and writes their answers in turn.

It is what waitress calls a channel. Waitress refuses what is not HTTP, or too much of
it, before any application sees it, and answers in plain text. The classes here give
those answers the form of all others, bound what one connection can make the process
keep, and write answers that come later than the application returns.
"""

import socket
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from adapters.http.deferred_response import DeferredBody
from adapters.http.problems import (
    CODE_OF_STATUS,
    PROBLEM_TYPE,
    RETRY_AFTER_SECONDS,
    Code,
    Problem,
    internal_error,
)
from adapters.http.request_parser import Parser


UNREAD_BYTES_MAX: Final = 256 * 1024
"""Of answers that a client has not read. With more it gets no further ones made."""

_FIRST_BYTES: Final = 64
"""More than any urgent call takes."""

REQUEST_SECONDS_MAX: Final = 20.0
"""How long a client may take to send a request, or the first one after connecting."""


class _Task(WSGITask):
    """A request, and its answer, which may come later.

    While the server drains, and for a guest, the answer closes the connection.
    """

    channel: Any  # the stubs know only waitress's own server, and take requests for
    request: Any  # errors

    def __init__(self, channel: HTTPChannel, request: Any) -> None:
        super().__init__(channel, request)
        self._body: Iterable[bytes] = ()
        self._failure: Exception | None = None

    def begin(self, on_ready: Callable[[], object]) -> bool:
        """Call the application.

        Returns:
            Whether the answer is still to come; then ``on_ready`` is called when it
            is there, by any thread, and may be before this returns.
        """
        application = self.channel.server.application
        try:
            self._body = application(self.get_environment(), self._start_response)
        except Exception as error:  # noqa: BLE001 - ``execute`` raises it
            self._failure = error
        return isinstance(self._body, DeferredBody) and self._body.when_ready(on_ready)

    def execute(self) -> None:
        """Write the answer."""
        if self._failure is not None:
            raise self._failure
        # The body knows this task: together they would be garbage that only the
        # collector finds, twenty objects of it for each request.
        body, self._body = self._body, ()
        try:
            for chunk in body:
                self.write(chunk)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        is_whole = self.content_bytes_written == self.content_length
        if not is_whole and self.request.command != "HEAD":
            self.set_close_on_finish()  # or the client would wait for the rest

    def build_response_header(self) -> bytes:
        """Write status line and headers."""
        if self.channel.server.draining or self.channel.is_guest:
            self.set_close_on_finish()
        return super().build_response_header()

    def write(self, data: bytes) -> None:
        """Send headers and a body that is there in one piece as one packet."""
        is_whole = self.content_length == len(data) and self.complete
        if self.wrote_header or not data or not is_whole or not self.has_body:
            super().write(data)
            return
        packet = self.build_response_header() + data
        self.wrote_header = True
        self.content_bytes_written = len(data)
        self.channel.write_soon(packet)

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        self.complete = True
        self.status = status
        self.response_headers = list(headers)
        for name, value in headers:
            if name.lower() == "content-length":
                self.content_length = int(value)
        return self.write


class _ErrorTask(ErrorTask):
    """The answer to what never became a request, or to a broken application."""

    def execute(self) -> None:
        """Write the answer and close the connection."""
        request: Any = self.request  # the stubs take it for the error
        error = request.error
        status = HTTPStatus(error.code)
        problem = internal_error()
        if status is not HTTPStatus.INTERNAL_SERVER_ERROR:
            code = CODE_OF_STATUS.get(status, Code.MALFORMED_REQUEST)
            problem = Problem(status=status, code=code, detail=error.body)
        body = problem.body()
        self.status = f"{status.value} {status.phrase}"
        self.response_headers = [("Content-Type", PROBLEM_TYPE)]
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.response_headers.append(("Retry-After", RETRY_AFTER_SECONDS))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class NoSlotError(Error):
    """What a guest is told that wants more than guests get."""

    code = HTTPStatus.SERVICE_UNAVAILABLE
    reason = HTTPStatus.SERVICE_UNAVAILABLE.phrase


class ClientConnection(HTTPChannel):
    """The connection of one client."""

    parser_class = Parser
    error_task_class = _ErrorTask
    server: Any  # a WireServer
    requests: list[Any]
    request: Any
    _begun: _Task | None = None
    _is_parked = False

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.waited_for_since: float | None = time.monotonic()
        """Since when the client owes us the (rest of the) next request."""

        self.peer: str = self.addr[0]
        self._active_at = time.monotonic()
        self.due_at: float | None = None
        """Since when it waits for its turn to be read from or written to, if it does;
        monotonic seconds."""

        self.is_guest = False
        """Whether it has none of the regular slots."""

    @property
    def is_non_blocking(self) -> bool:
        """Whether to serve the request that is first in line never takes long."""
        call = self.call
        return call is None or call in self.server.non_blocking_calls

    @property
    def call(self) -> tuple[str, str] | None:
        """Method and path of the request that is first in line, if it is one."""
        request = self.requests[0] if self.requests else None
        if request is None or request.error:
            return None
        return request.command, request.path

    @property
    def has_begun(self) -> bool:
        """Whether the answer to that request is being made."""
        return self._begun is not None

    def next_call(self) -> tuple[str, str] | None:
        """Look at method and path of a request that has come, before it is read."""
        if self.request is not None or self.socket is None:
            return None  # the rest of one
        try:
            said = self.socket.recv(_FIRST_BYTES, socket.MSG_PEEK)
        except OSError:
            return None  # nothing yet, or it has gone
        method, _, rest = said.decode("latin-1").partition(" ")
        return method, rest.partition(" ")[0].partition("?")[0]

    def idle_seconds(self) -> float | None:
        """How long nothing has happened; None while it waits for us."""
        if self.due_at is not None or (self.requests and not self._is_parked):
            return None
        if 0 < self.total_outbufs_len <= UNREAD_BYTES_MAX:
            return None  # of an answer; who leaves more than that unread is idle
        if self.waited_for_since is not None:
            return time.monotonic() - self.waited_for_since
        return time.monotonic() - self._active_at

    def turn_away(self) -> None:
        """Have the request that is first in line refused: there is no place."""
        self.requests[0].error = NoSlotError("too many connections; try again")

    def received(self, data: bytes) -> bool:
        """Take in what the client sent."""
        self._active_at = time.monotonic()
        is_any: bool = super().received(data)
        if self.request is None:
            self.waited_for_since = None  # it may be idle now
        elif self.waited_for_since is None:
            self.waited_for_since = time.monotonic()
        return is_any

    def write_soon(self, data: Any) -> int:
        """Take in a part of an answer.

        Here begins the time that the client has from now on. When the request is taken
        out of the queue, as waitress does next, it is too late: an answer of a thread
        would for a moment be that of a connection idle for as long as it took.
        """
        self._active_at = time.monotonic()
        if self.waited_for_since is not None:
            # Of the next request a part had come, and then nobody read on.
            self.waited_for_since = self._active_at
        written: int = super().write_soon(data)
        return written

    def park(self) -> bool:
        """Leave the next request alone if the client does not read its answers.

        Whoever wrote on would have to wait for the client. ``handle_write`` has the
        server go on when it has read.
        """
        with self.outbuf_lock:
            self._is_parked = self.total_outbufs_len > UNREAD_BYTES_MAX
            return self._is_parked

    def handle_write(self) -> None:
        """Send what waits; called by the loop."""
        waits = self.total_outbufs_len
        super().handle_write()
        if self.total_outbufs_len < waits:
            self._active_at = time.monotonic()
        with self.outbuf_lock:
            is_read = self.total_outbufs_len <= UNREAD_BYTES_MAX
            goes_on = self._is_parked and is_read and self.connected
            if goes_on:
                self._is_parked = False
        if goes_on:
            self.server.add_task(self)

    def handle_close(self) -> None:
        """Close the connection."""
        super().handle_close()
        self.server.has_left()

    def has_expired(self, now: float, idle_max: float) -> bool:
        """Whether the client has kept us waiting for too long.

        Args:
            now: monotonic seconds.
            idle_max: seconds without anything from it or to it, between two requests.
        """
        is_silent = now - self._active_at > idle_max
        if self.requests:  # it waits for us, but where it does not read its answers
            return self._is_parked and is_silent
        since = self.waited_for_since
        if since is not None and now - since > REQUEST_SECONDS_MAX:
            return True
        return self.due_at is None and is_silent

    def service(self) -> None:
        """Begin the first request; when its answer is there, write it."""
        if not self.requests:
            return  # dropped when the server stopped
        request = self.requests[0]
        if self._begun is None and self.connected and not request.error:
            self._begun = task = _Task(self, request)
            if task.begin(lambda: self.server.add_task(self)):
                return
        super().service()

    def task_class(self, _channel: HTTPChannel, request: Any) -> _Task:  # type: ignore[override] # it is only ever called
        """Take the request that was begun. Waitress calls this to make its task."""
        task, self._begun = self._begun, None
        return task or _Task(self, request)
