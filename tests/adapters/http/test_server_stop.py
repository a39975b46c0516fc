"""Stopping: what runs may finish, what waits is told, nothing is left."""

import socket
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from adapters.http.server import HttpServer
from tests.adapters.http.talking import (
    PATIENCE_SECONDS,
    Gate,
    Serve,
    connect,
    parse,
    read_to_end,
    talk,
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_stop_lets_a_running_request_finish_and_takes_no_other(
    serve: Serve, pool: ThreadPoolExecutor
) -> None:
    gate = Gate()
    server = serve(gate)
    idle = connect(server)
    running: Future[bytes] = pool.submit(get_keeping_alive, server)
    gate.wait_until_all_arrived()

    stopping = pool.submit(server.stop, PATIENCE_SECONDS)
    assert read_to_end(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    assert not stopping.done()
    gate.open.set()
    stopping.result(PATIENCE_SECONDS)

    status, headers, _ = parse(running.result(PATIENCE_SECONDS))
    assert status == 200
    assert headers["connection"] == "close"
    idle.close()


def get_keeping_alive(server: HttpServer) -> bytes:
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return read_to_end(sock)


def test_stop_cuts_off_what_outlasts_the_grace(
    serve: Serve, pool: ThreadPoolExecutor
) -> None:
    gate = Gate()
    server = serve(gate)
    running = pool.submit(get_keeping_alive, server)
    gate.wait_until_all_arrived()

    server.stop(grace_seconds=0.05)

    assert running.result(PATIENCE_SECONDS) == b""
    gate.open.set()


def test_address_is_free_at_once_after_a_stop(app: Flask) -> None:
    first = HttpServer(app, "127.0.0.1", 0)
    first.start()
    port = int(first.url.rsplit(":", 1)[1])
    talk(first, HEALTH)
    first.stop(grace_seconds=1)
    first.stop(grace_seconds=1)

    second = HttpServer(app, "127.0.0.1", port)
    second.start()

    assert parse(talk(second, HEALTH))[0] == 200
    second.stop(grace_seconds=1)


def test_server_that_never_started_gives_its_address_back(app: Flask) -> None:
    server = HttpServer(app, "127.0.0.1", 0)

    server.stop(grace_seconds=1)

    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_no_thread_outlives_the_server(app: Flask) -> None:
    before = threading.active_count()
    server = HttpServer(app, "127.0.0.1", 0)
    server.start()
    talk(server, HEALTH)

    server.stop(grace_seconds=1)

    assert threading.active_count() == before


def test_client_that_never_reads_does_not_hold_up_the_stop(serve: Serve) -> None:
    arrived = threading.Event()

    def large(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        assert environ["REQUEST_METHOD"] == "GET"
        arrived.set()
        start_response("200 OK", [("Content-Length", str(64_000_000))])
        return [b"x" * 64_000_000]

    server = serve(large)
    with connect(server) as sock:
        sock.sendall(HEALTH)
        assert arrived.wait(PATIENCE_SECONDS)
        server.stop(grace_seconds=0.05)

    with pytest.raises(ConnectionRefusedError), socket.socket() as again:
        again.connect(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
