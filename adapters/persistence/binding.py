"""A database belongs to one venue: play orders must never become real ones."""

from typing import Final

from adapters.persistence.backends import backend_of
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.schema import opening_error
from adapters.persistence.tables import FactRow
from domain.errors import ConfigurationError


_VENUE: Final = "venue"


def bind_database(url: str, venue: str) -> None:
    """Bind the database of the URL to a venue, unless it is bound already.

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
            database.bind_ctx((FactRow,)),
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
    row = FactRow.get(FactRow.name == _VENUE)
    return str(row.value)
