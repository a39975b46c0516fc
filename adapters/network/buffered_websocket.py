"""A websocket-client connection that reads the kernel's buffer in large pieces.

websocket-client asks the socket for each frame's header, length and payload in turn:
three system calls and about 9 microseconds a frame. It takes any socket-like object,
though, so here it gets one that reads 64 kB ahead (4.6 microseconds); and a complete,
unfragmented text frame is cut directly out of the buffer (0.4). All other frames, and
those that are not complete yet, are left to the library.
"""

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any, Final, cast

from websocket import ABNF, WebSocket, recv


_READ_AHEAD: Final = 65_536
_FINAL_TEXT: Final = 0x81
_HEADER_MAX: Final = 4
_LENGTH_IN_TWO_BYTES: Final = 126


class _ReadAhead:
    """Takes the socket's place for websocket-client, and reads ahead."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        """Wrap a socket that is about to be used for a handshake.

        Args:
            sock: connected.
            deadline: of the handshake, monotonic.
        """
        self._sock = sock
        self._deadline: float | None = deadline
        self._patience: float | None = sock.gettimeout()
        self._data = b""
        self._position = 0

    def __getattr__(self, name: str) -> Any:
        """Behave like the socket in everything but reading."""
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return up to ``size`` bytes; reads the socket only if the buffer is empty."""
        if self._position == len(self._data):
            if self._deadline is not None:
                self._wait_until(self._deadline)
            self._data = self._sock.recv(_READ_AHEAD)
            self._position = 0
        chunk = self._data[self._position : self._position + size]
        self._position += len(chunk)
        return chunk

    def end_handshake(self) -> None:
        """Use the socket's own timeout from now on."""
        self._deadline = None
        self._sock.settimeout(self._patience)

    def _wait_until(self, deadline: float) -> None:
        """Limit the next read to the deadline: the timeout is for each read."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the handshake took too long")
        self._sock.settimeout(min(left, self._patience or left))

    def fill(self) -> None:
        """Fill the buffer if it is empty, by one read of the socket.

        Raises:
            websocket.WebSocketException: as from websocket-client's own reading.
            OSError: likewise.
        """
        if self._position == len(self._data):
            self._data = recv(self._sock, _READ_AHEAD)
            self._position = 0

    def take_text_frame(self) -> bytes | None:
        """Cut out the next frame's payload, if it is a complete, plain text frame."""
        data = self._data
        position = self._position
        if len(data) - position < _HEADER_MAX or data[position] != _FINAL_TEXT:
            return None
        length = data[position + 1]
        start = position + 2
        if length == _LENGTH_IN_TWO_BYTES:
            length = (data[start] << 8) | data[start + 1]
            start += 2
        elif length > _LENGTH_IN_TWO_BYTES:  # eight bytes of length, or masked
            return None
        if start + length > len(data):
            return None
        self._position = start + length
        return data[start : start + length]


def _nothing() -> None:
    return None


class BufferedWebSocket(WebSocket):
    """A websocket for one reading thread; pongs are left to ``answer_ping``.

    Raises in every call:
        websocket.WebSocketException: the connection is lost or timed out, or the
            server breaks the protocol.
        OSError: the operating system reports that first.
    """

    def __init__(
        self, answer_ping: Callable[[bytes], None], connect_seconds_max: float
    ) -> None:
        """Connect to nothing yet.

        Args:
            answer_ping: sends a pong with the payload.
            connect_seconds_max: for connecting as a whole, however slowly answers come.
        """
        self._ahead: _ReadAhead | None = None
        self._connect_seconds_max = connect_seconds_max
        self._deadline = 0.0
        # UTF-8 is checked by the JSON decoder anyway
        super().__init__(skip_utf8_validation=True, enable_multithread=True)
        self._answer_ping = answer_ping
        self._is_between_frames = True

    @property
    def sock(self) -> socket.socket | None:
        """What the library uses as its socket, calling every method on it."""
        return cast("socket.socket | None", self._ahead)

    @sock.setter
    def sock(self, sock: socket.socket | None) -> None:
        self._ahead = None if sock is None else _ReadAhead(sock, self._deadline)

    def connect(self, url: str, **options: Any) -> None:
        """Connect and shake hands; from then on, reads go ahead of the frames."""
        self._deadline = time.monotonic() + self._connect_seconds_max
        super().connect(url, **options)  # type: ignore[no-untyped-call]  # its own lack
        assert self._ahead is not None
        self._ahead.end_handshake()

    def abort(self) -> None:
        """Wake the thread that reads or shakes hands, with an error."""
        sock = self.sock
        if sock is not None:
            with contextlib.suppress(OSError):  # it was never connected, or is closed
                sock.shutdown(socket.SHUT_RDWR)

    def receive(self) -> tuple[int, bytes]:
        """Wait for the next message or control frame.

        Returns:
            its opcode and payload.
        """
        if self._is_between_frames and self._ahead is not None:
            self._ahead.fill()
            payload = self._ahead.take_text_frame()
            if payload is not None:
                return ABNF.OPCODE_TEXT, payload
        self._is_between_frames = False  # stays so when the read times out halfway
        opcode, payload = self.recv_data(control_frame=True)
        self._is_between_frames = True
        return opcode, payload

    def reader_of_next(self) -> Callable[[], bytes | None]:
        """Return a function that takes the next text frame if it is in the buffer.

        It never waits, and is valid until the next call of ``receive``.
        """
        if self._is_between_frames and self._ahead is not None:
            return self._ahead.take_text_frame
        return _nothing

    def pong(self, payload: str | bytes = "") -> None:
        """Called by the library on each ping, with the payload to send back."""
        self._answer_ping(payload.encode() if isinstance(payload, str) else payload)

    def send_pong(self, payload: bytes) -> None:
        """Send a pong frame."""
        self.send(payload, ABNF.OPCODE_PONG)
