"""A full table, and a process without descriptors, let the operator in."""

import errno
import logging
import os
import resource
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from adapters.http.acceptor import CALM_SECONDS, SHUT_SECONDS, Acceptor
from adapters.http.app import NON_BLOCKING_CALLS, URGENT_CALLS
from adapters.http.client_connection import ClientConnection
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from tests.adapters.http.talking import (
    PATIENCE_SECONDS,
    Gate,
    connect,
    parse,
    read_to_end,
    refusal,
    talk,
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

READ = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALT = b"POST /api/v1/halt HTTP/1.1\r\nHost: localhost\r\n\r\n"
READY = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Application:
    """Holds reads at a gate; answers what is urgent at once."""

    def __init__(self) -> None:
        self.gate = Gate()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/":
            return self.gate(environ, start_response)
        headers = [("Content-Type", "application/json"), ("Content-Length", "2")]
        start_response("200 OK", headers)
        return [b"[]"]


@pytest.fixture
def application() -> Application:
    return Application()


def serving(application: Application, slots: ConnectionSlots) -> HttpServer:
    options = ServerOptions(
        non_blocking_calls=NON_BLOCKING_CALLS, urgent_calls=URGENT_CALLS, slots=slots
    )
    server = HttpServer(application, "127.0.0.1", 0, threads=1, options=options)
    server.start()
    return server


@pytest.fixture
def busy(application: Application) -> Iterator[HttpServer]:
    """A server all of whose slots are taken by clients that wait for answers."""
    server = serving(application, ConnectionSlots(regular=3, guests=2, per_peer=3))
    clients = [connect(server) for _ in range(3)]
    for client in clients:
        client.sendall(READ)
    application.gate.wait_until_all_arrived()
    yield server
    application.gate.open.set()
    for client in clients:
        client.close()
    server.stop(grace_seconds=0)


@pytest.mark.parametrize("call", [HALT, READY], ids=["halt", "readiness"])
def test_urgent_call_is_answered_while_all_places_and_threads_are_busy(
    busy: HttpServer, call: bytes
) -> None:
    with connect(busy) as sock:
        sock.sendall(call)
        status, headers, members = parse(read_to_end(sock))

    assert (status, members) == (200, [])
    assert headers["connection"] == "close"  # the place is for the next one


def test_other_call_is_told_that_there_is_no_place(busy: HttpServer) -> None:
    with connect(busy) as sock:
        sock.sendall(READ)
        answer = read_to_end(sock)

    assert refusal(answer, 503)["code"] == "TOO_MANY_CONNECTIONS"
    assert parse(answer)[1]["retry-after"] == "1"


def test_guests_that_say_nothing_do_not_keep_the_halt_out(
    application: Application,
) -> None:
    slots = ConnectionSlots(regular=0, guests=2, per_peer=1, silent_guest_seconds=0.0)
    server = serving(application, slots)
    silent = [connect(server) for _ in range(5)]

    assert parse(talk(server, HALT))[0] == 200

    server.stop(grace_seconds=0)
    for sock in silent:
        sock.close()


def test_guest_gets_a_regular_place_when_one_is_free_by_then(
    application: Application,
) -> None:
    server = serving(application, ConnectionSlots(regular=1, guests=2, per_peer=1))
    first = connect(server)
    assert talk(server, HALT)  # both have been accepted by now
    guest = connect(server)
    assert talk(server, HALT)
    application.gate.open.set()
    first.close()
    assert talk(server, READY)  # the end of the first has been seen by now

    guest.sendall(READ)
    answer = guest.recv(65536)
    guest.close()
    server.stop(grace_seconds=0)

    assert parse(answer)[0] == 200
    assert "connection" not in parse(answer)[1]


def test_idle_connection_gives_way_to_a_newcomer(application: Application) -> None:
    slots = ConnectionSlots(regular=2, guests=2, per_peer=2, idle_seconds=0.0)
    server = serving(application, slots)
    application.gate.open.set()
    idle = [connect(server) for _ in range(4)]

    answer = talk(server, READ)

    assert parse(answer)[0] == 200
    assert [sock.recv(1) for sock in idle[:3]] == [b""] * 3  # the oldest ones
    for sock in idle:
        sock.close()
    server.stop(grace_seconds=0)


class Waiting:
    """A listening socket with one client from another machine."""

    def accept(self) -> Any:
        return socket.socket(), ("10.0.0.1", 4711)


@dataclass
class Used:
    """A connection on which an answer is made."""

    peer: str
    is_guest: bool = False

    def idle_seconds(self) -> float | None:
        return None


@pytest.mark.parametrize(
    ("peers", "said"),
    [
        (
            ["10.0.0.1", "10.0.0.1"],
            "Connections of one address full address=10.0.0.1 open=2",
        ),
        (["10.0.0.2", "127.0.0.1", "127.0.0.1"], "Connections full open=3"),
    ],
)
def test_log_says_whether_one_address_or_the_server_is_full(
    caplog: pytest.LogCaptureFixture, peers: list[str], said: str
) -> None:
    acceptor = Acceptor(ConnectionSlots(regular=3, guests=2, per_peer=2))
    seated = cast("list[ClientConnection]", [Used(peer) for peer in peers])

    accepted = acceptor.accept(cast("socket.socket", Waiting()), lambda: seated)
    acceptor.close()

    assert accepted is not None
    accepted[0].close()
    assert accepted[2]  # a guest
    assert [record.getMessage() for record in caplog.records] == [said]


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    taken: list[int] = []
    try:
        while True:
            try:
                taken.append(os.dup(0))
            except OSError:
                break
        yield
    finally:
        for number in taken:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_halt_gets_through_without_file_descriptors(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    server = serving(application, ConnectionSlots(regular=4, guests=2, per_peer=4))
    port = int(server.url.rsplit(":", 1)[1])
    sockets = [socket.socket() for _ in range(6)]
    statuses = []

    with no_descriptors_left(), caplog.at_level(logging.INFO, "adapters.http.acceptor"):
        for sock in sockets:
            sock.settimeout(PATIENCE_SECONDS)
            sock.connect(("127.0.0.1", port))
            sock.sendall(HALT)
            statuses.append(parse(read_to_end(sock))[0])
            # Its descriptor stays taken, as long as we do not close it.
    for sock in sockets:
        sock.close()
    application.gate.open.set()
    server_again = parse(
        talk(server, READ.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    )
    server.stop(grace_seconds=0)

    assert statuses == [200] * 6
    assert [record.getMessage() for record in caplog.records] == [
        "No file descriptors left for connections problem=Too many open files"
    ]
    assert server_again[0] in {200, 503}


class Starved:
    """A listening socket of a process without descriptors."""

    def __init__(self) -> None:
        self.problem = errno.EMFILE
        self.tries = 0

    def accept(self) -> Any:
        self.tries += 1
        raise OSError(self.problem, os.strerror(self.problem))


@pytest.mark.parametrize("problem", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS])
def test_server_that_cannot_accept_rests_and_says_so_once(
    problem: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [100.0]
    acceptor = Acceptor(
        ConnectionSlots(regular=4, guests=2, per_peer=4), now=lambda: clock[0]
    )
    listening = Starved()
    listening.problem = problem
    asked = cast("socket.socket", listening)

    with caplog.at_level(logging.INFO, "adapters.http.acceptor"):
        rests = []
        for _ in range(20):
            assert acceptor.accept(asked, list) is None
            rests.append(acceptor.is_shut)
            clock[0] += SHUT_SECONDS
            assert not acceptor.is_shut
        listening.problem = errno.EAGAIN
        clock[0] += CALM_SECONDS
        assert acceptor.accept(asked, list) is None
    acceptor.close()

    assert all(rests)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert listening.tries < 50
