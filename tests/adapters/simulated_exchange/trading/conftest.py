"""Exchanges to trade on."""

from collections.abc import Iterator

import pytest

from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.trading.traders import Trader, running


@pytest.fixture(scope="module")
def market() -> Iterator[ThreadedExchange]:
    """An exchange that the tests of a module share, each with its own account."""
    with running() as exchange:
        yield exchange


@pytest.fixture
def trader(market: ThreadedExchange) -> Trader:
    """A fresh account on the shared exchange."""
    return Trader(market)


@pytest.fixture
def lone_trader() -> Iterator[Trader]:
    """A fresh account on an exchange of its own, where faults may be thrown."""
    with running() as exchange:
        yield Trader(exchange)
