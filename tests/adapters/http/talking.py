"""Talking to a server over a bare socket."""

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from adapters.http.server import HttpServer


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


ORDER = b'{"symbol":"BNBUSDT","price":"270","quantity":"1"}'
PATIENCE_SECONDS = 20
"""Only a failing test waits so long."""

Serve = Callable[["WSGIApplication"], HttpServer]


def connect(server: HttpServer) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)


def read_to_end(sock: socket.socket) -> bytes:
    received = b""
    while chunk := sock.recv(65536):
        received += chunk
    return received


def talk(server: HttpServer, request: bytes) -> bytes:
    """Send bytes and no more; return what comes back until the server hangs up."""
    with connect(server) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        return read_to_end(sock)


def post(body: bytes, *headers: bytes, path: bytes = b"/SellOrder") -> bytes:
    """Write a request; without headers of its own it has a fitting length."""
    lines = [
        b"POST %b HTTP/1.1" % path,
        b"Host: localhost",
        b"Content-Type: application/json",
    ]
    lines.extend(headers or [b"Content-Length: %d" % len(body), b"Connection: close"])
    return b"\r\n".join([*lines, b"", body])


def parse(answer: bytes) -> tuple[int, dict[str, str], Any]:
    """Take an answer apart into status, headers by lower-case name, and JSON."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), headers, json.loads(body) if body else None


def refusal(answer: bytes, status: int) -> dict[str, Any]:
    """Check that an answer is a problem of the status, and return its members."""
    found, headers, members = parse(answer)
    assert found == status, answer
    assert headers["content-type"] == "application/problem+json"
    assert members["status"] == status
    assert members["code"]
    assert isinstance(members, dict)
    return members


def get(server: HttpServer) -> bytes:
    return talk(
        server, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )


class Gate:
    """An application that holds requests until told to let them go."""

    def __init__(self, wanted: int = 1) -> None:
        self.arrived = threading.Semaphore(0)
        self.open = threading.Event()
        self._wanted = wanted

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        assert environ["PATH_INFO"] == "/"
        self.arrived.release()
        assert self.open.wait(PATIENCE_SECONDS)
        headers = [("Content-Type", "application/json"), ("Content-Length", "2")]
        start_response("200 OK", headers)
        return [b"{}"]

    def wait_until_all_arrived(self) -> None:
        for _ in range(self._wanted):
            assert self.arrived.acquire(timeout=PATIENCE_SECONDS)
