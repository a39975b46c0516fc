"""Where messages go: one living actor, or the current holder of a name.

Sending to an actor that has ended does not raise; it returns False. This is the only
place that sees Pykka's ActorDeadError.
"""

import threading
from dataclasses import dataclass
from typing import Any

from pykka import ActorDeadError, ActorRef

from domain.ports.runtime import Recipient


AnyRef = ActorRef[Any]

AnyRecipient = Recipient[Any]
"""A recipient of any message."""


class ActorAddress:
    """One incarnation of an actor."""

    __slots__ = ("ref",)

    def __init__(self, ref: AnyRef) -> None:
        self.ref = ref

    def tell(self, message: Any) -> bool:
        """Send; return False when that actor has ended."""
        try:
            self.ref.tell(message)
        except ActorDeadError:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTaken:
    """A watched name has a new actor. What was sent to the old one may be lost."""

    name: str


class Directory:
    """The names of actors. Each name has at most one living actor."""

    def __init__(self) -> None:
        self._addresses: dict[str, ActorAddress] = {}
        # A dict without values, not a set: a replay needs a fixed order.
        self._watchers: dict[str, dict[Any, None]] = {}
        self._lock = threading.Lock()

    def register(self, name: str, address: ActorAddress) -> None:
        """Give a name to an actor, and tell those who watch the name."""
        with self._lock:
            holder = self._addresses.get(name)
            assert holder is None or not holder.ref.is_alive(), f"{name} is taken"
            self._addresses[name] = address
            watchers = tuple(self._watchers.get(name, ()))
        for watcher in watchers:
            if not watcher.tell(NameTaken(name=name)):
                self.unwatch(name, watcher)  # it ended without unwatching

    def release(self, name: str, ref: AnyRef) -> None:
        """Free the name, if ``ref`` still has it."""
        with self._lock:
            address = self._addresses.get(name)
            if address is not None and address.ref is ref:
                del self._addresses[name]

    def lookup(self, name: str) -> ActorAddress | None:
        """Return the actor with that name; it may just have ended."""
        return self._addresses.get(name)

    def names(self, prefix: str) -> list[str]:
        """List the names in use that begin with ``prefix``."""
        return [name for name in list(self._addresses) if name.startswith(prefix)]

    def tell(self, name: str, message: Any) -> bool:
        """Send to the actor with that name; return False when there is none."""
        address = self._addresses.get(name)
        return address is not None and address.tell(message)

    def watch(self, name: str, watcher: Any) -> None:
        """Send ``watcher`` a NameTaken whenever the name gets a new actor."""
        with self._lock:
            self._watchers.setdefault(name, {})[watcher] = None

    def unwatch(self, name: str, watcher: Any) -> None:
        """Undo ``watch``; no error if ``watcher`` was not watching."""
        with self._lock:
            watchers = self._watchers.get(name)
            if watchers is not None:
                watchers.pop(watcher, None)
                if not watchers:
                    del self._watchers[name]

    def address(self, name: str) -> "NamedAddress":
        """Return an address that follows the name from actor to actor."""
        return NamedAddress(self, name)

    def mailbox_lengths(self, without: str) -> dict[str, int]:
        """Count the waiting messages of every actor whose name lacks ``without``."""
        lengths = {}
        for name, address in list(self._addresses.items()):
            if without not in name:
                inbox: Any = address.ref.actor_inbox
                lengths[name] = len(inbox)
        return lengths


class NamedAddress:
    """The actor that has a name at the moment a message is sent."""

    __slots__ = ("_directory", "name")

    def __init__(self, directory: Directory, name: str) -> None:
        self._directory = directory
        self.name = name

    def tell(self, message: Any) -> bool:
        """Send; return False when no actor has the name."""
        return self._directory.tell(self.name, message)
