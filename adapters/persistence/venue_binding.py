"""Binds a database to one venue: orders placed for play must never become real ones."""

from typing import Final

from peewee import Database

from adapters.persistence.tables import FactRow, OrderRow
from domain.errors import ConfigurationError


_VENUE: Final = "venue"


def bind(database: Database, shown: str, venue: str) -> None:
    """Bind the database to a venue, unless another's orders are in it.

    Args:
        database: in a transaction.
        shown: the database's URL without its password.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``.

    Raises:
        ConfigurationError: it belongs to another venue: its open orders would be worked
            at the wrong one, and its fills be missed.
    """
    bound = _bind(database, venue)
    if bound != venue:
        problem = f"its orders belong to the venue {bound}, not to {venue}"
        raise ConfigurationError(f"--database {shown}: {problem}; name another file")


def _bind(database: Database, venue: str) -> str:
    """Bind the database, if it has no orders; return the venue it is bound to."""
    row = FactRow.insert(name=_VENUE, value=venue)
    row.on_conflict_ignore().execute(database)
    is_venue = FactRow.name == _VENUE
    if not OrderRow.select().exists(database):
        # Bound by an earlier start that placed no order.
        FactRow.update(value=venue).where(is_venue).execute(database)
    return str(FactRow.select().where(is_venue).get(database).value)
