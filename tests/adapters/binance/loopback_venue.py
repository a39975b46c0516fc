"""A venue that a test scripts: aiohttp on loopback, in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, Self

from aiohttp import WSMsgType, web


WAIT_SECONDS = 5.0

Reply = tuple[int, dict[str, str], str]
"""Status, headers and body."""


class ServedSocket:
    """The server's side of one websocket."""

    def __init__(self, venue: "LoopbackVenue", socket: web.WebSocketResponse) -> None:
        self.subscribed: set[str] = set()
        self.requests: list[dict[str, Any]] = []
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.is_closed = False
        self._venue = venue
        self._socket = socket

    def send(self, *frames: str | bytes) -> None:
        """Send text frames (str) or binary ones (bytes), in this order."""

        async def act() -> None:
            for frame in frames:
                if isinstance(frame, str):
                    await self._socket.send_str(frame)
                else:
                    await self._socket.send_bytes(frame)

        self._venue.run(act())

    def send_as_one(self, *frames: str) -> None:
        """Send short text frames in one packet."""
        packet = b"".join(
            b"\x81\x7e" + len(frame).to_bytes(2, "big") + frame.encode()
            for frame in frames
        )

        async def act() -> None:
            request = self._socket._req
            assert request is not None
            assert request.transport is not None
            request.transport.write(packet)

        self._venue.run(act())

    def ping(self, payload: bytes) -> None:
        self._venue.run(self._socket.ping(payload))

    def pong(self, payload: bytes) -> None:
        self._venue.run(self._socket.pong(payload))

    def close(self) -> None:
        self._venue.run(self._socket.close())

    async def serve(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(json.loads(message.data))
            elif message.type is WSMsgType.PING:
                self.pings.append(bytes(message.data))
                if self._venue.answers_pings:
                    await self._socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                self.pongs.append(bytes(message.data))
            self._venue.notify()

    async def _answer(self, request: dict[str, Any]) -> None:
        self.requests.append(request)
        self.subscribed.update(request["params"])
        if self._venue.refuses_subscriptions:
            await self._socket.send_json(
                {"code": 2, "msg": "Invalid request", "id": request["id"]}
            )
        elif self._venue.confirms_subscriptions:
            await self._socket.send_json({"result": None, "id": request["id"]})


class LoopbackVenue:
    """Accepts stream connections, and answers REST calls as the test wants."""

    def __init__(self) -> None:
        self.answers_pings = True
        self.confirms_subscriptions = True
        self.refuses_subscriptions = False
        self.refuses_connections = False
        self.refusal: Reply = (503, {}, "")
        """Of a connection."""

        self.redirects_to = ""
        self.connections: list[ServedSocket] = []
        self.attempts = 0
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.reply: Callable[[str, dict[str, str]], Reply] = lambda _p, _f: (
            404,
            {},
            "",
        )
        self.port = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_error: object) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(
            WAIT_SECONDS
        )

    def notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, WAIT_SECONDS), "it never happened"

    def connection(self, number: int = 0) -> ServedSocket:
        """Wait for the connection with this number, counted from 0."""
        self.wait_until(lambda: len(self.connections) > number)
        return self.connections[number]

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/stream", self._stream)
        app.router.add_get("/ws-api/v3", self._stream)
        app.router.add_get("/api/v3/{call}", self._rest)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.attempts += 1
        self.notify()
        if self.refuses_connections:
            status, headers, text = self.refusal
            return web.Response(status=status, headers=headers, text=text)
        if self.redirects_to:
            raise web.HTTPTemporaryRedirect(self.redirects_to)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = ServedSocket(self, socket)
        streams = request.query.get("streams", "")
        connection.subscribed.update(filter(None, streams.split("/")))
        self.connections.append(connection)
        self.notify()
        try:
            await connection.serve()
        finally:
            connection.is_closed = True
            self.notify()
        return socket

    async def _rest(self, request: web.Request) -> web.Response:
        fields = dict(request.query)
        self.calls.append((request.match_info["call"], fields))
        self.notify()
        reply = await asyncio.to_thread(self.reply, request.match_info["call"], fields)
        status, headers, body = reply
        return web.Response(status=status, headers=headers, text=body)
