"""The pool: many actors on a few threads, each run when its mailbox is not empty."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from queue import SimpleQueue
from typing import Any, Protocol

from actors.runtime.actor import RuntimeActor
from actors.runtime.mailbox import Inbox, Mailbox


BATCH_SIZE = 64
"""Messages that one actor may handle before others get the thread."""

RUNS_MAX = 16
"""Batches that a thread runs in a row of actors that it has woken itself."""


class Dispatcher(Protocol):
    """Decides which actor runs when, and in which thread."""

    def create_inbox(self, actor: RuntimeActor) -> Any:
        """Make the inbox of an actor that is being created."""
        ...

    def start_loop(self, actor: RuntimeActor) -> None:
        """Run the actor's ``on_start``, then its messages as they come."""
        ...

    def run_woken_actors(self) -> AbstractContextManager[object]:
        """Run actors woken within the context in the calling thread, at its exit."""
        ...

    def panic(self, error: BaseException) -> None:
        """End the whole process: an actor met an error that it must not survive."""
        ...


class PoolDispatcher:
    """Runs actors on a fixed number of threads; blocking actors get their own.

    Waking another thread costs more than handling most messages does, and because of
    the GIL only one thread works at a time anyway. So a thread that wakes an actor runs
    it itself after its current batch. Only actors that it has no time for, and those
    woken by threads that run no actors, go to the shared queue.
    """

    def __init__(self, threads: int = 2) -> None:
        """Make the pool; its threads start with ``start``."""
        self._shared: SimpleQueue[RuntimeActor | None] = SimpleQueue()
        self._own = _OwnQueue()
        self._run_woken_actors = _WokenActors(self._own, self._run_own)
        self._is_over = False
        self._request_run = self._make_ready  # one object for all mailboxes
        self._threads = [
            threading.Thread(target=self._work, name=f"pool-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads once the actors that are ready now have run."""
        self._is_over = True
        for _ in self._threads:
            self._shared.put(None)
        for thread in self._threads:
            thread.join()

    def create_inbox(self, actor: RuntimeActor) -> Any:
        """Make a mailbox or, for a blocking actor, an inbox whose ``get`` waits."""
        if actor.blocking:
            return Inbox()
        # This also keeps an idle actor alive: Pykka's refs are weak.
        return Mailbox(actor, self._request_run)

    def start_loop(self, actor: RuntimeActor) -> None:
        """Start the actor's first run."""
        if actor.blocking:
            actor.start_own_thread()
        else:
            self._make_ready(actor)

    def run_woken_actors(self) -> AbstractContextManager[object]:
        """Run actors woken within the context in the calling thread, at its exit.

        For a thread that would only wait afterwards. It may be kept busy for
        ``RUNS_MAX`` batches.
        """
        return nullcontext() if self._is_over else self._run_woken_actors

    def panic(self, error: BaseException) -> None:
        """Report the error to ``threading.excepthook``, which ends the process.

        As if this thread had died of it. It must not really die: actors may be queued
        for it, or it may not be one of the pool's.
        """
        cause = (type(error), error, error.__traceback__, threading.current_thread())
        threading.excepthook(threading.ExceptHookArgs(cause))

    def _make_ready(self, actor: RuntimeActor) -> None:
        own = self._own
        if own.depth and actor is not own.yielding:
            own.actors.append(actor)
        else:
            self._shared.put(actor)

    def _work(self) -> None:
        own = self._own
        own.depth = 1
        while (actor := self._shared.get()) is not None:
            # An actor that still has messages goes back behind all others.
            own.yielding = actor
            self._run(actor)
            own.yielding = None
            self._run_own()

    def _run_own(self) -> None:
        actors = self._own.actors
        runs_left = RUNS_MAX
        while actors:
            actor = actors.popleft()
            if runs_left or self._is_over:  # when over, no other thread would take it
                runs_left -= 1
                self._run(actor)
            else:
                self._shared.put(actor)

    def _run(self, actor: RuntimeActor) -> None:
        try:
            actor.run_batch(BATCH_SIZE)
        except BaseException as error:  # noqa: BLE001 - even its teardown failed
            self.panic(error)


class _OwnQueue(threading.local):
    """The actors that the calling thread has woken and is to run itself."""

    def __init__(self) -> None:
        self.depth = 0
        """How many nested contexts the thread is in; 0: it runs no actors itself."""

        self.actors: deque[RuntimeActor] = deque()
        self.yielding: RuntimeActor | None = None


class _WokenActors:
    """The context of ``PoolDispatcher.run_woken_actors``; one for all threads."""

    def __init__(self, own: _OwnQueue, run: Callable[[], None]) -> None:
        self._own = own
        self._run = run

    def __enter__(self) -> None:
        self._own.depth += 1

    def __exit__(self, *_: object) -> None:
        own = self._own
        try:
            if own.depth == 1 and own.actors:
                self._run()
        finally:
            own.depth -= 1
