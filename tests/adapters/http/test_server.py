"""Taking an address, and serving in threads."""

import http.client
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import urllib3
from flask import Flask

from adapters.http.server import HttpServer
from domain.errors import ConfigurationError
from tests.adapters.http.talking import (
    ORDER,
    Gate,
    Serve,
    connect,
    get,
    parse,
    post,
    read_to_end,
    refusal,
    talk,
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


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
    missing = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"

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


def test_client_that_hangs_up_in_its_second_request_is_answered_the_first(
    server: HttpServer,
) -> None:
    first = post(ORDER).replace(b"Connection: close\r\n", b"")

    answers = talk(server, first + post(ORDER)[:-1])

    assert answers.startswith(b"HTTP/1.1 201 ")
    assert b"HTTP/1.1 400 " in answers
    assert b"the body is cut off" in answers


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
