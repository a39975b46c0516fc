"""Whose database it is: the epoch that every writing transaction checks.

Two services on one database would both work each order, and sell it twice. A lock can
be lost unnoticed (a server restarts, a connection ends, a file is removed), and a
stopped process keeps one for ever. So the right to write is a row: each service that
starts raises its epoch, and one that finds a newer epoch than its own writes nothing.
"""

import logging
import os
import secrets
import socket
from dataclasses import dataclass
from typing import Any, Final

from peewee import Database

from adapters.persistence.backends import Backend
from adapters.persistence.intents import tell_intents
from adapters.persistence.lock_retries import retry_while_locked
from adapters.persistence.tables import WHOLE_DATABASE, TenureRow
from adapters.persistence.venue_binding import bind
from domain.errors import TenureLostError


logger = logging.getLogger(__name__)

_LEFT: Final = ""
"""The owner after the last service has stopped in an orderly way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """The right of one service to write, until another one takes over."""

    epoch: int
    owner: str
    predecessor_may_live: bool = False
    """Whether the service before us may still be running. It can write no more, but
    children that it had recorded may still leave until their permits have run out."""

    @property
    def keys(self) -> tuple[int, str]:
        """Return epoch and owner, as its row has them."""
        return self.epoch, self.owner

    def require(self, found: Any) -> None:
        """Check the row as it is now: epoch and owner; None when it is gone.

        The owner, too, because a database restored from a backup repeats epochs.

        Raises:
            TenureLostError: another service has taken over.
        """
        if found is None or tuple(found) != self.keys:
            epoch, owner = found or (None, None)
            raise TenureLostError(epoch=self.epoch, newer=epoch, owner=owner)


def take_over(backend: Backend, venue: str | None) -> Tenure:
    """Take over the right to write, and complete the intents, in one transaction.

    Waits for a writing transaction under way, even of a process that is dead by now:
    what it commits is on disk before we read anything, never after.

    Args:
        backend: of a database with the current tables.
        venue: where its child orders go; None leaves that as it is.

    Raises:
        ConfigurationError: its orders belong to another venue; nothing has changed.
        StoreUnavailableError: it is out of reach for now, or that transaction is slow.
    """
    owner = f"{socket.gethostname()} pid {os.getpid()} {secrets.token_hex(8)}"
    database = backend.migrator()

    def raise_epoch() -> tuple[int, str]:
        with database.connection_context(), database.atomic():
            backend.bound_lock_waits(database)
            raised = _raise_epoch(database, owner)
            if venue is not None:
                bind(database, backend.shown, venue)
            tell_intents(database, backend.positions)
            return raised

    epoch, before = retry_while_locked(backend, raise_epoch)
    logger.info("Database taken over epoch=%s owner=%s", epoch, owner)
    may_live = before != _LEFT and not backend.claim_ends_with_process
    return Tenure(epoch=epoch, owner=owner, predecessor_may_live=may_live)


def leave(database: Database, tenure: Tenure) -> None:
    """Record that we have stopped, unless another service has taken over."""
    is_ours = (
        (TenureRow.scope == WHOLE_DATABASE)
        & (TenureRow.epoch == tenure.epoch)
        & (TenureRow.owner == tenure.owner)
    )
    TenureRow.update(owner=_LEFT).where(is_ours).execute(database)


def _raise_epoch(database: Database, owner: str) -> tuple[int, str]:
    """Raise the epoch; return it, and the owner before."""
    is_ours = TenureRow.scope == WHOLE_DATABASE
    row = TenureRow.insert(scope=WHOLE_DATABASE, epoch=0, owner=_LEFT)
    row.on_conflict_ignore().execute(database)
    # First, because it waits for another takeover under way, and then sees its row.
    TenureRow.update(epoch=TenureRow.epoch + 1).where(is_ours).execute(database)
    found = TenureRow.select().where(is_ours).get(database)
    TenureRow.update(owner=owner).where(is_ours).execute(database)
    return int(found.epoch), str(found.owner)
