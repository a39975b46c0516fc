"""Databases of every earlier version become today's, whole or not at all."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence import postgresql, schema
from adapters.persistence.backends import backend_of
from adapters.persistence.queries import open_queries
from adapters.persistence.schema import MIGRATIONS
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError, StoreUnavailableError
from domain.orders.committed import BEGINNING
from tests.adapters.persistence.builders import new_order
from tests.adapters.persistence.old_databases import (
    BEFORE_LONE_INTENTS,
    BEFORE_POSITIONS,
    NAMES,
    TOLD,
    TOLD_OF_HELD,
    VERSIONS,
    make_database,
    make_tables,
)
from tests.system.waiting import eventually


ROOT = Path(__file__).resolve().parents[3]
ALL_STEPS = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))

TABLES = (
    *("orders", "children", "fills", "order_events", "switches", "facts"),
    "price_path",
)
"""Those whose rows stay as they are."""

SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
POSTGRES_SCHEMA = """
    SELECT table_name, column_name,
        concat(data_type, ' ', is_nullable, ' ', column_default)
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL SELECT tablename, indexname,
        replace(indexdef, concat(current_schema(), '.'), '')
    FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    ORDER BY 1, 2, 3
"""


def read(url: str, statement: str) -> list[tuple[Any, ...]]:
    database = backend_of(url).writer()
    with database.connection_context():
        return [tuple(row) for row in database.execute_sql(statement).fetchall()]


def schema_of(url: str) -> list[tuple[Any, ...]]:
    is_sqlite = url.startswith("sqlite")
    return read(url, SQLITE_SCHEMA if is_sqlite else POSTGRES_SCHEMA)


def steps_of(url: str) -> list[str]:
    found = read(url, "SELECT name FROM schema_migration ORDER BY name")
    return [str(name) for (name,) in found]


def columns_of(url: str) -> dict[str, Sequence[str]]:
    """Name the columns of the tables that are there."""
    database = backend_of(url).writer()
    with database.connection_context():
        there = set(database.get_tables()) & set(TABLES)
        return {
            table: [column.name for column in database.get_columns(table)]
            for table in there
        }


def rows_of(url: str, columns: dict[str, Sequence[str]]) -> dict[str, object]:
    return {
        table: sorted(read(url, f"SELECT {', '.join(names)} FROM {table}"), key=str)  # noqa: S608 - constants
        for table, names in columns.items()
    }


@pytest.fixture
def todays_schema(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> list[tuple[Any, ...]]:
    """Read that of a database that was made today; ``database_url`` is empty again."""
    if database_url.startswith("sqlite"):
        new = f"sqlite:///{tmp_path}/new.db"
        open_store(new).close()
        return schema_of(new)
    open_store(database_url).close()
    found = schema_of(database_url)
    name = database_url.rpartition("%3D")[2]
    admin = request.getfixturevalue("postgres_admin")
    admin.execute(f"DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}")
    return found


def test_every_earlier_version_is_known_here() -> None:
    """Whoever adds a migration adds the version before it to the old databases."""
    assert sorted(VERSIONS[-1]) == ALL_STEPS[:-1]


@pytest.mark.parametrize("steps", VERSIONS, ids=NAMES)
@pytest.mark.parametrize("make", [make_tables, make_database])
def test_every_version_gets_todays_tables(
    database_url: str,
    todays_schema: list[tuple[Any, ...]],
    steps: tuple[str, ...],
    make: Any,
) -> None:
    make(database_url, steps)

    open_store(database_url).close()

    assert schema_of(database_url) == todays_schema
    assert steps_of(database_url) == ALL_STEPS


@pytest.mark.parametrize("steps", VERSIONS, ids=NAMES)
def test_every_row_stays_as_it_was(database_url: str, steps: tuple[str, ...]) -> None:
    make_database(database_url, steps)
    columns = columns_of(database_url)
    before = rows_of(database_url, columns)

    open_store(database_url).close()

    after = rows_of(database_url, columns)
    assert after == before
    assert len(after["order_events"]) >= len(TOLD)  # type: ignore[arg-type] # a list
    if database_url.startswith("sqlite"):
        assert read(database_url, "PRAGMA foreign_key_check") == []
        assert read(database_url, "PRAGMA integrity_check") == [("ok",)]


def test_a_child_of_the_first_version_counts_as_intended_when_its_order_came(
    database_url: str,
) -> None:
    make_database(database_url, VERSIONS[0])

    open_store(database_url).close()

    intended = read(
        database_url,
        "SELECT intended_at = created_at FROM children JOIN orders USING (order_id)",
    )
    assert intended == [(True,)] * 4


def told(url: str) -> list[tuple[str, int]]:
    """Read the events from the beginning, by order and number."""
    queries = open_queries(url)
    page = queries.events_after(BEGINNING, 100)
    queries.close()
    positions = [one.position for one in page.events]
    assert positions == sorted(set(positions))
    return [(one.event.order_id, one.event.number) for one in page.events]


def test_events_get_positions_in_the_order_in_which_they_happened(
    database_url: str,
) -> None:
    make_database(database_url, BEFORE_POSITIONS)

    open_store(database_url).close()

    found = told(database_url)
    assert [key for key in found if key[0] != "HELD"] == list(TOLD)
    assert [key for key in found if key[0] == "HELD"] == list(TOLD_OF_HELD)


@pytest.mark.parametrize("steps", VERSIONS, ids=NAMES)
def test_events_of_before_know_the_fill_that_they_booked(
    database_url: str, steps: tuple[str, ...]
) -> None:
    make_database(database_url, steps)
    open_store(database_url).close()

    queries = open_queries(database_url)
    events = queries.events_after(BEGINNING, 100).events
    queries.close()

    fills = {(one.event.order_id, one.event.number): one.fill for one in events}
    booked = {
        key: (fill.child_id, fill.number, str(fill.quantity), str(fill.price))
        for key, fill in fills.items()
        if fill is not None
    }
    assert booked == {
        ("PART", 3): ("PART-1", 1, "2", "100"),
        ("DONE", 3): ("DONE-1", 1, "1", "101"),
        ("DONE", 6): ("DONE-2", 1, "2", "101"),
    }


def test_an_order_is_told_in_sequence_though_a_clock_was_set_back(
    database_url: str,
) -> None:
    make_database(database_url, BEFORE_POSITIONS)
    database = backend_of(database_url).writer()
    with database.connection_context():
        database.execute_sql(
            "UPDATE order_events SET occurred_at = '2025-12-31T22:00:00.000000+00:00' "
            "WHERE order_id = 'PART' AND number = 2"
        )

    open_store(database_url).close()

    numbers = [number for name, number in told(database_url) if name == "PART"]
    assert numbers == [1, 2, 3]


def test_an_empty_database_of_before_counts_its_events_from_one(
    database_url: str,
) -> None:
    make_tables(database_url, BEFORE_POSITIONS)
    store, queries = open_store(database_url), open_queries(database_url)

    store.write([new_order(1)])

    (event,) = store.committed().events
    (found,) = queries.events_after(BEGINNING, 10).events
    assert event.position == found.position > BEGINNING
    assert event.position.number == 1
    queries.close()
    store.close()


KILLED_PROGRAM = """
import json
import os
import signal
import sys
import peewee
from adapters.persistence.backends import backend_of
from adapters.persistence.store import open_store

