"""Puts the exchange together and runs it, alone or inside a test's event loop."""

import asyncio
import logging
import os
import signal
import stat
import sys
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from adapters.http.access_control import AccessControl
from adapters.process.resources import exhaustion_in_one_line
from adapters.replay.recordings import Recording, RecordingError
from adapters.simulated_exchange.clock import AdjustableClock, WallClock, wall_ms
from adapters.simulated_exchange.faults.control_doors import guarding
from adapters.simulated_exchange.faults.control_endpoint import FaultControls
from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.market.recorded_feed import RecordedFeed
from adapters.simulated_exchange.market.seeded_feed import SeededFeed
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.exchange_info import (
    ExchangeInfo,
    describe,
    read_exchange_info,
)
from adapters.simulated_exchange.rest.market_calls import RestApi
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from adapters.simulated_exchange.trading.trading_side import (
    TradingSide,
    TradingSideInputs,
)
from adapters.simulated_exchange.wire.broadcaster import Broadcaster
from adapters.simulated_exchange.wire.hub import Hub
from adapters.simulated_exchange.wire.slow_clients import hurrying
from adapters.simulated_exchange.wire.stream_endpoint import StreamEndpoint
from adapters.simulated_exchange.wire.weights import WeightMeter


logger = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 1.0
READ_BYTES = 4096


class SimulatedExchange:
    """The exchange on a socket, for as long as it is entered.

    Raises:
        SimulatorError: On entering, when it cannot listen or has nothing to show.
    """

    def __init__(
        self, settings: SimulatorSettings, *, clock: WallClock = wall_ms
    ) -> None:
        """Remember what to run; nothing is read or opened before entering."""
        self.settings = settings
        self.url = ""
        """Where it listens, such as http://127.0.0.1:49152; empty before entering."""
        self.hub = Hub()
        self._clock = AdjustableClock(clock)
        self._faults = Faults(settings.seed)
        self._broadcaster = Broadcaster(self.hub, self._faults)
        self._controls: FaultControls | None = None
        self._runner: web.AppRunner | None = None
        self._feed: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the market and listen."""
        source = await asyncio.to_thread(self._open_source)
        runner = web.AppRunner(
            self._build(source),
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            keepalive_timeout=self.settings.request_seconds_max,  # for headers, too
        )
        await runner.setup()
        self._runner = runner
        try:
            await self._listen(runner)
        except SimulatorError:
            await runner.cleanup()
            raise
        self._feed = asyncio.create_task(source.run())
        self._feed.add_done_callback(_report_failure)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the market and cut every client."""
        if self._feed is not None:
            self._feed.cancel()
            await asyncio.gather(self._feed, return_exceptions=True)
        for connection in (*self.hub.connections, *self.controls.ws_clients()):
            connection.abort()
        if self._runner is not None:
            await self._runner.cleanup()

    def _open_source(self) -> MarketSource:
        settings = self.settings
        if settings.recording is None:
            return SeededFeed(settings, self._broadcaster, self._clock)
        try:
            recording = Recording(settings.recording)
            return RecordedFeed(settings, recording, self._broadcaster, self._clock)
        except RecordingError as error:
            raise SimulatorError(str(error)) from error

    def _build(self, source: MarketSource) -> web.Application:
        settings = self.settings
        doors = AccessControl((settings.host, *settings.allowed_hosts))
        hurry = hurrying(settings.request_seconds_max)
        app = web.Application(middlewares=[guarding(doors), hurry])
        meter = WeightMeter(self._clock, enforce=settings.limits)
        info = self._exchange_info(source)
        info.states_limits = settings.limits
        clock, faults = self._clock, self._faults
        market = RestApi(source, info, meter, faults, clock)
        market.add_routes(app)
        StreamEndpoint(settings, self.hub, faults, clock).add_routes(app)
        trading = TradingSide(
            TradingSideInputs(
                settings=settings,
                source=source,
                info=info,
                meter=meter,
                faults=faults,
                clock=clock,
                market=market,
            )
        )
        trading.add_routes(app)
        self._controls = FaultControls(
            source, self._broadcaster, faults, clock, trading.faults
        )
        self._controls.add_routes(app)
        return app

    @property
    def controls(self) -> FaultControls:
        """The fault switches; there once the exchange is entered."""
        assert self._controls is not None
        return self._controls

    def _exchange_info(self, source: MarketSource) -> ExchangeInfo:
        if self.settings.exchange_info is not None:
            return read_exchange_info(self.settings.exchange_info)
        return ExchangeInfo(describe(one) for one in source.instruments.values())

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self.settings.host, self.settings.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"cannot listen on {host}:{port}: {reason}"
            raise SimulatorError(message) from error
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{bound}"

    async def failed(self) -> None:
        """Wait for the market to break down, and raise what broke it.

        Raises:
            SimulatorError: The recording became unreadable under way.
        """
        assert self._feed is not None
        try:
            await asyncio.shield(self._feed)
        except RecordingError as error:
            raise SimulatorError(str(error)) from error


def _report_failure(feed: asyncio.Task[None]) -> None:
    if not feed.cancelled() and feed.exception() is not None:
        logger.critical("Market broke down error=%s", feed.exception())


def run_simulated_exchange(settings: SimulatorSettings) -> None:
    """Run the exchange as this process until SIGINT, SIGTERM or the parent's end.

    Prints one line on stdout when it listens: `listening http://HOST:PORT`.

    Raises:
        SimulatorError: It cannot start; the text is one line for the user.
        OutOfResourcesError: Memory, threads or files ran out while it started.
    """
    with exhaustion_in_one_line() as started:
        asyncio.run(_serve(settings, started))


async def _serve(settings: SimulatorSettings, started: threading.Event) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if settings.exit_with_parent:
        _watch_parent(loop, stop)
    async with SimulatedExchange(settings) as exchange:
        sys.stdout.write(f"listening {exchange.url}\n")
        sys.stdout.flush()
        started.set()
        waits = [
            asyncio.ensure_future(stop.wait()),
            asyncio.ensure_future(exchange.failed()),
        ]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set the event when stdin ends, if stdin is a pipe or a socket."""
    descriptor = sys.stdin.fileno()
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def read() -> None:
        if not os.read(descriptor, READ_BYTES):
            loop.remove_reader(descriptor)
            stop.set()

    loop.add_reader(descriptor, read)
