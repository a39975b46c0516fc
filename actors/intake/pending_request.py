"""A request from outside that is under way among the actors."""

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any

from actors.messages.timers import AnswerOverdue
from actors.runtime.addresses import AnyRecipient, Directory, NameTaken
from actors.runtime.timers import Timer, Timers
from domain.errors import DeskTimeoutError


MakeRequest = Callable[[AnyRecipient], Any]
"""Makes a request to be answered to the recipient."""


class PendingRequest:
    """A request under way: a recipient of its answer, and of whatever delays that.

    It is sent again when an actor that had it is replaced: all requests may come twice
    and are carried out once.
    """

    __slots__ = ("_directory", "_make", "_timer", "_to", "_watched", "answer")

    def __init__(
        self,
        directory: Directory,
        to: str,
        make: MakeRequest,
        watched: tuple[str, ...] = (),
    ) -> None:
        """Send nothing yet.

        Args:
            directory: where the actors are found.
            to: the name of who is asked.
            make: makes the request, each time that it is sent.
            watched: names of those who may have it and take it with them when they
                are replaced.
        """
        self._directory = directory
        self._to = to
        self._make = make
        self._watched = watched
        self._timer: Timer | None = None
        self.answer: Future[Any] = Future()
        """Ends with the answer, or with DeskTimeoutError."""

        for name in watched:
            directory.watch(name, self)

    def send(self) -> bool:
        """Send, or send again; return whether anybody was there to take it."""
        return self._directory.tell(self._to, self._make(self))

    def end_after(self, seconds: float, timers: Timers) -> None:
        """Have it end without an answer after so long."""
        self._timer = timers.schedule(seconds, self, AnswerOverdue(seconds=seconds))

    def wait(self, seconds: float) -> Any:
        """Return the answer.

        Raises:
            DeskTimeoutError: when there is none after so long.
        """
        try:
            return self.answer.result(max(seconds, 0.0))
        except FutureTimeoutError:
            self.tell(AnswerOverdue(seconds=seconds))
            return self.answer.result(0.0)  # it may just have come

    def tell(self, message: Any) -> bool:
        """Take what ends or delays it; after its end, nothing happens any more."""
        if self.answer.done():
            return True  # told by somebody who had looked for us before
        if isinstance(message, NameTaken):
            self.send()
            return True
        for name in self._watched:
            self._directory.unwatch(name, self)
        if self._timer is not None:
            self._timer.cancel()
        with suppress(InvalidStateError):
            if isinstance(message, AnswerOverdue):
                problem = f"no answer within {message.seconds:.1f} seconds"
                self.answer.set_exception(DeskTimeoutError(problem))
            else:
                self.answer.set_result(message)
        return True