url = sys.argv[1]

def die_before(number):
    left = [number]
    def dying(call):
        def count(*arguments, **options):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)
        return count
    for name in ("execute_sql", "commit"):
        setattr(peewee.Database, name, dying(getattr(peewee.Database, name)))
    open_store(url).close()
    os._exit(0)

def found():
    database = backend_of(url).writer()
    with database.connection_context():
        names = database.execute_sql("SELECT name FROM schema_migration ORDER BY name")
        events = database.execute_sql("SELECT count(*) FROM order_events")
        return [name for name, in names.fetchall()], events.fetchone()[0]

for number in range(1, 1_000):
    child = os.fork()
    if not child:
        die_before(number)
    _, status = os.waitpid(child, 0)
    print(json.dumps([os.WIFSIGNALED(status), *found()]), flush=True)
    if not os.WIFSIGNALED(status):
        break
"""


@pytest.mark.parametrize("steps", [VERSIONS[0], BEFORE_POSITIONS], ids=["1", "6"])
def test_a_migration_that_is_killed_before_any_statement_is_all_or_nothing(
    database_url: str, steps: tuple[str, ...]
) -> None:
    make_database(database_url, steps)
    events = len(TOLD) + (len(TOLD_OF_HELD) if steps != VERSIONS[0] else 0)

    done = subprocess.run(
        [sys.executable, "-c", KILLED_PROGRAM, database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    lives = [json.loads(line) for line in done.stdout.splitlines()]
    *killed, last = lives
    assert last == [False, ALL_STEPS, events]
    assert all(life[0] for life in killed)
    states = [(life[1], life[2]) for life in killed]
    nothing, everything = (sorted(steps), events), (ALL_STEPS, events)
    whole = states.index(everything)
    assert states == [nothing] * whole + [everything] * (len(states) - whole)
    assert whole > 5  # so many statements at least are in the transaction


def test_a_program_that_knows_no_lone_intents_refuses_the_database(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would read an order whose child is in flight as one without."""
    open_store(database_url).close()
    for step in BEFORE_LONE_INTENTS:
        shutil.copy(MIGRATIONS / f"{step}.py", tmp_path)
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path)

    with pytest.raises(ConfigurationError, match="made by a newer version"):
        open_store(database_url)


