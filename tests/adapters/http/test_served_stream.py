"""The push stream on the service's own server."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from adapters.events.stream import EventStream
from adapters.http.event_push import EventPush
from adapters.http.push import Drained, Headers, ServeClient
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from adapters.http.serving_loop import IDLE_SECONDS_MAX
from tests.adapters.http.driven import Driven, Echo
from tests.adapters.http.pushing import SETTINGS, Disk, Noon, sources_of
from tests.adapters.http.talking import connect, get, read_to_end, refusal, talk


class Served:
    """A service whose commits are pushed."""

    def __init__(self, app: Flask) -> None:
        self.disk = Disk()
        self.stream = EventStream(self.disk)
        self.push = EventPush(
            sources_of(self.stream, self.disk), Noon(), settings=SETTINGS
        )
        options = ServerOptions(streams={"/stream": self.push})
        self.server = HttpServer(app, "127.0.0.1", 0, options=options)
        self.server.start()

    def commit(self) -> None:
        self.stream.publish(self.disk.commit())

    def listen(self, *headers: bytes, path: bytes = b"/stream") -> socket.socket:
        sock = connect(self.server)
        lines = (b"GET %b HTTP/1.1" % path, b"Host: localhost", *headers, b"", b"")
        sock.sendall(b"\r\n".join(lines))
        return sock


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    served = Served(app)
    yield served
    served.server.stop(grace_seconds=5)


def read_until(sock: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        chunk = sock.recv(65536)
        assert chunk, received
        received += chunk
    return received


def test_a_stream_begins_with_its_head_and_ends_with_its_connection(
    served: Served,
) -> None:
    with served.listen() as sock:
        head, _, body = read_until(sock, b'"0-0"}\n\n').partition(b"\r\n\r\n")
        served.commit()
        event = read_until(sock, b"}\n\n")
        served.server.stop(grace_seconds=5)
        rest = read_to_end(sock)

    status, *fields = head.decode().lower().split("\r\n")
    assert status == "http/1.1 200 ok"
    assert "content-type: text/event-stream" in fields
    assert "cache-control: no-store" in fields
    assert "connection: close" in fields
    assert not [one for one in fields if one.startswith(("content-l", "transfer-"))]
    assert body.startswith(b"retry: 1000\nid: 0-0\nevent: position\n")
    assert event.startswith(b"id: 0-1\nevent: order\n")
    assert rest == b""


@pytest.mark.parametrize(
    ("header", "path"),
    [(b"Last-Event-ID: 0-2", b"/stream"), (b"A: b", b"/stream?after=0-2")],
)
def test_a_client_comes_back_by_header_or_by_query(
    served: Served, header: bytes, path: bytes
) -> None:
    for _ in range(4):
        served.commit()

    with served.listen(header, path=path) as sock:
        text = read_until(sock, b"id: 0-4\n")

    assert text.count(b"event: order\n") == 2
    assert b"id: 0-3\n" in text


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (b"Last-Event-ID: x", 400, "HEADER_INVALID"),
        (b"Last-Event-ID: 0-7", 409, "POSITION_BEYOND_END"),
    ],
)
def test_a_refusal_is_a_problem_and_not_a_stream(
    served: Served, header: bytes, status: int, code: str
) -> None:
    request = b"GET /stream HTTP/1.1\r\nHost: localhost\r\n%b\r\n\r\n" % header

    assert refusal(talk(served.server, request), status)["code"] == code


@pytest.mark.parametrize(
    ("site", "status"),
    [
        (b"cross-site", b"403"),
        (b"same-site", b"403"),
        (b"same-origin", b"200"),
        (b"none", b"200"),  # the user typed it
    ],
)
def test_pages_of_others_take_no_places_with_frames_and_windows(
    served: Served, site: bytes, status: bytes
) -> None:
    request = (
        b"HEAD /stream HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Mode: navigate\r\n"
        b"Sec-Fetch-Site: %b\r\n\r\n" % site
    )

    assert talk(served.server, request).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"OPTIONS"])
def test_a_stream_can_only_be_read(served: Served, method: bytes) -> None:
    request = b"%b /stream HTTP/1.1\r\nHost: localhost\r\n\r\n" % method

    answer = talk(served.server, request)

    assert refusal(answer, 405)["code"] == "METHOD_NOT_ALLOWED"
    assert b"\r\nAllow: GET, HEAD\r\n" in answer


@pytest.mark.parametrize(
    ("query", "status"), [(b"", b"200 OK"), (b"?after=x", b"400 Bad Request")]
)
def test_the_head_of_a_stream_is_that_alone(
    served: Served, query: bytes, status: bytes
) -> None:
    request = b"HEAD /stream%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % query

    answer = talk(served.server, request)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.endswith(b"\r\n\r\n")
    assert not sum(served.push.counts().values())


def test_a_database_out_of_reach_is_answered_503_with_retry_after(
    served: Served,
) -> None:
    served.disk.is_away = True

    with served.listen() as sock:
        answer = read_to_end(sock)

    assert refusal(answer, 503)["code"] == "STORE_UNAVAILABLE"
    assert b"\r\nRetry-After: " in answer


def test_a_client_that_closes_frees_its_place_before_anything_is_written(
    served: Served,
) -> None:
    with served.listen() as sock:
        read_until(sock, b'"0-0"}\n\n')
        assert sum(served.push.counts().values()) == 1

    began = time.monotonic()
    while sum(served.push.counts().values()):
        assert time.monotonic() - began < 5
        assert get(served.server)


def test_a_stop_with_256_clients_takes_no_time(served: Served) -> None:
    clients = [served.listen() for _ in range(256)]
    for sock in clients:
        read_until(sock, b"\n\n")
    began = time.monotonic()

    served.server.stop(grace_seconds=5)

    assert time.monotonic() - began < 2
    for sock in clients:
        assert read_to_end(sock) == b""
        sock.close()


class Still:
    """A stream that writes nothing by itself."""

    transport: asyncio.WriteTransport

    def stop(self) -> None:
        pass

    async def accept(self, _environ: object) -> tuple[Headers, ServeClient]:
        return [], self.serve

    async def serve(self, transport: asyncio.WriteTransport, _drained: Drained) -> None:
        self.transport = transport
        await asyncio.get_running_loop().create_future()


def test_a_client_is_not_silent_before_it_had_something_to_read() -> None:
    """The server looks now and then; what is unread just then may be quite new."""
    still = Still()
    driven = Driven(Echo(), streams={"/stream": still})
    client = driven.connect()
    client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    driven.go_round(8)
    connection = driven.connection_of(client)

    driven.seconds += 2 * IDLE_SECONDS_MAX
    still.transport.write(b"x" * 16_000_000)
    assert still.transport.get_write_buffer_size()
    assert not connection.has_expired(driven.seconds, IDLE_SECONDS_MAX)
    driven.seconds += 2 * IDLE_SECONDS_MAX
    assert connection.has_expired(driven.seconds, IDLE_SECONDS_MAX)

    driven.close()
