"""The deterministic dispatcher, watched, and made to fail."""

import contextlib
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from random import Random
from typing import Any

import pykka

from actors.executor.executor import Executor
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.deterministic import DeterministicDispatcher
from actors.runtime.mailbox import Mailbox
from tests.simulation.story import brief
from tests.simulation.violations import (
    SimulatedCrashError,
    SimulatedKillError,
    Violations,
)


Observer = Callable[[RuntimeActor | None, RuntimeActor, Any], None]
"""Called with (sender, owner of the mailbox, message) when a message is put."""


MESSAGES_MAX = 12
"""More than a handler sends but for the largest ones."""


class CrashPoint(Enum):
    """Where in the handling of a message an actor fails."""

    BEFORE = auto()
    MIDWAY = auto()
    """When it sends one of its first messages; that one is not sent any more."""

    AFTER = auto()


class SimMailbox(Mailbox):
    """A mailbox that shows what is put in and taken out."""

    def __init__(self, stage: "SimDispatcher", owner: RuntimeActor) -> None:
        super().__init__(owner, stage._ready.append)
        self._stage = stage
        self._reader = owner  # the mailbox itself lets its owner go when it closes
        self.senders: deque[RuntimeActor | None] = deque()
        """Whose messages wait here, the oldest first."""

    def put(self, envelope: Any, /) -> None:
        self._stage.burn_fuse(envelope.message)
        self._stage.pause()  # whoever sends has seen that the owner lives
        super().put(envelope)
        self.senders.append(self._stage.current)
        if envelope.reply_to is None:
            self._stage.check_read(self._reader, envelope.message)
        self._stage.note(self._reader, envelope.message)

    def get(self) -> Any:
        envelope = super().get()
        self.senders.popleft()
        self._stage.note_read(self._reader, envelope.message)
        return envelope


