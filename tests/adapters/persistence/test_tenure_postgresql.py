"""A dead or stopped process and its successor, on a server that keeps sessions."""

import contextlib
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence import postgresql
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import StoreUnavailableError, TenureLostError
from tests.adapters.persistence.builders import BTCUSDT, intent, new_order
from tests.system.waiting import eventually


ROOT = Path(__file__).resolve().parents[3]
GATE = 7_472
"""An advisory lock: while a test holds it, a COMMIT with an intent waits."""

WRITING_PROGRAM = """
import sys
from adapters.persistence.store import open_store
from tests.adapters.persistence.builders import intent, new_order
store = open_store(sys.argv[1])
record = new_order(1)
store.write([record])
print("ready", flush=True)
store.write([intent(record.order), new_order(2)])
print("written", flush=True)
"""

INTENDING_PROGRAM = WRITING_PROGRAM.replace(", new_order(2)", "")
"""Its intent is a statement and a transaction of its own."""

STOPPED_PROGRAM = """
import sys
from adapters.persistence.store import open_store
store = open_store(sys.argv[1])
with store._cursor() as cursor:
    store._begin(cursor)
    cursor.execute("SELECT 1")
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def gate(postgres_url: str, postgres_admin: Any) -> Iterator[Callable[[], None]]:
    """Have every COMMIT of an intent wait, until what is returned is called."""
    open_store(postgres_url).close()
    schema = postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"""
        CREATE FUNCTION {schema}.wait() RETURNS trigger LANGUAGE plpgsql
        SET lock_timeout = 0 AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON {schema}.children
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION {schema}.wait();
    """)
    postgres_admin.execute(f"SELECT pg_advisory_lock({GATE})")

    def open_gate() -> None:
        postgres_admin.execute("SELECT pg_advisory_unlock_all()")

    yield open_gate
    open_gate()


@contextlib.contextmanager
def start(program: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program until it is ready; kill it at the end, if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def waiting(admin: Any, what: str, *, for_ms: int = 0) -> int:
    """Count the sessions that wait for a lock in a statement like this, for so long."""
    admin.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees but one
    found = admin.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query ILIKE %s"
        " AND clock_timestamp() - query_start > %s * interval '1 ms'",
        (what, for_ms),
    )
    return int(found.fetchone()[0])


@pytest.mark.parametrize(
    ("program", "statement"),
    [(WRITING_PROGRAM, "COMMIT%"), (INTENDING_PROGRAM, "INSERT INTO children%")],
)
def test_the_commit_of_a_killed_process_lands_before_its_successor_reads(
    postgres_url: str,
    postgres_admin: Any,
    gate: Callable[[], None],
    program: str,
    statement: str,
) -> None:
    opened: list[SqlTradeStore] = []
    with start(program, postgres_url) as process:
        eventually(
            lambda: waiting(postgres_admin, statement),
            within_seconds=5,
            what="its commit waits in the server",
        )
        process.kill()
    successor = threading.Thread(target=lambda: opened.append(open_store(postgres_url)))
    successor.start()
    eventually(
        lambda: waiting(postgres_admin, "%tenures%"),
        within_seconds=5,
        what="the successor waits for it",
    )
    assert opened == []

    gate()
    successor.join(timeout=10)

    (store,) = opened
    in_flight = store.children_in_flight(BTCUSDT)
    store.close()
    assert in_flight == [f"{new_order(1).order.order_id}-1"]


def test_a_successor_waits_longer_than_for_any_other_lock_or_statement(
    postgres_url: str, postgres_admin: Any, gate: Callable[[], None]
) -> None:
    impatient = (
        f"{postgres_url}%20-c%20lock_timeout%3D100%20-c%20statement_timeout%3D200"
    )
    opened: list[SqlTradeStore] = []
    with start(WRITING_PROGRAM, postgres_url) as process:
        eventually(
            lambda: waiting(postgres_admin, "COMMIT%"),
            within_seconds=5,
            what="its COMMIT waits in the server",
        )
        process.kill()
    successor = threading.Thread(target=lambda: opened.append(open_store(impatient)))
    successor.start()
    eventually(
        lambda: waiting(postgres_admin, "%tenures%", for_ms=300),
        within_seconds=5,
        what="the successor waits for longer",
    )

    gate()
    successor.join(timeout=10)

    (store,) = opened
    store.close()


def test_a_transaction_that_does_not_end_is_said_to_be_in_the_way(
    postgres_url: str,
    postgres_admin: Any,
    gate: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_ATTEMPT_MS", 25)
    monkeypatch.setattr(postgresql, "LOCK_ATTEMPTS", 2)
    with start(WRITING_PROGRAM, postgres_url) as process:
        eventually(
            lambda: waiting(postgres_admin, "COMMIT%"),
            within_seconds=5,
            what="its COMMIT waits in the server",
        )

        with pytest.raises(StoreUnavailableError, match="in the middle of a trans"):
            open_store(postgres_url)

        gate()
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"


def test_a_process_that_stopped_inside_its_transaction_keeps_nobody_out(
    postgres_url: str,
) -> None:
    quick = f"{postgres_url}%20-c%20idle_in_transaction_session_timeout%3D200"
    with start(STOPPED_PROGRAM, quick) as process:
        process.send_signal(signal.SIGSTOP)

        successor = open_store(postgres_url)

    record = new_order(1)
    successor.write([record, intent(record.order)])
    successor.close()


TAKING_OVER_PROGRAM = """
import sys
from adapters.persistence import store, tenure
def stop(*_):
    print("ready", flush=True)
    sys.stdin.readline()
