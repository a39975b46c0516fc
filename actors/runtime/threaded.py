"""A runtime on real threads and real time."""

import contextlib
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

from actors.runtime.addresses import Directory
from actors.runtime.dispatcher import PoolDispatcher
from actors.runtime.registry import keep_refs_by_hash
from actors.runtime.runtime import ActorEnded, Runtime
from actors.runtime.stalls import StallDetector
from actors.runtime.timers import ThreadTimers
from domain.ports.observing import Meter, NoMeter
from domain.ports.runtime import Clock


logger = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.002
"""How long a thread may keep the GIL while another waits for it. Python's 5 ms would be
the whole latency budget from a frame to its child order; with much less, threads
interrupt each other half way, and all of them finish later."""

COLLECTOR_THRESHOLDS: Final = (50_000, 20, 100)
"""Of the garbage collector's generations. Reference counting frees nearly all that we
make; with Python's defaults, collecting took 40 % of the work of an order."""


class ThreadedRuntime:
    """Pool and timers, running between enter and exit.

    Entering also tunes the interpreter, and Pykka, for the whole process.
    """

    def __init__(
        self, *, clock: Clock, threads: int, meter: Meter | None = None
    ) -> None:
        self._dispatcher = PoolDispatcher(threads)
        self._stalls = StallDetector(clock, meter)
        self._timers = ThreadTimers(clock, self._stalls.look)
        self.runtime = Runtime(
            dispatcher=self._dispatcher,
            clock=clock,
            timers=self._timers,
            directory=Directory(),
            stalls=self._stalls,
            meter=meter or NoMeter(),
        )
        """The runtime in which actors are started."""

    def __enter__(self) -> Self:
        """Start the threads."""
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.set_threshold(*COLLECTOR_THRESHOLDS)
        keep_refs_by_hash()
        self._dispatcher.start()
        self._stalls.begin()
        self._timers.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the threads; actors that are left run no more."""
        self._timers.stop()
        self._dispatcher.stop()


@contextlib.contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the garbage collector from what is made within, now and for ever.

    For a start with many open orders: their executors stay, and leave no cyclic
    garbage. Going through them again and again took a quarter of the start. What does
    become such garbage meanwhile is never collected.
    """
    gc.collect()  # what has become garbage before
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class EndWatch:
    """Waits for the end of an actor from outside."""

    def __init__(self, on_end: Callable[[], object]) -> None:
        """Watch nothing yet.

        Args:
            on_end: called when the actor has ended, from an actor's thread.
        """
        self._on_end = on_end
        self._ended = threading.Event()
        self.failure: BaseException | None = None
        """What killed the actor; None while it lives and after a normal stop."""

    def tell(self, message: ActorEnded) -> bool:
        """Take note of the end."""
        self.failure = message.failure
        self._ended.set()
        self._on_end()
        return True

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until it has ended; return whether it has."""
        in_time = self._ended.wait(timeout_seconds)
        if not in_time:
            logger.warning("Stop takes too long, the rest is left as it is on disk")
        return in_time
