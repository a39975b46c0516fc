"""The feed over real sockets: subscribing, routing, losing and reconnecting."""

import random
import socket
import threading
import time
from datetime import timedelta

import pytest

from adapters.binance.endpoints import PRODUCTION
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import StreamKind
from adapters.clock import SystemClock
from domain.market.updates import (
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    TopOfBook,
)
from domain.values import Symbol
from domain.venue.answers import PauseReason
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import WAIT_SECONDS, LoopbackVenue
from tests.adapters.binance.payloads import depth_frame, ticker_frame
from tests.adapters.witnesses import Counts, HandClock, Inbox


BNB = Symbol("BNBUSDT")
BTC = Symbol("BTCUSDT")


def test_updates_of_a_symbol_reach_its_recipient_after_connected(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()

    make_feed().subscribe(BNB, inbox)
    connection = venue.connection()
    connection.send(depth_frame(BNB, 5, 7))

    assert inbox.next() == FeedConnected(symbol=BNB)
    update = inbox.next_of(DepthUpdate)
    assert (update.first_update_id, update.last_update_id) == (5, 7)
    assert update.received_ns > 0
    assert connection.subscribed == {"bnbusdt@depth@100ms"}


def test_frames_of_every_size_arrive_whole_and_in_order(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    sizes = [0, 1, 10, 500, 5_000, 2, 20_000, 3]  # 150 bytes to 320 kB

    venue.connection().send(
        *(
            depth_frame(BNB, number, number, bids=size)
            for number, size in enumerate(sizes)
        )
    )

    updates = [inbox.next_of(DepthUpdate) for _ in sizes]
    assert [update.last_update_id for update in updates] == list(range(len(sizes)))
    assert [len(update.bids) for update in updates] == sizes


def test_what_comes_at_once_is_told_as_one_burst_for_each_symbol(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    bnb, btc = Inbox(), Inbox()
    for symbol, inbox in ((BNB, bnb), (BTC, btc)):
        feed.subscribe(symbol, inbox)
    for inbox in (bnb, btc):
        inbox.next_of(FeedConnected)

    symbols = (BNB, BTC, BNB, BNB)
    frames = [depth_frame(one, number, number) for number, one in enumerate(symbols)]
    venue.connection().send_as_one(*frames)

    assert [bnb.next_of(DepthUpdate).last_update_id for _ in range(3)] == [0, 2, 3]
    assert btc.next_of(DepthUpdate).last_update_id == 1
    assert [len(burst.events) for burst in bnb.bursts] == [3]
    assert btc.bursts == []


def test_a_broken_frame_among_those_that_come_at_once_takes_none_along(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    broken = "{" + " " * 200  # as long as the others are
    frames = (depth_frame(BNB, 1, 1), broken, depth_frame(BNB, 2, 2))
    venue.connection().send_as_one(*frames)

    assert [inbox.next_of(DepthUpdate).last_update_id for _ in range(2)] == [1, 2]
    assert counts.counts["feed_frames_unreadable"] == 1


def test_streams_nobody_asked_for_are_ignored(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    venue.connection().send(depth_frame(BTC, 1, 2), depth_frame(BNB, 1, 2))

    assert inbox.next_of(DepthUpdate).symbol == BNB


def test_symbols_subscribed_one_after_another_share_connections(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed(symbols_per_connection=40)
    inboxes = {Symbol(f"S{number}USDT"): Inbox() for number in range(100)}

    for symbol, inbox in inboxes.items():
        feed.subscribe(symbol, inbox)
    for symbol, inbox in inboxes.items():
        assert inbox.next() == FeedConnected(symbol=symbol)
    for connection in venue.connections:
        for name in connection.subscribed:
            symbol = Symbol(name.partition("@")[0].upper())
            connection.send(depth_frame(symbol, 1, 2))

    assert sorted(len(each.subscribed) for each in venue.connections) == [20, 40, 40]
    for symbol, inbox in inboxes.items():
        assert inbox.next_of(DepthUpdate).symbol == symbol


def test_symbols_beyond_the_url_are_subscribed_by_message(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed(symbols_per_connection=300)
    inboxes = {Symbol(f"S{number}USDT"): Inbox() for number in range(250)}

    for symbol, inbox in inboxes.items():
        feed.subscribe(symbol, inbox)
    for symbol, inbox in inboxes.items():
        assert inbox.next() == FeedConnected(symbol=symbol)

    connection = venue.connection()
    assert len(connection.subscribed) == 250
    assert 1 <= len(connection.requests) <= 3


def test_symbol_added_later_joins_the_open_connection(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    first, second = Inbox(), Inbox()
    feed.subscribe(BNB, first)
    first.next_of(FeedConnected)

    feed.subscribe(BTC, second)

    assert second.next() == FeedConnected(symbol=BTC)
    assert venue.connection().subscribed == {
        "bnbusdt@depth@100ms",
        "btcusdt@depth@100ms",
    }


def test_data_before_the_answer_to_subscribe_counts_as_answer(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.confirms_subscriptions = False
    feed = make_feed()
    first, second = Inbox(), Inbox()
    feed.subscribe(BNB, first)
    first.next_of(FeedConnected)
    feed.subscribe(BTC, second)
    connection = venue.connection()
    venue.wait_until(lambda: bool(connection.requests))

    connection.send(depth_frame(BTC, 1, 2))

    assert second.next() == FeedConnected(symbol=BTC)
    second.next_of(DepthUpdate)


def test_new_recipient_is_told_connected_before_anything_else(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    old, new = Inbox(), Inbox()
    feed.subscribe(BNB, old)
    old.next_of(FeedConnected)

    feed.subscribe(BNB, new)
    venue.connection().send(depth_frame(BNB, 1, 2))

    assert new.next() == FeedConnected(symbol=BNB)
    new.next_of(DepthUpdate)
    assert old.is_empty()


def test_recipient_that_is_gone_harms_nobody(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    gone, there = Inbox(), Inbox()
    gone.is_gone = True
    feed.subscribe(BNB, gone)
    feed.subscribe(BTC, there)
    there.next_of(FeedConnected)

    venue.connection().send(depth_frame(BNB, 1, 2), depth_frame(BTC, 1, 2))

    there.next_of(DepthUpdate)


def test_book_ticker_is_an_option_beside_depth(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()

    make_feed(streams=frozenset(StreamKind)).subscribe(BNB, inbox)
    connection = venue.connection()
    inbox.next_of(FeedConnected)
    connection.send(ticker_frame(BNB, 4), depth_frame(BNB, 3, 5))

    assert inbox.next_of(TopOfBook).update_id == 4
    inbox.next_of(DepthUpdate)
    assert connection.subscribed == {"bnbusdt@depth@100ms", "bnbusdt@bookTicker"}


def test_cut_connection_is_reported_and_made_anew(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    venue.connection().close()

    assert inbox.next_of(FeedDisconnected).cause.startswith("connection lost")
    assert inbox.next() == FeedConnected(symbol=BNB)
    venue.connection(1).send(depth_frame(BNB, 1, 2))
    inbox.next_of(DepthUpdate)


def test_venue_that_refuses_connections_is_tried_again_and_again(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.refuses_connections = True
    inbox = Inbox()

    make_feed(stable_seconds=10).subscribe(BNB, inbox)
    venue.wait_until(lambda: venue.attempts >= 3)
    venue.refuses_connections = False

    assert "refused with HTTP 503" in inbox.next_of(FeedDisconnected).cause
    assert inbox.next() == FeedConnected(symbol=BNB)


@pytest.mark.parametrize(
    ("status", "headers", "reason", "seconds"),
    [
        (403, {}, PauseReason.VENUE_BLOCKED, 60),
        (451, {}, PauseReason.VENUE_BLOCKED, 60),
        (429, {"Retry-After": "7"}, PauseReason.RATE_LIMITED, 7),
        (418, {}, PauseReason.RATE_LIMITED, 120),
    ],
)
def test_refused_handshake_silences_all_who_speak_to_the_venue(
    venue: LoopbackVenue,
    make_feed: MakeFeed,
    status: int,
    headers: dict[str, str],
    reason: PauseReason,
    seconds: float,
) -> None:
    venue.refuses_connections = True
    venue.refusal = (status, headers, "not from here")
    feed, inbox = make_feed(clock=HandClock()), Inbox()

    feed.subscribe(BNB, inbox)

    cause = inbox.next_of(FeedDisconnected).cause
    assert cause == f"the handshake was refused with HTTP {status}: not from here"
    pause = feed.limits.standing_pause()
    assert pause is not None
    assert (pause.reason, pause.duration) == (reason, timedelta(seconds=seconds))
    assert pause.detail.endswith("not from here")


def test_feed_connects_again_once_the_silence_is_over(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.refuses_connections = True
    venue.refusal = (429, {"Retry-After": "1"}, "")
    inbox = Inbox()
    began = time.monotonic()

    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedDisconnected)
    venue.refuses_connections = False

    assert inbox.next() == FeedConnected(symbol=BNB)
    assert time.monotonic() - began >= 1
    assert venue.attempts == 2


def test_refused_subscription_renews_the_connection(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    first, second = Inbox(), Inbox()
    feed.subscribe(BNB, first)
    first.next_of(FeedConnected)
    venue.refuses_subscriptions = True

    feed.subscribe(BTC, second)

    assert "refused" in first.next_of(FeedDisconnected).cause
    first.next_of(FeedConnected)


def test_unanswered_subscription_renews_the_connection(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed(answer_wait_seconds=0.05)
    first, second = Inbox(), Inbox()
    feed.subscribe(BNB, first)
    first.next_of(FeedConnected)
    venue.confirms_subscriptions = False

    feed.subscribe(BTC, second)

    assert "confirm" in first.next_of(FeedDisconnected).cause
    second.next_of(FeedDisconnected)
    second.next_of(FeedConnected)


def test_ping_is_answered_at_once_with_its_payload(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    connection = venue.connection()
    inbox.next_of(FeedConnected)

    connection.ping(b"1770123456789")
    venue.wait_until(lambda: bool(connection.pongs))

    assert connection.pongs == [b"1770123456789"]


def test_silent_server_that_answers_pings_is_left_alone(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    inbox = Inbox()

    make_feed(probe_after_seconds=0.05, probe_wait_seconds=5).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()
    venue.wait_until(lambda: len(connection.pings) >= 2)

    assert inbox.is_empty()
    assert counts.counts["feed_connections_lost"] == 0


def test_frozen_server_is_taken_for_dead(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.answers_pings = False
    inbox = Inbox()

    make_feed(probe_after_seconds=0.05, probe_wait_seconds=0.05).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    assert "silent" in inbox.next_of(FeedDisconnected).cause
    inbox.next_of(FeedConnected)


def test_garbage_between_updates_is_survived(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    inbox = Inbox()
    make_feed(garbage_frames_max=3).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    connection = venue.connection()

    for number in range(1, 5):
        connection.send("}{", b"\x00", depth_frame(BNB, number, number))

    for number in range(1, 5):
        assert inbox.next_of(DepthUpdate).last_update_id == number
    assert counts.counts["feed_frames_unreadable"] == 8


def test_connection_that_sends_only_garbage_is_renewed(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed(garbage_frames_max=3).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    venue.connection().send("x", "y", "z")

    assert "unreadable" in inbox.next_of(FeedDisconnected).cause
    inbox.next_of(FeedConnected)


def test_unreadable_frames_are_logged_once_for_a_connection(
    venue: LoopbackVenue,
    make_feed: MakeFeed,
    counts: Counts,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    venue.connection().send(*["not JSON"] * 5)
    counts.wait_for("feed_frames_unreadable", 5)

    assert len([each for each in caplog.records if each.levelname == "WARNING"]) == 1


def test_renewal_drops_the_connection_and_makes_another(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.renew(BNB, "behind the snapshot")

    assert inbox.next_of(FeedDisconnected).cause == "renewed: behind the snapshot"
    inbox.next_of(FeedConnected)
    venue.wait_until(lambda: venue.connection(0).is_closed)


def test_young_connection_is_not_renewed(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed(renew_age_min_seconds=60)
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.renew(BNB, "one of two hundred that ask")
    venue.connection().send(depth_frame(BNB, 1, 2))

    inbox.next_of(DepthUpdate)


def test_closed_feed_sends_nothing_and_leaves_no_thread(
    make_feed: MakeFeed,
) -> None:
    feed = make_feed()
    inbox = Inbox()
    feed.subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)

    feed.close()
    feed.subscribe(BTC, inbox)
    feed.request_snapshot(BNB)

    assert inbox.is_empty()  # and the fixture looks at the threads


def test_close_does_not_wait_for_a_server_that_never_shakes_hands(
    counts: Counts,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        feed = BinanceFeed(
            endpoints=PRODUCTION.overridden(stream_url=f"ws://127.0.0.1:{port}"),
            clock=SystemClock(),
            meter=counts,
            rng=random.Random(1),
        )
        feed.subscribe(BNB, Inbox())
        server.settimeout(WAIT_SECONDS)
        client, _ = server.accept()
        client.recv(65_536)

        feed.close()

        client.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("binance-")]


def test_frames_and_bytes_are_counted(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    make_feed().subscribe(BNB, Inbox())
    frame = depth_frame(BNB, 1, 2)

    venue.connection().send(frame, frame)
    counts.wait_for("feed_bytes", 2 * len(frame))

    assert counts.counts["feed_frames"] == 2
