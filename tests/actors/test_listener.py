from dataclasses import replace
from typing import Any

import pytest

from actors import names
from actors.listener import Listener, ListenerTimes
from actors.messages.routing import CREDIT_WINDOW, BookSuspect, Credit
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.updates import (
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    SnapshotFailed,
    TopOfBook,
)
from domain.reasons import BookState
from tests.actors.builders import SYMBOL, snapshot, stated, update
from tests.actors.stage import Neighbour, Stage
from tests.fakes import FakeFeed


TIMES = ListenerTimes(snapshot_again=(1.0, 2.0, 4.0), quiet=10.0)


class Line:
    """A listener between a feed and a router that only listens."""

    def __init__(self, stage: Stage, times: ListenerTimes = TIMES) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.router: Neighbour = stage.neighbour(names.router(SYMBOL))
        self.listener = stage.start(
            Listener,
            names.listener(SYMBOL),
            symbol=SYMBOL,
            feed=self.feed,
            times=times,
        )

    def send(self, *messages: Any) -> None:
        for message in messages:
            self.feed.send(message)
            self.stage.run()

    def sync(self) -> None:
        """Get in step at update 12."""
        self.send(FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(11))
        self.told()
        self.feed.snapshots_wanted.clear()

    def told(self) -> list[Any]:
        """Return what the router was told since the last time."""
        self.stage.run()
        taken, self.router.received = self.router.received, []
        return taken

    def state(self) -> BookState:
        lost = [one for one in self.told() if isinstance(one, BookLost)]
        return lost[-1].state


@pytest.fixture
def line(stage: Stage) -> Line:
    return Line(stage)


def test_listener_subscribes_and_has_the_old_book_dropped(line: Line) -> None:
    assert line.feed.subscriptions == [SYMBOL]
    assert line.state() is BookState.CONNECTING


def test_snapshot_is_asked_for_after_the_first_update_only(line: Line) -> None:
    line.send(FeedConnected(symbol=SYMBOL))
    assert line.feed.snapshots_wanted == []

    line.send(update(11, 12), update(13, 13))

    assert line.feed.snapshots_wanted == [SYMBOL]


def test_book_is_passed_on_with_all_updates_behind_its_snapshot(line: Line) -> None:
    line.send(FeedConnected(symbol=SYMBOL), update(9, 10), update(11, 12))
    line.send(update(13, 13))
    line.told()

    line.send(snapshot(11))

    (loaded,) = line.told()
    assert isinstance(loaded, BookLoaded)
    assert loaded.updates == (update(11, 12), update(13, 13))


def test_updates_in_step_are_passed_on_as_they_are(line: Line) -> None:
    line.sync()
    following = update(13, 15, bids=((100, 1),))

    line.send(following, following, update(12, 14))

    assert line.told() == [following]


def test_a_missed_update_loses_the_book_and_asks_for_another(line: Line) -> None:
    line.sync()

    line.send(update(14, 14))
    line.stage.pass_seconds(1.0)

    assert line.state() is BookState.GAP
    assert line.feed.snapshots_wanted == [SYMBOL]


def test_the_next_book_starts_where_the_gap_was(line: Line) -> None:
    line.sync()
    line.send(update(14, 14), update(15, 16))
    line.told()

    line.send(snapshot(15))

    (loaded,) = line.told()
    assert loaded.updates == (update(15, 16),)
    counts = line.stage.meter.counts
    assert (counts["book_losses GAP"], counts[f"book_syncs {SYMBOL}"]) == (1, 2)


def test_a_snapshot_older_than_the_stream_is_asked_for_again_with_a_pause(
    line: Line,
) -> None:
    line.send(FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(5))
    assert line.feed.snapshots_wanted == [SYMBOL]

    line.stage.pass_seconds(0.9)
    assert len(line.feed.snapshots_wanted) == 1
    line.stage.pass_seconds(0.2)

    assert len(line.feed.snapshots_wanted) == 2


