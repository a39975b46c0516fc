"""Which connections stay when there are more than slots.

A full table must not keep the operator's halt out. So an idle connection is closed for
a new one, and when none is idle, a new client is let in as a guest: only its urgent
calls are served, all others are refused.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from adapters.http.service_addresses import is_loopback


class Seated(Protocol):
    """A connection."""

    peer: str
    """The address it comes from."""

    is_guest: bool

    def idle_seconds(self) -> float | None:
        """How long nothing has happened on it; None while it waits for us."""
        ...


C = TypeVar("C", bound=Seated)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSlots:
    """The limits of how many connections there may be."""

    regular: int
    guests: int
    per_peer: int
    """Regular connections from one address beyond this machine.

    Loopback is exempt, because all clients of this machine share its address.
    """

    idle_seconds: float = 1.0
    """With less than this, a connection is between two requests, not idle."""

    silent_guest_seconds: float = 0.25
    """A guest that has sent no request by then is closed; a halt comes at once."""

    def has_room(self, peer: str, seated: Sequence[Seated]) -> bool:
        """Whether a connection from the address may take a regular slot."""
        regular = sum(not one.is_guest for one in seated)
        return regular < self.regular and not self.has_its_share(peer, seated)

    def has_its_share(self, peer: str, seated: Sequence[Seated]) -> bool:
        """Whether the address has as many regular slots as it may have."""
        if len(seated) < self.per_peer or is_loopback(peer):
            return False
        own = sum(one.peer == peer for one in seated if not one.is_guest)
        return own >= self.per_peer

    def gives_way(self, peer: str, seated: Sequence[C]) -> C | None:
        """Return the idlest regular connection, if it is idle enough to be closed.

        An address that has its share loses one of its own.
        """
        rivals = [one for one in seated if not one.is_guest]
        if self.has_its_share(peer, seated):
            rivals = [one for one in rivals if one.peer == peer]
        return idlest(rivals, self.idle_seconds)

    def silent_guest(self, seated: Sequence[C]) -> C | None:
        """Return the guest that has been silent longest, if that is too long."""
        guests = [one for one in seated if one.is_guest]
        return idlest(guests, self.silent_guest_seconds)

    def has_room_for_guest(self, seated: Sequence[Seated]) -> bool:
        """Whether one more guest may stay."""
        return sum(one.is_guest for one in seated) < self.guests


def idlest(seated: Sequence[C], seconds_min: float) -> C | None:
    """Return the connection that has been idle longest, if for at least that long."""
    found: C | None = None
    most = seconds_min
    for one in seated:
        seconds = one.idle_seconds()
        if seconds is not None and seconds >= most:
            found, most = one, seconds
    return found


class SpareDescriptors:
    """File descriptors held back for the moment when there are none left."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._held: list[int] = []
        self.refill()

    @property
    def are_all_there(self) -> bool:
        """Whether all spare descriptors are held."""
        return len(self._held) == self._count

    def refill(self) -> None:
        """Hold back as many as wanted, or as there are."""
        try:
            while len(self._held) < self._count:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            return  # there will be some again

    def give(self) -> bool:
        """Free one; return False when none is left."""
        if not self._held:
            return False
        os.close(self._held.pop())
        return True

    def close(self) -> None:
        """Free all of them."""
        while self.give():
            pass