OPEN_PROGRAM = """
import sys
from adapters.persistence.store import open_store
print("ready", flush=True)
sys.stdin.readline()
open_store(sys.argv[1]).close()
print("opened")
"""


@pytest.mark.parametrize("steps", [VERSIONS[0], BEFORE_POSITIONS], ids=["1", "6"])
def test_processes_that_migrate_at_once_wait_for_each_other(
    database_url: str, steps: tuple[str, ...]
) -> None:
    make_database(database_url, steps)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_PROGRAM, database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    said = [process.communicate(timeout=60)[0] for process in processes]

    assert said == ["opened\n"] * 3
    assert steps_of(database_url) == ALL_STEPS
    found = told(database_url)
    assert [key for key in found if key[0] != "HELD"] == list(TOLD)


def test_a_database_of_before_is_not_read_before_it_is_migrated(
    database_url: str,
) -> None:
    make_database(database_url, BEFORE_POSITIONS)

    with pytest.raises(ConfigurationError, match="tables are missing or old"):
        open_queries(database_url)
    assert steps_of(database_url) == sorted(BEFORE_POSITIONS)


AS_NOBODY_PROGRAM = """
import os
import sys
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError, StoreUnavailableError
open_store  # all of it is loaded while we may read it
if os.geteuid() == 0:
    os.seteuid(65534)  # to root, every file is writable
try:
    open_store(sys.argv[1]).close()
except ConfigurationError as error:
    print(error)
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may look into; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_a_database_that_may_only_be_read_is_refused_and_stays_as_it_was(
    public_folder: Path, *, is_folder: bool
) -> None:
    path = public_folder / "orders.db"
    url = f"sqlite:///{path}"
    make_database(url, BEFORE_POSITIONS)
    path.chmod(0o444)
    if is_folder:
        public_folder.chmod(0o555)
    before = path.read_bytes()

    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY_PROGRAM, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    public_folder.chmod(0o755)
    path.chmod(0o600)
    (said,) = done.stdout.splitlines()
    assert said.startswith(f"--database {url}: ")
    assert path.read_bytes() == before
    assert steps_of(url) == sorted(BEFORE_POSITIONS)


def test_a_large_migration_may_take_longer_than_any_other_statement(
    postgres_url: str, postgres_admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_database(postgres_url, BEFORE_POSITIONS)
    schema = postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"""
        CREATE FUNCTION {schema}.be_large() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.6); RETURN NULL; END $$;
        CREATE TRIGGER large AFTER UPDATE ON {schema}.order_events
        FOR EACH STATEMENT EXECUTE FUNCTION {schema}.be_large();
    """)
    monkeypatch.setattr(postgresql, "LOCK_ATTEMPT_MS", 100)  # 500 for a statement
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.5)

    open_store(postgres_url).close()

    assert steps_of(postgres_url) == ALL_STEPS


MANY_EVENTS = """
    INSERT INTO order_events (order_id, number, step, status, occurred_at)
    WITH RECURSIVE more (number) AS (
        SELECT 2 UNION ALL SELECT number + 1 FROM more WHERE number < 20000)
    SELECT 'WAITS', number, 'AMENDED', 'NEW', '2025-12-31T23:59:20.000000+00:00'
    FROM more
