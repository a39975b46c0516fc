"""The base class of every actor: Pykka's actor, run by a dispatcher."""

import sys
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pykka

from actors.runtime.addresses import ActorAddress
from actors.runtime.mailbox import Inbox, Mailbox, MailboxPausedError


if TYPE_CHECKING:
    from actors.runtime.runtime import ActorContext


_NUMBERS: Final = count(1)


class ActorPanicError(Exception):
    """An actor died of an error that has to end the whole process.

    The cause is not an ``Exception`` (a panic in a compiled library, ``SystemExit``),
    or is a MemoryError.
    """


def is_panic(error: BaseException) -> bool:
    """Whether the process cannot be trusted to go on after this error."""
    return isinstance(error, MemoryError) or not isinstance(error, Exception)


class StopFlag:
    """Whether an actor has stopped: as much of ``threading.Event`` as Pykka uses.

    Nobody waits for it, since a stop has an answer. An Event could be waited for, and
    was a fifth of the memory of a waiting order for that.
    """

    __slots__ = ("_is_set",)

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        """Return whether the actor has stopped."""
        return self._is_set

    def set(self) -> None:
        """Note that the actor has stopped."""
        self._is_set = True


class RuntimeActor(pykka.ThreadingActor):
    """A Pykka actor that runs on whatever thread the dispatcher gives it.

    Overrides only the extension points that Pykka has for new actor types: the inbox,
    the start of the loop, and the handling of a failure. On a panic Pykka stops all
    actors, which in a pool thread would deadlock; here the one actor ends, and the
    dispatcher is told, which ends the process.
    """

    blocking: ClassVar[bool] = False
    """True for an actor that blocks on disk or network: it gets its own thread."""

    use_daemon_thread: ClassVar[bool] = True
    """A blocked thread must not keep the process alive after a stop has timed out."""

    def __init__(self, *, context: "ActorContext") -> None:
        """Create, unstarted. Runs in the thread that starts the actor."""
        self.context = context
        self.failure: BaseException | None = None
        """What killed the actor; None while it lives and after a normal stop."""

        self._was_set_up = False
        # What Pykka's own __init__ does, except for the URN: a random one costs a
        # system call, which releases the GIL, for each order that is accepted.
        self.actor_urn = f"urn:actor:{next(_NUMBERS)}"
        self.actor_inbox = self._create_actor_inbox()
        self.actor_stopped: Any = StopFlag()
        self._actor_ref = pykka.ActorRef(self)
        self.address = ActorAddress(self.actor_ref)
        """Where others send messages to this incarnation of the actor."""

    def _create_actor_inbox(self) -> Any:  # type: ignore[override] # needs the instance
        return self.context.runtime.dispatcher.create_inbox(self)

    def _start_actor_loop(self) -> None:
        self.context.take(self.address)
        self.context.runtime.dispatcher.start_loop(self)

    def start_own_thread(self) -> None:
        """Run Pykka's loop in a thread of its own, as a ThreadingActor does."""
        super()._start_actor_loop()

    def run_batch(self, batch_size: int) -> None:
        """Handle up to ``batch_size`` waiting messages in the calling thread."""
        inbox = self.actor_inbox
        assert isinstance(inbox, Mailbox)
        inbox.batch_left = batch_size
        if not self._was_set_up:
            self._was_set_up = True
            self._actor_loop_setup()
            if inbox.empty() and self.failure is None:
                inbox.finish_run()  # as for nearly all orders that a start picks up
                return
        try:
            self._actor_loop_running()
        except MailboxPausedError:
            inbox.finish_run()
        else:
            self._actor_loop_teardown()

    def yield_thread(self) -> None:
        """Let other actors run before the next message is handled."""
        inbox = self.actor_inbox
        assert isinstance(inbox, Mailbox)
        inbox.batch_left = 0

    def on_stop(self) -> None:
        """Clean up as after a failure, unless a subclass tells the two apart."""
        self.on_end()

    def on_failure(self, *_: Any) -> None:
        """Clean up as after a stop."""
        self.on_end()

    def on_end(self) -> None:
        """Clean up after a stop or a failure; no more messages are received."""

    def on_unread(self, message: Any) -> None:
        """Handle a message that was still unread when the actor stopped normally."""

    def _handle_receive(self, message: Any) -> Any:
        try:
            if isinstance(message, tuple):  # Pykka's own, such as its stop message
                return super()._handle_receive(message)
            return self.on_receive(message)
        except BaseException as error:
            if not is_panic(error):
                raise
            self.context.runtime.dispatcher.panic(error)
            raise ActorPanicError(f"{self.context.name} met {error!r}") from error

    def _actor_loop_setup(self) -> None:
        self._run_hook(super()._actor_loop_setup)
        error = self.failure
        if error is not None:
            # Pykka does not call on_failure after a failed start; but an actor that
            # failed at its start may have started others already.
            self._run_hook(self.on_failure, type(error), error, error.__traceback__)

    def _actor_loop_running(self) -> None:
        try:
            super()._actor_loop_running()
        except MailboxPausedError:
            raise
        except BaseException:  # noqa: BLE001 - of on_failure
            self._handle_failure(*sys.exc_info())

    def _actor_loop_teardown(self) -> None:
        inbox = self.actor_inbox
        assert isinstance(inbox, Inbox)
        left = inbox.close()  # from now on tell() returns False to senders
        if self.failure is None:
            self._run_hook(self._look_at_unread, left)
        super()._actor_loop_teardown()  # answers unread asks with ActorDeadError
        self.context.leave(self.actor_ref, self.failure)

    def _run_hook(self, hook: Callable[..., None], *arguments: Any) -> None:
        """Run a hook as Pykka runs its own: if it fails, the actor ends."""
        try:
            hook(*arguments)
        except BaseException:  # noqa: BLE001 - or the thread would end
            self._handle_failure(*sys.exc_info())

    def _look_at_unread(self, left: list[Any]) -> None:
        for envelope in left:
            if envelope.reply_to is None:
                self.on_unread(envelope.message)

    def _handle_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.failure = exception_value
        super()._handle_failure(exception_type, exception_value, traceback)
        if exception_value is not None and is_panic(exception_value):
            self.context.runtime.dispatcher.panic(exception_value)
