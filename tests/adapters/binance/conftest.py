"""A venue, and feeds on it."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

import pytest

from adapters.binance.endpoints import PRODUCTION
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import (
    FeedSettings,
    MarketDataSettings,
    SnapshotSettings,
)
from adapters.clock import SystemClock
from domain.ports.runtime import Clock
from tests.adapters.binance.loopback_venue import LoopbackVenue
from tests.adapters.witnesses import Counts


QUICK = FeedSettings(
    gather_seconds=0.02,
    tick_seconds=0.02,
    backoff_first_seconds=0.01,
    renew_age_min_seconds=0,
    stable_seconds=0,
)


class MakeFeed(Protocol):
    def __call__(
        self,
        *,
        clock: Clock | None = None,
        snapshots: SnapshotSettings | None = None,
        **feed_settings: Any,
    ) -> BinanceFeed: ...


@pytest.fixture
def venue() -> Iterator[LoopbackVenue]:
    with LoopbackVenue() as venue:
        yield venue


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def make_feed(venue: LoopbackVenue, counts: Counts) -> Iterator[MakeFeed]:
    feeds: list[BinanceFeed] = []

    def make(
        *,
        clock: Clock | None = None,
        snapshots: SnapshotSettings | None = None,
        **feed_settings: Any,
    ) -> BinanceFeed:
        settings = MarketDataSettings(
            feed=replace(QUICK, **feed_settings),
            snapshots=snapshots or SnapshotSettings(),
        )
        feed = BinanceFeed(
            endpoints=PRODUCTION.overridden(
                rest_url=venue.rest_url, stream_url=venue.stream_url
            ),
            clock=clock or SystemClock(),
            meter=counts,
            rng=random.Random(7),
            settings=settings,
        )
        feeds.append(feed)
        return feed

    yield make
    for feed in feeds:
        feed.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("binance-")]
