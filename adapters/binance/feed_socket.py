"""A websocket-client connection that reads the kernel's buffer in large pieces.

websocket-client asks the socket for each frame's header, length and payload in turn:
three system calls and about 9 microseconds a frame. It takes any socket-like object,
though, so here it gets one that reads 64 kB ahead (4.6 microseconds); and a whole
unfragmented text frame that is there is cut out of the buffer (0.4). Every other frame,
and every frame that is not complete yet, goes the library's way.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any, Final, cast

from websocket import ABNF, WebSocket, recv


_READ_AHEAD: Final = 65_536
_FINAL_TEXT: Final = 0x81
_HEADER_MAX: Final = 4
_LENGTH_IN_TWO_BYTES: Final = 126


class _ReadAhead:
    """Stands where websocket-client expects the socket, and reads ahead of it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data = b""
        self._position = 0

    def __getattr__(self, name: str) -> Any:
        """Be the socket in everything but reading."""
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return up to ``size`` bytes; reads the socket only when none are held."""
        if self._position == len(self._data):
            self._data = self._sock.recv(_READ_AHEAD)
            self._position = 0
        chunk = self._data[self._position : self._position + size]
        self._position += len(chunk)
        return chunk

    def fill(self) -> None:
        """Have something to take; reads the socket only when nothing is held.

        Raises:
            websocket.WebSocketException: as websocket-client's own reading does.
            OSError: likewise.
        """
        if self._position == len(self._data):
            self._data = recv(self._sock, _READ_AHEAD)
            self._position = 0

    def take_text_frame(self) -> bytes | None:
        """Cut out the next frame's payload, if the frame is whole, plain and text."""
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


class FeedSocket(WebSocket):
    """A websocket for one reading thread; pongs are left to ``answer_ping``.

    Raises in every call:
        websocket.WebSocketException: when the connection is lost, timed out or the
            server breaks the protocol.
        OSError: when the operating system says so first.
    """

    def __init__(self, answer_ping: Callable[[bytes], None]) -> None:
        # UTF-8 is checked by the JSON decoder anyway
        super().__init__(skip_utf8_validation=True, enable_multithread=True)
        self._answer_ping = answer_ping
        self._ahead: _ReadAhead | None = None
        self._is_between_frames = True

    def connect(self, url: str, **options: Any) -> None:
        """Connect and shake hands; from then on reads are ahead of the frames."""
        super().connect(url, **options)  # type: ignore[no-untyped-call]  # its own lack
        assert self.sock is not None
        self._ahead = _ReadAhead(self.sock)
        # it has every method that the library calls on its socket
        self.sock = cast("socket.socket", self._ahead)

    def abort(self) -> None:
        """Wake the thread that reads or shakes hands; it then meets an error."""
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

    def next_read(self) -> bytes | None:
        """Return the next text frame if it was read already, whole; never waits."""
        if self._is_between_frames and self._ahead is not None:
            return self._ahead.take_text_frame()
        return None

    def pong(self, payload: str | bytes = "") -> None:
        """Called by the library on each ping, with the payload to send back."""
        self._answer_ping(payload.encode() if isinstance(payload, str) else payload)

    def send_pong(self, payload: bytes) -> None:
        """Send a pong frame."""
        self.send(payload, ABNF.OPCODE_PONG)
