"""A trading server on loopback that says what a test wants it to say."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


KEY = "KEYKEYKEYKEYKEYKEYKEY0123456789"
SECRET = "SECRETSECRETSECRETSECRET0123456"  # noqa: S105 - of nobody
JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def call(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/v3/')}"

    def is_signed_with(self, secret: str) -> bool:
        payload, _, signature = self.query.partition("&signature=")
        made = hmac.new(secret.encode(), payload.encode(), hashlib.sha256)
        return made.hexdigest() == signature


@dataclass(frozen=True, kw_only=True)
class Said:
    """One reply, or what a network makes of it."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    cut: bool = False
    """Read the request and close without a word."""

    raw: bool = False
    """Say something that is no HTTP, and close."""

    cut_in_body: bool = False
    close_after: bool = False
    """Close the connection after the reply, without saying so in it."""

    dribbles: str = ""
    """What comes byte by byte, each after a while: the "head" or the "body"."""

    hang: bool = False
    """Say nothing until the server is closed."""


def said(body: Any, status: int = 200, **headers: str) -> Said:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Said(status=status, body=json.dumps(body), headers=names)


def error(code: int, text: str, status: int = 400, **headers: str) -> Said:
    return said({"code": code, "msg": text}, status, **headers)


Answers = Callable[[Asked], Said | None]


class TradingServer:
    """Tells the time; everything else is ``answers``."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: Answers = lambda _asked: None
        self.now_ms = 1_700_000_000_000
        self.connections = 0
        self.closing = threading.Event()
        self.has_closed = threading.Semaphore(0)
        """Released once for each connection that was closed."""

        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def do_GET(self) -> None:
                server._answer(self)

            def do_POST(self) -> None:
                server._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Http(ThreadingHTTPServer):
            daemon_threads = True

            def shutdown_request(self, request: Any) -> None:
                super().shutdown_request(request)
                server.has_closed.release()

        self._http = Http(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def calls(self) -> list[str]:
        """What was asked, but for the time."""
        return [asked.call for asked in self.asked if asked.call != "GET time"]

    def last(self, call: str) -> Asked:
        return [asked for asked in self.asked if asked.call == call][-1]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        asked = Asked(
            method=handler.command,
            path=parts.path,
            query=parts.query,
            headers=dict(handler.headers.items()),
            fields=dict(parse_qsl(parts.query)),
        )
        self.asked.append(asked)
        answer = self.answers(asked)
        if answer is None and asked.call == "GET time":
            answer = said({"serverTime": self.now_ms})
        self._say(handler, answer or error(-1000, "nothing to say", 500))

    def _say(self, handler: BaseHTTPRequestHandler, answer: Said) -> None:
        if answer.hang:
            self.closing.wait(30)
        if answer.raw:
            handler.wfile.write(b"nonsense\r\n\r\n")
        if answer.hang or answer.cut or answer.raw:
            handler.close_connection = True
            return
        body = answer.body.encode()
        handler.send_response(answer.status)
        for name, text in answer.headers.items():
            handler.send_header(name, text)
        if answer.content_type:
            handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(body)))
        if answer.dribbles == "head":
            handler.flush_headers()
            self._dribble(handler, b"X-More: " + b"x" * 300 + b"\r\n")
        handler.end_headers()
        if answer.dribbles == "body":
            self._dribble(handler, body)
            return
        handler.wfile.write(body[: len(body) // 2] if answer.cut_in_body else body)
        is_last = answer.cut_in_body or answer.close_after
        handler.close_connection = handler.close_connection or is_last

    def _dribble(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        """Send bytes one by one, in six seconds or more, until nobody listens."""
        handler.close_connection = True
        with suppress(OSError):
            for byte in data:
                handler.wfile.write(bytes([byte]))
                self.closing.wait(0.02)
