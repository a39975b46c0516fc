"""What every actor of ours is built on: Pykka's actor, run by a dispatcher."""

import sys
import threading
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
    """An actor ended by something that the whole process must not survive.

    The cause is no ``Exception`` (a panic of a compiled library, ``SystemExit``), or
    says that there is no memory left.
    """


def is_panic(error: BaseException) -> bool:
    """Whether to go on after this error would be to go on with who knows what."""
    return isinstance(error, MemoryError) or not isinstance(error, Exception)


class RuntimeActor(pykka.ThreadingActor):
    """A Pykka actor whose thread is the dispatcher's business.

    Only the extension points that Pykka leaves to new actor types are overridden:
    the inbox, the start of the loop, and the noting of a failure. And what Pykka
    answers by stopping all actors, in a pool thread that then waits for itself, ends
    the one actor here, and is told to the dispatcher, which ends the process.
    """

    blocking: ClassVar[bool] = False
    """True for an actor that waits for disk or network: it gets its own thread."""

    use_daemon_thread: ClassVar[bool] = True
    """That thread must not keep the process alive when a stop has run out of time."""

    def __init__(self, *, context: "ActorContext") -> None:
        """Create, unstarted. Runs in the thread of whoever starts the actor."""
        self.context = context
        self.failure: BaseException | None = None
        """What killed the actor; None while it lives and after a normal stop."""

        self._was_set_up = False
        # All that Pykka's own __init__ does, but for the URN: a random one is a system
        # call that gives the interpreter away, for each order that is accepted.
        self.actor_urn = f"urn:actor:{next(_NUMBERS)}"
        self.actor_inbox = self._create_actor_inbox()
        self.actor_stopped = threading.Event()
        self._actor_ref = pykka.ActorRef(self)
        self.address = ActorAddress(self.actor_ref)
        """Where others send messages for this incarnation of the actor."""

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
        try:
            if not self._was_set_up:
                self._was_set_up = True
                self._actor_loop_setup()
            self._actor_loop_running()
        except MailboxPausedError:
            inbox.finish_run()
        else:
            self._actor_loop_teardown()

    def yield_thread(self) -> None:
        """Let others have the thread before the next message is handled."""
        inbox = self.actor_inbox
        assert isinstance(inbox, Mailbox)
        inbox.batch_left = 0

    def on_stop(self) -> None:
        """End as after a failure, unless a subclass tells them apart."""
        self.on_end()

    def on_failure(self, *_: Any) -> None:
        """End as after a stop."""
        self.on_end()

    def on_end(self) -> None:
        """Be told of the end, however it came: nothing is received any more."""

    def on_unread(self, message: Any) -> None:
        """Be told, after a normal stop, of a message that came too late."""

    def _handle_receive(self, message: Any) -> Any:
        try:
            if isinstance(message, tuple):  # as Pykka's own are; it looks for these
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
            # Pykka tells the hook of later failures only; whoever failed at its start
            # may have started others already.
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
        left = inbox.close()  # what is told from now on, its sender knows to be unread
        if self.failure is None:
            self._run_hook(self._look_at_unread, left)
        super()._actor_loop_teardown()  # answers whoever asked
        self.context.leave(self.actor_ref, self.failure)

    def _run_hook(self, hook: Callable[..., None], *arguments: Any) -> None:
        """Run a hook as Pykka runs its own: its failure is the actor's end."""
        try:
            hook(*arguments)
        except BaseException:  # noqa: BLE001 - or it would be the end of the thread
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
