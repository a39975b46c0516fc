"""Exchanges on loopback, shared by the tests of a module where that does no harm."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange


@pytest.fixture(scope="module")
def exchange() -> Iterator[ThreadedExchange]:
    """A lively seeded market of three symbols, ten times as fast, without limits."""
    settings = SimulatorSettings(
        symbols=("BTCUSDT", "BNBUSDT", "ETHBTC"), speed=Decimal(10), limits=False
    )
    with ThreadedExchange(settings) as running:
        yield running


@pytest.fixture
def own_exchange() -> Iterator[ThreadedExchange]:
    """The same for one test alone, which may throw faults."""
    settings = SimulatorSettings(
        symbols=("BTCUSDT", "ETHBTC"), speed=Decimal(10), limits=False
    )
    with ThreadedExchange(settings) as running:
        yield running
