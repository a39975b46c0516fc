"""One database, one service."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.persistence.store import claim_database
from domain.errors import ConfigurationError


ROOT = Path(__file__).resolve().parents[3]

CLAIMING_PROGRAM = """
import sys
from adapters.persistence.store import claim_database
claim_database(sys.argv[1])
print("claimed", flush=True)
sys.stdin.read()
"""


def test_second_claim_is_refused_until_the_first_is_given_back(
    database_url: str,
) -> None:
    give_back = claim_database(database_url)

    with pytest.raises(ConfigurationError, match="another running service has it"):
        claim_database(database_url)
    give_back()

    claim_database(database_url)()


def test_claim_ends_with_the_process_that_was_killed(sqlite_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMING_PROGRAM, sqlite_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        with pytest.raises(ConfigurationError):
            claim_database(sqlite_url)

        process.kill()
        process.wait(timeout=10)

    claim_database(sqlite_url)()


def test_claim_in_a_folder_that_cannot_be_written_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigurationError, match="/proc") as refusal:
        claim_database("sqlite:////proc/orders.db")

    assert "\n" not in str(refusal.value)