"""
"""More than SQLite keeps in memory until a transaction ends."""

SMALL_DISK_PROGRAM = """
import resource
import sys
from adapters.persistence.store import open_store
from domain.errors import StoreUnavailableError
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    open_store(sys.argv[1])
except StoreUnavailableError as error:
    print(error)
"""


def test_a_migration_that_the_disk_refuses_says_so_and_changes_nothing(
    sqlite_url: str,
) -> None:
    make_database(sqlite_url, BEFORE_POSITIONS)
    with closing(backend_of(sqlite_url).writer()) as database:
        database.execute_sql(MANY_EVENTS)

    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK_PROGRAM, sqlite_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"--database {sqlite_url}: disk I/O error\n"
    assert steps_of(sqlite_url) == sorted(BEFORE_POSITIONS)
    open_store(sqlite_url).close()
    assert steps_of(sqlite_url) == ALL_STEPS


def test_a_migration_whose_session_is_ended_says_so_and_changes_nothing(
    postgres_url: str, postgres_admin: Any
) -> None:
    make_database(postgres_url, BEFORE_POSITIONS)
    schema = postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"""
        CREATE FUNCTION {schema}.end_session() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE TRIGGER ended AFTER UPDATE ON {schema}.order_events
        FOR EACH STATEMENT EXECUTE FUNCTION {schema}.end_session();
    """)

    with pytest.raises(StoreUnavailableError, match="terminating connection"):
        open_store(postgres_url)

    assert steps_of(postgres_url) == sorted(BEFORE_POSITIONS)
    postgres_admin.execute(f"DROP TRIGGER ended ON {schema}.order_events")
    open_store(postgres_url).close()
    assert steps_of(postgres_url) == ALL_STEPS


GATE = 7_474
"""An advisory lock: while a test holds it, a migration waits in the server."""


def migrating(admin: Any) -> bool:
    """Whether some session waits in the middle of a migration."""
    found = admin.execute(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND query ILIKE '%UPDATE order_events%'"
    )
    return found.fetchone() is not None


def test_a_migration_that_was_killed_does_not_go_on_in_the_server(
    postgres_url: str, postgres_admin: Any
) -> None:
    make_database(postgres_url, BEFORE_POSITIONS)
    schema = postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"""
        CREATE FUNCTION {schema}.wait() RETURNS trigger LANGUAGE plpgsql
        SET lock_timeout = 0 AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
        CREATE TRIGGER wait AFTER UPDATE ON {schema}.order_events
        FOR EACH STATEMENT EXECUTE FUNCTION {schema}.wait();
    """)
    postgres_admin.execute(f"SELECT pg_advisory_lock({GATE})")
    command = [sys.executable, "-c", OPEN_PROGRAM, postgres_url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        eventually(
            lambda: migrating(postgres_admin), within_seconds=10, what="it migrates"
        )
        process.kill()

    eventually(
        lambda: not migrating(postgres_admin),
        within_seconds=5,
        what="its session has ended",
    )

    postgres_admin.execute(f"SELECT pg_advisory_unlock({GATE})")
    assert steps_of(postgres_url) == sorted(BEFORE_POSITIONS)
    open_store(postgres_url).close()
    assert steps_of(postgres_url) == ALL_STEPS
