"""A server on loopback that takes, or does not take, webhook messages."""

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final


SECRET: Final = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """Remembers what it got; answers as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        """Statuses of the next answers; 200 when there are no more."""

        self.location = ""
        """Header of every answer."""

        self.retry_after = ""
        """The same."""

        self.got: list[tuple[str, dict[str, str], bytes]] = []
        """Path, headers with small letters, and body of each request."""

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.got]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): text for name, text in self.headers.items()}
            state.got.append((self.path, headers, body))
            self.send_response(state.answers.pop(0) if state.answers else 200)
            if state.location:
                self.send_header("Location", state.location)
            if state.retry_after:
                self.send_header("Retry-After", state.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            state.got.append((self.path, {}, b""))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[str]:
    """Take connections, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"
