"""One loop's rounds, driven by hand."""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from adapters.http.app import QUICK_CALLS, URGENT_CALLS
from adapters.http.entrance import SHUT_SECONDS, Entrance
from adapters.http.places import Places
from adapters.http.server import take_address
from adapters.http.wire_server import Lanes, LoopWork, WireServer
from tests.adapters.http.talking import ORDER, PATIENCE_SECONDS, post


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HALT = b"POST /api/v1/halt HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Starved:
    """A listening socket of a process without descriptors."""

    def accept(self) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


class Driven:
    """A server whose loop goes round when told to, by a clock that stands."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.called: list[str] = []
        self.entrance = Entrance(
            Places(regular=9, guests=2, per_peer=9), now=lambda: self.seconds
        )
        self.socket = take_address("127.0.0.1", 0)
        self.server = WireServer(
            self._answer,
            sock=self.socket,
            lanes=Lanes(
                usual=ThreadedTaskDispatcher(), urgent=ThreadedTaskDispatcher()
            ),
            entrance=self.entrance,
            adjustments=Adjustments(sockets=[self.socket]),
            work=LoopWork(quick_calls=QUICK_CALLS, urgent_calls=URGENT_CALLS),
        )

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
    driven.server.close_all()


def test_who_waits_while_nobody_is_accepted_does_not_wake_the_loop(
    driven: Driven,
) -> None:
    """It would spin, for they go on waiting."""
    assert driven.server.readable()

    starved = cast("socket.socket", Starved())
    while not driven.entrance.is_shut:
        driven.entrance.accept(starved, list)

    assert not driven.server.readable()
    driven.seconds += SHUT_SECONDS
    assert driven.server.readable()


def test_halt_is_served_ahead_of_all_that_came_in_before_it(driven: Driven) -> None:
    address = driven.socket.getsockname()
    clients = []
    for _ in range(4):
        clients.append(socket.create_connection(address, timeout=PATIENCE_SECONDS))
        driven.server.loop_once(PATIENCE_SECONDS)
    assert len(driven.server.channels()) == len(clients)
    *others, operator = clients
    for client in others:
        client.sendall(post(ORDER))
    operator.sendall(HALT)

    driven.server.loop_once(PATIENCE_SECONDS)

    for client in clients:
        client.close()
    assert driven.called == ["/api/v1/halt", *["/SellOrder"] * 3]
