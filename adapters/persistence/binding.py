"""A database belongs to one venue: play orders must never become real ones."""

from typing import Final

from adapters.persistence.tables import FactRow, OrderRow
from domain.errors import ConfigurationError


_VENUE: Final = "venue"


def bind(shown: str, venue: str) -> None:
    """Bind the database to a venue, unless another's orders are in it.

    Called in a transaction, with the tables bound to its database.

    Args:
        shown: the database as an operator may see it.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``.

    Raises:
        ConfigurationError: it belongs to another venue: its open orders would be
            worked there, its fills be missed.
    """
    bound = _bind(venue)
    if bound != venue:
        problem = f"its orders belong to the venue {bound}, not to {venue}"
        raise ConfigurationError(f"--database {shown}: {problem}; name another file")


def _bind(venue: str) -> str:
    """Return the venue that the database is bound to then."""
    FactRow.insert(name=_VENUE, value=venue).on_conflict_ignore().execute()
    is_venue = FactRow.name == _VENUE
    if not OrderRow.select().exists():  # a start that failed, or was not the last word
        FactRow.update(value=venue).where(is_venue).execute()
    return str(FactRow.get(is_venue).value)
