"""A worker that is many HTTP clients, each with one connection and one request."""

import json
import select
import socket
import time
from typing import Any, Final
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


class _Clients:
    """All of them in one thread: they cost the machine as little as possible."""

    def __init__(self) -> None:
        self._number = 0

    def post(
        self,
        *,
        url: str,
        body: dict[str, str],
        connections: int,
        seconds: float = 0.0,
        requests: int = 0,
    ) -> dict[str, Any]:
        """Post for so many seconds, or so many requests; return what came of it."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        head = _head(parts.path, f"{parts.hostname}:{parts.port}")
        payload = json.dumps(body).encode()
        poll = select.epoll()
        clients: dict[int, _Client] = {}
        started = time.perf_counter()
        sent = 0
        for _ in range(connections):
            client = _Client((parts.hostname, parts.port))
            clients[client.socket.fileno()] = client
            poll.register(client.socket, select.EPOLLIN)
            client.send(self._request(head, payload))
            sent += 1
        latencies: list[float] = []
        statuses: dict[int, int] = {}
        while len(latencies) < sent:
            for number, _ in poll.poll(_PATIENCE_SECONDS):
                client = clients[number]
                status = client.receive()
                if status is None:
                    continue
                now = time.perf_counter()
                latencies.append(now - client.sent_at)
                statuses[status] = statuses.get(status, 0) + 1
                if sent < requests or now - started < seconds:
                    client.send(self._request(head, payload))
                    sent += 1
        took = time.perf_counter() - started
        for client in clients.values():
            client.socket.close()
        return {
            "requests": sent,
            "seconds": took,
            "statuses": statuses,
            "latency_seconds": summary(latencies),
        }

    def _request(self, head: bytes, payload: bytes) -> bytes:
        self._number += 1
        return head % (self._number, len(payload)) + payload


def _head(path: str, host: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: bench-{time.time_ns()}-%d\r\nContent-Length: %d\r\n\r\n"
    ).encode()


if __name__ == "__main__":
    _clients = _Clients()
    answer({"post": _clients.post})
