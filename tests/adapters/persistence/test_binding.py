"""A database belongs to one venue."""

from pathlib import Path

import pytest

from adapters.persistence.binding import bind_database
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError
from tests.adapters.persistence.builders import new_order


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/orders.db"
    open_store(url).close()
    return url


def test_a_database_goes_on_at_the_venue_it_began_with(url: str) -> None:
    bind_database(url, "simulated")
    bind_database(url, "simulated")


def test_play_orders_never_become_real_ones(url: str) -> None:
    bind_database(url, "simulated")
    store = open_store(url)
    store.write([new_order(1)])
    store.close()

    with pytest.raises(ConfigurationError, match="belong to the venue simulated"):
        bind_database(url, "binance")

    bind_database(url, "simulated")


def test_a_database_without_orders_may_be_had_by_any_venue(url: str) -> None:
    bind_database(url, "binance at a.mistyped.host")
    bind_database(url, "binance at a.host")

    store = open_store(url)
    store.write([new_order(1)])
    store.close()

    bind_database(url, "binance at a.host")
