"""A request from outside whose answer is awaited from the actors."""

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
"""Makes a request that is answered to the given recipient."""


class PendingRequest:
    """A request under way: receives its answer, and news that may delay that.

    It is sent again when an actor that may have it is replaced. The actors recognise a
    repeated send of the same request, and carry it out once: a new order by its id, any
    other request by this very object, to which they reply. So that holds within this
    process and for this object only. What comes a second time from outside, such as a
    message that a broker delivers again, is another request.
    """

    __slots__ = ("_directory", "_make", "_timer", "_to", "_watched", "answer")

    def __init__(
        self,
        directory: Directory,
        to: str,
        make: MakeRequest,
        watched: tuple[str, ...] = (),
    ) -> None:
        """Make a request; ``send`` sends it.

        Args:
            directory: where the actors are found.
            to: the name of the actor that is asked.
            make: makes the request, each time that it is sent.
            watched: names of other actors that may have the request, and lose it when
                they are replaced.
        """
        self._directory = directory
        self._to = to
        self._make = make
        self._watched = watched
        self._timer: Timer | None = None
        self.answer: Future[Any] = Future()
        """Resolves to the answer, or fails with DeskTimeoutError."""

        for name in watched:
            directory.watch(name, self)

    def send(self) -> bool:
        """Send, or send again; return whether the actor exists."""
        return self._directory.tell(self._to, self._make(self))

    def end_after(self, seconds: float, timers: Timers) -> None:
        """Time out after ``seconds``."""
        self._timer = timers.schedule(seconds, self, AnswerOverdue(seconds=seconds))

    def wait(self, seconds: float) -> Any:
        """Return the answer.

        Raises:
            DeskTimeoutError: when there is none after ``seconds``.
        """
        try:
            return self.answer.result(max(seconds, 0.0))
        except FutureTimeoutError:
            self.tell(AnswerOverdue(seconds=seconds))
            return self.answer.result(0.0)  # the answer may just have come

    def tell(self, message: Any) -> bool:
        """Take the answer, a timeout, or a NameTaken; ignored once it is answered."""
        if self.answer.done():
            return True  # from an actor that had looked us up before
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
