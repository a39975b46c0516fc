"""Opens a database as its owner: claims, migrates and takes it over.

A process that only reads calls ``queries.open_queries`` instead, which claims, migrates
and writes nothing.
"""

from contextlib import ExitStack

from adapters.persistence.backends import backend_of
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.lock_retries import opening_error
from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.service_claim import Claim
from adapters.persistence.store import SqlTradeStore, open_store


def open_as_owner(
    url: str, venue: str, stack: ExitStack
) -> tuple[SqlTradeStore, SqlOrderQueries]:
    """Claim the database of the URL for us and for the venue, and open it.

    This writes: tables are made or migrated, and the epoch is raised, so that a service
    which had the database before writes no more.

    Args:
        url: see ``open_store``.
        venue: see ``open_store``.
        stack: closes the database, and gives the claim back.

    Raises:
        ConfigurationError: it cannot be used, or belongs to others.
        StoreUnavailableError: it is locked, full or out of reach for now.
    """
    claim = claim_database(url)
    stack.callback(claim.give_back)
    store = open_store(url, venue, claim)
    stack.callback(store.close)
    queries = open_queries(url)
    stack.callback(queries.close)
    return store, queries


def claim_database(url: str) -> Claim:
    """Keep every other service off the database of the URL.

    Two services on one database would both work each order, and sell it twice.

    Returns:
        The claim; it also ends with the process.

    Raises:
        ConfigurationError: another service has it, or the URL cannot be used.
        StoreUnavailableError: the server is out of reach for now.
    """
    backend = backend_of(url)
    try:
        return backend.claim()
    except DATABASE_ERRORS as error:
        raise opening_error(backend, error) from error
