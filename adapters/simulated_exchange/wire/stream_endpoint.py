"""The websocket routes of market streams: /ws, /ws/<stream>, /stream, /stream?streams=.

web-socket-streams.md (read 2026-07-21) gives pings, limits and the connection's life.
"""

import asyncio
import logging
from collections import deque

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import TOO_MANY, refuse
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.wire import control_messages
from adapters.simulated_exchange.wire.connection import StreamConnection
from adapters.simulated_exchange.wire.hub import STREAMS_MAX, Hub
from adapters.simulated_exchange.wire.weights import ConnectMeter


logger = logging.getLogger(__name__)

MESSAGES_PER_SECOND = 5
"""Control messages, pings and pongs that one client may send in any second."""
TIME_UNITS = {"": False, "MILLISECOND": False, "MICROSECOND": True}


class StreamEndpoint:
    """Serves market streams to any number of clients."""

    def __init__(
        self, settings: SimulatorSettings, hub: Hub, faults: Faults, clock: WallClock
    ) -> None:
        """Serve what the hub delivers."""
        self._faults = faults
        self._settings = settings
        self._hub = hub
        self._connects = ConnectMeter(clock, enforce=settings.limits)

    def add_routes(self, app: web.Application) -> None:
        """Add the stream routes to an application."""
        for path in ("/ws", "/ws/{names:.*}", "/stream", "/stream/{names:.*}"):
            app.router.add_get(path, self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it goes or is cut."""
        if not self._connects.allow(request.remote or ""):
            message = "Too many concurrent connections; current limit is '300'."
            return refuse(VenueError(-1034, message, TOO_MANY))
        unit = request.query.get("timeUnit", "").upper()
        names = _initial_names(request)
        if unit not in TIME_UNITS or len(names) > STREAMS_MAX:
            return refuse(VenueError(-1100, "Invalid timeUnit or too many streams."))
        socket = web.WebSocketResponse(autoping=False, compress=False, timeout=1.0)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            return socket
        connection = StreamConnection(
            socket,
            transport,
            combined=request.path.startswith("/stream"),
            microseconds=TIME_UNITS[unit],
            queue_bytes_max=self._settings.queue_bytes_max,
        )
        await self._serve(connection, socket, names)
        return socket

    async def _serve(
        self,
        connection: StreamConnection,
        socket: web.WebSocketResponse,
        names: list[str],
    ) -> None:
        keeper = ConnectionKeeper(self._settings, self._faults, connection, socket)
        self._hub.add(connection)
        self._hub.subscribe(connection, names)
        tasks = [
            asyncio.create_task(connection.write_queue()),
            asyncio.create_task(keeper.keep()),
        ]
        try:
            await self._read(connection, socket, keeper)
        except ConnectionError:
            logger.debug("Stream client went without a farewell")
        finally:
            connection.close_queue()
            self._hub.drop(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(
        self,
        connection: StreamConnection,
        socket: web.WebSocketResponse,
        keeper: "ConnectionKeeper",
    ) -> None:
        async for message in socket:
            if self._settings.limits and keeper.too_many():
                logger.warning("Stream client cut reason=TOO_MANY_MESSAGES")
                await socket.close(
                    code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests"
                )
                return
            if message.type is WSMsgType.PING:
                await keeper.answer(bytes(message.data))
            elif message.type is WSMsgType.PONG:
                keeper.answered(bytes(message.data))
            else:
                text = _text_of(message)
                connection.offer(control_messages.answer(self._hub, connection, text))


class ConnectionKeeper:
    """Pings one client, and ends its connection when it is silent or too old."""

    def __init__(
        self,
        settings: SimulatorSettings,
        faults: Faults,
        connection: StreamConnection,
        socket: web.WebSocketResponse,
    ) -> None:
        self._settings = settings
        self._faults = faults
        self._connection = connection
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._unanswered: dict[bytes, float] = {}
        self._arrivals: deque[float] = deque(maxlen=MESSAGES_PER_SECOND + 1)
        self._opened = self._loop.time()
        self._number = 0

    def too_many(self) -> bool:
        """Count a message from the client; True when a second held too many."""
        now = self._loop.time()
        self._arrivals.append(now)
        full = len(self._arrivals) > MESSAGES_PER_SECOND
        return full and now - self._arrivals[0] < 1.0

    def answered(self, payload: bytes) -> None:
        """Note a pong: it answers the ping with its payload and those before it."""
        if payload in self._unanswered:
            for sent in tuple(self._unanswered):
                del self._unanswered[sent]
                if sent == payload:
                    return

    async def answer(self, payload: bytes) -> None:
        """Answer the client's ping."""
        if not self._faults.pings_muted(self._loop.time()):
            await self._socket.pong(payload)

    async def keep(self) -> None:
        """Ping at every interval until the connection must end."""
        interval = self._settings.ping_interval_seconds
        next_ping = self._opened + interval
        while not self._connection.closed:
            wake = min(next_ping, self._end())
            await asyncio.sleep(max(wake - self._loop.time(), 0))
            now = self._loop.time()
            if now >= self._end():
                logger.info("Stream client cut reason=SILENT_OR_TOO_OLD")
                self._connection.abort()
                return
            if now >= next_ping:
                next_ping += interval
                await self._ping(now)

    def _end(self) -> float:
        """Return when the connection ends, as things stand (loop time)."""
        end = self._opened + self._settings.connection_lifetime_seconds
        for sent_at in self._unanswered.values():
            return min(end, sent_at + self._settings.pong_timeout_seconds)
        return end

    async def _ping(self, now: float) -> None:
        if self._faults.pings_muted(now):
            return
        self._number += 1
        payload = str(self._number).encode()
        self._unanswered[payload] = now
        await self._socket.ping(payload)


def _initial_names(request: web.Request) -> list[str]:
    """Return the streams named by the URL, each once."""
    if request.path.startswith("/stream"):
        text = request.query.get("streams", "")
    else:
        text = request.match_info.get("names", "")
    return list(dict.fromkeys(name for name in text.split("/") if name))


def _text_of(message: WSMessage) -> str:
    if message.type is WSMsgType.TEXT:
        return str(message.data)
    return bytes(message.data).decode("utf-8", "replace")
