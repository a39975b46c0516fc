"""A server that answers each connection as it was told, and then is gone."""

import json
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self


PATIENCE_SECONDS: Final = 20
"""Only a failing test waits so long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""

    body: Any


def answer(
    status: int, members: object, *, kind: str = "application/json", more: str = ""
) -> bytes:
    """Write an answer."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}"
    head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def problem(status: int, code: str, detail: str = "because") -> bytes:
    """Write a refusal."""
    return answer(
        status,
        {"title": "X", "status": status, "code": code, "detail": detail},
        kind="a/problem",
    )


def stream(*frames: bytes) -> bytes:
    """Write a push stream that ends after these frames."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    return head + b"Connection: close\r\n\r\n" + b"".join(frames)


class ScriptedServer:
    """Answers one connection after the other; nothing means that it hangs up."""

    def __init__(self, *script: bytes | None) -> None:
        self.asked: list[Asked] = []
        self._script: Final[Sequence[bytes | None]] = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        if self._thread.is_alive():
            with socket.socket() as sock:  # wakes a thread that waits for somebody
                sock.connect_ex(("127.0.0.1", int(self.url.rpartition(":")[2])))
        self._thread.join(PATIENCE_SECONDS)

    def _serve(self) -> None:
        try:
            for reply in self._script:
                sock, _ = self._listener.accept()
                with sock:
                    sock.settimeout(PATIENCE_SECONDS)
                    self.asked.append(_read(sock))
                    if reply is not None:
                        sock.sendall(reply)
        except OSError:
            pass  # the test is over
        finally:
            self._listener.close()


def _read(sock: socket.socket) -> Asked:
    received = b""
    while b"\r\n\r\n" not in received:
        received += sock.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {
        name.lower(): text for name, text in (one.split(": ", 1) for one in lines)
    }
    while len(body) < int(headers.get("content-length", "0")):
        body += sock.recv(65536)
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, json.loads(body) if body else None)
