"""A worker that is many HTTP clients, each with one connection and one request."""

import json
import select
import socket
import threading
import time
from typing import Final
from urllib.parse import urlsplit

from benchmarks.samples import summary
from benchmarks.worker import answer


_LENGTH: Final = b"content-length:"
_HEAD_END: Final = b"\r\n\r\n"
_PATIENCE_SECONDS: Final = 10.0


class _Client:
    """One keep-alive connection: sends the next request when it has its answer."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Read what is there; return the status of the answer once it is whole."""
        chunk = self.socket.recv(65_536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        received = self._received = self._received + chunk
        head_end = received.find(_HEAD_END)
        if head_end < 0:
            return None
        at = received[:head_end].lower().index(_LENGTH) + len(_LENGTH)
        length = int(received[at : received.index(b"\r", at)])
        if len(received) < head_end + len(_HEAD_END) + length:
            return None
        self._received = b""
        return int(received[9:12])


class _Posting:
    """One run of many clients, in one thread: they cost the machine little."""

    def __init__(self, url: str, body: dict[str, str]) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._address = (parts.hostname, parts.port)
        self._head = _head(parts.path, f"{parts.hostname}:{parts.port}")
        self._payload = json.dumps(body).encode()
        self._poll = select.epoll()
        self._clients: dict[int, _Client] = {}
        self._sent = 0
        self._latencies: list[float] = []
        self._statuses: dict[int, int] = {}

    def run(
        self, *, connections: int, seconds: float, requests: int, rate: float
    ) -> dict[str, object]:
        """Post until both the time and the number are reached.

        At most ``rate`` a second, if it is not 0: then with one connection.
        """
        started = time.perf_counter()
        for _ in range(connections):
            client = _Client(self._address)
            self._clients[client.socket.fileno()] = client
            self._poll.register(client.socket, select.EPOLLIN)
            self._send(client)
        while len(self._latencies) < self._sent:
            for number, _ in self._poll.poll(_PATIENCE_SECONDS):
                client = self._clients[number]
                elapsed = time.perf_counter() - started
                goes_on = self._sent < requests or elapsed < seconds
                if self._receive(client) and goes_on:
                    self._await_turn(started, rate)
                    self._send(client)
        took = time.perf_counter() - started
        for client in self._clients.values():
            client.socket.close()
        return {
            "requests": self._sent,
            "seconds": took,
            "statuses": self._statuses,
            "latency_seconds": summary(self._latencies),
        }

    def _await_turn(self, started: float, rate: float) -> None:
        due = started + self._sent / rate if rate else 0.0
        threading.Event().wait(max(0.0, due - time.perf_counter()))

    def _send(self, client: _Client) -> None:
        self._sent += 1
        client.send(self._head % (self._sent, len(self._payload)) + self._payload)

    def _receive(self, client: _Client) -> bool:
        status = client.receive()
        if status is None:
            return False
        self._latencies.append(time.perf_counter() - client.sent_at)
        self._statuses[status] = self._statuses.get(status, 0) + 1
        return True


def _post(
    *,
    url: str,
    body: dict[str, str],
    connections: int,
    seconds: float = 0.0,
    requests: int = 0,
    rate: float = 0.0,
) -> dict[str, object]:
    """Post for so many seconds, or so many requests; return what came of it."""
    posting = _Posting(url, body)
    return posting.run(
        connections=connections, seconds=seconds, requests=requests, rate=rate
    )


def _head(path: str, host: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: bench-{time.time_ns()}-%d\r\nContent-Length: %d\r\n\r\n"
    ).encode()


if __name__ == "__main__":
    answer(post=_post)
