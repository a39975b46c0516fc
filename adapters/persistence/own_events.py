"""Notices an older state of our own database: one that lacks what we have committed.

A backup that was made while we run has our tenure, and so has a standby server that
lags behind. Only what we know to be on disk tells it from the database that we left.
"""

from typing import Final

import peewee

from adapters.persistence.event_positions import PositionDialect, position_of
from adapters.persistence.tenure import Tenure
from domain.errors import TenureLostError
from domain.orders.committed import BEGINNING, CommittedBatch


class OwnEvents:
    """The last event that we have committed."""

    def __init__(self, tenure: Tenure, positions: PositionDialect) -> None:
        self._tenure: Final = tenure
        self._positions: Final = positions
        self._last = BEGINNING

    def note(self, batch: CommittedBatch) -> None:
        """Note a batch that is certainly on disk."""
        if batch.events:
            self._last = batch.events[-1].position

    def require(self, database: peewee.Database) -> None:
        """Check a new connection; always reads, because SQLite opens its log only then.

        Raises:
            TenureLostError: the database is older than what we have written to it.
        """
        row = database.execute_sql(self._positions.highest).fetchone()
        if self._last > (position_of(row) if row else BEGINNING):
            epoch, owner = self._tenure.keys
            raise TenureLostError(epoch=epoch, newer=epoch, owner=owner, is_older=True)
