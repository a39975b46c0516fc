"""The inbox of an actor that shares its thread with others."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class MailboxPausedError(Exception):
    """The actor has read enough for now, and gives its thread back."""


class Mailbox:
    """A Pykka inbox whose ``get`` never blocks.

    Pykka's own loop reads from it until it is empty or the batch is used up; then
    ``get`` leaves the loop by raising MailboxPausedError. ``put`` asks for a thread
    when the owner has none.
    """

    __slots__ = ("_lock", "_messages", "_request_run", "_scheduled", "batch_left")

    def __init__(self, request_run: Callable[[], None]) -> None:
        """Make an empty mailbox.

        Args:
            request_run: called, from any thread, when the owner must be run. Never
                called again before ``finish_run``.
        """
        self._messages: SimpleQueue[Any] = SimpleQueue()
        self._request_run = request_run
        self._lock = threading.Lock()
        self._scheduled = True  # until the owner's first run, which runs on_start
        self.batch_left = 0
        """Messages that may still be read in this run; negative means all."""

    def __len__(self) -> int:
        """Count the waiting messages."""
        return self._messages.qsize()

    def put(self, envelope: Any, /) -> None:
        """Add a message, and have the owner run."""
        self._messages.put(envelope)
        if not self._scheduled:
            self._schedule()

    def get(self) -> Any:
        """Take the oldest message.

        Raises:
            MailboxPausedError: when there is none, or the batch is used up.
        """
        if self.batch_left == 0 or self._messages.empty():
            raise MailboxPausedError
        self.batch_left -= 1
        return self._messages.get_nowait()

    def empty(self) -> bool:
        """Whether no message waits."""
        return self._messages.empty()

    def finish_run(self) -> None:
        """Note that the owner gave its thread back; ask for another one if needed."""
        # In this order: a message put before the flag falls is seen by the test, one
        # put after it finds the flag down and asks by itself.
        self._scheduled = False
        if not self._messages.empty():
            self._schedule()

    def _schedule(self) -> None:
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
        self._request_run()
