"""Opening a SQLite database: URLs, files that cannot be used, migrations."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import peewee
import pytest
from playhouse.schema_diff import diff_models

from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from adapters.persistence.tables import TABLES
from domain.errors import ConfigurationError, StoreUnavailableError
from tests.adapters.persistence.builders import new_order


ROOT = Path(__file__).resolve().parents[3]
OPEN_AND_SAY = """
import os
import sys
from adapters.persistence.store import open_store
from domain.errors import TradeExecutorError
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[2:] == ["as nobody"] and os.geteuid() == 0:
    os.seteuid(65534)  # To root, every file is writable.
try:
    open_store(sys.argv[1]).close()
except TradeExecutorError as error:
    print(type(error).__name__, error)
else:
    print("opened")
"""


def refusal(url: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        open_store(url)
    message = str(refused.value)
    assert "\n" not in message
    return message


def opener(url: str, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_SAY, url, *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def what_it_says(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate("go\n", timeout=60)
    return said.removeprefix("ready\n").strip()


def test_relative_url_is_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    open_store("sqlite:///here.db").close()

    assert (tmp_path / "here.db").is_file()


def test_file_name_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "50% of my?orders #1 ü.db"

    open_store(f"sqlite:///{path}").close()

    assert path.is_file()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orders.db",
        "sqlite:orders.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://orders.db",
        "sqlite:///:memory:",
        "sqlite:///nul\0.db",
        "SQLITE:///orders.db",
        "mysql://user:hunter2@host/name",
        "postgresql",
        "postgresql:///",
        "postgresql://[::1",
        "postgresql://user:hunter2@host",
        "postgresql://user:hunter2@host:port/name",
        "postgresql://user:hunter2/@host/name",
        "postgresql://user:7/hunter2@host/name",
        "postgresql://user:x@hunter2@host/name",
        "postgresql://user:hunter2@host/name?nonsense=1",
    ],
)
def test_url_that_cannot_be_used_is_refused_without_its_password(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "hunter2" not in refusal(url)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in refusal(f"sqlite:///{tmp_path}/nowhere/a.db")


def test_folder_is_no_database(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(f"sqlite:///{tmp_path}")


def test_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 1_000)

    assert "not a database" in refusal(f"sqlite:///{path}")

    assert path.read_text() == "dear diary, " * 1_000


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE orders (mine)")

    assert "orders" in refusal(f"sqlite:///{path}")

    with closing(sqlite3.connect(path)) as other:
        tables = other.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("orders",)]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may look into; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_file_that_may_not_be_written_is_refused(
    public_folder: Path, mode: int
) -> None:
    path = public_folder / "orders.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(mode)

    said = what_it_says(opener(f"sqlite:///{path}", "as nobody"))

    assert said.startswith("ConfigurationError --database")


def test_folder_that_may_not_be_written_is_refused(public_folder: Path) -> None:
    public_folder.chmod(0o555)

    said = what_it_says(opener(f"sqlite:///{public_folder}/orders.db", "as nobody"))

    public_folder.chmod(0o755)
    assert said.startswith("ConfigurationError --database")


def test_new_database_is_durable_and_its_readers_never_block(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/orders.db")
    store.last_sequence()

    def pragma(name: str) -> object:
        return store._database.execute_sql(f"PRAGMA {name}").fetchone()[0]

    full = 2
    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == full
    assert pragma("foreign_keys") == 1
    store.close()


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    open_store(f"sqlite:///{path}").close()

    database = peewee.SqliteDatabase(str(path))
    with database.connection_context(), database.bind_ctx(TABLES):
        difference = diff_models(database, TABLES)
        made = database.get_indexes("orders") + database.get_indexes("children")

    indexes = {index.name: index.sql for index in made}
    assert not difference
    assert str(indexes["orders_open"]).endswith(
        "WHERE status IN ('PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL')"
    )
    assert "UNIQUE" in str(indexes["children_unresolved"])


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/orders.db"
    record = new_order(1)
    first = open_store(url)
    first.write([record])
    first.close()

    second = open_store(url)

    found = second.open_order(record.order.order_id)
    second.close()
    assert found is not None
    assert found.order == record.order


def test_processes_that_open_a_new_database_at_once_all_succeed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/orders.db"
    processes = [opener(url) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said == ["opened"] * 4


def test_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE order_events (mine)")
    refusal(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE order_events")

    open_store(f"sqlite:///{path}").close()


def test_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    url = f"sqlite:///{path}"
    open_store(url).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "INSERT INTO schema_migration (name, applied) VALUES (?, ?)",
            ("9999_from_the_future", "2030-01-01"),
        )

    assert "newer version" in refusal(url)
    with pytest.raises(ConfigurationError, match="newer version"):
        open_queries(url)


def test_database_locked_at_the_start_may_work_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.persistence.sqlite.MIGRATION_TIMEOUT_SECONDS", 0.1)
    path = tmp_path / "orders.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnavailableError, match="locked"):
            open_store(f"sqlite:///{path}")

    open_store(f"sqlite:///{path}").close()


def test_queries_on_a_database_without_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    path.touch()

    with pytest.raises(ConfigurationError, match="tables are missing"):
        open_queries(f"sqlite:///{path}")


def test_queries_do_not_make_a_file(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"

    with pytest.raises(ConfigurationError, match="unable to open"):
        open_queries(f"sqlite:///{path}")

    assert not path.exists()