tenure.bind = stop
store.open_store(sys.argv[1], "paper")
"""


def test_a_successor_that_stopped_inside_its_takeover_halts_nobody(
    postgres_url: str,
) -> None:
    older = open_store(postgres_url)
    with start(TAKING_OVER_PROGRAM, postgres_url) as process:
        process.send_signal(signal.SIGSTOP)

        eventually(
            lambda: can_write(older),
            within_seconds=10,
            what="the older one writes on",
        )
    older.close()


def can_write(store: SqlTradeStore) -> bool:
    try:
        store.write([new_order(1)])
    except StoreUnavailableError:
        return False
    return True


def test_the_server_ends_what_waits_in_a_transaction_that_prepares_one(
    postgres_url: str,
) -> None:
    database = postgresql.PostgresqlBackend(postgres_url).migrator()

    with database.connection_context():
        query = "SHOW idle_in_transaction_session_timeout"
        assert database.execute_sql(query).fetchone() == ("2s",)


def test_a_right_that_was_taken_away_makes_the_database_unavailable(
    postgres_url: str, postgres_admin: Any
) -> None:
    role = f"r{uuid.uuid4().hex}"
    schema = postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"CREATE ROLE {role}")
    postgres_admin.execute(f"GRANT ALL ON SCHEMA {schema} TO {role}")
    store = open_store(f"{postgres_url}%20-c%20role%3D{role}")
    postgres_admin.execute(f"REVOKE INSERT ON {schema}.orders FROM {role}")

    with pytest.raises(StoreUnavailableError, match="permission denied"):
        store.write([new_order(1)])
    postgres_admin.execute(f"GRANT INSERT ON {schema}.orders TO {role}")
    written = can_write(store)

    store.close()
    postgres_admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert written


def test_the_server_ends_what_waits_in_a_transaction(postgres_url: str) -> None:
    store = open_store(postgres_url)

    store.write([])
    found = store._database.execute_sql("SHOW idle_in_transaction_session_timeout")

    assert found.fetchone() == ("2s",)
    store.close()


def test_a_writer_that_waited_for_the_takeover_sees_it(
    postgres_url: str, postgres_admin: Any
) -> None:
    store = open_store(postgres_url)
    schema = postgres_url.rpartition("%3D")[2]
    problems: list[BaseException] = []

    def write() -> None:
        try:
            store.write([new_order(1)])
        except TenureLostError as error:
            problems.append(error)

    writer = threading.Thread(target=write)
    with postgres_admin.transaction():
        postgres_admin.execute(
            f"UPDATE {schema}.tenures SET epoch = epoch + 1, owner = 'another'"  # noqa: S608 - constants
        )
        writer.start()
        eventually(
            lambda: waiting(postgres_admin, "%FOR SHARE%"),
            within_seconds=5,
            what="the writer waits",
        )
    writer.join(timeout=10)

    (problem,) = problems
    assert "taken over by another" in str(problem)
    store.close()
