"""The inboxes of actors: one blocks until a message comes, one frees its thread.

Both can be closed. Messages put before that are read, or passed to ``on_unread``; later
ones are refused, so that ``tell`` never returns True for a message that is not read.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from pykka import ActorDeadError


class MailboxPausedError(Exception):
    """The actor has read enough for now, and frees its thread."""


class Inbox:
    """A Pykka inbox whose ``get`` waits, for an actor with a thread of its own.

    Not Pykka's own queue: that one takes several locks, in Python, for each message.
    """

    __slots__ = ("_last", "_lock", "_messages")

    def __init__(self) -> None:
        self._messages: SimpleQueue[Any] = SimpleQueue()
        self._last: SimpleQueue[Any] | None = None
        """What was unread when the inbox closed; None while it is open."""

        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the waiting messages."""
        return self._waiting.qsize()

    def put(self, envelope: Any, /) -> None:
        """Add a message.

        Raises:
            ActorDeadError: when the inbox has closed. An ask gets it as its answer.
        """
        # Add, then check: a lock for every message would cost too much. ``close`` does
        # the two in the opposite order, so that at least one side sees the other.
        self._messages.put(envelope)
        if self._last is not None:
            self._take_back(envelope)

    def get(self) -> Any:
        """Take the oldest message; wait for one while the inbox is open."""
        if self._last is not None:
            return self._last.get_nowait()
        return self._messages.get()

    def empty(self) -> bool:
        """Whether no message is waiting."""
        return self._waiting.empty()

    def close(self) -> list[Any]:
        """Accept no more messages; return the unread ones, which stay readable."""
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
        """Refuse a message, unless it was put before the inbox closed."""
        with self._lock:
            late = _taken_from(self._messages)
            for other in late:
                if other is not envelope:
                    self._messages.put(other)  # its own sender takes it back
        if not any(other is envelope for other in late):
            return
        error = ActorDeadError("the actor has ended, and reads no message any more")
        if envelope.reply_to is None:
            raise error
        envelope.reply_to.set_exception((ActorDeadError, error, None))


class Mailbox(Inbox):
    """An inbox whose ``get`` never waits, for an actor that shares its thread.

    Pykka's loop reads until the mailbox is empty or the batch is used up; then ``get``
    ends the loop by raising MailboxPausedError. ``put`` requests a thread when the
    owner has none.
    """

    __slots__ = ("_owner", "_request_run", "_scheduled", "batch_left")

    def __init__(self, owner: Any, request_run: Callable[[Any], None]) -> None:
        """Make an empty mailbox.

        Args:
            owner: who reads it; as long as the mailbox is kept, it is too.
            request_run: called with the owner, from any thread, when that has to be
                run; not again before ``finish_run``.
        """
        super().__init__()
        self._owner = owner
        self._request_run = request_run
        self._scheduled = True  # until the owner's first run, which calls on_start
        self.batch_left = 0
        """Messages that may still be read in this run; negative: no limit."""

    def put(self, envelope: Any, /) -> None:
        """Add a message, and schedule the owner.

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

    def close(self) -> list[Any]:
        """Accept no more messages; return the unread ones, which stay readable.

        The owner, which is being run and will not be again, is kept no longer. It has
        this mailbox, and the collector of such cycles is kept from what a start makes.
        """
        left = super().close()
        self._owner = None
        return left

    def finish_run(self) -> None:
        """Note that the owner has freed its thread; request another one if needed."""
        # In this order: a message put before the flag is cleared is seen by the check
        # below; one put afterwards finds the flag cleared, and schedules the owner.
        self._scheduled = False
        if not self._messages.empty():
            self._schedule()

    def _schedule(self) -> None:
        owner = self._owner  # read first, because a close drops it
        if self._last is not None:
            return  # whoever has put a message since takes it back
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
        self._request_run(owner)


def _taken_from(queue: SimpleQueue[Any]) -> list[Any]:
    taken = []
    try:
        while True:
            taken.append(queue.get_nowait())
    except Empty:
        return taken
