"""One loop's rounds, driven by hand."""

import errno
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from adapters.http.acceptor import SHUT_SECONDS, Acceptor
from adapters.http.app import NON_BLOCKING_CALLS, URGENT_CALLS
from adapters.http.client_connection import (
    REQUEST_SECONDS_MAX,
    UNREAD_BYTES_MAX,
    ClientConnection,
)
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.server import IDLE_SECONDS_MAX, take_address
from adapters.http.wire_server import Lanes, LoopWork, WireServer
from tests.adapters.http.talking import ORDER, PATIENCE_SECONDS, post


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HALT = b"POST /api/v1/halt HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENOUGH = 1_000
CANCEL = b"DELETE /api/v1/orders/01ABC HTTP/1.1\r\nHost: localhost\r\n\r\n"
CRLF = b"\r\n"
PLACE = post(ORDER, b"Content-Length: %d" % len(ORDER))


class Starved:
    """A listening socket of a process without descriptors."""

    def accept(self) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


class Driven:
    """A server whose loop goes round when told to, by a clock that stands.

    A slice of no seconds has time for one thing of each kind in a round.
    """

    def __init__(
        self,
        slots: ConnectionSlots = ConnectionSlots(regular=9, guests=2, per_peer=9),  # noqa: B008 - frozen
        *,
        slice_seconds: float = 10.0,
        crowd: int = 1,
    ) -> None:
        self.seconds = 100.0
        self.called: list[str] = []
        self.acceptor = Acceptor(slots, now=lambda: self.seconds)
        self.socket = take_address("127.0.0.1", 0)
        self.server = WireServer(
            self._answer,
            sock=self.socket,
            lanes=Lanes(
                usual=ThreadedTaskDispatcher(), urgent=ThreadedTaskDispatcher()
            ),
            acceptor=self.acceptor,
            adjustments=Adjustments(sockets=[self.socket]),
            work=LoopWork(
                non_blocking_calls=NON_BLOCKING_CALLS,
                urgent_calls=URGENT_CALLS,
                slice_seconds=slice_seconds,
                crowd=crowd,
            ),
        )
        self.clients: list[socket.socket] = []

    def arrive(self) -> socket.socket:
        """Connect, and wait to be accepted."""
        address = self.socket.getsockname()
        client = socket.create_connection(address, timeout=PATIENCE_SECONDS)
        self.clients.append(client)
        return client

    def connect(self) -> socket.socket:
        """Connect, and let the loop accept it."""
        client = self.arrive()
        self.go_round()
        return client

    def go_round(self, times: int = 1) -> None:
        for _ in range(times):
            self.server.loop_once(PATIENCE_SECONDS)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.server.close_all()

    def _answer(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        self.called.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"{}"]


@pytest.fixture
def driven() -> Iterator[Driven]:
    driven = Driven()
    yield driven
    driven.close()


@pytest.fixture
def pressed() -> Iterator[Driven]:
    """A server that has more to do than time in a round."""
    driven = Driven(slice_seconds=0.0)
    yield driven
    driven.close()


def test_who_waits_while_nobody_is_accepted_does_not_wake_the_loop(
    driven: Driven,
) -> None:
    """It would spin, for they go on waiting."""
    assert driven.server.readable()

    starved = cast("socket.socket", Starved())
    while not driven.acceptor.is_shut:
        driven.acceptor.accept(starved, list)

    assert not driven.server.readable()
    driven.seconds += SHUT_SECONDS
    assert driven.server.readable()


def test_newcomer_does_not_wait_for_those_who_have_something_to_say(
    pressed: Driven,
) -> None:
    """A halt comes on a connection of its own, and says nothing before it is let in."""
    for client in [pressed.connect() for _ in range(4)]:
        client.sendall(PLACE)
    pressed.go_round()
    pressed.arrive().sendall(HALT)

    pressed.go_round(2)

    assert "/api/v1/halt" in pressed.called


def test_halt_is_served_ahead_of_all_that_came_in_before_it(driven: Driven) -> None:
    *others, operator = [driven.connect() for _ in range(4)]
    assert len(driven.server.connections()) == len(driven.clients)
    for client in others:
        client.sendall(PLACE)
    operator.sendall(HALT)

    driven.go_round()

    assert driven.called == ["/api/v1/halt", *["/SellOrder"] * 3]


