"""A client's connection: reads its requests, and writes their answers in turn.

Waitress calls it a channel. It refuses what is not HTTP, or too long, before the
application sees it, and answers in plain text. The classes here give those answers the
same form as all others, limit how much memory one connection can use, and write answers
that come after the application has returned.
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
"""Of answers that a client has not read; beyond it, no further requests are served."""

_FIRST_BYTES: Final = 64
"""Enough to recognise any urgent call."""

REQUEST_SECONDS_MAX: Final = 20.0
"""How long a client may take to send a request, or the first one after connecting."""


class _Task(WSGITask):
    """A request, and its answer, which may come later.

    While the server drains, and for guests, the answer closes the connection.
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
            Whether the answer is still to come; then ``on_ready`` is called when it is
            ready, by any thread, perhaps before this returns.
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
        # Break the cycle of body and task: otherwise only the garbage collector would
        # free them, twenty objects for each request.
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
            self.set_close_on_finish()  # otherwise the client would wait for the rest

    def build_response_header(self) -> bytes:
        """Write status line and headers."""
        if self.channel.server.draining or self.channel.is_guest:
            self.set_close_on_finish()
        return super().build_response_header()

    def write(self, data: bytes) -> None:
        """Send headers together with a body in one piece, as one packet."""
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
    """The answer to a request that could not be parsed, or to a failed application."""

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
    """The answer to a guest whose request is not urgent."""

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
        """Since when we wait for the next request, or for the rest of it."""

        self.peer: str = self.addr[0]
        self._active_at = time.monotonic()
        self.due_at: float | None = None
        """Since when it waits to be read from or written to, if it does; monotonic
        seconds."""

        self.is_guest = False
        """Whether it has no regular slot."""

    @property
    def is_non_blocking(self) -> bool:
        """Whether the first request in line is one that never blocks."""
        call = self.call
        return call is None or call in self.server.non_blocking_calls

    @property
    def call(self) -> tuple[str, str] | None:
        """Method and path of the first request in line, if it was parsed."""
        request = self.requests[0] if self.requests else None
        if request is None or request.error:
            return None
        return request.command, request.path

    @property
    def has_begun(self) -> bool:
        """Whether the answer to the first request is being made."""
        return self._begun is not None

    def next_call(self) -> tuple[str, str] | None:
        """Peek at method and path of a request that has come, before reading it."""
        if self.request is not None or self.socket is None:
            return None  # the rest of a request
        try:
            said = self.socket.recv(_FIRST_BYTES, socket.MSG_PEEK)
        except OSError:
            return None  # nothing yet, or the client has gone
        method, _, rest = said.decode("latin-1").partition(" ")
        return method, rest.partition(" ")[0].partition("?")[0]

    def idle_seconds(self) -> float | None:
        """How long nothing has happened; None while it waits for us."""
        if self.due_at is not None or (self.requests and not self._is_parked):
            return None
        if 0 < self.total_outbufs_len <= UNREAD_BYTES_MAX:
            return None  # an answer is being sent; a client that never reads it is idle
        if self.waited_for_since is not None:
            return time.monotonic() - self.waited_for_since
        return time.monotonic() - self._active_at

    def turn_away(self) -> None:
        """Refuse the first request in line, because there is no slot."""
        self.requests[0].error = NoSlotError("too many connections; try again")

    def received(self, data: bytes) -> bool:
        """Take in what the client sent."""
        self._active_at = time.monotonic()
        is_any: bool = super().received(data)
        if self.request is None:
            self.waited_for_since = None  # the connection may be idle now
        elif self.waited_for_since is None:
            self.waited_for_since = time.monotonic()
        return is_any

    def write_soon(self, data: Any) -> int:
        """Take a part of an answer.

        The client's time starts here. When waitress next takes the request out of the
        queue, it would be too late: after a thread's answer, the connection would for a
        moment seem to have been idle for as long as the answer took.
        """
        self._active_at = time.monotonic()
        if self.waited_for_since is not None:
            # A part of the next request had come, and was not read further.
            self.waited_for_since = self._active_at
        written: int = super().write_soon(data)
        return written

    def park(self) -> bool:
        """Postpone the next request if the client does not read its answers.

        Writing more would have to wait for the client. ``handle_write`` makes the
        server go on once it has read.
        """
        with self.outbuf_lock:
            self._is_parked = self.total_outbufs_len > UNREAD_BYTES_MAX
            return self._is_parked

    def handle_write(self) -> None:
        """Send buffered output; called by the loop."""
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
        """Whether the client has kept us waiting too long.

        Args:
            now: monotonic seconds.
            idle_max: seconds without traffic between two requests.
        """
        is_silent = now - self._active_at > idle_max
        if self.requests:  # it waits for us, unless it does not read its answers
            return self._is_parked and is_silent
        since = self.waited_for_since
        if since is not None and now - since > REQUEST_SECONDS_MAX:
            return True
        return self.due_at is None and is_silent

    def service(self) -> None:
        """Begin the first request, or write its answer when that is ready."""
        if not self.requests:
            return  # dropped when the server stopped
        request = self.requests[0]
        if self._begun is None and self.connected and not request.error:
            self._begun = task = _Task(self, request)
            if task.begin(lambda: self.server.add_task(self)):
                return
        super().service()

    def task_class(self, _channel: HTTPChannel, request: Any) -> _Task:  # type: ignore[override] # it is only ever called
        """Return the task that was begun. Waitress calls this to make a task."""
        task, self._begun = self._begun, None
        return task or _Task(self, request)
