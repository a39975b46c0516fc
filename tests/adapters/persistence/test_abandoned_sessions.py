"""What a stopped process or a cut connection has left locked in PostgreSQL."""

import contextlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from adapters.persistence import abandoned_sessions, postgresql, schema
from adapters.persistence.store import open_store
from domain.errors import StoreUnavailableError
from tests.adapters.persistence.test_tenure_postgresql import can_write
from tests.system.waiting import eventually


ANOTHER_STEP = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE orders ADD COLUMN more INTEGER")
"""

Abandon = Callable[[str], Any]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "IDLE_TIMEOUT_MS", 200)
    monkeypatch.setattr(postgresql, "LOCK_ATTEMPT_MS", 100)


@pytest.fixture
def abandon(postgres_admin: Any) -> Iterator[Abandon]:
    """Leave a writer where the server waits for the rest of what it has to say.

    No limit of the server's runs there.
    """
    with contextlib.ExitStack() as stack:

        def leave(url: str) -> Any:
            backend = postgresql.PostgresqlBackend(url)
            connection = backend.writer().connection()
            stack.enter_context(contextlib.closing(connection))
            backend.begin(connection.cursor())
            connection.pgconn.enter_pipeline_mode()
            say(connection, "LOCK TABLE orders IN EXCLUSIVE MODE")
            eventually(
                lambda: waits_for_its_client(postgres_admin),
                within_seconds=5,
                what="the server waits for the rest",
            )
            return connection

        yield leave


def say(connection: Any, statement: str) -> None:
    """Send the next statement of a pipeline, which goes on."""
    connection.pgconn.send_query_params(statement.encode(), None)
    connection.pgconn.send_flush_request()
    connection.pgconn.flush()


def waits_for_its_client(admin: Any) -> bool:
    found = admin.execute(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientRead'"
        " AND state = 'active' AND query ILIKE 'LOCK TABLE%'"
    )
    return found.fetchone() is not None


def state_changed_at(admin: Any, connection: Any) -> object:
    """Return what the server says of a connection: when its state last changed."""
    found = admin.execute(
        "SELECT state_change FROM pg_stat_activity WHERE pid = %s",
        (connection.info.backend_pid,),
    )
    return found.fetchone()


@pytest.fixture
def borrowed_role(postgres_url: str, postgres_admin: Any) -> Iterator[str]:
    """Name the schema as a user who logs in and then takes on the role of its owner."""
    schema_name = postgres_url.rpartition("%3D")[2]
    owner, user = f"o{uuid.uuid4().hex}", f"u{uuid.uuid4().hex}"
    postgres_admin.execute(f"""
        CREATE ROLE {owner};
        CREATE ROLE {user} LOGIN PASSWORD 'secret' IN ROLE {owner};
        ALTER ROLE {user} SET role = {owner};
        GRANT ALL ON SCHEMA {schema_name} TO {owner};
    """)
    parts = urlsplit(postgres_url)
    where = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{user}:secret@{where}"))
    postgres_admin.execute(f"DROP OWNED BY {owner}, {user}; DROP ROLE {owner}, {user}")


def test_a_writer_that_was_stopped_in_a_pipeline_keeps_no_successor_out(
    postgres_url: str, abandon: Abandon
) -> None:
    open_store(postgres_url).close()
    abandon(postgres_url)

    successor = open_store(postgres_url)

    assert can_write(successor)
    successor.close()


def test_nor_does_one_of_a_user_with_a_borrowed_role(
    borrowed_role: str, abandon: Abandon
) -> None:
    open_store(borrowed_role).close()
    abandon(borrowed_role)

    successor = open_store(borrowed_role)

    assert can_write(successor)
    successor.close()


def test_nor_does_one_that_calls_itself_otherwise(
    postgres_url: str, abandon: Abandon
) -> None:
    open_store(postgres_url).close()
    abandon(f"{postgres_url}&application_name=blue")

    successor = open_store(f"{postgres_url}&application_name=green")

    assert can_write(successor)
    successor.close()


def test_what_a_cut_connection_has_locked_is_free_for_the_next_one(
    postgres_url: str, abandon: Abandon
) -> None:
    store = open_store(f"{postgres_url}%20-c%20lock_timeout%3D100")
    abandon(postgres_url)

    eventually(lambda: can_write(store), within_seconds=5, what="it writes again")

    store.close()


def test_a_new_version_makes_its_tables_although_a_writer_of_the_old_one_is_stopped(
    postgres_url: str,
    abandon: Abandon,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_store(postgres_url).close()
    newer = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, newer)
    (newer / "9999_another_step.py").write_text(ANOTHER_STEP)
    abandon(postgres_url)
    monkeypatch.setattr(schema, "MIGRATIONS", newer)

    store = open_store(postgres_url)

    assert can_write(store)
    store.close()


def test_a_session_of_another_schema_is_left_alone(
    postgres_url: str, postgres_admin: Any, abandon: Abandon
) -> None:
    other = f"test_{uuid.uuid4().hex}"
    postgres_admin.execute(f"CREATE SCHEMA {other}")
    other_url = postgres_url.rpartition("%3D")[0] + f"%3D{other}"
    for url in (postgres_url, other_url):
        open_store(url).close()
    abandon(other_url)
    abandon(postgres_url)

    open_store(postgres_url).close()

    assert waits_for_its_client(postgres_admin)
    open_store(other_url).close()
    postgres_admin.execute(f"DROP SCHEMA {other} CASCADE")


def test_a_session_that_speaks_between_two_looks_is_alive(
    postgres_url: str,
    postgres_admin: Any,
    abandon: Abandon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_ATTEMPTS", 3)
    open_store(postgres_url).close()
    writer = abandon(postgres_url)
    looks = []

    def speak(_: float) -> None:
        looks.append(1)
        before = state_changed_at(postgres_admin, writer)
        say(writer, "SELECT 1")
        eventually(
            lambda: state_changed_at(postgres_admin, writer) != before,
            within_seconds=5,
            what="the server has heard it",
        )

    monkeypatch.setattr(abandoned_sessions, "pause", speak)

    with pytest.raises(StoreUnavailableError, match=r"pg_terminate_backend\(\d+\)"):
        open_store(postgres_url)

    assert looks
