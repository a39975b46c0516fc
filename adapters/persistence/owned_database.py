"""Opens a database as its owner: claims, migrates and takes it over.

A process that only reads calls ``queries.open_queries`` instead, which claims, migrates
and writes nothing.
"""

from contextlib import ExitStack

from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, claim_database, open_store


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
