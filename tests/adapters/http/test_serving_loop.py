"""The rounds of the server's loop, one after the other."""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from adapters.http.acceptor import SHUT_SECONDS
from adapters.http.client_connection import REQUEST_SECONDS_MAX, UNREAD_BYTES_MAX
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.deferred_response import DeferredResponse
from adapters.http.response import Response
from adapters.http.serving_loop import IDLE_SECONDS_MAX, SWEEP_SECONDS
from tests.adapters.http.driven import Driven, Echo
from tests.adapters.http.talking import ORDER, post


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HALT = b"POST /api/v1/halt HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
PLACE = post(ORDER, b"Content-Length: %d" % len(ORDER))
CRLF = b"\r\n"
ENOUGH = 100_000

A_CALL = 8
"""Rounds from the bytes of a request to the bytes of its answer, and some more."""


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def driven(echo: Echo) -> Iterator[Driven]:
    driven = Driven(echo)
    yield driven
    driven.close()


@pytest.fixture
def pressed(echo: Echo) -> Iterator[Driven]:
    """A server that has more to do than time in a round."""
    driven = Driven(echo, slice_seconds=0.0)
    yield driven
    driven.close()


def is_accepting(driven: Driven) -> bool:
    """Whether a client that waits would wake the loop."""
    selector = cast("Any", driven.loop)._selector
    return driven.socket.fileno() in selector.get_map()


class Starved:
    """A listening socket of a process without descriptors."""

    def accept(self) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_who_waits_while_nobody_is_accepted_does_not_wake_the_loop(
    driven: Driven,
) -> None:
    """It would spin, for they go on waiting."""
    assert is_accepting(driven)
    starved = cast("socket.socket", Starved())
    while not driven.acceptor.is_shut:
        driven.acceptor.accept(starved, list)

    driven.arrive()
    driven.go_round(3)

    assert not is_accepting(driven)
    driven.seconds += SHUT_SECONDS
    driven.go_round(3)
    assert is_accepting(driven)


def test_halt_of_a_newcomer_waits_for_no_more_than_a_few_of_many_calls(
    pressed: Driven, echo: Echo
) -> None:
    others = [pressed.connect() for _ in range(6)]
    for client in others:
        client.sendall(PLACE * 5)
    pressed.go_round(4)

    pressed.arrive().sendall(HALT)
    pressed.go_round(A_CALL)

    assert "/api/v1/halt" in echo.called
    assert len(echo.called) < len(others) * 5


def test_halt_is_served_ahead_of_all_that_came_before_it(
    pressed: Driven, echo: Echo
) -> None:
    *others, operator = [pressed.connect() for _ in range(4)]
    for client in others:
        client.sendall(PLACE)
    operator.sendall(HALT)

    pressed.go_round(A_CALL)

    assert echo.called == ["/SellOrder", "/api/v1/halt", "/SellOrder", "/SellOrder"]


def test_calls_that_wait_for_time_are_served_in_their_order(pressed: Driven) -> None:
    clients = [pressed.connect() for _ in range(5)]
    answered: list[int] = []
    for client in clients:
        client.sendall(PLACE)
        client.settimeout(0)

    for _ in range(3 * A_CALL):
        pressed.go_round()
        for number, client in enumerate(clients):
            try:
                answered += [number] if client.recv(ENOUGH) else []
            except BlockingIOError:
                continue

    assert answered == [0, 1, 2, 3, 4]


def test_urgent_calls_in_any_number_keep_the_usual_ones_waiting_but_not_out(
    pressed: Driven, echo: Echo
) -> None:
    *others, client = [pressed.connect() for _ in range(4)]
    for other in others:
        other.sendall(HEALTH * 20)
    client.sendall(PLACE)

    pressed.go_round(2 * A_CALL)

    assert echo.called.count("/SellOrder") == 1
    assert echo.called.count("/healthz") < 60


def test_client_that_has_gone_before_its_turn_is_not_served(
    pressed: Driven, echo: Echo
) -> None:
    stays, goes = [pressed.connect() for _ in range(2)]
    stays.sendall(PLACE * 3)
    goes.sendall(PLACE)
    pressed.go_round(3)
    goes.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    goes.close()  # at once: with a reset

    pressed.go_round(4 * A_CALL)

    assert echo.called.count("/SellOrder") in {3, 4}
    assert stays.recv(ENOUGH).count(b"200 OK") == 3


def expire(driven: Driven, seconds: float) -> None:
    """Let that much time pass, and the loop look at its connections."""
    until = driven.seconds + seconds
    while driven.seconds < until:
        driven.seconds = min(until, driven.seconds + SWEEP_SECONDS)
        driven.go_round(3)


def is_closed(client: socket.socket) -> bool:
    client.settimeout(0)
    try:
        return client.recv(ENOUGH) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("said", [b"", HEALTH[:20], PLACE[:-5]])
def test_request_that_is_not_finished_in_time_ends_the_connection(
    driven: Driven, said: bytes
) -> None:
    client = driven.connect()
    client.sendall(said)
    driven.go_round(3)

    expire(driven, REQUEST_SECONDS_MAX - 1)
    assert not is_closed(client)
    expire(driven, SWEEP_SECONDS + 1)
    assert is_closed(client)


