"""Snapshots over real HTTP: answers, refusals, and waiting for one's turn."""

import threading

import pytest

from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import SnapshotSettings
from adapters.binance.rest import depth_for, depth_weight
from domain.market.updates import DepthSnapshot, FeedConnected, SnapshotFailed
from domain.values import Symbol
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import WAIT_SECONDS, LoopbackVenue, Reply
from tests.adapters.binance.payloads import depth_body
from tests.adapters.witnesses import Counts, HandClock, Inbox


BNB = Symbol("BNBUSDT")
BTC = Symbol("BTCUSDT")


def unconnected(make_feed: MakeFeed, clock: HandClock) -> BinanceFeed:
    """Make a feed whose streams are not opened yet; snapshots do not need them.

    A connection whose clock is moved by hand was not read for as long, and is lost.
    """
    return make_feed(clock=clock, gather_seconds=60)


def test_snapshot_reaches_the_recipient_of_its_symbol(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    venue.reply = lambda _call, _fields: (200, {}, depth_body(77))
    feed = make_feed()
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.request_snapshot(BNB)

    snapshot = inbox.next_of(DepthSnapshot)
    assert (snapshot.symbol, snapshot.last_update_id) == (BNB, 77)
    assert venue.calls == [("depth", {"symbol": BNB, "limit": "1000"})]
    assert counts.counts["feed_snapshots"] == 1


def test_depth_of_snapshots_can_be_set(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.reply = lambda _call, _fields: (200, {}, depth_body(77))
    feed = make_feed(snapshots=SnapshotSettings(depth=5000))
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.request_snapshot(BNB)
    inbox.next_of(DepthSnapshot)

    assert venue.calls[0][1]["limit"] == "5000"


def test_snapshots_are_shallow_when_half_the_weight_is_used(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    used = {"X-MBX-USED-WEIGHT-1M": "2500"}
    venue.reply = lambda _call, _fields: (200, used, depth_body(77))
    feed = make_feed(snapshots=SnapshotSettings(weight_per_minute=4800))
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    for _ in range(2):
        feed.request_snapshot(BNB)
        inbox.next_of(DepthSnapshot)

    assert [fields["limit"] for _, fields in venue.calls] == ["1000", "100"]


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ((500, {}, '{"code":-1001,"msg":"Internal error"}'), "-1001"),
        ((504, {}, ""), "HTTP 504"),
        ((200, {}, "<html>"), "unreadable"),
        ((200, {}, depth_body(-1)), "negative"),
        ((302, {"Location": "/elsewhere"}, ""), "HTTP 302"),
    ],
)
def test_any_failure_is_told_and_not_retried(
    venue: LoopbackVenue, make_feed: MakeFeed, reply: Reply, cause: str
) -> None:
    venue.reply = lambda _call, _fields: reply
    feed = make_feed()
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.request_snapshot(BNB)

    failure = inbox.next_of(SnapshotFailed)
    assert cause in failure.cause
    assert failure.retry_after_seconds == 0
    assert len(venue.calls) == 1


def test_venue_that_hangs_is_given_up_by_timeout(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    release = threading.Event()

    def hang(_call: str, _fields: dict[str, str]) -> Reply:
        release.wait(WAIT_SECONDS)
        return 200, {}, ""

    venue.reply = hang
    feed = make_feed(snapshots=SnapshotSettings(read_timeout_seconds=0.1))
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.request_snapshot(BNB)

    assert "does not answer" in inbox.next_of(SnapshotFailed).cause
    release.set()


def test_too_many_requests_pause_all_symbols_for_as_long_as_asked(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    asked_at: list[float] = []

    def reply(_call: str, _fields: dict[str, str]) -> Reply:
        asked_at.append(clock.passed_ns / 1e9)
        if len(asked_at) == 1:
            return 429, {"Retry-After": "7"}, '{"code":-1003,"msg":"Too much"}'
        return 200, {}, depth_body(9)

    venue.reply = reply
    feed = unconnected(make_feed, clock)
    first, second = Inbox(), Inbox()
    for symbol, inbox in ((BNB, first), (BTC, second)):
        feed.subscribe(symbol, inbox)

    feed.request_snapshot(BNB)
    assert first.next_of(SnapshotFailed).retry_after_seconds == 7
    feed.request_snapshot(BTC)
    clock.advance(7)

    second.next_of(DepthSnapshot)
    assert asked_at == [0, 7]


def test_long_ban_is_told_at_once_instead_of_waited_for(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.reply = lambda _call, _fields: (418, {"Retry-After": "3600"}, "")
    feed = make_feed(clock=HandClock())
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    for _ in range(2):
        feed.request_snapshot(BNB)
        assert inbox.next_of(SnapshotFailed).retry_after_seconds == 3600

    assert len(venue.calls) == 1


def test_requests_wait_when_the_venue_says_its_weight_is_used(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    asked_at: list[float] = []

    def reply(_call: str, _fields: dict[str, str]) -> Reply:
        asked_at.append(clock.passed_ns / 1e9)
        return 200, {"X-MBX-USED-WEIGHT-1M": "4790"}, depth_body(9)

    venue.reply = reply
    feed = unconnected(make_feed, clock)
    inbox = Inbox()
    feed.subscribe(BNB, inbox)

    feed.request_snapshot(BNB)
    inbox.next_of(DepthSnapshot)
    feed.request_snapshot(BNB)
    clock.advance(60)
    inbox.next_of(DepthSnapshot)

    assert asked_at == [0, 60]


def test_repeated_request_that_still_waits_is_sent_once(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    venue.reply = lambda _call, _fields: (429, {"Retry-After": "5"}, "")
    feed = unconnected(make_feed, clock)
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    feed.request_snapshot(BNB)
    inbox.next_of(SnapshotFailed)
    venue.reply = lambda _call, _fields: (200, {}, depth_body(9))

    for _ in range(5):
        feed.request_snapshot(BNB)
    clock.advance(5)
    inbox.next_of(DepthSnapshot)
    feed.request_snapshot(BNB)
    inbox.next_of(DepthSnapshot)

    assert len(venue.calls) == 3


def test_start_with_five_hundred_symbols_fits_a_minute() -> None:
    for count in (1, 3, 48, 49, 96, 97, 200, 480):
        assert count * depth_weight(depth_for(count, 4800)) <= 2400
    assert 500 * depth_weight(depth_for(500, 4800)) <= 4800
    assert depth_for(3, 4800) == 1000


@pytest.mark.parametrize(
    ("limit", "weight"),
    [(1, 5), (100, 5), (101, 25), (500, 25), (501, 50), (1001, 250), (5000, 250)],
)
def test_weight_of_a_snapshot_is_the_venues(limit: int, weight: int) -> None:
    assert depth_weight(limit) == weight
