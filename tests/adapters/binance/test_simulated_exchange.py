"""The feed on the simulated exchange, whose faults it must live through."""

import random
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from adapters.binance.endpoints import PRODUCTION
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import (
    FeedSettings,
    MarketDataSettings,
    SnapshotSettings,
)
from adapters.binance.rest import BinanceRest
from adapters.clock import SystemClock
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
)
from domain.values import Symbol
from tests.adapters.witnesses import Counts, Inbox


BTC = Symbol("BTCUSDT")
ETH = Symbol("ETHBTC")


@pytest.fixture
def exchange() -> Iterator[ThreadedExchange]:
    settings = SimulatorSettings(symbols=(BTC, ETH), speed=Decimal(10))
    with ThreadedExchange(settings) as running:
        yield running


@pytest.fixture
def feed(exchange: ThreadedExchange, counts: Counts) -> Iterator[BinanceFeed]:
    quick = FeedSettings(
        tick_seconds=0.02,
        backoff_first_seconds=0.01,
        probe_after_seconds=0.2,
        probe_wait_seconds=0.2,
    )
    feed = BinanceFeed(
        endpoints=PRODUCTION.overridden(
            rest_url=exchange.url, stream_url=exchange.stream_url
        ),
        clock=SystemClock(),
        meter=counts,
        rng=random.Random(1),
        settings=MarketDataSettings(feed=quick),
    )
    yield feed
    feed.close()


def follow(inbox: Inbox, is_enough: Callable[[], bool]) -> int:
    """Take updates, each of which must continue the one before; return the last id."""
    last = inbox.next_of(DepthUpdate).last_update_id
    while not is_enough():
        update = inbox.next_of(DepthUpdate)
        assert update.first_update_id <= last + 1
        last = max(last, update.last_update_id)
    return last


def test_announced_shutdown_of_the_exchange_leaves_no_gap(
    exchange: ThreadedExchange, feed: BinanceFeed, counts: Counts
) -> None:
    inboxes = [Inbox(), Inbox()]
    for symbol, inbox in zip((BTC, ETH), inboxes, strict=True):
        feed.subscribe(symbol, inbox)
        inbox.next_of(FeedConnected)

    exchange.control("server_shutdown", after_seconds=60)

    for inbox in inboxes:
        follow(inbox, lambda: counts.counts["feed_handovers"] == 1)
        follow(inbox, lambda: counts.counts["feed_frames"] > 100)


def test_cut_is_reported_and_data_come_back(
    exchange: ThreadedExchange, feed: BinanceFeed
) -> None:
    inbox = Inbox()
    feed.subscribe(BTC, inbox)
    inbox.next_of(FeedConnected)

    exchange.control("cut")

    while not isinstance(message := inbox.next(), FeedDisconnected):
        assert isinstance(message, DepthUpdate)
    inbox.next_of(FeedConnected)
    inbox.next_of(DepthUpdate)


def test_frozen_exchange_is_noticed(
    exchange: ThreadedExchange, feed: BinanceFeed
) -> None:
    inbox = Inbox()
    feed.subscribe(BTC, inbox)
    inbox.next_of(FeedConnected)

    exchange.control("silence", seconds=60, answer_pings=False)

    while not isinstance(message := inbox.next(), FeedDisconnected):
        assert isinstance(message, DepthUpdate)
    assert "silent" in message.cause


def test_garbage_of_the_exchange_is_counted_and_survived(
    exchange: ThreadedExchange, feed: BinanceFeed, counts: Counts
) -> None:
    inbox = Inbox()
    feed.subscribe(BTC, inbox)
    inbox.next_of(FeedConnected)

    for kind in ("not_json", "truncated", "unknown_event"):
        exchange.control("garbage", kind=kind)

    follow(inbox, lambda: counts.counts["feed_frames_unreadable"] == 2)


def test_snapshot_of_the_exchange_meets_the_stream(feed: BinanceFeed) -> None:
    inbox = Inbox()
    feed.subscribe(BTC, inbox)
    inbox.next_of(FeedConnected)
    first = inbox.next_of(DepthUpdate)

    feed.request_snapshot(BTC)

    while not isinstance(message := inbox.next(), DepthSnapshot):
        assert isinstance(message, DepthUpdate)
    assert message.last_update_id >= first.first_update_id - 1
    assert message.bids[0][0] < message.asks[0][0]


def test_rules_of_the_exchange_are_read(exchange: ThreadedExchange) -> None:
    rest = BinanceRest(
        rest_url=exchange.url, settings=SnapshotSettings(), clock=SystemClock()
    )

    rules = rest.exchange_rules([BTC, ETH])

    assert rules[BTC].tick_size > 0
    rest.close()
