"""A server whose loop goes round when the test says so, by a clock that stands."""

import asyncio
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from adapters.http.acceptor import Acceptor
from adapters.http.app import NON_BLOCKING_CALLS, URGENT_CALLS
from adapters.http.client_connection import ClientConnection
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.push import PushStream
from adapters.http.server import take_address
from adapters.http.server_options import ServerOptions
from adapters.http.serving_loop import ServingLoop
from tests.adapters.http.talking import PATIENCE_SECONDS


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOMY = ConnectionSlots(regular=9, guests=2, per_peer=9)


class Echo:
    """An application that notes which paths were called."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        self.called.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"{}"]


class Driven:
    """A slice of no seconds has time for one call in a round that is not urgent."""

    def __init__(
        self,
        application: "WSGIApplication",
        slots: ConnectionSlots = ROOMY,
        *,
        slice_seconds: float = 10.0,
        streams: Mapping[str, PushStream] | None = None,
    ) -> None:
        self.seconds = 100.0
        self.loop = asyncio.new_event_loop()
        vars(self.loop)["time"] = lambda: self.seconds
        self.socket = take_address("127.0.0.1", 0)
        self.socket.listen()
        self.socket.settimeout(0)
        self.acceptor = Acceptor(slots, now=lambda: self.seconds)
        self.clients: list[socket.socket] = []
        self.serving = self.loop.run_until_complete(
            self._make(application, slice_seconds, streams or {})
        )

    async def _make(
        self,
        application: "WSGIApplication",
        slice_seconds: float,
        streams: Mapping[str, PushStream],
    ) -> ServingLoop:
        options = ServerOptions(
            non_blocking_calls=NON_BLOCKING_CALLS,
            urgent_calls=URGENT_CALLS,
            slice_seconds=slice_seconds,
            streams=streams,
        )
        serving = ServingLoop(application, self.socket, self.acceptor, options, 1)
        serving.start()
        return serving

    def arrive(self) -> socket.socket:
        """Connect, and wait to be accepted."""
        address = self.socket.getsockname()
        client = socket.create_connection(address, timeout=PATIENCE_SECONDS)
        self.clients.append(client)
        return client

    def connect(self) -> socket.socket:
        """Connect, and let the loop accept it."""
        client = self.arrive()
        self.go_round(8)
        return client

    def connection_of(self, client: socket.socket) -> ClientConnection:
        """Return the server's side."""
        peer = client.getsockname()
        for connection in self.serving.connections():
            transport = connection.transport
            if transport is not None and transport.get_extra_info("peername") == peer:
                return connection
        raise AssertionError(peer)

    def go_round(self, times: int = 1) -> None:
        """Let the loop handle what is ready, that many times; it never waits."""
        for _ in range(times):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.loop.run_until_complete(self.serving.drain(0.0))
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.go_round(3)
        self.loop.close()
