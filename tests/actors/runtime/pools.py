"""A runtime with real threads."""

from typing import Any

import pykka

from actors.runtime.addresses import Directory
from actors.runtime.dispatcher import PoolDispatcher
from actors.runtime.runtime import ActorContext, Runtime
from actors.runtime.timers import ThreadTimers
from adapters.clock import SystemClock


class Pool:
    """A pool of threads, and a runtime around it."""

    def __init__(self, threads: int) -> None:
        clock = SystemClock()
        self.dispatcher = PoolDispatcher(threads)
        self.runtime = Runtime(
            dispatcher=self.dispatcher,
            clock=clock,
            timers=ThreadTimers(clock),
            directory=Directory(),
        )

    def place(self, name: str, watcher: Any = None) -> ActorContext:
        return ActorContext(runtime=self.runtime, name=name, watcher=watcher)

    def end(self) -> None:
        """Stop all actors, then the threads."""
        pykka.ActorRegistry.stop_all(timeout=10)
        self.dispatcher.stop()
