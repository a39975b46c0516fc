"""One database, one service."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.persistence.owned_database import claim_database
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError


ROOT = Path(__file__).resolve().parents[3]

TAKEN = "another running service has it"

CLAIMING_PROGRAM = """
import sys
from adapters.persistence.owned_database import claim_database
claim_database(sys.argv[1])
print("claimed", flush=True)
sys.stdin.read()
"""


def test_second_claim_is_refused_until_the_first_is_given_back(
    database_url: str,
) -> None:
    claim = claim_database(database_url)

    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(database_url)
    claim.give_back()

    claim_database(database_url).give_back()


@pytest.fixture
def holder(sqlite_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has claimed the database."""
    open_store(sqlite_url).close()
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMING_PROGRAM, sqlite_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        yield process
        process.kill()


def test_claim_ends_with_the_process_that_was_killed(
    sqlite_url: str, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(sqlite_url)

    holder.kill()
    holder.wait(timeout=10)

    claim_database(sqlite_url).give_back()


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_another_name_of_the_file_is_the_same_database(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere" / "other.db"
    link(other, tmp_path / "orders.db")

    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(f"sqlite:///{other}")


@pytest.mark.usefixtures("holder")
def test_a_lock_file_that_was_removed_is_missed_by_nobody(
    tmp_path: Path, sqlite_url: str
) -> None:
    (tmp_path / "orders.db-lock").unlink()

    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(sqlite_url)


def test_a_claim_outlives_what_sqlite_opens_and_closes(
    sqlite_url: str, tmp_path: Path
) -> None:
    claim = claim_database(sqlite_url)
    store = open_store(sqlite_url)
    open_queries(sqlite_url).close()
    store.close()

    program = CLAIMING_PROGRAM.replace("sys.stdin.read()", "")
    (tmp_path / "orders.db-lock").unlink()
    second = subprocess.run(
        [sys.executable, "-c", program, sqlite_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    claim.give_back()

    assert TAKEN in second.stderr


def test_a_file_with_two_names_is_refused_whoever_has_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    open_store(sqlite_url).close()
    (tmp_path / "other.db").hardlink_to(tmp_path / "orders.db")

    with pytest.raises(ConfigurationError, match="hard link"):
        claim_database(sqlite_url)


@pytest.fixture
def as_administrator() -> tuple[str, ...]:
    """Run a command where it may mount, and nobody else sees what it mounts."""
    found = ("unshare", "--user", "--map-root-user", "--mount")
    try:
        subprocess.run([*found, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the system lets nobody have mounts of their own")
    return found


@pytest.mark.parametrize(
    ("name", "is_refused"), [("folder/mounted.db", True), ("mounted/orders.db", False)]
)
def test_a_file_that_is_mounted_by_itself_is_refused_and_a_folder_is_not(
    tmp_path: Path, as_administrator: tuple[str, ...], name: str, *, is_refused: bool
) -> None:
    for folder in ("original", "folder", "mounted"):
        (tmp_path / folder).mkdir()
    open_store(f"sqlite:///{tmp_path}/original/orders.db").close()
    (tmp_path / "folder" / "mounted.db").touch()
    mounts = (
        'mount --bind "$0/original/orders.db" "$0/folder/mounted.db" && '
        'mount --bind "$0/original" "$0/mounted" && shift && exec "$@"'
    )
    url = f"sqlite:///{tmp_path}/{name}"
    python = (sys.executable, "-c", CLAIMING_PROGRAM, url)

    run = subprocess.run(
        [*as_administrator, "sh", "-c", mounts, str(tmp_path), "", *python],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("mount its folder instead" in run.stderr) is is_refused
    assert (run.stdout == "claimed\n") is not is_refused


def test_claim_in_a_folder_that_cannot_be_written_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigurationError, match="/proc") as refusal:
        claim_database("sqlite:////proc/orders.db")

    assert "\n" not in str(refusal.value)
