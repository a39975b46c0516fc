"""A proxy before a server that bends what passes: delays, other answers, silence.

For tests and for trying things by hand. It speaks HTTP/1.1 on plain sockets, one
request after the other on a connection, and lets a WebSocket through untouched.

    with BendingProxy("127.0.0.1", 9000) as proxy:
        proxy.bend = lambda asked: (
            Bend(before_seconds=4.5, answer=refusal(-1021, "late"))
            if asked.is_for("POST", "/api/v3/order") else None
        )
        ... proxy.url ...
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit


_HEAD_END = b"\r\n\r\n"
_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as it came."""

    method: str
    target: str
    raw: bytes
    at: float
    """When it was read, by ``time.monotonic``."""

    def is_for(self, method: str, path: str) -> bool:
        return (self.method, self.path) == (method, path)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def fields(self) -> dict[str, str]:
        body = self.raw.partition(_HEAD_END)[2].decode("latin-1")
        return dict(parse_qsl(urlsplit(self.target).query) + parse_qsl(body))


@dataclass(frozen=True, kw_only=True)
class Bend:
    """What becomes of one request; the fields count in this order."""

    before_seconds: float = 0.0
    """Wait for so long before anything else is done."""

    swallow: bool = False
    """Neither pass it on nor answer."""

    answer: bytes | None = None
    """Answer so instead of passing it on."""

    after_seconds: float = 0.0
    """Hold the server's answer back for so long."""

    replace: bytes | None = None
    """Answer so instead of what the server answered."""


def reply(body: object, status: int = 200, **headers: str) -> bytes:
    """Write a whole answer; ``body`` becomes JSON unless it is text."""
    text = body if isinstance(body, str) else json.dumps(body)
    lines = [f"HTTP/1.1 {status} Bent", "Content-Type: application/json;charset=UTF-8"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(text.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def refusal(code: int, text: str, status: int = 400, **headers: str) -> bytes:
    """Write the answer by which the venue refuses a request."""
    return reply({"code": code, "msg": text}, status, **headers)


@dataclass(eq=False)
class _Pair:
    """A client's connection and the one to the server that belongs to it."""

    client: socket.socket
    server: socket.socket
    last: float = field(default_factory=time.monotonic)
    is_forgotten: bool = False

    def close(self) -> None:
        for one in (self.client, self.server):
            # Closing alone would not wake a thread that reads from it.
            _shut(one)
            one.close()


class BendingProxy:
    """Passes on to one server; every connection has threads of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.bend: Callable[[Asked], Bend | None] = lambda _asked: None
        self.asked: list[Asked] = []
        self.forgets_after_seconds: float | None = None
        """Drop without a word what comes on a connection that was quiet for so long,
        as a router does that has forgotten it."""

        self.connections = 0
        self._pairs: set[_Pair] = set()
        self._is_closing = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closing.set()
        _shut(self._listener)
        self._listener.close()
        for pair in tuple(self._pairs):
            pair.close()

    def _accept(self) -> None:
        while not self._is_closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            client.close()
            return
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = _Pair(client, server)
        self._pairs.add(pair)
        try:
            while self._pass_one(pair):
                pass
        except OSError:
            pass  # one side has gone
        finally:
            self._pairs.discard(pair)
            pair.close()

    def _pass_one(self, pair: _Pair) -> bool:
        raw = _read_message(pair.client)
        if not raw or self._is_lost(pair):
            return bool(raw) and self._swallow(pair.client)
        method, target = raw.split(b" ", 2)[:2]
        asked = Asked(
            method=method.decode(), target=target.decode(), raw=raw, at=time.monotonic()
        )
        self.asked.append(asked)
        if b"\r\nupgrade: websocket" in raw.lower():
            pair.server.sendall(raw)
            threading.Thread(
                target=_pump, args=(pair.client, pair.server), daemon=True
            ).start()
            return _pump(pair.server, pair.client)
        return self._answer(pair, asked)

    def _answer(self, pair: _Pair, asked: Asked) -> bool:
        bend = self.bend(asked) or Bend()
        self._is_closing.wait(bend.before_seconds)
        if bend.swallow:
            return self._swallow(pair.client)
        answer = bend.answer
        if answer is None:
            pair.server.sendall(asked.raw)
            answer = _read_message(pair.server)
            self._is_closing.wait(bend.after_seconds)
            answer = bend.replace or answer
        pair.client.sendall(answer)
        pair.last = time.monotonic()
        return bool(answer)

    def _is_lost(self, pair: _Pair) -> bool:
        quiet = time.monotonic() - pair.last
        limit = self.forgets_after_seconds
        pair.is_forgotten = pair.is_forgotten or (limit is not None and quiet > limit)
        return pair.is_forgotten

    def _swallow(self, client: socket.socket) -> bool:
        """Read on without a word, until the client gives up."""
        while not self._is_closing.is_set() and client.recv(_CHUNK):
            pass
        return False


def _read_message(sock: socket.socket) -> bytes:
    """Read a request or an answer with its body; empty at the end."""
    data = b""
    while _HEAD_END not in data:
        chunk = sock.recv(_CHUNK)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(_HEAD_END)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        chunk = sock.recv(_CHUNK)
        if not chunk:
            return b""
        body += chunk
    return head + _HEAD_END + body


def _pump(source: socket.socket, sink: socket.socket) -> bool:
    try:
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    except OSError:
        pass
    _shut(sink)
    return False


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may not be connected any more
        sock.shutdown(socket.SHUT_RDWR)
