"""Waitress, made to answer everything as this service does.

Waitress refuses what is not HTTP, or too much of it, before any application sees it,
and answers in plain text. The classes here give those answers the form of all others,
and bound what one connection can make the process keep.
"""

import socket
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

from adapters.http.problems import (
    CODE_OF_STATUS,
    PROBLEM_TYPE,
    Code,
    Problem,
    internal_error,
)
from adapters.http.reading import BODY_BYTES_MAX


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CHUNK_HEAD_BYTES_MAX: Final = 4096
"""For the line with a chunk's size, and for the trailer after the last chunk."""


class _CappedBuffer(OverflowableBuffer):
    """Keeps no more of a body than it takes to see that it is too long."""

    def append(self, s: bytes) -> None:
        """Keep what still fits, swallow the rest."""
        room = BODY_BYTES_MAX + 1 - len(self)
        if room > 0:
            super().append(s[:room])


class _Parser(HTTPRequestParser):
    """Refuses what makes waitress's own parser raise, or grow without bound."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and headers.

        Raises:
            ParsingError: when they are not HTTP.
        """
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # from the depths of urlsplit() and int()
            raise ParsingError("Malformed request line or header") from error
        if self.body_rcv is not None:
            self.body_rcv.buf = _CappedBuffer(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        """Take in some bytes; return how many of them belong to this request."""
        consumed = super().received(data)
        body = self.body_rcv
        if isinstance(body, ChunkedReceiver):
            head = max(len(body.control_line), len(body.trailer))
            if head > CHUNK_HEAD_BYTES_MAX and not self.completed:
                self.error = BadRequest("Chunk size or trailer too long")
                self.completed = True
        return consumed


class _Task(WSGITask):
    """A request; while the server drains, its answer closes the connection."""

    def build_response_header(self) -> bytes:
        """Write status line and headers."""
        server = self.channel.server
        assert isinstance(server, WireServer)
        if server.draining:
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
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):
    """One connection."""

    parser_class = _Parser
    task_class = _Task
    error_task_class = _ErrorTask


class WireServer(TcpWSGIServer):
    """Waitress's server for one listening socket."""

    channel_class = _Channel

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        sock: socket.socket,
        channels: Any,
        dispatcher: ThreadedTaskDispatcher,
        adjustments: Adjustments,
    ) -> None:
        """Listen.

        Args:
            app: answers the requests.
            sock: bound, not yet listening.
            channels: a dict for everything that the loop watches, by file number.
            dispatcher: the threads that call ``app``.
            adjustments: waitress's settings.

        Raises:
            OSError: when another process listens on the address by now.
        """
        self.draining = False
        """Set when no connection is to live beyond the request it carries."""
        self._channels = channels
        self._waking = threading.Lock()
        self._is_over = False
        super().__init__(
            app,
            map=channels,
            _sock=sock,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )

    def pull_trigger(self) -> None:
        """Wake the loop; nothing happens when it has ended.

        A request that was cut off ends later than the loop. By then the number of the
        loop's pipe may belong to another file, which must not be written to.
        """
        with self._waking:
            if not self._is_over:
                super().pull_trigger()

    def close_all(self) -> None:
        """Close every connection, and what the loop was woken by."""
        with self._waking:
            self._is_over = True
            wasyncore.close_all(self._channels)
