"""Whoever dribbles a request, byte for byte, is cut off in the end."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange


SECONDS_MAX = 0.3
DRIBBLE_SECONDS = 0.02
BYTES_MAX = 1000
"""Only a failing test sends so many."""

HANDSHAKE = b"GET /ws/btcusdt@depth HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nX: "
POST = b"POST /control/faults HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def exchange() -> Iterator[ThreadedExchange]:
    settings = SimulatorSettings(symbols=("BTCUSDT",), request_seconds_max=SECONDS_MAX)
    with ThreadedExchange(settings) as running:
        yield running


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"", b""),
        (HANDSHAKE, b""),
        (POST + b"Content-Length: 9999\r\n\r\n", b"HTTP/1.1 408 "),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n270f\r\n", b"HTTP/1.1 408 "),
    ],
    ids=["nothing", "handshake", "body", "chunk"],
)
def test_a_request_that_is_not_finished_in_time_is_given_up(
    exchange: ThreadedExchange, said: bytes, answer: bytes
) -> None:
    place = urlsplit(exchange.url)
    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall(said)
        client.settimeout(DRIBBLE_SECONDS)
        received = dribble(client) if said else b""
        client.settimeout(10)
        received = received or client.recv(100)

    assert received.startswith(answer)
    assert bool(received) is bool(answer)


def dribble(client: socket.socket) -> bytes:
    """Send a byte at a time until something comes back."""
    for _ in range(BYTES_MAX):
        try:
            client.sendall(b"x")
            return client.recv(100)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    raise AssertionError("it goes on listening")