def test_failed_snapshots_are_asked_for_at_longer_and_longer_pauses(
    line: Line,
) -> None:
    line.send(FeedConnected(symbol=SYMBOL), update(11, 12))
    times = []
    start = line.stage.clock.monotonic_ns()
    for _ in range(4):
        asked = len(line.feed.snapshots_wanted)
        line.send(SnapshotFailed(symbol=SYMBOL, cause="busy"))
        while len(line.feed.snapshots_wanted) == asked:
            line.stage.pass_seconds(0.5)
        times.append((line.stage.clock.monotonic_ns() - start) / 1e9)

    assert times == [1.0, 3.0, 7.0, 11.0]


def test_a_disconnected_feed_loses_the_book(line: Line) -> None:
    line.sync()

    line.send(FeedDisconnected(symbol=SYMBOL, cause="cut"), update(13, 13))

    assert line.state() is BookState.CONNECTING
    assert line.feed.snapshots_wanted == []


def test_a_quiet_symbol_trusts_its_snapshot_after_a_while(line: Line) -> None:
    line.send(FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(12))
    line.told()

    line.stage.pass_seconds(2.0)

    (loaded,) = line.told()
    assert (loaded.snapshot, loaded.updates) == (snapshot(12), ())


def test_a_suspect_book_is_built_anew(line: Line) -> None:
    line.sync()
    suspect = BookSuspect(state=BookState.CROSSED, detail="crossed")

    line.stage.tell(line.listener, suspect)
    line.send(update(13, 13))
    line.stage.pass_seconds(1.0)

    assert line.state() is BookState.CROSSED
    assert line.feed.snapshots_wanted == [SYMBOL]


def test_failures_before_a_book_was_loaded_do_not_hold_up_the_next_one(
    stage: Stage,
) -> None:
    line = Line(stage, ListenerTimes())
    line.send(FeedConnected(symbol=SYMBOL), update(11, 12))
    for wait in (0.5, 1, 2, 4, 8, 15, 30):
        line.send(SnapshotFailed(symbol=SYMBOL, cause="busy"))
        line.stage.pass_seconds(wait)
    line.send(snapshot(11))
    assert line.told()[-1].snapshot.last_update_id == 11
    line.feed.snapshots_wanted.clear()

    line.send(update(14, 14))
    line.stage.pass_seconds(3.9)
    assert line.feed.snapshots_wanted == []
    line.stage.pass_seconds(0.2)

    assert line.feed.snapshots_wanted == [SYMBOL]


def test_without_credit_updates_are_held_and_merged(line: Line) -> None:
    line.sync()
    for number in range(CREDIT_WINDOW * 3):
        line.feed.send(update(13 + number, 13 + number, bids=((100, number + 1),)))
    line.stage.run()
    passed = line.told()
    assert all(isinstance(one, DepthUpdate) for one in passed)
    assert len(passed) == CREDIT_WINDOW - 1  # the book itself took one
    assert len(line.listener._held) < CREDIT_WINDOW

    line.stage.tell(line.listener, Credit(updates=64))

    (merged,) = line.told()
    last = 12 + CREDIT_WINDOW * 3
    assert (merged.first_update_id, merged.last_update_id) == (
        passed[-1].last_update_id + 1,
        last,
    )
    assert merged.bids == stated((100, CREDIT_WINDOW * 3))


def test_held_updates_are_dropped_with_the_book(line: Line) -> None:
    line.sync()
    for number in range(CREDIT_WINDOW + 10):
        line.feed.send(update(13 + number, 13 + number))
    line.stage.run()
    line.send(FeedDisconnected(symbol=SYMBOL, cause="cut"))
    line.told()

    line.stage.tell(line.listener, Credit(updates=64))

    assert line.told() == []


def test_a_silent_symbol_is_checked_and_left_alone_when_the_venue_agrees(
    line: Line,
) -> None:
    line.sync()

    line.stage.pass_seconds(10.0)
    line.stage.pass_seconds(10.0)
    assert line.feed.snapshots_wanted == [SYMBOL]
    line.send(snapshot(12))
    line.stage.pass_seconds(5.0)

    assert line.told() == []
    assert line.feed.renewals == []


