"""Stores for the tests, and what can happen to a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, open_store
from tests.adapters.persistence.lost_logs import DAMAGES, Damage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name the file of ``sqlite_url``."""
    return tmp_path / "orders.db"


@pytest.fixture(params=DAMAGES)
def damage(request: pytest.FixtureRequest) -> Damage:
    found: Damage = request.param
    return found


@pytest.fixture
def store(database_url: str) -> Iterator[SqlTradeStore]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def queries(store: SqlTradeStore, database_url: str) -> Iterator[SqlOrderQueries]:
    del store  # It makes the tables.
    opened = open_queries(database_url)
    yield opened
    opened.close()
