"""Clients that do not read, or do not finish what they say, cost the others nothing."""

import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from adapters.http.app import NON_BLOCKING_CALLS
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from tests.adapters.http.talking import (
    ORDER,
    PATIENCE_SECONDS,
    get,
    post,
    read_to_end,
    talk,
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGE = 8_000_000
"""Bytes; more than a socket holds."""

ASK_FOR_MORE = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Application:
    """Gives large answers, and notes in which thread it does."""

    def __init__(self) -> None:
        self.threads: list[tuple[str, str]] = []
        self.called = threading.Semaphore(0)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        thread = threading.current_thread().name
        self.threads.append((path, thread))
        body = b"x" * LARGE if path == "/large" else b"y"
        start_response("200 OK", [("Content-Length", str(len(body)))])
        self.called.release()
        return [body]

    def await_call(self) -> None:
        assert self.called.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def server(application: Application) -> Iterator[HttpServer]:
    options = ServerOptions(non_blocking_calls=NON_BLOCKING_CALLS)
    server = HttpServer(application, "127.0.0.1", 0, threads=1, options=options)
    server.start()
    yield server
    server.stop(grace_seconds=0)


def connect_reading_nothing(server: HttpServer) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    sock.settimeout(PATIENCE_SECONDS)
    sock.connect(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
    return sock


def test_a_client_that_does_not_read_keeps_neither_a_thread_nor_the_loop(
    server: HttpServer, application: Application
) -> None:
    with connect_reading_nothing(server) as sock:
        sock.sendall(ASK_FOR_MORE * 3 + post(ORDER))
        application.await_call()

        assert get(server).endswith(b"y")  # by the one thread there is
        assert talk(server, post(ORDER)).endswith(b"y")  # by the loop
        assert [path for path, _ in application.threads].count("/large") == 1
        answers = read_to_end(sock)

    assert len(answers) > 3 * LARGE
    assert answers.endswith(b"\r\n\r\ny")
    assert application.threads == [
        ("/large", "http-call_0"),
        ("/", "http-call_0"),
        ("/SellOrder", "http"),
        ("/large", "http-call_0"),
        ("/large", "http-call_0"),
        ("/SellOrder", "http"),
    ]


def test_many_clients_that_come_at_once_are_all_accepted(
    server: HttpServer, pool: ThreadPoolExecutor
) -> None:
    answers = list(pool.map(lambda _: get(server), range(200)))

    assert all(answer.endswith(b"y") for answer in answers)
