"""The WebSocket API's route, `/ws-api/v3`: connections, pings and their end."""

import asyncio
import logging

from aiohttp import WSMsgType, web

from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.faults.order_faults import OrderFaults
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import TOO_MANY, refuse
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.trading.account_keys import ApiKey
from adapters.simulated_exchange.trading.user_events import UserEvents
from adapters.simulated_exchange.trading.user_subscriptions import UserSubscriptions
from adapters.simulated_exchange.trading.ws_messages import (
    SHOWS_LIMITS,
    read_shows_limits,
)
from adapters.simulated_exchange.trading.ws_session import (
    SESSION_WEIGHT,
    WsServices,
    WsSession,
)
from adapters.simulated_exchange.wire.connection import StreamConnection
from adapters.simulated_exchange.wire.stream_endpoint import (
    TIME_UNITS,
    ConnectionKeeper,
)
from adapters.simulated_exchange.wire.weights import ConnectMeter


logger = logging.getLogger(__name__)

PATH = "/ws-api/v3"


class WsApi:
    """Serves the WebSocket API to any number of clients."""

    def __init__(
        self,
        services: WsServices,
        settings: SimulatorSettings,
        events: UserEvents,
        armed: OrderFaults,
        faults: Faults,
    ) -> None:
        """Serve these."""
        self._services = services
        self._settings = settings
        self._events = events
        self._armed = armed
        self._faults = faults
        self._connects = ConnectMeter(services.clock, enforce=settings.limits)
        self.sessions: dict[WsSession, StreamConnection] = {}
        services.accounts.on_revoked = self._end_subscriptions

    def add_routes(self, app: web.Application) -> None:
        """Add the route to an application."""
        app.router.add_get(PATH, self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it goes or is cut."""
        address = request.remote or ""
        if not self._connects.allow(address):
            message = "Too many concurrent connections; current limit is '300'."
            return refuse(VenueError(-1034, message, TOO_MANY))
        unit = request.query.get("timeUnit", "").upper()
        if unit not in TIME_UNITS:
            return refuse(VenueError(-1100, "Invalid timeUnit."))
        try:
            shows_limits = read_shows_limits(request.query.get(SHOWS_LIMITS))
        except VenueError as refusal:
            return refuse(refusal)
        self._services.meter.charge(address, SESSION_WEIGHT)
        socket = web.WebSocketResponse(autoping=False, compress=False, timeout=1.0)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            return socket
        connection = StreamConnection(
            socket,
            transport,
            combined=False,
            microseconds=TIME_UNITS[unit],
            queue_bytes_max=self._settings.queue_bytes_max,
        )
        session = self._open(
            connection,
            address,
            shows_limits=shows_limits is not False,
        )
        await self._serve(session, connection, socket)
        return socket

    def _open(
        self, connection: StreamConnection, address: str, *, shows_limits: bool
    ) -> WsSession:
        clock = self._services.clock

        def send(frame: bytes) -> None:
            session.send(frame)

        subscriptions = UserSubscriptions(self._events, self._armed, send, clock)
        session = WsSession(
            self._services,
            connection,
            subscriptions,
            address,
            shows_limits=shows_limits,
        )
        return session

    async def _serve(
        self,
        session: WsSession,
        connection: StreamConnection,
        socket: web.WebSocketResponse,
    ) -> None:
        keeper = ConnectionKeeper(self._settings, self._faults, connection, socket)
        self.sessions[session] = connection
        tasks = [
            asyncio.create_task(connection.write_queue()),
            asyncio.create_task(keeper.keep()),
        ]
        try:
            async for message in socket:
                if message.type is WSMsgType.PING:
                    await keeper.answer(message.data)
                elif message.type is WSMsgType.PONG:
                    keeper.answered(bytes(message.data))
                elif message.type is WSMsgType.TEXT:
                    session.receive(message.data)
        except ConnectionError:
            logger.debug("WebSocket API client went without a farewell")
        finally:
            session.subscriptions.close()
            connection.close_queue()
            del self.sessions[session]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _end_subscriptions(self, key: ApiKey) -> None:
        for session in self.sessions:
            session.subscriptions.remove_key(key)