class SimDispatcher(DeterministicDispatcher):
    """Runs actors in a seeded order, tells observers, and lets actors fail."""

    def __init__(
        self, rng: Random, violations: Violations, slow: frozenset[str]
    ) -> None:
        super().__init__()
        self._rng = rng
        self._violations = violations
        self._slow = slow
        self._fuse: int | None = None
        self.current: RuntimeActor | None = None
        """Whose handler is running."""

        self.told: RuntimeActor | None = None
        """Whom that handler told something last."""

        self.interrupt: Callable[[RuntimeActor | None], None] = lambda _: None
        """Called between any two things that a handler does to others, with whom it is
        about to tell something, if it is that."""

        self.is_killed = False

        self.expected: tuple[type[Exception], ...] = (SimulatedCrashError,)
        """What an actor may end of."""

        self.observers: dict[type, Observer] = {}
        self.note_read: Callable[[RuntimeActor, Any], None] = lambda *_: None
        """Called with (reader, message) when a message is taken out."""

        self.trace: Callable[[str], None] | None = None
        self.actors: list[RuntimeActor] = []
        """All that were ever started on this dispatcher."""

        self._ended: set[str] = set()
        self._executors: dict[str, RuntimeActor] = {}
        self._to_stall: list[tuple[int, RuntimeActor]] = []
        self._stalled: list[tuple[int, RuntimeActor]] = []

    def create_inbox(self, actor: RuntimeActor) -> SimMailbox:
        return SimMailbox(self, actor)

    def start_loop(self, actor: RuntimeActor) -> None:
        self.actors.append(actor)
        if isinstance(actor, Executor):
            name = actor.context.name
            other = self._executors.get(name)
            is_alone = other is None or not other.actor_ref.is_alive()
            self._violations.check(is_alone, "two executors of one order", name)
            self._executors[name] = actor
        super().start_loop(actor)

    def next_actor(self) -> RuntimeActor:
        """Choose who runs next."""
        ready = self._ready
        ready.rotate(-self._rng.randrange(len(ready)))
        if type(ready[0]).__name__ in self._slow and self._rng.random() < 0.8:
            ready.rotate(-self._rng.randrange(len(ready)))
        return ready[0]

    def prefer(self, is_wanted: Callable[[RuntimeActor], bool]) -> RuntimeActor | None:
        """Choose the first one to run next that is wanted, be it stalled."""
        for stalled in self._stalled:
            if is_wanted(stalled[1]):
                self._stalled.remove(stalled)
                self._ready.append(stalled[1])
                break
        for actor in self._ready:
            if is_wanted(actor):
                self._ready.remove(actor)
                self._ready.appendleft(actor)
                return actor
        return None

    def run_next(self, crash: CrashPoint | None = None) -> RuntimeActor:
        """Let the chosen actor handle one message, and perhaps fail at it."""
        actor, outer = self._ready[0], (self.current, self.told, self._fuse)
        self.current, self.told, self._fuse = actor, None, None
        if crash is not None:
            self._arm(actor, crash)
        with contextlib.suppress(SimulatedKillError):
            self.step()
        if crash is not None:
            vars(actor).pop("on_receive", None)
            vars(actor).pop("on_start", None)
        self.current, self.told, self._fuse = outer
        self._begin_stalls()
        if not (self.is_killed or actor.actor_ref.is_alive()):
            self._check_end(actor)
        return actor

    def pause(self, recipient: RuntimeActor | None = None) -> None:
        """Let the world interrupt a handler here, as it may a real thread.

        Args:
            recipient: of the next message, unless it is replaced now.

        Raises:
            SimulatedKillError: when the process was killed meanwhile.
        """
        if self.current is not None:
            self.interrupt(recipient)
            if self.is_killed:
                raise SimulatedKillError

    def panic(self, error: BaseException) -> None:
        """Do not take a kill for a panic."""
        if not isinstance(error, SimulatedKillError):
            super().panic(error)

    def stall(self, actor: RuntimeActor, until_ns: int) -> None:
        """Let an actor do nothing for so long: what it is told to do takes its time."""
        self._to_stall.append((until_ns, actor))

    def _begin_stalls(self) -> None:
        while self._to_stall:
            until_ns, actor = self._to_stall.pop()
            if actor in self._ready:
                self._ready.remove(actor)
                self._stalled.append((until_ns, actor))

    def next_wake_ns(self) -> int | None:
        """Return when the next actor may go on that was made to stall."""
        return min((until_ns for until_ns, _ in self._stalled), default=None)

    def wake(self, now_ns: int) -> None:
        """Let those go on that have stalled long enough."""
        for stalled in tuple(self._stalled):
            until_ns, actor = stalled
            if until_ns <= now_ns:
                self._stalled.remove(stalled)
                self._ready.append(actor)

    def burn_fuse(self, message: Any) -> None:
        """Count a message that an actor sends which is about to fail."""
        if self._fuse is not None and not isinstance(message, NameTaken):
            self._fuse -= 1
            if self._fuse < 0:
                self._fuse = None
                raise SimulatedCrashError("midway")

    def check_read(self, owner: RuntimeActor, message: Any) -> None:
        """Check that a message that was taken in is looked at."""
        will_be = owner.actor_urn not in self._ended
        self._violations.check(will_be, "told True, and nobody reads it", message)

    def note(self, owner: RuntimeActor, message: Any) -> None:
        """Tell the observer of the message's type."""
        self.told = owner
        if self.trace is not None:
            text = brief(message)
            self.trace(f"  {_name(self.current)} -> {_name(owner)}: {text}")
        observer = self.observers.get(type(message))
        if observer is not None:
            observer(self.current, owner, message)

    def forget_all(self) -> None:
        """Have nothing of this dispatcher ever run again: the process was killed."""
        self.is_killed = True
        self._ready.clear()
        self._stalled.clear()
        for actor in self.actors:
            if not actor.actor_stopped.is_set():
                actor.actor_stopped.set()
                pykka.ActorRegistry.unregister(actor.actor_ref)

    def _check_end(self, actor: RuntimeActor) -> None:
        self._ended.add(actor.actor_urn)
        is_expected = actor.failure is None or isinstance(actor.failure, self.expected)
        self._violations.check(
            is_expected, "an actor failed by itself", actor.context.name, actor.failure
        )

    def _arm(self, actor: RuntimeActor, point: CrashPoint) -> None:
        if self.trace is not None:
            self.trace(f"CRASH {point.name} of {_name(actor)}")
        for hook in ("on_receive", "on_start"):
            setattr(actor, hook, self._failing(getattr(actor, hook), point))

    def _failing(
        self, handler: Callable[..., Any], point: CrashPoint
    ) -> Callable[..., Any]:
        def fail(*message: Any) -> None:
            if point is CrashPoint.BEFORE:
                raise SimulatedCrashError("before")
            if point is CrashPoint.MIDWAY:
                self._fuse = min(int(self._rng.expovariate(0.6)), MESSAGES_MAX)
            try:
                handler(*message)
            finally:
                self._fuse = None
            if point is CrashPoint.AFTER:
                raise SimulatedCrashError("after")

        return fail


def _name(actor: RuntimeActor | None) -> str:
    return "outside" if actor is None else actor.context.name
