"""Fixtures for every test: recordings, and databases of both kinds."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest


SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"

POSTGRES_URL_VARIABLE = "TEST_POSTGRES_URL"

DATABASES = (
    ("sqlite", "postgres") if POSTGRES_URL_VARIABLE in os.environ else ("sqlite",)
)
"""Without a server its tests are skipped in test_postgresql.py alone, not once each."""


@pytest.fixture(scope="session")
def shared_market_data() -> Path:
    """Folder of real recordings; tests are skipped where it is not there."""
    folder = SHARED / "market-data"
    if not folder.is_dir():
        pytest.skip("no recordings: ../shared/market-data is not beside the project")
    return folder.resolve()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Name a file of this test's own, which is not there yet."""
    return f"sqlite:///{tmp_path}/orders.db"


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


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Name an empty database: a file, and a schema on a server where there is one."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url
