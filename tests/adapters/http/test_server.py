"""The server's life: taking the address, serving in threads, stopping."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import urllib3
from flask import Flask

from adapters.http.server import HttpServer
from domain.errors import ConfigurationError
from tests.adapters.http.talking import (
    ORDER,
    PATIENCE_SECONDS,
    connect,
    parse,
    post,
    read_to_end,
    refusal,
    talk,
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

Serve = Callable[["WSGIApplication"], HttpServer]


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
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    def wait_until_all_arrived(self) -> None:
        for _ in range(self._wanted):
            assert self.arrived.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[HttpServer] = []

    def serve(app: "WSGIApplication") -> HttpServer:
        servers.append(HttpServer(app, "127.0.0.1", 0))
        servers[-1].start()
        return servers[-1]

    yield serve
    for server in servers:
        server.stop(grace_seconds=0)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=40) as pool:
        yield pool


def get(server: HttpServer) -> bytes:
    return talk(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


def test_order_is_placed_over_a_real_socket(server: HttpServer) -> None:
    wish = {"symbol": "BNBUSDT", "price": "270.10", "quantity": 1}

    response = urllib3.request("POST", f"{server.url}/SellOrder", json=wish)

    assert response.status == 201
    assert response.headers["Location"] == "/api/v1/orders/01ABC"
    assert response.json()["price"] == "270.1"


def test_connection_carries_one_request_after_the_other(server: HttpServer) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))

    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.request("HEAD", "/healthz")
    head = connection.getresponse()
    connection.close()

    assert head.headers["Content-Length"] == "15"


def test_requests_sent_at_once_are_answered_in_their_order(server: HttpServer) -> None:
    missing = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"

    answer = talk(server, HEALTH + missing + post(ORDER))

    parts = answer.split(b"HTTP/1.1 ")[1:]
    assert [part[:3] for part in parts] == [b"200", b"404", b"201"]


def test_old_protocol_is_answered_and_hung_up(server: HttpServer) -> None:
    with connect(server) as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = read_to_end(sock)

    assert parse(answer)[0] == 200


def test_busy_port_is_one_clear_line(server: HttpServer, app: Flask) -> None:
    port = int(server.url.rsplit(":", 1)[1])

    with pytest.raises(ConfigurationError) as caught:
        HttpServer(app, "127.0.0.1", port)

    said = str(caught.value)
    assert said == f"cannot listen on 127.0.0.1:{port}: Address already in use"


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000), ("\0", 0), ("a..b", 0)]
)
def test_impossible_address_is_one_clear_line(app: Flask, host: str, port: int) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpServer(app, host, port)

    assert str(caught.value).startswith(f"cannot listen on {host}:{port}: ")
    assert "\n" not in str(caught.value)


def test_address_taken_between_two_servers_is_one_clear_line(app: Flask) -> None:
    first = HttpServer(app, "127.0.0.1", 0)
    second = HttpServer(app, "127.0.0.1", int(first.url.rsplit(":", 1)[1]))
    first.start()

    with pytest.raises(ConfigurationError, match="cannot listen on"):
        second.start()

    second.stop(grace_seconds=0)
    first.stop(grace_seconds=0)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:"), ("localhost", "http://localhost:")],  # noqa: S104 - the case under test
)
def test_url_is_one_that_a_client_here_can_use(app: Flask, host: str, url: str) -> None:
    server = HttpServer(app, host, 0)
    server.start()

    response = urllib3.request("GET", f"{server.url}/healthz")
    server.stop(grace_seconds=1)

    assert server.url.startswith(url)
    assert response.status == 200


def test_more_than_sixteen_requests_are_worked_on_at_a_time(
    serve: Serve, pool: ThreadPoolExecutor
) -> None:
    gate = Gate(wanted=32)
    server = serve(gate)

    answers = [pool.submit(get, server) for _ in range(32)]
    gate.wait_until_all_arrived()
    gate.open.set()

    assert {parse(answer.result())[0] for answer in answers} == {200}


def test_half_sent_requests_keep_nobody_waiting(server: HttpServer) -> None:
    halves = [b"", b"POST /Sell", post(ORDER)[:-5], post(b"", b"Content-Length: 9")]
    waiting = [connect(server) for _ in range(50)]
    for number, sock in enumerate(waiting):
        sock.sendall(halves[number % len(halves)])

    answer = talk(server, post(ORDER))

    assert parse(answer)[0] == 201
    for sock in waiting:
        sock.close()


def test_client_that_hangs_up_half_way_places_no_order(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer = talk(server, post(ORDER)[:-1])

    assert answer == b""
    assert parse(talk(server, post(ORDER)))[0] == 201
    assert "Traceback" not in caplog.text


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
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
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


def test_application_that_breaks_is_answered_like_a_bug(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        raise AssertionError((environ, start_response))

    answer = get(serve(broken))

    assert refusal(answer, 500)["code"] == "INTERNAL_ERROR"
    assert b"Traceback" not in answer
    assert caplog.text.count("Traceback") == 1


def test_answer_larger_than_any_buffer_arrives_whole(serve: Serve) -> None:
    def large(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        assert environ["REQUEST_METHOD"] == "GET"
        start_response("200 OK", [("Content-Length", str(8_000_000))])
        return [b"x" * 8_000_000]

    answer = get(serve(large))

    assert len(answer.partition(b"\r\n\r\n")[2]) == 8_000_000


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
