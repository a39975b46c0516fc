"""The pool: many actors on a few threads, each run when its mailbox is not empty."""

import threading
from queue import SimpleQueue
from typing import Any, Protocol

from actors.runtime.actor import RuntimeActor
from actors.runtime.mailbox import Mailbox


BATCH_SIZE = 64
"""Messages one actor may handle before others get the thread."""


class Dispatcher(Protocol):
    """Decides which actor runs when, and in which thread."""

    def create_inbox(self, actor: RuntimeActor) -> Any:
        """Make the inbox of an actor that is being created."""
        ...

    def start_loop(self, actor: RuntimeActor) -> None:
        """Run the actor's ``on_start``, then its messages as they come."""
        ...


class PoolDispatcher:
    """Runs actors on a fixed number of threads; blocking ones get their own."""

    def __init__(self, threads: int = 2) -> None:
        """Make the pool; its threads start with ``start``."""
        self._ready: SimpleQueue[RuntimeActor | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"pool-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads after what is ready now has run."""
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join()

    def create_inbox(self, actor: RuntimeActor) -> Any:
        """Make a mailbox, or a queue that blocks for a blocking actor.

        Not Pykka's own queue: that one takes several locks, in Python, for a message.
        """
        if actor.blocking:
            return SimpleQueue()
        # The closure is also what keeps an idle actor alive: Pykka's refs are weak.
        return Mailbox(lambda: self._ready.put(actor))

    def start_loop(self, actor: RuntimeActor) -> None:
        """Have the actor run for the first time."""
        if actor.blocking:
            actor.start_own_thread()
        else:
            self._ready.put(actor)

    def _work(self) -> None:
        while (actor := self._ready.get()) is not None:
            actor.run_batch(BATCH_SIZE)
