"""The runtime that actors live in, and each actor's context in it."""

from dataclasses import dataclass, field
from typing import Any

from actors.runtime.addresses import ActorAddress, AnyRef, Directory
from actors.runtime.dispatcher import Dispatcher
from actors.runtime.stalls import NoStalls, Stalls
from actors.runtime.timers import Timers
from domain.ports.observing import Meter, NoMeter
from domain.ports.runtime import Clock, Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEnded:
    """A watched actor has ended: it handles no more messages, and its name is free."""

    name: str
    ref: AnyRef
    failure: BaseException | None
    """What killed it; None after a normal stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What all actors of one system share."""

    dispatcher: Dispatcher
    clock: Clock
    timers: Timers
    directory: Directory
    stalls: Stalls = field(default_factory=NoStalls)
    meter: Meter = field(default_factory=NoMeter)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorContext:
    """An actor's runtime, its name, and who is told of its end (death watch)."""

    runtime: Runtime
    name: str
    watcher: Recipient[ActorEnded] | None = None

    def take(self, address: ActorAddress) -> None:
        """Register ``address``: from now on it gets the messages to the name."""
        self.runtime.directory.register(self.name, address)

    def leave(self, ref: AnyRef, failure: BaseException | None) -> None:
        """Free the name, then tell the watcher, which may start a successor at once."""
        self.runtime.directory.release(self.name, ref)
        if self.watcher is not None:
            self.watcher.tell(ActorEnded(name=self.name, ref=ref, failure=failure))

    def tell(self, name: str, message: Any) -> bool:
        """Send to the actor with that name; return False when there is none."""
        return self.runtime.directory.tell(name, message)
