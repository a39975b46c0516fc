"""A runtime on real threads and real time."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from actors.runtime.addresses import Directory
from actors.runtime.dispatcher import PoolDispatcher
from actors.runtime.runtime import ActorEnded, Runtime
from actors.runtime.timers import ThreadTimers
from domain.ports import Clock


class ThreadedRuntime:
    """Pool and timers, running between enter and exit."""

    def __init__(self, *, clock: Clock, threads: int) -> None:
        self._dispatcher = PoolDispatcher(threads)
        self._timers = ThreadTimers(clock)
        self.runtime = Runtime(
            dispatcher=self._dispatcher,
            clock=clock,
            timers=self._timers,
            directory=Directory(),
        )
        """What actors are started in."""

    def __enter__(self) -> Self:
        """Start the threads."""
        self._dispatcher.start()
        self._timers.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the threads; actors that are left do not run any more."""
        self._timers.stop()
        self._dispatcher.stop()


class EndWatch:
    """Waits for the end of an actor from outside."""

    def __init__(self, on_end: Callable[[], object]) -> None:
        """Wait for nobody yet.

        Args:
            on_end: called from an actor's thread when it has ended.
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
        return self._ended.wait(timeout_seconds)
