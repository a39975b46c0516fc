"""One thread, virtual time, and neighbours that only listen."""

from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar

import pykka

from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress, Directory
from actors.runtime.deterministic import (
    DeterministicDispatcher,
    VirtualClock,
    VirtualTime,
    VirtualTimers,
)
from actors.runtime.runtime import ActorContext, ActorEnded, Runtime
from actors.runtime.timers import NANOSECONDS
from domain.ports.runtime import Recipient
from tests.fakes import FakeMeter


T = TypeVar("T")
A = TypeVar("A", bound=RuntimeActor)

START = datetime(2026, 1, 1, tzinfo=UTC)


class Neighbour(RuntimeActor):
    """An actor that keeps what it is told, under a name of its own."""

    def __init__(self, *, context: ActorContext) -> None:
        super().__init__(context=context)
        self.received: list[Any] = []

    def on_receive(self, message: Any) -> None:
        self.received.append(message)

    def all(self, kind: type[T]) -> list[T]:
        return [one for one in self.received if isinstance(one, kind)]

    def last(self, kind: type[T]) -> T:
        return self.all(kind)[-1]


class FakeStalls:
    """Stalls as a test makes them."""

    def __init__(self) -> None:
        self.count = 0

    def look(self) -> int:
        return self.count


class Stage:
    """A runtime on the deterministic dispatcher."""

    def __init__(self, chooser: Random | None = None) -> None:
        """Make one.

        Args:
            chooser: picks who runs next; None for first come, first served.
        """
        self.dispatcher = DeterministicDispatcher(chooser)
        self.clock = VirtualClock(START)
        self.timers = VirtualTimers(self.clock)
        self.directory = Directory()
        self.time = VirtualTime(self.clock, self.timers, self.dispatcher)
        self.stalls = FakeStalls()
        self.meter = FakeMeter()
        self.runtime = Runtime(
            dispatcher=self.dispatcher,
            clock=self.clock,
            timers=self.timers,
            directory=self.directory,
            stalls=self.stalls,
            meter=self.meter,
        )
        self.refs: list[pykka.ActorRef[Any]] = []

    def place(
        self, name: str, watcher: Recipient[ActorEnded] | None = None
    ) -> ActorContext:
        return ActorContext(runtime=self.runtime, name=name, watcher=watcher)

    def start(
        self,
        kind: type[A],
        name: str,
        watcher: Recipient[ActorEnded] | None = None,
        **arguments: Any,
    ) -> A:
        """Start an actor, let it settle, and return it to look inside."""
        ref = kind.start(context=self.place(name, watcher), **arguments)
        actor = ref._actor_weakref()
        assert actor is not None
        self.refs.append(ref)
        self.run()
        return actor

    def neighbour(self, name: str) -> Neighbour:
        """Have a name taken by somebody who only listens."""
        return self.start(Neighbour, name)

    def tell(self, actor: RuntimeActor, *messages: Any) -> None:
        """Send messages one after the other, and let all settle after each."""
        for message in messages:
            actor.address.tell(message)
            self.run()

    def run(self) -> None:
        self.dispatcher.run_until_idle(100_000)

    def pass_seconds(self, seconds: float) -> None:
        until = self.clock.monotonic_ns() + int(seconds * NANOSECONDS)
        self.time.run_until(until)

    def end(self, actor: RuntimeActor) -> None:
        """Stop an actor as its supervisor would."""
        actor.actor_ref.stop(block=False)
        self.run()

    def kill(self, actor: RuntimeActor) -> None:
        """Have an actor fail."""
        self.poison(actor)
        actor.address.tell("anything")
        self.run()

    def poison(self, actor: RuntimeActor) -> None:
        """Have an actor fail at its next message, whatever that is."""
        vars(actor)["on_receive"] = _fail

    def clear(self) -> None:
        """Stop everybody, without a word from anyone."""
        for ref in pykka.ActorRegistry.get_all():
            ref.actor_stopped.set()
            pykka.ActorRegistry.unregister(ref)

    def address(self, name: str) -> ActorAddress:
        found = self.directory.lookup(name)
        assert found is not None
        return found

    def actor(self, name: str) -> RuntimeActor:
        """Return who has a name, to look inside."""
        actor: RuntimeActor | None = self.address(name).ref._actor_weakref()
        assert actor is not None
        return actor

    def is_there(self, name: str) -> bool:
        return self.directory.lookup(name) is not None


class KilledError(Exception):
    """What a test makes an actor fail with."""


def _fail(_: Any) -> None:
    raise KilledError
