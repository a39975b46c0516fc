"""A stream ends with the token that it was asked for with."""

import socket
from collections.abc import Iterator

import pytest
from flask import Flask

from adapters.access.live_tokens import LiveTokens
from adapters.access.scopes import Scope
from adapters.events.stream import EventStream
from adapters.http.access_control import AccessControl, AccessGuard
from adapters.http.authentication import Authentication
from adapters.http.event_push import EventPush
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from adapters.http.token_streams import TokenStreams
from tests.adapters.http.pushing import SETTINGS, Disk, Noon, sources_of
from tests.adapters.http.talking import connect, read_to_end, refusal
from tests.adapters.http.tokens import Tokens


class Served:
    """A push stream that needs a token."""

    def __init__(self, app: Flask) -> None:
        self.tokens = Tokens()
        self.live = LiveTokens(self.tokens)
        disk = Disk()
        sources = sources_of(EventStream(disk), disk)
        push = EventPush(sources, Noon(), settings=SETTINGS)
        authentication = Authentication(self.live, needs_token=True)
        guard = AccessGuard(AccessControl(), authentication=authentication.refusal)
        options = ServerOptions(
            streams={"/stream": push},
            watched=TokenStreams(self.live).watched,
            refusal=guard.refusal,
        )
        self.server = HttpServer(app, "127.0.0.1", 0, options=options)
        self.server.start()

    def make(self, name: str) -> str:
        token = self.tokens.make(Scope.READ, name)
        self.live.look()
        return token

    def listen(self, token: str) -> socket.socket:
        sock = connect(self.server)
        lines = f"GET /stream HTTP/1.1\nHost: localhost\nAuthorization: Bearer {token}"
        sock.sendall(f"{lines}\n\n".replace("\n", "\r\n").encode())
        return sock


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    served = Served(app)
    yield served
    served.server.stop(grace_seconds=5)


def read_begun(sock: socket.socket) -> None:
    received = b""
    while b'"0-0"}\n\n' not in received:
        chunk = sock.recv(65536)
        assert chunk, received
        received += chunk


def read_rest(sock: socket.socket) -> bytes:
    """Read to the end; the server may have reset the connection."""
    try:
        return read_to_end(sock)
    except ConnectionResetError:
        return b""


def test_revoked_token_ends_its_streams_and_no_others(served: Served) -> None:
    bot, desk = served.make("bot"), served.make("desk")
    with (
        served.listen(bot) as first,
        served.listen(bot) as second,
        served.listen(desk) as other,
    ):
        for sock in (first, second, other):
            read_begun(sock)

        served.tokens.revoke("bot")
        served.live.look()

        assert [read_rest(first), read_rest(second)] == [b"", b""]
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.recv(1)


def test_stream_without_a_good_token_does_not_begin(served: Served) -> None:
    bot = served.make("bot")
    served.tokens.revoke("bot")
    served.live.look()

    with served.listen(bot) as sock:
        sock.shutdown(socket.SHUT_WR)
        assert refusal(read_to_end(sock), 401)["code"] == "TOKEN_UNKNOWN"
