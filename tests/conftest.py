"""Fixtures for every test."""

from pathlib import Path

import pytest


SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"


@pytest.fixture(scope="session")
def shared_market_data() -> Path:
    """Folder of real recordings; tests are skipped where it is not there."""
    folder = SHARED / "market-data"
    if not folder.is_dir():
        pytest.skip("no recordings: ../shared/market-data is not beside the project")
    return folder.resolve()
