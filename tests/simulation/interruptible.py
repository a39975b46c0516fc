"""What a handler does besides sending, so that it can be interrupted there, too."""

from typing import Any

from actors.runtime.addresses import ActorAddress, AnyRef, Directory
from actors.runtime.deterministic import VirtualClock, VirtualTimers
from actors.runtime.timers import Timer
from domain.ports.runtime import Recipient
from tests.simulation.stage import SimDispatcher


class SimTimers(VirtualTimers):
    """Timers whose setting can be interrupted."""

    def __init__(self, stage: SimDispatcher, clock: VirtualClock) -> None:
        super().__init__(clock)
        self._stage = stage

    def schedule(
        self, delay_seconds: float, recipient: Recipient[Any], message: Any
    ) -> Timer:
        self._stage.pause()
        return super().schedule(delay_seconds, recipient, message)


class SimDirectory(Directory):
    """A directory whose every change can be interrupted."""

    def __init__(self, stage: SimDispatcher) -> None:
        super().__init__()
        self._stage = stage

    def register(self, name: str, address: ActorAddress) -> None:
        self._stage.pause()
        super().register(name, address)

    def release(self, name: str, ref: AnyRef) -> None:
        self._stage.pause()
        super().release(name, ref)

    def tell(self, name: str, message: Any) -> bool:
        address = self.lookup(name)
        owner = None if address is None else address.ref._actor_weakref()
        self._stage.pause(owner)  # the name may have a new one then
        return super().tell(name, message)

    def watch(self, name: str, watcher: Any) -> None:
        self._stage.pause()
        super().watch(name, watcher)

    def unwatch(self, name: str, watcher: Any) -> None:
        self._stage.pause()
        super().unwatch(name, watcher)
