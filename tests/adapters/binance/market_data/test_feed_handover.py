"""Replacing a connection of the feed without a hole, over real sockets."""

import pytest

from adapters.binance.market_data.settings import StreamKind
from domain.market.updates import (
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    TopOfBook,
)
from domain.values import Symbol
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import LoopbackVenue
from tests.adapters.binance.payloads import SHUTDOWN, depth_frame, ticker_frame
from tests.adapters.witnesses import Counts, HandClock, Inbox


BNB = Symbol("BNBUSDT")
BTC = Symbol("BTCUSDT")
AGE_MAX_SECONDS = 2.0


def ranges(inbox: Inbox, count: int) -> list[tuple[int, int]]:
    updates = [inbox.next_of(DepthUpdate) for _ in range(count)]
    return [(each.first_update_id, each.last_update_id) for each in updates]


def test_announced_shutdown_is_survived_without_a_hole(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)

    old.send(depth_frame(BNB, 1, 2), SHUTDOWN, depth_frame(BNB, 3, 4))
    new = venue.connection(1)
    new.send(depth_frame(BNB, 7, 8), depth_frame(BNB, 9, 10))
    old.send(depth_frame(BNB, 5, 6), depth_frame(BNB, 7, 8))
    venue.wait_until(lambda: old.is_closed)
    new.send(depth_frame(BNB, 11, 12))

    assert ranges(inbox, 6) == [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12)]
    assert counts.counts["feed_handovers"] == 1
    assert len(venue.connections) == 2


def test_old_age_replaces_a_connection_of_many_symbols(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    clock = HandClock()
    inboxes = {BNB: Inbox(), BTC: Inbox()}
    feed = make_feed(clock=clock, age_max_seconds=AGE_MAX_SECONDS)
    for symbol, inbox in inboxes.items():
        feed.subscribe(symbol, inbox)
        inbox.next_of(FeedConnected)

    clock.advance(AGE_MAX_SECONDS)
    new = venue.connection(1)
    old = venue.connection(0)
    for symbol in inboxes:
        old.send(depth_frame(symbol, 1, 2))
        new.send(depth_frame(symbol, 1, 2))
    venue.wait_until(lambda: old.is_closed)
    new.send(depth_frame(BNB, 3, 4), depth_frame(BTC, 3, 4))

    for inbox in inboxes.values():
        assert ranges(inbox, 2) == [(1, 2), (3, 4)]


def test_quiet_symbols_are_waited_for_only_so_long(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed(handover_seconds=0.05).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)

    old.send(SHUTDOWN)
    new = venue.connection(1)
    venue.wait_until(lambda: old.is_closed)
    new.send(depth_frame(BNB, 1, 2))

    assert ranges(inbox, 1) == [(1, 2)]


def test_cut_in_the_middle_of_a_handover_loses_nothing_held(
    venue: LoopbackVenue, make_feed: MakeFeed, counts: Counts
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)
    old.send(SHUTDOWN, depth_frame(BNB, 1, 2))
    new = venue.connection(1)
    new.send(depth_frame(BNB, 3, 4), depth_frame(BNB, 5, 6))
    counts.wait_for("feed_connections_opened", 2)

    old.close()

    assert ranges(inbox, 3) == [(1, 2), (3, 4), (5, 6)]
    assert inbox.is_empty()


def test_old_connection_that_falls_silent_is_let_go(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    """Nothing is offered by its last word any more; what is missing will be seen."""
    venue.answers_pings = False
    clock, inbox = HandClock(), Inbox()
    make_feed(clock=clock).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)
    old.send(depth_frame(BNB, 1, 2), SHUTDOWN)
    new = venue.connection(1)
    clock.advance(2)
    venue.wait_until(lambda: bool(old.pings and new.pings))

    clock.advance(2)
    new.send(depth_frame(BNB, 7, 8))
    venue.wait_until(lambda: old.is_closed)

    assert ranges(inbox, 2) == [(1, 2), (7, 8)]


def test_new_connection_that_stays_behind_is_given_up(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed(handover_seconds=0.02).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)

    old.send(SHUTDOWN, depth_frame(BNB, 1, 2))
    new = venue.connection(1)
    old.send(depth_frame(BNB, 3, 4))
    venue.wait_until(lambda: new.is_closed)
    old.send(depth_frame(BNB, 5, 6))

    assert ranges(inbox, 3) == [(1, 2), (3, 4), (5, 6)]


def test_venue_that_refuses_the_new_connection_keeps_the_old_one_going(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    inbox = Inbox()
    make_feed().subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)
    venue.refuses_connections = True

    old.send(SHUTDOWN, depth_frame(BNB, 1, 2))
    venue.wait_until(lambda: venue.attempts >= 4)
    old.send(depth_frame(BNB, 3, 4))
    assert ranges(inbox, 2) == [(1, 2), (3, 4)]
    old.close()
    inbox.next_of(FeedDisconnected)
    venue.refuses_connections = False

    inbox.next_of(FeedConnected)


def test_symbol_subscribed_during_a_handover_is_carried_after_it(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    feed = make_feed()
    first, second = Inbox(), Inbox()
    feed.subscribe(BNB, first)
    first.next_of(FeedConnected)
    old = venue.connection(0)
    old.send(SHUTDOWN, depth_frame(BNB, 1, 2))
    new = venue.connection(1)

    feed.subscribe(BTC, second)
    second.next_of(FeedConnected)
    for connection in (old, new):
        venue.wait_until(lambda: "btcusdt@depth@100ms" in connection.subscribed)  # noqa: B023 - used up within the round
    for connection in (old, new):
        connection.send(depth_frame(BNB, 1, 2), depth_frame(BTC, 1, 2))
    venue.wait_until(lambda: old.is_closed)
    new.send(depth_frame(BTC, 3, 4))

    assert ranges(second, 2) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("first_on_new", [True, False])
def test_touch_is_handed_over_too(
    venue: LoopbackVenue, make_feed: MakeFeed, *, first_on_new: bool
) -> None:
    inbox = Inbox()
    streams = frozenset({StreamKind.BOOK_TICKER})
    make_feed(streams=streams).subscribe(BNB, inbox)
    inbox.next_of(FeedConnected)
    old = venue.connection(0)
    old.send(SHUTDOWN)
    new = venue.connection(1)
    order = (new, old) if first_on_new else (old, new)

    for connection in order:
        connection.send(ticker_frame(BNB, 4))
    venue.wait_until(lambda: old.is_closed)
    new.send(ticker_frame(BNB, 5))

    assert [inbox.next_of(TopOfBook).update_id for _ in range(2)] == [4, 5]
