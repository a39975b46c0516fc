"""Accepts clients, even when all slots are taken or no descriptors are left."""

import logging
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from adapters.http.client_connection import ClientConnection
from adapters.http.connection_slots import ConnectionSlots, SpareDescriptors, idlest


logger = logging.getLogger(__name__)

SPARE_DESCRIPTORS: Final = 4

SHUT_SECONDS: Final = 0.1
"""How long clients are left waiting when none can be accepted."""

CALM_SECONDS: Final = 10.0
"""After this long without trouble, it is over."""


class Acceptor:
    """Decides which clients get in, and which connections are closed for them.

    Used only by the server's loop.
    """

    def __init__(
        self, slots: ConnectionSlots, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._slots = slots
        self._now = now
        self._spare = SpareDescriptors(SPARE_DESCRIPTORS)
        self._shut_until = 0.0
        self._full = _Trouble("Connections full")
        self._share = _Trouble("Connections of one address full")
        self._starved = _Trouble("No file descriptors left for connections")

    @property
    def is_shut(self) -> bool:
        """Whether to accept nobody for now, because trying would only waste time."""
        return self._now() < self._shut_until

    @property
    def is_starved(self) -> bool:
        """Whether so few file descriptors are left that not all spare ones are held.

        New clients are then guests, because their descriptors have to come back.
        """
        return not self._spare.are_all_there

    def accept(
        self,
        listening: socket.socket,
        connections: Callable[[], Sequence[ClientConnection]],
    ) -> tuple[socket.socket, Any, bool] | None:
        """Accept one client.

        Returns:
            Its socket, its address, and whether it is a guest; None when no client
            waits or none can be accepted.
        """
        try:
            conn, address = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            self._calm()
            return None
        except OSError as error:
            self._starved.begins(self._now(), f"problem={error.strerror}")
            accepted = self._accept_starved(listening, connections())
            if accepted is None:
                self._shut()
                return None
            conn, address = accepted
        else:
            self._spare.refill()
        is_guest = self.is_starved or not self._find_place(address[0], connections())
        return conn, address, is_guest

    def reopen(self) -> None:
        """Accept again at once: a connection was closed."""
        self._shut_until = 0.0

    def promote(
        self, guest: ClientConnection, connections: Sequence[ClientConnection]
    ) -> bool:
        """Give a guest a regular slot; return False when there is none."""
        if self._slots.has_room(guest.peer, connections) and not self.is_starved:
            guest.is_guest = False
        return not guest.is_guest

    def close(self) -> None:
        """Free the spare descriptors."""
        self._spare.close()

    def _find_place(self, peer: str, connections: Sequence[ClientConnection]) -> bool:
        """Make room for a client; return False when it can only be a guest."""
        if self._slots.has_room(peer, connections):
            return True
        loser = self._slots.gives_way(peer, connections)
        if loser is not None:
            loser.hang_up()
            return True
        self._tell(peer, connections)
        if not self._slots.has_room_for_guest(connections):
            silent = self._slots.silent_guest(connections)
            if silent is not None:
                silent.hang_up()
            else:
                self._shut()
        return False

    def _tell(self, peer: str, connections: Sequence[ClientConnection]) -> None:
        """Log why a new client gets no slot: its address's share, or all slots."""
        if self._slots.has_its_share(peer, connections):
            self._share.begins(self._now(), f"address={peer} open={len(connections)}")
        else:
            self._full.begins(self._now(), f"open={len(connections)}")

    def _accept_starved(
        self, listening: socket.socket, connections: Sequence[ClientConnection]
    ) -> tuple[socket.socket, Any] | None:
        """Give a client a spare descriptor, and end an idle connection to make up."""
        loser = idlest(connections, self._slots.idle_seconds)
        loser = loser or self._slots.silent_guest(connections)
        if loser is not None:
            loser.hang_up()  # the loop closes its socket in the next round
        if not self._spare.give():
            return None
        try:
            return listening.accept()
        except OSError:  # the client has gone, or another thread was faster
            self._spare.refill()
            return None

    def _shut(self) -> None:
        self._shut_until = self._now() + SHUT_SECONDS

    def _calm(self) -> None:
        self._spare.refill()
        self._full.may_end(self._now())
        self._share.may_end(self._now())
        self._starved.may_end(self._now())


class _Trouble:
    """A trouble that is logged when it begins and when it is over, not in between."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._last: float | None = None

    def begins(self, now: float, detail: str) -> None:
        if self._last is None:
            logger.warning("%s %s", self._words, detail)
        self._last = now

    def may_end(self, now: float) -> None:
        if self._last is not None and now - self._last > CALM_SECONDS:
            self._last = None
            logger.info("%s no more", self._words)
