"""As of when a symbol's stream is known: what a feed says of its connection."""

import logging

import pytest

from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.frames import Pulse, ServerShutdown, as_of_ns
from adapters.binance.market_data.settings import FeedSettings
from adapters.network.connection_liveness import Liveness
from adapters.network.pacing import SECOND_NS
from domain.market.updates import DepthUpdate, FeedConnected, FeedMessage
from domain.values import Symbol
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import LoopbackVenue
from tests.adapters.binance.market_data.test_late_events import EPOCH_MS, frame
from tests.adapters.binance.payloads import SHUTDOWN, depth_frame
from tests.adapters.witnesses import HandClock, Inbox


BNB, BTC = Symbol("BNBUSDT"), Symbol("BTCUSDT")


@pytest.fixture
def liveness() -> Liveness:
    return Liveness(FeedSettings(probe_after_seconds=1), 5, as_of_ns=3)


def test_a_connection_is_known_as_of_when_it_was_asked_for(liveness: Liveness) -> None:
    assert liveness.as_of_ns == 3


def test_a_word_of_before_takes_nothing_back(liveness: Liveness) -> None:
    liveness.note_word(20)
    liveness.note_word(10)
    liveness.note_word(0)

    assert liveness.as_of_ns == 20


def test_an_answered_ping_tells_as_of_when_it_was_sent(liveness: Liveness) -> None:
    liveness.note_probe(SECOND_NS)
    liveness.heard_ns = 9 * SECOND_NS

    liveness.note_pong(str(SECOND_NS).encode())

    assert liveness.as_of_ns == SECOND_NS


@pytest.mark.parametrize("payload", [b"", b"x", b"\xff", b"-1", b"7" * 125])
def test_an_answer_that_nobody_asked_for_tells_nothing(
    liveness: Liveness, payload: bytes
) -> None:
    liveness.note_pong(b"4")
    liveness.note_probe(SECOND_NS)

    liveness.note_pong(payload)

    assert liveness.as_of_ns == 3


def test_frames_that_tell_no_time_do_not_take_the_place_of_a_ping(
    liveness: Liveness,
) -> None:
    liveness.heard_ns = 3 * SECOND_NS  # a ping of the server, say

    assert liveness.wants_probe(3 * SECOND_NS)
    liveness.note_probe(3 * SECOND_NS + 1)
    assert not liveness.wants_probe(5 * SECOND_NS)


def test_a_ping_that_was_overtaken_by_frames_is_repeated_in_its_time(
    liveness: Liveness,
) -> None:
    liveness.note_probe(2 * SECOND_NS)
    liveness.heard_ns = 2 * SECOND_NS + 1

    assert not liveness.wants_probe(3 * SECOND_NS - 1)
    assert liveness.wants_probe(3 * SECOND_NS)


def test_the_latest_frame_that_tells_of_the_market_counts() -> None:
    timed = Pulse(received_ns=9, stated_ns=7)

    assert as_of_ns([timed, ServerShutdown()]) == 7
    assert as_of_ns([timed, Pulse(received_ns=9, stated_ns=0)]) == 9
    assert as_of_ns([ServerShutdown()]) == 0


def subscribed(feed: BinanceFeed) -> tuple[Inbox, Inbox]:
    """Have two symbols carried by one connection."""
    inboxes = Inbox(), Inbox()
    for symbol, inbox in zip((BNB, BTC), inboxes, strict=True):
        feed.subscribe(symbol, inbox)
    for inbox in inboxes:
        inbox.next_of(FeedConnected)
    return inboxes


def test_nothing_is_known_of_a_symbol_that_nobody_carries(make_feed: MakeFeed) -> None:
    feed = make_feed(gather_seconds=60)
    assert feed.as_of_ns(BNB) == 0

    feed.subscribe(BNB, Inbox())

    assert feed.as_of_ns(BNB) == 0  # it is not connected yet


