"""Talking to a server over a bare socket."""

import json
import socket
from typing import Any

from adapters.http.server import HttpServer


ORDER = b'{"symbol":"BNBUSDT","price":"270","quantity":"1"}'
PATIENCE_SECONDS = 20
"""Only a failing test waits so long."""


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
    lines = [b"POST %b HTTP/1.1" % path, b"Host: x", b"Content-Type: application/json"]
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
