"""The exchange in a thread of its own, for tests and benchmarks that are not async."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from adapters.simulated_exchange.clock import WallClock, wall_ms
from adapters.simulated_exchange.faults.control_endpoint import FaultControls
from adapters.simulated_exchange.server import SimulatedExchange
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings


START_SECONDS_MAX = 30.0
CALL_SECONDS_MAX = 10.0


class ThreadedExchange:
    """Runs a `SimulatedExchange` in a thread for as long as it is entered.

    Raises:
        SimulatorError: On entering, when the exchange cannot start.
    """

    def __init__(
        self, settings: SimulatorSettings, *, clock: WallClock = wall_ms
    ) -> None:
        """Remember what to run."""
        self._settings = settings
        self._clock = clock
        self._exchange: SimulatedExchange | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(
            target=self._run, name="simulated-exchange", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens, such as http://127.0.0.1:49152."""
        assert self._exchange is not None
        return self._exchange.url

    @property
    def stream_url(self) -> str:
        """The same as ws://127.0.0.1:49152, without a path."""
        return "ws" + self.url.removeprefix("http")

    def control(self, fault: str, **parameters: object) -> dict[str, object]:
        """Throw a fault switch, as `control_endpoint` describes; return what was done.

        Raises:
            SimulatorError: No such switch, or a parameter is wrong.
        """
        return self._call(
            lambda controls: controls.throw({"fault": fault, **parameters})
        )

    def state(self) -> dict[str, object]:
        """Return what `GET /control/state` shows."""
        return self._call(lambda controls: controls.state())

    def _call(
        self, action: Callable[[FaultControls], dict[str, object]]
    ) -> dict[str, object]:
        """Run an action in the exchange's own thread and return its result."""
        exchange, loop = self._exchange, self._loop
        assert exchange is not None
        assert loop is not None

        async def act() -> dict[str, object]:
            return action(exchange.controls)

        return asyncio.run_coroutine_threadsafe(act(), loop).result(CALL_SECONDS_MAX)

    def __enter__(self) -> Self:
        """Start the thread and wait until the exchange listens."""
        self._thread.start()
        if not self._started.wait(START_SECONDS_MAX):
            raise SimulatorError("the simulated exchange did not start in time")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the exchange and wait for its thread."""
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(CALL_SECONDS_MAX)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as failure:  # noqa: BLE001 - handed to the entering thread
            self._failure = failure
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with SimulatedExchange(self._settings, clock=self._clock) as exchange:
            self._exchange = exchange
            self._started.set()
            await self._stop.wait()
