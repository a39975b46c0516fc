"""``kill -9`` while 1,000 orders wait: nothing is lost, nothing is doubled."""

from pathlib import Path

from tests.system.kill_service import run_kills


def test_killed_service_has_every_order_with_what_remains(tmp_path: Path) -> None:
    intake = run_kills(tmp_path, kills=1, seed=7, waiting=1000)

    assert len(intake.accepted) >= 1000