@pytest.mark.parametrize("rest", [len(PLACE), len(PLACE) - 20, 10])
def test_what_came_while_the_process_stood_still_is_answered(
    driven: Driven, monkeypatch: pytest.MonkeyPatch, rest: int
) -> None:
    client = driven.connect()
    client.sendall(PLACE[:-rest])
    driven.go_round(A_CALL)
    client.sendall(PLACE[-rest:])
    driven.seconds += 2 * IDLE_SECONDS_MAX

    with monkeypatch.context() as interrupted:  # the system's wait then finds nothing
        selector = cast("Any", driven.loop)._selector
        interrupted.setattr(selector, "select", lambda _: [])
        driven.go_round()
    driven.go_round(A_CALL)

    assert client.recv(ENOUGH).startswith(b"HTTP/1.1 200 ")


def test_trickle_of_bytes_does_not_keep_a_connection(driven: Driven) -> None:
    client = driven.connect()
    for number in range(6):
        client.sendall(HEALTH[number : number + 1])
        expire(driven, SWEEP_SECONDS)

    assert is_closed(client)


@pytest.mark.parametrize("behind", [b"", CRLF, CRLF * 3])
def test_connection_between_two_requests_may_be_idle(
    driven: Driven, behind: bytes
) -> None:
    client = driven.connect()
    client.sendall(HEALTH + behind)
    driven.go_round(A_CALL)
    client.sendall(behind)
    driven.go_round()
    assert client.recv(ENOUGH).endswith(b"{}")

    expire(driven, IDLE_SECONDS_MAX - 1)
    assert not is_closed(client)
    expire(driven, SWEEP_SECONDS + 2)
    assert is_closed(client)


class Later:
    """An application that answers when the test says so."""

    def __init__(self) -> None:
        self.answers: list[Future[bytes]] = []

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer: Future[bytes] = Future()
        self.answers.append(answer)
        later = DeferredResponse(answer, lambda body: Response(body, "text/plain"))
        return later(environ, start_response)


@pytest.mark.parametrize("begun", [b"", PLACE[:-5]])
def test_connection_whose_answer_takes_long_is_not_closed_meanwhile(
    begun: bytes,
) -> None:
    """Nor at once afterwards: the time for what it has begun starts with the answer."""
    later = Later()
    with closing(Driven(later)) as driven:
        client = driven.connect()
        client.sendall(PLACE + begun)
        driven.go_round(A_CALL)

        expire(driven, 2 * IDLE_SECONDS_MAX)
        assert driven.connection_of(client).idle_seconds() is None
        later.answers[0].set_result(b"{}")
        driven.go_round(A_CALL)
        expire(driven, REQUEST_SECONDS_MAX - 1)

        assert client.recv(ENOUGH).endswith(b"{}")
        assert not is_closed(client)
        if begun:
            expire(driven, SWEEP_SECONDS + 2)
            assert is_closed(client)


def test_client_that_never_reads_is_not_served_further_and_dropped_in_the_end() -> None:
    later = Later()
    with closing(Driven(later)) as driven:
        client = driven.connect()
        client.sendall(PLACE * 3)
        driven.go_round(A_CALL)
        later.answers[0].set_result(b"x" * 40 * UNREAD_BYTES_MAX)
        driven.go_round(2 * A_CALL)
        connection = driven.connection_of(client)

        assert len(later.answers) == 1
        assert connection.unread_bytes > UNREAD_BYTES_MAX
        expire(driven, IDLE_SECONDS_MAX - SWEEP_SECONDS)
        assert connection in driven.serving.connections()
        assert connection.idle_seconds() == IDLE_SECONDS_MAX - SWEEP_SECONDS
        expire(driven, 3 * SWEEP_SECONDS)
        assert connection not in driven.serving.connections()


def test_client_that_reads_slowly_is_not_dropped() -> None:
    later = Later()
    with closing(Driven(later)) as driven:
        client = driven.connect()
        client.sendall(PLACE)
        driven.go_round(A_CALL)
        later.answers[0].set_result(b"x" * 80 * UNREAD_BYTES_MAX)
        driven.go_round(A_CALL)

        for _ in range(4):
            read = 0
            while read < 8 * UNREAD_BYTES_MAX:
                read += len(client.recv(UNREAD_BYTES_MAX))
                driven.go_round()
            expire(driven, IDLE_SECONDS_MAX - SWEEP_SECONDS)

        assert driven.connection_of(client).unread_bytes


def test_guest_that_the_loop_has_not_heard_yet_does_not_count_as_silent(
    echo: Echo,
) -> None:
    slots = ConnectionSlots(regular=0, guests=2, per_peer=1, silent_guest_seconds=0.0)
    with closing(Driven(echo, slots)) as driven:
        for guest in [driven.connect() for _ in range(2)]:
            guest.sendall(HALT)

        driven.connect()
        driven.go_round(A_CALL)

        assert echo.called == ["/api/v1/halt"] * 2


def test_clients_are_accepted_again_as_soon_as_one_has_left(echo: Echo) -> None:
    slots = ConnectionSlots(
        regular=0, guests=1, per_peer=1, silent_guest_seconds=1000.0
    )
    with closing(Driven(echo, slots)) as driven:
        first = driven.connect()
        driven.connect()
        assert not is_accepting(driven)

        first.close()
        driven.go_round(4)

        assert is_accepting(driven)