def idle_is_too_long(driven: Driven) -> None:
    """Have every connection that is idle be closed at the end of each round."""
    adjustments: Any = driven.server.adj
    adjustments.channel_timeout = adjustments.cleanup_interval = 0
    driven.server._tidies_at = 0.0


def test_request_that_comes_when_its_connection_was_idle_too_long_is_answered(
    pressed: Driven,
) -> None:
    """Or nobody would know whether the order was taken in."""
    *clients, idle = [pressed.connect() for _ in range(3)]
    for client in clients:
        client.sendall(HEALTH)
    pressed.go_round(len(clients))
    idle_is_too_long(pressed)
    for client in clients:
        client.recv(ENOUGH)
        client.sendall(PLACE)

    pressed.go_round(len(clients))

    assert pressed.called == ["/healthz", "/healthz", "/SellOrder", "/SellOrder"]
    for client in clients:
        assert client.recv(ENOUGH).startswith(b"HTTP/1.1 200 OK")
    assert idle.recv(1) == b""


def test_newcomer_with_a_halt_waits_for_no_more_than_a_few_of_many_calls(
    pressed: Driven,
) -> None:
    others = [pressed.connect() for _ in range(4)]
    for client in others:
        client.sendall(PLACE * 5)
    pressed.go_round(len(others))

    pressed.connect().sendall(HALT)
    pressed.go_round()

    assert pressed.called[-2:] == ["/api/v1/halt", "/SellOrder"]
    assert len(pressed.called) < len(others) * 5


def test_whoever_has_waited_longest_is_heard_first(pressed: Driven) -> None:
    """However many newcomers there are, and however fast they come."""
    regular = pressed.connect()
    regular.sendall(HEALTH)
    pressed.go_round()
    pressed.connect().sendall(PLACE)
    regular.sendall(PLACE)
    for _ in range(3):
        pressed.arrive().sendall(PLACE)

    pressed.go_round(2)

    assert len(pressed.called) < len(pressed.clients)
    assert regular.recv(ENOUGH).count(b"HTTP/1.1 200 OK") == 2  # health and order


@pytest.mark.parametrize("call", [HALT, HEALTH.replace(b"z H", b"z?a=b H")])
def test_urgent_call_is_heard_first(pressed: Driven, call: bytes) -> None:
    *others, operator = [pressed.connect() for _ in range(4)]
    for client in others:
        client.sendall(PLACE)
    operator.sendall(call)

    pressed.go_round()

    assert pressed.called in (["/api/v1/halt"], ["/healthz"])


def test_urgent_call_is_heard_first_when_few_have_much_to_say() -> None:
    """Some dozens that send many requests at once take long as well."""
    driven = Driven(slice_seconds=0.0, crowd=ENOUGH)
    *others, operator = [driven.connect() for _ in range(5)]
    for client in others:
        client.sendall(PLACE)
    driven.go_round()
    operator.sendall(HALT)

    driven.go_round()

    assert "/api/v1/halt" in driven.called
    driven.close()


def test_urgent_call_behind_an_unread_part_of_another_is_no_part_of_it(
    pressed: Driven,
) -> None:
    sender, other = [pressed.connect() for _ in range(2)]
    sender.sendall(post(HALT, b"Content-Length: %d" % len(HALT))[: -len(HALT)])
    pressed.go_round()
    sender.sendall(HALT)
    other.sendall(PLACE)

    pressed.go_round(2)

    assert pressed.called == ["/SellOrder", "/SellOrder"]


