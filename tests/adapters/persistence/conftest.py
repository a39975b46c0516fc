"""Databases for the tests: a fresh SQLite file, and PostgreSQL where there is one."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, open_store
from tests.adapters.persistence.lost_logs import DAMAGES, Damage


POSTGRES_URL_VARIABLE = "TEST_POSTGRES_URL"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


@pytest.fixture
def sqlite_url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture(params=DAMAGES)
def damage(request: pytest.FixtureRequest) -> Damage:
    found: Damage = request.param
    return found


@pytest.fixture
def postgres_server() -> str:
    url = os.environ.get(POSTGRES_URL_VARIABLE)
    if not url:
        pytest.skip(f"{POSTGRES_URL_VARIABLE} names no PostgreSQL database")
    return url


@pytest.fixture
def postgres_admin(postgres_server: str) -> Iterator[Any]:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        yield connection


@pytest.fixture
def postgres_url(postgres_server: str, postgres_admin: Any) -> Iterator[str]:
    """Name a schema of this test's own; it is dropped at the end."""
    schema = f"test_{uuid.uuid4().hex}"
    postgres_admin.execute(f"CREATE SCHEMA {schema}")
    separator = "&" if "?" in postgres_server else "?"
    yield f"{postgres_server}{separator}options={quote(f'-c search_path={schema}')}"
    postgres_admin.execute(f"DROP SCHEMA {schema} CASCADE")


# Without a server the contract is skipped in test_postgresql.py alone,
# not once per test.
DATABASES = (
    ("sqlite", "postgres") if POSTGRES_URL_VARIABLE in os.environ else ("sqlite",)
)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


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
