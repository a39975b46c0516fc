"""A short run of ``make chaos``, which itself is too long for every commit."""

from pathlib import Path

from tests.chaos.report import findings
from tests.chaos.running import run_chaos


def test_service_killed_under_faults_has_the_exchanges_trades_and_no_others(
    tmp_path: Path,
) -> None:
    outcome = run_chaos(tmp_path, kills=5, seed=7)

    assert outcome.differences == [], findings(outcome)
    assert outcome.lives.kills == 5
    assert outcome.audit.executions