def test_part_of_a_request_behind_one_that_is_served_has_its_time_from_then_on(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads on meanwhile; to close it would throw the answer away."""
    client = driven.connect()
    begun: list[ClientConnection] = []

    def serve_later(connection: ClientConnection) -> None:
        begun.append(connection)

    monkeypatch.setattr(ClientConnection, "service", serve_later)
    client.sendall(PLACE + PLACE[:-5])
    driven.go_round()
    (connection,) = begun
    later = time.monotonic() + REQUEST_SECONDS_MAX + 1

    assert not connection.has_expired(later, IDLE_SECONDS_MAX)

    monkeypatch.undo()
    soon = time.monotonic() + REQUEST_SECONDS_MAX
    connection.service()
    assert not connection.has_expired(soon, IDLE_SECONDS_MAX)
    later = time.monotonic() + REQUEST_SECONDS_MAX + 1
    assert connection.has_expired(later, IDLE_SECONDS_MAX)


class Queue(list[Any]):
    """The requests of a connection; notes how idle it is when one is taken out."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__(connection.requests)
        self.connection = connection
        self.idle_seconds: list[float | None] = []
        self.has_expired: list[bool] = []

    def pop(self, index: Any = -1) -> Any:
        request = super().pop(index)
        self.idle_seconds.append(self.connection.idle_seconds())
        now = time.monotonic()
        self.has_expired.append(self.connection.has_expired(now, IDLE_SECONDS_MAX))
        return request


@pytest.mark.parametrize("begun", [b"", HALT[:20]])
def test_connection_whose_answer_took_long_is_not_idle_when_it_is_written(
    driven: Driven, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """A thread writes it while the loop may look for somebody to close."""
    client = driven.connect()
    client.sendall(CANCEL + begun)
    driven.go_round()
    (connection,) = driven.server.connections()
    connection.requests = queue = Queue(connection)
    later = time.monotonic() + IDLE_SECONDS_MAX + 1
    monkeypatch.setattr("adapters.http.client_connection.time.monotonic", lambda: later)

    connection.service()  # as a thread does

    assert driven.called == ["/api/v1/orders/01ABC"]
    assert queue.idle_seconds == [0.0]
    assert queue.has_expired == [False]
    assert client.recv(ENOUGH).startswith(b"HTTP/1.1 200 OK")


def test_connection_with_the_rest_of_an_answer_unsent_does_not_give_way(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven.connect()
    (connection,) = driven.server.connections()
    while not connection.total_outbufs_len:  # until the sockets are full
        connection.write_soon(b"x" * 65536)
    later = time.monotonic() + IDLE_SECONDS_MAX - 1
    monkeypatch.setattr("adapters.http.client_connection.time.monotonic", lambda: later)

    assert connection.idle_seconds() is None

    connection.write_soon(b"x" * UNREAD_BYTES_MAX)
    later += 1.0
    assert connection.idle_seconds() == 1.0  # it does not read


def test_empty_line_behind_a_request_begins_no_other(driven: Driven) -> None:
    client = driven.connect()
    for said in (HEALTH + CRLF, CRLF * 3, CRLF[:1], CRLF[1:]):
        client.sendall(said)
        driven.go_round()
    (connection,) = driven.server.connections()

    later = time.monotonic() + REQUEST_SECONDS_MAX + 1

    assert not connection.has_expired(later, IDLE_SECONDS_MAX)
    assert driven.called == ["/healthz"]


def test_urgent_calls_in_any_number_keep_the_usual_ones_waiting_but_not_out(
    pressed: Driven,
) -> None:
    *others, client = [pressed.connect() for _ in range(4)]
    for other in others:
        other.sendall(HEALTH * 5)
    client.sendall(PLACE)

    pressed.go_round(4)

    assert pressed.called.count("/SellOrder") == 1
    assert pressed.called.count("/healthz") <= 4


def test_guest_that_the_loop_has_not_heard_yet_does_not_count_as_silent() -> None:
    slots = ConnectionSlots(regular=0, guests=2, per_peer=1, silent_guest_seconds=0.0)
    with closing(Driven(slots, slice_seconds=0.0)) as driven:
        for guest in [driven.connect() for _ in range(2)]:
            guest.sendall(HALT)

        driven.connect()  # in a round that hears neither of them
        driven.go_round(2)

        assert driven.called == ["/api/v1/halt"] * 2


def test_clients_are_accepted_again_as_soon_as_one_has_left() -> None:
    slots = ConnectionSlots(
        regular=0, guests=1, per_peer=1, silent_guest_seconds=1000.0
    )
    with closing(Driven(slots)) as driven:
        first = driven.connect()
        driven.connect()
        assert not driven.server.readable()

        first.close()
        driven.go_round()

        assert driven.server.readable()
