"""A database belongs to one venue: play orders must never become real ones."""

from typing import Final

from peewee import Database

from adapters.persistence.tables import FactRow, OrderRow
from domain.errors import ConfigurationError


_VENUE: Final = "venue"


def bind(database: Database, shown: str, venue: str) -> None:
    """Bind the database to a venue, unless another's orders are in it.

    Args:
        database: in a transaction.
        shown: the database as an operator may see it.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``.

    Raises:
        ConfigurationError: it belongs to another venue: its open orders would be
            worked there, its fills be missed.
    """
    bound = _bind(database, venue)
    if bound != venue:
        problem = f"its orders belong to the venue {bound}, not to {venue}"
        raise ConfigurationError(f"--database {shown}: {problem}; name another file")


def _bind(database: Database, venue: str) -> str:
    """Return the venue that the database is bound to then."""
    row = FactRow.insert(name=_VENUE, value=venue)
    row.on_conflict_ignore().execute(database)
    is_venue = FactRow.name == _VENUE
    if not OrderRow.select().exists(database):
        # Of a start that failed, or was not the last word.
        FactRow.update(value=venue).where(is_venue).execute(database)
    return str(FactRow.select().where(is_venue).get(database).value)
