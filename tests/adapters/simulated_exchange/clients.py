"""What the tests talk to the exchange with: real clients on loopback."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import urllib3
import websocket

from adapters.simulated_exchange.threaded import ThreadedExchange


TIMEOUT_SECONDS = 5.0
RECEIVE_BUFFER_BYTES = 262_144
"""Bounded, so that a client that does not read is felt by the exchange."""
Message = dict[str, Any]


class StreamClient:
    """A websocket client that never waits longer than the timeout."""

    def __init__(self, exchange: ThreadedExchange, path: str) -> None:
        self.socket = websocket.create_connection(
            exchange.stream_url + path,
            timeout=TIMEOUT_SECONDS,
            skip_utf8_validation=True,
            sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)],
        )

    def text(self) -> str:
        """Return the next text frame as it came."""
        return str(self.socket.recv())

    def next(self) -> Message:
        """Return the next frame's object."""
        message: Message = json.loads(self.text())
        return message

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """Return the first message that is wanted."""
        while not wanted(message := self.next()):
            pass
        return message

    def data(self, count: int) -> list[Message]:
        """Return the payloads of the next combined frames."""
        return [self.next()["data"] for _ in range(count)]

    def ask(self, request: object) -> Message:
        """Send a control message and return its reply, skipping data."""
        self.socket.send(request if isinstance(request, str) else json.dumps(request))
        return self.until(lambda message: "result" in message or "code" in message)

    def is_cut(self) -> bool:
        """Read until the connection ends; False when it does not within the timeout."""
        try:
            while self.socket.recv():
                pass
        except websocket.WebSocketTimeoutException:
            return False
        except (websocket.WebSocketException, OSError):
            return True
        return True


@contextmanager
def stream(exchange: ThreadedExchange, path: str) -> Iterator[StreamClient]:
    """Connect to a path of the stream endpoint."""
    client = StreamClient(exchange, path)
    try:
        yield client
    finally:
        client.socket.shutdown()  # type: ignore[no-untyped-call] # websocket-client


def get(
    exchange: ThreadedExchange, path: str, headers: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    """Return the reply to a GET, whatever its status."""
    return urllib3.request(
        "GET",
        exchange.url + path,
        headers=headers,
        retries=False,
        timeout=TIMEOUT_SECONDS,
    )


def depth(exchange: ThreadedExchange, symbol: str, limit: int = 100) -> Message:
    """Return a parsed depth reply."""
    body: Message = get(exchange, f"/api/v3/depth?symbol={symbol}&limit={limit}").json()
    return body
