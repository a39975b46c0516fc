"""A database belongs to one venue: play orders must never become real ones."""

from typing import Final

from adapters.persistence.backends import backend_of
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.schema import opening_error
from adapters.persistence.tables import FactRow, OrderRow
from domain.errors import ConfigurationError


_VENUE: Final = "venue"


def bind_database(url: str, venue: str) -> None:
    """Bind the database of the URL to a venue, unless another's orders are in it.

    Args:
        url: of a database that ``open_store`` has opened.
        venue: where its child orders go, such as ``paper`` or ``binance at HOST``.

    Raises:
        ConfigurationError: it belongs to another venue: its open orders would be
            worked there, its fills be missed.
        StoreUnavailableError: it is locked or out of reach for now.
    """
    backend = backend_of(url)
    database = backend.writer()
    try:
        with (
            database.connection_context(),
            database.bind_ctx((FactRow, OrderRow)),
            database.atomic(),
        ):
            bound = _bind(venue)
    except DATABASE_ERRORS as error:
        raise opening_error(backend, error) from error
    if bound != venue:
        problem = f"its orders belong to the venue {bound}, not to {venue}"
        raise ConfigurationError(
            f"--database {backend.shown}: {problem}; name another file"
        )


def _bind(venue: str) -> str:
    """Return the venue that the database is bound to then."""
    FactRow.insert(name=_VENUE, value=venue).on_conflict_ignore().execute()
    is_venue = FactRow.name == _VENUE
    if not OrderRow.select().exists():  # a start that failed, or was not the last word
        FactRow.update(value=venue).where(is_venue).execute()
    return str(FactRow.get(is_venue).value)
