"""A database belongs to one venue."""

from pathlib import Path

import pytest

from adapters.persistence.store import open_store
from domain.errors import ConfigurationError
from tests.adapters.persistence.builders import new_order


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/orders.db"
    open_store(url).close()
    return url


def test_a_database_goes_on_at_the_venue_it_began_with(url: str) -> None:
    open_store(url, "simulated").close()
    open_store(url, "simulated").close()


def test_play_orders_never_become_real_ones(url: str) -> None:
    open_store(url, "simulated").close()
    store = open_store(url)
    store.write([new_order(1)])
    store.close()

    with pytest.raises(ConfigurationError, match="belong to the venue simulated"):
        open_store(url, "binance").close()

    open_store(url, "simulated").close()


def test_a_database_without_orders_may_be_had_by_any_venue(url: str) -> None:
    open_store(url, "binance at a.mistyped.host").close()
    open_store(url, "binance at a.host").close()

    store = open_store(url)
    store.write([new_order(1)])
    store.close()

    open_store(url, "binance at a.host").close()
