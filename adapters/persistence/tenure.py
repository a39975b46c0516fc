"""Whose database it is: the epoch that every writing transaction checks.

Two services on one database would both work each order, and sell it twice. A lock can
be lost without a word (a server restarts, a connection ends, a file is removed), and
a stopped process keeps one for ever. So the right to write is a row: each service that
starts raises its epoch, and whoever finds a newer one than its own writes nothing.
"""

import logging
import os
import secrets
import socket
from dataclasses import dataclass
from typing import Any, Final

from adapters.persistence.backends import Backend
from adapters.persistence.binding import bind
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.schema import opening_error
from adapters.persistence.tables import WHOLE_DATABASE, FactRow, OrderRow, TenureRow
from domain.errors import StoreUnavailableError, TenureLostError


logger = logging.getLogger(__name__)

_FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """The right of one service to write, until another one takes over."""

    epoch: int
    owner: str

    def require(self, found: Any) -> None:
        """Check what the row says now: epoch and owner; None when it is gone.

        The owner as well: a database that was restored from a backup counts anew.

        Raises:
            TenureLostError: another service has taken over.
        """
        if found is None or tuple(found) != (self.epoch, self.owner):
            epoch, owner = found or (None, None)
            raise TenureLostError(epoch=self.epoch, newer=epoch, owner=owner)


def take_over(backend: Backend, venue: str | None) -> Tenure:
    """Become the one who may write, in a transaction of its own.

    It waits for the writing transaction that is under way, even of a process that is
    dead by now: what that commits is on disk before we read anything, never after.

    Args:
        backend: of a database with today's tables.
        venue: where its child orders go; None leaves that as it is.

    Raises:
        ConfigurationError: its orders belong to another venue; nothing has changed.
        StoreUnavailableError: it is out of reach for now, or that transaction lasts.
    """
    owner = f"{socket.gethostname()} pid {os.getpid()} {secrets.token_hex(8)}"
    database = backend.migrator()
    try:
        with (
            database.connection_context(),
            database.bind_ctx((FactRow, OrderRow, TenureRow)),
            database.atomic(),
        ):
            backend.wait_for_writers(database)
            tenure = Tenure(epoch=_raise_epoch(owner), owner=owner)
            if venue is not None:
                bind(backend.shown, venue)
    except DATABASE_ERRORS as error:
        if backend.is_lock_held(error):
            msg = (
                f"--database {backend.shown}: another service is in the middle of a "
                "transaction and does not end it; end that process, or its session "
                "in the server, and start again"
            )
            raise StoreUnavailableError(msg) from error
        raise opening_error(backend, error) from error
    logger.info("Database taken over epoch=%s owner=%s", tenure.epoch, owner)
    return tenure


def _raise_epoch(owner: str) -> int:
    TenureRow.insert(scope=WHOLE_DATABASE, epoch=_FIRST, owner=owner).on_conflict(
        conflict_target=(TenureRow.scope,),
        update={TenureRow.epoch: TenureRow.epoch + 1, TenureRow.owner: owner},
    ).execute()
    found = TenureRow.get(TenureRow.scope == WHOLE_DATABASE)
    return int(found.epoch)
