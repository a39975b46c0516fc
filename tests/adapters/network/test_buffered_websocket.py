"""What a server can do to a websocket while it shakes hands."""

import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1

import pytest
from websocket import ABNF, WebSocketTimeoutException

from adapters.network.buffered_websocket import BufferedWebSocket
from tests.adapters.binance.loopback_venue import WAIT_SECONDS


DRIBBLE_SECONDS = 0.05
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accepting(request: bytes) -> bytes:
    """Return the answer that accepts a request for a websocket."""
    _, key = request.split(b"Sec-WebSocket-Key: ", 1)
    proof = b64encode(sha1(key.split(b"\r\n", 1)[0] + GUID).digest())  # noqa: S324 - of the protocol
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    return head + b"Connection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n" % proof


class Server:
    """Answers one handshake in parts, at its own pace."""

    def __init__(self, parts: Callable[[bytes], Iterable[bytes]]) -> None:
        self._parts = parts
        self._closing = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the URL."""
        self._thread.start()
        try:
            yield f"ws://127.0.0.1:{self._listening.getsockname()[1]}/stream"
        finally:
            self._closing.set()
            self._thread.join(WAIT_SECONDS)
            self._listening.close()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, suppress(OSError):
            for part in self._parts(connection.recv(65_536)):
                connection.sendall(part)
                if self._closing.wait(DRIBBLE_SECONDS):
                    return


@contextmanager
def connected(
    parts: Callable[[bytes], Iterable[bytes]], *, seconds_max: float = WAIT_SECONDS
) -> Iterator[BufferedWebSocket]:
    """Connect a socket to a server that answers so."""
    websocket = BufferedWebSocket(lambda _payload: None, seconds_max)
    websocket.settimeout(WAIT_SECONDS)
    with Server(parts).running() as url:
        try:
            websocket.connect(url)
            yield websocket
        finally:
            websocket.shutdown()  # type: ignore[no-untyped-call]  # its own lack


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nX-More: ",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 200\r\n\r\n",
    ],
    ids=["head", "body of a refusal"],
)
def test_a_handshake_that_dribbles_in_is_given_up_as_a_whole(head: bytes) -> None:
    def parts(_request: bytes) -> Iterable[bytes]:
        return [head, *[b"x"] * 200]

    with (
        pytest.raises(WebSocketTimeoutException),
        connected(parts, seconds_max=0.3),
    ):
        pass


def test_frames_that_come_with_the_handshake_are_read() -> None:
    def parts(request: bytes) -> Iterable[bytes]:
        return [accepting(request) + b"\x81\x02{}" + b"\x82\x01x"]

    with connected(parts) as websocket:
        assert websocket.receive() == (ABNF.OPCODE_TEXT, b"{}")
        assert websocket.receive() == (ABNF.OPCODE_BINARY, b"x")


def test_a_connection_outlives_the_time_for_its_handshake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parts(request: bytes) -> Iterable[bytes]:
        return [accepting(request), b"\x82", b"\x01x"]

    with connected(parts) as websocket:
        assert websocket.sock is not None
        assert websocket.sock.gettimeout() == WAIT_SECONDS
        later = time.monotonic() + 60
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert websocket.receive() == (ABNF.OPCODE_BINARY, b"x")