def test_a_stream_that_stays_behind_the_venue_is_renewed(line: Line) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)

    line.send(snapshot(20))
    line.stage.pass_seconds(2.0)

    assert line.state() is BookState.STALE
    assert [symbol for symbol, _ in line.feed.renewals] == [SYMBOL]


def test_a_stream_that_catches_up_in_time_is_not_renewed(line: Line) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)

    line.send(snapshot(20), update(13, 20))
    line.stage.pass_seconds(2.0)

    assert line.feed.renewals == []
    assert line.told() == [update(13, 20)]


def test_a_silent_symbol_that_cannot_be_checked_is_left_alone_and_checked_again(
    line: Line,
) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)

    line.send(SnapshotFailed(symbol=SYMBOL, cause="the venue does not answer"))

    assert line.told() == []
    assert line.feed.renewals == []
    line.feed.snapshots_wanted.clear()
    line.stage.pass_seconds(20.0)
    assert SYMBOL in line.feed.snapshots_wanted


def test_a_silent_stream_is_found_out_once_the_venue_can_be_asked(line: Line) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)
    line.send(SnapshotFailed(symbol=SYMBOL, cause="the venue does not answer"))
    line.stage.pass_seconds(20.0)

    line.send(snapshot(20))
    line.stage.pass_seconds(2.0)

    assert line.state() is BookState.STALE


def test_old_updates_are_no_sign_of_life(line: Line) -> None:
    line.sync()

    for _ in range(10):
        line.stage.pass_seconds(2.0)
        line.send(update(5, 5))

    assert SYMBOL in line.feed.snapshots_wanted


def test_a_venue_whose_book_is_behind_ours_has_begun_to_count_anew(line: Line) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)

    line.send(snapshot(3))

    assert line.state() is BookState.GAP
    line.send(update(4, 4), snapshot(3))
    assert [type(one) for one in line.told()] == [BookLoaded]


def test_a_venue_whose_answer_was_overtaken_by_an_update_is_not_behind(
    line: Line,
) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)

    line.send(update(13, 13), snapshot(12))

    assert line.told() == [update(13, 13)]


def test_a_gap_during_a_check_gets_the_one_snapshot_that_comes(line: Line) -> None:
    line.sync()
    line.stage.pass_seconds(20.0)
    assert line.feed.snapshots_wanted == [SYMBOL]
    line.send(update(30, 30))
    line.told()

    line.send(snapshot(30))
    line.send(update(31, 31))

    loaded = [one for one in line.told() if isinstance(one, BookLoaded)]
    assert len(loaded) == 1


def test_a_calm_symbol_gets_its_next_snapshot_at_once(line: Line) -> None:
    line.sync()
    for number in range(30):
        line.stage.pass_seconds(1.0)
        line.send(update(13 + number, 13 + number))

    line.send(update(99, 99))

    assert line.feed.snapshots_wanted == [SYMBOL]


def test_touches_make_a_book_of_their_own(line: Line) -> None:
    (bid,), (ask,) = stated((100, 1)), stated((101, 2))
    touch = TopOfBook(symbol=SYMBOL, update_id=5, bid=bid, ask=ask)
    line.send(FeedConnected(symbol=SYMBOL))
    line.told()

    line.send(touch, replace(touch, update_id=7, ask=stated((101, 9))[0]))

    loaded, restated = line.told()
    assert loaded.snapshot.bids == (bid,)
    assert (restated.bids, restated.asks) == ((), stated((101, 9)))


def test_a_replay_never_trusts_a_snapshot_alone(stage: Stage) -> None:
    times = ListenerTimes(settle=None, checks_quiet=False)
    line = Line(stage, times)
    line.send(FeedConnected(symbol=SYMBOL), snapshot(12))
    line.told()

    line.stage.pass_seconds(1_000.0)
    assert line.told() == []
    line.send(update(13, 13))

    assert isinstance(line.told()[0], BookLoaded)
    assert line.feed.snapshots_wanted == []
