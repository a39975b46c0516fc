"""The inboxes of actors: one that waits for mail, and one that gives its thread back.

Both close. What is put before that is read, or looked at one last time; what comes
later is refused, so that nobody is told ``True`` about a message that no one reads.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from pykka import ActorDeadError


class MailboxPausedError(Exception):
    """The actor has read enough for now, and gives its thread back."""


class Inbox:
    """A Pykka inbox whose ``get`` waits, for an actor with a thread of its own.

    Not Pykka's own queue: that one takes several locks, in Python, for a message.
    """

    __slots__ = ("_last", "_lock", "_messages")

    def __init__(self) -> None:
        self._messages: SimpleQueue[Any] = SimpleQueue()
        self._last: SimpleQueue[Any] | None = None
        """What was there when it closed; None while it is open."""

        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the waiting messages."""
        return self._waiting.qsize()

    def put(self, envelope: Any, /) -> None:
        """Add a message.

        Raises:
            ActorDeadError: when the inbox has closed. A question is answered with it.
        """
        # Add, then look: the path of every message takes no lock. Whoever closes does
        # it the other way round, so that one of both sees the other.
        self._messages.put(envelope)
        if self._last is not None:
            self._take_back(envelope)

    def get(self) -> Any:
        """Take the oldest message; wait for one while it is open."""
        if self._last is not None:
            return self._last.get_nowait()
        return self._messages.get()

    def empty(self) -> bool:
        """Whether no message waits."""
        return self._waiting.empty()

    def close(self) -> list[Any]:
        """Take no more messages; return those that are left, which stay readable."""
        last: SimpleQueue[Any] = SimpleQueue()
        with self._lock:
            self._last = last
            left = _taken_from(self._messages)
        for envelope in left:
            last.put(envelope)
        return left

    @property
    def _waiting(self) -> SimpleQueue[Any]:
        return self._messages if self._last is None else self._last

    def _take_back(self, envelope: Any) -> None:
        """Refuse a message, unless it was there when the inbox closed."""
        with self._lock:
            late = _taken_from(self._messages)
            for other in late:
                if other is not envelope:
                    self._messages.put(other)  # whoever put it takes it back
        if not any(other is envelope for other in late):
            return
        error = ActorDeadError("the actor has ended, and reads no message any more")
        if envelope.reply_to is None:
            raise error
        envelope.reply_to.set_exception((ActorDeadError, error, None))


class Mailbox(Inbox):
    """An inbox whose ``get`` never waits, for an actor that shares its thread.

    Pykka's own loop reads from it until it is empty or the batch is used up; then
    ``get`` leaves the loop by raising MailboxPausedError. ``put`` asks for a thread
    when the owner has none.
    """

    __slots__ = ("_request_run", "_scheduled", "batch_left")

    def __init__(self, request_run: Callable[[], None]) -> None:
        """Make an empty mailbox.

        Args:
            request_run: called, from any thread, when the owner must be run. Never
                called again before ``finish_run``.
        """
        super().__init__()
        self._request_run = request_run
        self._scheduled = True  # until the owner's first run, which runs on_start
        self.batch_left = 0
        """Messages that may still be read in this run; negative means all."""

    def put(self, envelope: Any, /) -> None:
        """Add a message, and have the owner run.

        Raises:
            ActorDeadError: when the mailbox has closed.
        """
        self._messages.put(envelope)
        if self._last is not None:
            self._take_back(envelope)
        elif not self._scheduled:
            self._schedule()

    def get(self) -> Any:
        """Take the oldest message.

        Raises:
            MailboxPausedError: when there is none, or the batch is used up.
        """
        if self._last is not None:
            return self._last.get_nowait()
        if self.batch_left == 0 or self._messages.empty():
            raise MailboxPausedError
        self.batch_left -= 1
        return self._messages.get_nowait()

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


def _taken_from(queue: SimpleQueue[Any]) -> list[Any]:
    taken = []
    try:
        while True:
            taken.append(queue.get_nowait())
    except Empty:
        return taken
