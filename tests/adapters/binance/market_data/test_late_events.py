"""What a feed makes of events that come late."""

import json

import pytest

from adapters.binance.market_data.frames import FrameParser
from adapters.binance.market_data.settings import StreamKind
from domain.market.updates import (
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    TopOfBook,
    late_ns,
)
from domain.values import Symbol
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import LoopbackVenue, Reply
from tests.adapters.binance.payloads import depth_frame, ticker_frame
from tests.adapters.witnesses import Counts, HandClock, Inbox


BNB = Symbol("BNBUSDT")
SECOND_NS = 1_000_000_000
AGE_METRIC = "feed_event_age_seconds"
EPOCH_MS = 1_700_000_000_000
"""The venue's time when our clock is at zero."""


def tell_time(venue: LoopbackVenue, clock: HandClock, wrong_by_ms: int = 0) -> None:
    """Have the venue tell a time that goes on with a clock of ours."""

    def reply(call: str, _fields: dict[str, str]) -> Reply:
        now_ms = EPOCH_MS + wrong_by_ms + clock.monotonic_ns() // 1_000_000
        return 200, {}, json.dumps({"serverTime": now_ms}) if call == "time" else ""

    venue.reply = reply


def frame(clock: HandClock, number: int, *, age_seconds: float = 0) -> str:
    event_ms = EPOCH_MS + clock.monotonic_ns() // 1_000_000 - round(age_seconds * 1000)
    text = depth_frame(BNB, number, number)
    return text.replace("1672515782136", str(event_ms))


def test_an_update_that_comes_late_says_so(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock, inbox = HandClock(), Inbox()
    tell_time(venue, clock)
    make_feed(clock=clock).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    number = 0
    while True:  # until the answer was taken
        number += 1
        connection.send(frame(clock, number))
        if inbox.next_of(DepthUpdate).stated_ns:
            break

    connection.send(frame(clock, number + 1), frame(clock, number + 2, age_seconds=8))

    assert not late_ns(inbox.next_of(DepthUpdate))
    assert 7.9 < late_ns(inbox.next_of(DepthUpdate)) / SECOND_NS < 8.1


def test_a_connection_that_nobody_read_for_long_is_given_up_unread(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock, inbox = HandClock(), Inbox()
    make_feed(clock=clock, tick_seconds=60).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    clock.advance(45)

    venue.connection().send(depth_frame(BNB, 1, 1))

    lost = inbox.next_of(FeedDisconnected)
    assert lost.cause == "it was not read for 45.0 s"
    inbox.next_of(FeedConnected)
    venue.connection(1).send(depth_frame(BNB, 2, 2))
    assert inbox.next_of(DepthUpdate).last_update_id == 2


@pytest.mark.usefixtures("venue")
def test_a_connection_that_nobody_read_for_long_is_given_up_though_nothing_comes(
    make_feed: MakeFeed,
) -> None:
    clock, inbox = HandClock(), Inbox()
    make_feed(clock=clock, probe_after_seconds=60).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    clock.advance(45)

    assert inbox.next_of(FeedDisconnected).cause == "it was not read for 45.0 s"


def test_a_connection_that_is_read_is_kept_however_seldom_something_comes(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    clock, inbox = HandClock(), Inbox()
    make_feed(clock=clock, probe_after_seconds=60).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    for _ in range(3):
        clock.advance(2)
        counts.wait_for_ticks()
    venue.connection().send(depth_frame(BNB, 1, 1))

    assert inbox.next_of(DepthUpdate).last_update_id == 1


@pytest.mark.parametrize("age_seconds", [1.5, -1.5])
def test_an_odd_age_has_the_venue_asked_for_its_time(
    venue: LoopbackVenue, make_feed: MakeFeed, age_seconds: float
) -> None:
    clock, inbox = HandClock(), Inbox()
    tell_time(venue, clock)
    feed = make_feed(clock=clock)
    feed.context.event_clock.epoch_ns = EPOCH_MS * 1_000_000
    clock.advance(10)
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    for number in (1, 2):
        connection.send(frame(clock, number))
        assert inbox.next_of(DepthUpdate).stated_ns
    assert venue.calls == []

    connection.send(frame(clock, 3, age_seconds=age_seconds))

    venue.wait_until(lambda: venue.calls == [("time", {})])


def test_how_old_events_are_is_observed_while_they_come(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    clock, inbox = HandClock(), Inbox()
    tell_time(venue, clock)
    make_feed(clock=clock).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()

    number, observed = 0, None
    while not observed:
        number += 1
        connection.send(frame(clock, number, age_seconds=0.2))
        if inbox.next_of(DepthUpdate).stated_ns:  # the venue's time is known by now
            clock.advance(0.02)  # a tick, after which a connection looks after itself
        observed = next((one for one in counts.seconds if one[0] == AGE_METRIC), None)

    assert 0.19 < observed[1] < 0.23


TICKERS = frozenset({StreamKind.BOOK_TICKER})


def pulse(clock: HandClock, *, age_seconds: float) -> str:
    event_ms = EPOCH_MS + clock.monotonic_ns() // 1_000_000 - round(age_seconds * 1000)
    data = {"e": "avgPrice", "E": event_ms, "s": BNB, "i": "5m", "w": "1", "T": 1}
    return json.dumps({"stream": "bnbusdt@avgPrice", "data": data})


def test_touches_are_as_late_as_the_timed_stream_beside_them(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock, inbox = HandClock(), Inbox()
    tell_time(venue, clock)
    make_feed(clock=clock, streams=TICKERS).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    venue.wait_until(lambda: "bnbusdt@avgPrice" in connection.subscribed)
    number = 0
    while True:  # until the answer was taken
        number += 1
        connection.send(pulse(clock, age_seconds=0), ticker_frame(BNB, number))
        if inbox.next_of(TopOfBook).stated_ns:
            break

    connection.send(pulse(clock, age_seconds=8), ticker_frame(BNB, number + 1))
    connection.send(pulse(clock, age_seconds=0), ticker_frame(BNB, number + 2))

    assert 7.9 < late_ns(inbox.next_of(TopOfBook)) / SECOND_NS < 8.1
    assert not late_ns(inbox.next_of(TopOfBook))


def test_touches_are_late_once_the_timed_stream_beside_them_is_overdue() -> None:
    clock, parser = HandClock(), FrameParser()
    parser.ages.epoch_ns = EPOCH_MS * 1_000_000

    def touch_after(seconds: float) -> int:
        clock.advance(seconds)
        top = parser.parse(ticker_frame(BNB, 1), clock.monotonic_ns())
        assert isinstance(top, TopOfBook)
        return late_ns(top)

    clock.advance(10)
    parser.parse(pulse(clock, age_seconds=0.1), clock.monotonic_ns())
    assert not touch_after(2.4)
    assert touch_after(0.2) == 2_700_000_000
    parser.parse(pulse(clock, age_seconds=0.1), clock.monotonic_ns())
    assert not touch_after(0)


def test_a_server_that_refuses_the_timed_stream_is_followed_without_it(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.refuses_subscriptions = True
    inbox = Inbox()
    make_feed(streams=TICKERS).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    venue.wait_until(lambda: "bnbusdt@avgPrice" in connection.subscribed)

    for number in range(1, 20):
        connection.send(ticker_frame(BNB, number))
        assert inbox.next_of(TopOfBook).stated_ns == 0
    assert venue.attempts == 1


def test_depth_needs_no_timed_stream_beside_it(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    for number in range(1, 20):
        connection.send(depth_frame(BNB, number, number))
        inbox.next_of(DepthUpdate)

    assert connection.requests == []
