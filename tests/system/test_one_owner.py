"""One owner of a database: whatever becomes of locks, processes and connections."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.system.owners import Owners, owners
from tests.system.waiting import eventually


GATE = 7_473
POSTGRES_URL_VARIABLE = "TEST_POSTGRES_URL"


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Owners]:
    with owners(f"sqlite:///{tmp_path}/orders.db") as stage:
        yield stage


@pytest.fixture
def server() -> Iterator[Any]:
    url = os.environ.get(POSTGRES_URL_VARIABLE)
    if not url:
        pytest.skip(f"{POSTGRES_URL_VARIABLE} names no PostgreSQL database")
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET statement_timeout = '30s'")
        yield connection


@pytest.fixture
def schema(server: Any) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    server.execute(f"CREATE SCHEMA {name}")
    yield name
    server.execute("SELECT pg_advisory_unlock_all()")
    server.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def on_postgresql(schema: str) -> Iterator[Owners]:
    url = os.environ[POSTGRES_URL_VARIABLE]
    separator = "&" if "?" in url else "?"
    options = quote(f"-c search_path={schema}")
    with owners(f"{url}{separator}options={options}") as stage:
        yield stage


def end_sessions(server: Any, *, only_locks: bool) -> None:
    """End the services' connections as an administrator, or a restart, does."""
    locks = "AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 - constants
        "WHERE application_name = 'trade-executor' " + (locks if only_locks else "")
    )


def test_a_second_service_is_refused_by_whatever_name(
    on_sqlite: Owners, tmp_path: Path
) -> None:
    there = tmp_path / "orders.db"
    links = tmp_path / "links"
    links.mkdir()
    with on_sqlite.start():
        (links / "symbolic.db").symlink_to(there)
        (links / "hard.db").hardlink_to(there)
        (tmp_path / "orders.db-lock").unlink()
        names = (links / "symbolic.db", links / "hard.db", there)
        for name in names:
            with on_sqlite.try_start(f"sqlite:///{name}") as second:
                assert second.wait(30) == 2, name
            assert "another running service has it" in second.err.text


def test_the_older_service_ends_where_the_lock_was_missed(on_sqlite: Owners) -> None:
    with on_sqlite.start() as older:
        on_sqlite.place(older, steps=-2)
        on_sqlite.await_trades(0)
        with on_sqlite.start(with_lock=False) as newer:
            on_sqlite.assert_succeeded(older)
            on_sqlite.settle(newer)
            on_sqlite.assert_books_agree(newer)


@pytest.mark.parametrize("only_locks", [True, False])
def test_the_older_service_ends_when_the_server_has_dropped_its_lock(
    on_postgresql: Owners, server: Any, *, only_locks: bool
) -> None:
    with on_postgresql.start() as older:
        on_postgresql.place(older, steps=-2)
        on_postgresql.await_trades(0)
        end_sessions(server, only_locks=only_locks)
        # Without its lock: the older one may have its own again by now.
        with on_postgresql.start(with_lock=False) as newer:
            on_postgresql.assert_succeeded(older)
            on_postgresql.settle(newer)
            on_postgresql.assert_books_agree(newer)


def lock_of_the_service(server: Any) -> tuple[int, bool] | None:
    """Return the session that holds the lock, and whether it is older than 3 s."""
    found: tuple[int, bool] | None = server.execute(
        "SELECT pid, clock_timestamp() - backend_start > '3 s' FROM pg_locks "
        "JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    ).fetchone()
    return found


def assert_second_is_refused(stage: Owners) -> None:
    with stage.try_start(stage.database) as second:
        assert second.wait(30) == 2, second.err.text
    assert "another running service has it" in second.err.text


def test_a_lock_that_was_lost_is_back_before_a_second_service_comes(
    on_postgresql: Owners, server: Any
) -> None:
    with on_postgresql.start() as service:
        first = lock_of_the_service(server)
        end_sessions(server, only_locks=True)
        eventually(
            lambda: lock_of_the_service(server) not in (None, first),
            within_seconds=3,
            what="the service holds the lock again",
        )

        assert_second_is_refused(on_postgresql)

        assert service.interrupt() == 0
    assert "Database lock held again" in service.err.text
    assert "CRITICAL" not in service.err.text


def test_a_server_that_ends_idle_sessions_does_not_free_the_lock(
    on_postgresql: Owners, server: Any
) -> None:
    on_postgresql.database += "%20-c%20idle_session_timeout%3D2000"
    with on_postgresql.start() as service:
        eventually(
            lambda: (lock_of_the_service(server) or (0, False))[1],
            within_seconds=6,
            what="the session with the lock outlives its limit",
        )

        assert_second_is_refused(on_postgresql)

        assert service.interrupt() == 0
    assert "Database lock" not in service.err.text


def test_a_service_that_was_stopped_meanwhile_sends_nothing_and_ends(
    on_postgresql: Owners, server: Any
) -> None:
    with on_postgresql.start() as older:
        on_postgresql.place(older, steps=-2)
        on_postgresql.await_trades(0)
        older.send(signal.SIGSTOP)
        end_sessions(server, only_locks=True)
        with on_postgresql.start() as newer:
            before = len(on_postgresql.exchange.audit().executions)
            on_postgresql.place(newer, steps=-2)
            on_postgresql.await_trades(before)
            older.send(signal.SIGCONT)
            on_postgresql.assert_succeeded(older)
            on_postgresql.settle(newer)
            on_postgresql.assert_books_agree(newer)


def test_the_commit_of_a_killed_service_is_there_before_its_successor_reads(
    on_postgresql: Owners, server: Any, schema: str
) -> None:
    with on_postgresql.start() as older:
        server.execute(f"""
            CREATE FUNCTION {schema}.wait() RETURNS trigger LANGUAGE plpgsql
            SET lock_timeout = 0 AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON {schema}.children
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION {schema}.wait();
        """)
        server.execute(f"SELECT pg_advisory_lock({GATE})")
        on_postgresql.place(older, steps=-1, count=1)
        eventually(
            lambda: waits(server, "INSERT INTO children%"),
            within_seconds=10,
            what="the commit of an intent waits in the server",
        )
        older.kill()
    newer = on_postgresql.try_start(on_postgresql.database)
    with newer:
        eventually(
            lambda: waits(server, "%tenures%"),
            within_seconds=10,
            what="the successor waits for it",
        )
        newer.kill()
        server.execute("SELECT pg_advisory_unlock_all()")
    with on_postgresql.start() as newest:
        in_doubt = server.execute(f"SELECT child_id FROM {schema}.children").fetchall()  # noqa: S608 - constants
        on_postgresql.settle(newest)
        on_postgresql.assert_books_agree(newest)
        at_venue = {
            order["clientOrderId"] for order in on_postgresql.exchange.audit().orders
        }
    (child_id,) = in_doubt[0]
    assert child_id == f"{on_postgresql.order_ids[0]}-1"
    assert child_id not in at_venue


def waits(server: Any, what: str) -> bool:
    """Whether a session waits for a lock in a statement like this."""
    found = server.execute(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query ILIKE %s",
        (what,),
    )
    return found.fetchone() is not None