def test_a_quiet_symbol_is_known_as_of_what_others_of_its_connection_say(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    feed = make_feed(clock=clock, gather_seconds=0.1, probe_after_seconds=60)
    _, btc = subscribed(feed)
    clock.advance(2)

    for number in (1, 2):  # the first was noted once the second is read
        venue.connection().send(depth_frame(BTC, number, number))
        btc.next_of(DepthUpdate)

    assert feed.as_of_ns(BNB) == 2 * SECOND_NS


def test_what_a_stream_lags_by_the_venues_time_is_not_known_yet(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock, inbox = HandClock(), Inbox()
    feed = make_feed(clock=clock, probe_after_seconds=60)
    feed.context.event_clock.epoch_ns = EPOCH_MS * 1_000_000
    clock.advance(100)
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    clock.advance(2)

    for number in (1, 2):
        venue.connection().send(frame(clock, number, age_seconds=0.5))
        inbox.next_of(DepthUpdate)

    assert feed.as_of_ns(BNB) == round(101.5 * SECOND_NS)


class Reader(Inbox):
    """Notes as of when the stream is known at each message."""

    def __init__(self, feed: BinanceFeed) -> None:
        super().__init__()
        self.read_ns: list[int] = []
        self._feed = feed

    def tell(self, message: FeedMessage) -> bool:
        self.read_ns.append(self._feed.as_of_ns(BNB))
        return super().tell(message)


def test_a_stream_is_known_as_of_a_message_only_after_that_was_told(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    feed = make_feed(clock=clock, probe_after_seconds=60)
    reader = Reader(feed)
    feed.subscribe(BNB, reader)
    reader.next_of(FeedConnected)

    for number in (1, 2):
        clock.advance(1)
        venue.connection().send(depth_frame(BNB, number, number))
        reader.next_of(DepthUpdate)

    assert reader.read_ns == [0, 0, SECOND_NS]


def test_a_quiet_connection_is_known_as_of_its_latest_ping_that_was_answered(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed(probe_after_seconds=0.02)
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()

    venue.wait_until(lambda: len(connection.pings) >= 2)

    # No second one is sent before something was heard, and that was the answer.
    assert feed.as_of_ns(BNB) >= int(connection.pings[0])


def test_a_silence_of_the_venue_is_logged_and_so_is_its_next_word(
    venue: LoopbackVenue, make_feed: MakeFeed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    venue.answers_pings = False
    clock, inbox = HandClock(), Inbox()
    feed = make_feed(clock=clock, probe_after_seconds=1, probe_wait_seconds=60)
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    clock.advance(2)
    venue.wait_until(lambda: bool(connection.pings))

    clock.advance(1)
    venue.wait_until(lambda: "Venue silent connection=" in caplog.text)
    connection.pong(connection.pings[0])

    venue.wait_until(lambda: "Venue speaks again connection=" in caplog.text)
    assert caplog.text.count("Venue silent") == 1


def test_an_answer_that_was_long_on_its_way_tells_of_when_the_ping_was_sent(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.answers_pings = False
    clock, inbox = HandClock(), Inbox()
    feed = make_feed(clock=clock)
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    clock.advance(2)
    venue.wait_until(lambda: bool(connection.pings))

    clock.advance(2)
    connection.pong(connection.pings[0])
    connection.ping(b"is read after it")
    venue.wait_until(lambda: bool(connection.pongs))

    assert feed.as_of_ns(BNB) == 2 * SECOND_NS


class TickingClock(HandClock):
    """A clock of which no two readings are the same."""

    def monotonic_ns(self) -> int:
        self.passed_ns += 1
        return self.passed_ns


@pytest.mark.usefixtures("venue")
def test_a_new_connection_is_known_as_of_when_it_was_asked_for(
    make_feed: MakeFeed,
) -> None:
    feed, inbox = make_feed(clock=TickingClock()), Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    connection = feed._group_of[BNB]._current
    assert connection is not None
    assert connection.opened_ns is not None
    assert 0 < feed.as_of_ns(BNB) < connection.opened_ns


def test_while_one_connection_replaces_another_only_the_old_ones_words_count(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock, bnb = HandClock(), Inbox()
    feed = make_feed(clock=clock, probe_after_seconds=60, handover_seconds=60)
    feed.subscribe(BNB, bnb)
    bnb.next_of(FeedConnected)
    old = venue.connection(0)
    old.send(depth_frame(BNB, 1, 2), SHUTDOWN)
    bnb.next_of(DepthUpdate)
    new = venue.connection(1)
    old.send(depth_frame(BNB, 3, 4))
    bnb.next_of(DepthUpdate)
    clock.advance(2)

    new.send(depth_frame(BNB, 7, 8))  # held: the old one has not come so far
    new.ping(b"is read after it")
    venue.wait_until(lambda: bool(new.pongs))
    assert feed.as_of_ns(BNB) == 0

    old.send(depth_frame(BNB, 5, 6))
    venue.wait_until(lambda: old.is_closed)
    assert feed.as_of_ns(BNB) == 2 * SECOND_NS


def test_pings_of_a_venue_that_says_nothing_else_tell_no_time(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.answers_pings = False
    clock, inbox = HandClock(), Inbox()
    feed = make_feed(clock=clock)
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    clock.advance(2)
    connection = venue.connection()

    connection.ping(b"1")
    connection.ping(b"2")
    venue.wait_until(lambda: connection.pongs == [b"1", b"2"])

    assert feed.as_of_ns(BNB) == 0
