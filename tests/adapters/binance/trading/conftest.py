"""A trading server, and venues on it."""

from collections.abc import Iterator

import pytest

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from tests.adapters.binance.trading.loopback import KEY, SECRET, TradingServer
from tests.adapters.witnesses import HandClock


@pytest.fixture
def server() -> Iterator[TradingServer]:
    with TradingServer() as server:
        yield server


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def limits(clock: HandClock) -> VenueLimits:
    return VenueLimits(clock=clock)


@pytest.fixture
def venue(
    server: TradingServer, clock: HandClock, limits: VenueLimits
) -> Iterator[BinanceVenue]:
    venue = BinanceVenue(
        rest_url=server.url,
        credentials=Credentials(api_key=KEY, api_secret=SECRET),
        clock=clock,
        limits=limits,
        settings=TradingSettings(timeout_seconds=5),
    )
    yield venue
    venue.close()
