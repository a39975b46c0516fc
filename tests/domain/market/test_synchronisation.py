from dataclasses import replace

import pytest

from domain.market.synchronisation import (
    BUFFER_MAX,
    OLD_IN_A_ROW_MAX,
    BookLoaded,
    BookLost,
    DepthSynchroniser,
    SnapshotWanted,
    SyncOutput,
    merge,
)
from domain.market.updates import LATE_MAX_NS, DepthSnapshot, DepthUpdate
from domain.reasons import BookState
from tests.builders import BTCUSDT, snapshot, update


def synchroniser(*updates: DepthUpdate) -> DepthSynchroniser:
    """Connected, and given updates."""
    made = DepthSynchroniser(BTCUSDT)
    made.connected()
    for one in updates:
        made.updated(one)
    return made


def in_step(update_id: int) -> DepthSynchroniser:
    made = synchroniser(update(update_id))
    made.snapshot_arrived(snapshot(update_id - 1))
    assert made.is_in_step
    return made


def loaded(book: DepthSnapshot, *updates: DepthUpdate) -> list[SyncOutput]:
    return [BookLoaded(symbol=BTCUSDT, snapshot=book, updates=updates)]


def wanted(*, again: bool) -> SnapshotWanted:
    return SnapshotWanted(symbol=BTCUSDT, again=again)


def test_updates_before_the_connection_are_ignored() -> None:
    made = DepthSynchroniser(BTCUSDT)

    assert made.updated(update(5)) == []
    assert not made.is_in_step


def test_snapshot_is_wanted_only_once_updates_flow() -> None:
    made = DepthSynchroniser(BTCUSDT)

    made.connected()

    assert not made.awaits_snapshot
    assert made.updated(update(5)) == [wanted(again=False)]
    assert made.updated(update(6)) == []
    assert made.awaits_snapshot


def test_buffered_updates_follow_the_snapshot_into_the_book() -> None:
    early, bridging, late = update(5), update(8, first=6), update(9)
    made = synchroniser(early, bridging, late)
    book = snapshot(6)

    assert made.snapshot_arrived(book) == loaded(book, bridging, late)
    assert made.is_in_step
    assert made.update_id == 9


@pytest.mark.parametrize("book_id", [9, 10, 11])
def test_first_update_may_start_right_behind_or_straddle_the_snapshot(
    book_id: int,
) -> None:
    bridging = update(12, first=10)
    made = synchroniser(bridging)
    book = snapshot(book_id)

    assert made.snapshot_arrived(book) == loaded(book, bridging)


def test_snapshot_ahead_of_the_stream_waits_for_its_bridge() -> None:
    made = synchroniser(update(5))
    book, bridging = snapshot(7), update(8)

    assert made.snapshot_arrived(book) == []
    assert made.awaits_bridge
    assert made.updated(update(7, first=6)) == []
    assert made.updated(bridging) == loaded(book, bridging)


def test_snapshot_older_than_the_stream_is_asked_for_again() -> None:
    bridging = update(8, first=7)
    made = synchroniser(bridging)
    book = snapshot(6)

    assert made.snapshot_arrived(snapshot(5)) == [wanted(again=True)]
    assert made.snapshot_arrived(book) == loaded(book, bridging)


def test_snapshot_that_failed_is_asked_for_again_while_needed() -> None:
    made = synchroniser(update(5))

    assert made.snapshot_failed() == [wanted(again=True)]
    assert in_step(5).snapshot_failed() == []


def test_snapshot_that_was_there_before_the_stream_is_used() -> None:
    made = synchroniser()
    book, bridging = snapshot(4), update(6, first=4)

    assert made.snapshot_arrived(book) == []
    assert made.updated(update(3)) == []
    assert made.updated(bridging) == loaded(book, bridging)


def test_snapshot_that_nobody_needs_changes_nothing() -> None:
    made = in_step(5)

    assert made.snapshot_arrived(snapshot(9)) == []
    assert made.updated(update(6)) == [update(6)]


def test_update_in_sequence_is_passed_on_unchanged() -> None:
    made = in_step(5)
    following = update(9, first=6, bids=[("100", "1")])

    assert made.updated(following) == [following]
    assert made.update_id == 9


def test_update_that_overlaps_the_last_one_is_passed_on() -> None:
    made = in_step(5)
    overlapping = update(9, first=4)

    assert made.updated(overlapping) == [overlapping]


@pytest.mark.parametrize("repeated", [update(5), update(4), update(5, first=3)])
def test_update_that_is_in_the_book_already_is_dropped(repeated: DepthUpdate) -> None:
    made = in_step(5)

    assert made.updated(repeated) == []
    assert made.update_id == 5


def test_gap_loses_the_book_and_wants_a_snapshot() -> None:
    made = in_step(5)

    outputs = made.updated(update(8, first=7))

    assert outputs == [
        BookLost(
            symbol=BTCUSDT, state=BookState.GAP, detail="expected update 6, got 7"
        ),
        wanted(again=False),
    ]
    assert not made.is_in_step


def test_update_that_showed_the_gap_is_kept_for_the_next_snapshot() -> None:
    made = in_step(5)
    after_gap, following = update(8, first=7), update(9)
    made.updated(after_gap)

    assert made.updated(following) == []
    book = snapshot(7)
    assert made.snapshot_arrived(book) == loaded(book, after_gap, following)


def test_hole_in_the_buffer_is_a_gap_too() -> None:
    made = synchroniser(update(5), update(7))

    outputs = made.snapshot_arrived(snapshot(4))

    assert outputs == [
        BookLost(
            symbol=BTCUSDT, state=BookState.GAP, detail="expected update 6, got 7"
        ),
        wanted(again=False),
    ]


def test_updates_behind_a_hole_in_the_buffer_are_kept_for_the_next_snapshot() -> None:
    behind = (update(7), update(8), update(9))
    made = synchroniser(update(5), *behind)
    made.snapshot_arrived(snapshot(4))

    book = snapshot(6)
    assert made.snapshot_arrived(book) == loaded(book, *behind)


def test_repeated_update_in_the_buffer_is_applied_once() -> None:
    made = synchroniser(update(5), update(6), update(5), update(6))
    book = snapshot(4)

    assert made.snapshot_arrived(book) == loaded(book, update(5), update(6))


def test_buffer_drops_its_oldest_updates_when_it_is_full() -> None:
    made = synchroniser(*(update(number) for number in range(1, BUFFER_MAX + 3)))
    book = snapshot(2)

    assert made.snapshot_arrived(snapshot(1)) == [wanted(again=True)]
    (found,) = made.snapshot_arrived(book)
    assert isinstance(found, BookLoaded)
    assert [one.last_update_id for one in found.updates] == list(
        range(3, BUFFER_MAX + 3)
    )


def test_disconnection_loses_the_book_until_the_next_connection() -> None:
    made = in_step(5)

    assert made.lost(BookState.CONNECTING, "cut") == [
        BookLost(symbol=BTCUSDT, state=BookState.CONNECTING, detail="cut")
    ]
    assert made.updated(update(6)) == []
    made.connected()
    assert made.updated(update(7)) == [wanted(again=False)]


def test_snapshot_of_an_earlier_connection_is_not_used_for_the_next() -> None:
    made = synchroniser(update(5))
    made.snapshot_arrived(snapshot(7))
    made.lost(BookState.CONNECTING, "cut")
    made.connected()

    assert made.updated(update(8)) == [wanted(again=False)]


def test_new_connection_without_a_cut_keeps_the_book() -> None:
    made = in_step(5)

    made.connected()

    assert made.is_in_step
    assert made.updated(update(6)) == [update(6)]


def test_book_lost_for_a_doubt_starts_again_with_the_next_update() -> None:
    made = in_step(5)

    made.lost(BookState.CROSSED, "bid above ask")

    assert not made.is_in_step
    assert made.updated(update(6)) == [wanted(again=False)]


def test_doubt_does_not_connect_what_is_not_connected() -> None:
    made = DepthSynchroniser(BTCUSDT)

    made.lost(BookState.STALE, "silent")

    assert made.updated(update(6)) == []


def test_quiet_symbol_settles_on_the_snapshot_alone() -> None:
    made = synchroniser(update(5))
    book = snapshot(7)
    made.snapshot_arrived(book)

    assert made.settle_without_bridge() == loaded(book)
    assert made.updated(update(8)) == [update(8)]


@pytest.mark.parametrize("is_before", [True, False])
def test_a_snapshot_is_not_trusted_alone_while_updates_come_that_are_not_newer(
    *, is_before: bool
) -> None:
    made = synchroniser(update(5))
    if is_before:
        made.updated(update(6))
    made.snapshot_arrived(snapshot(1_000))
    if not is_before:
        assert made.updated(update(6)) == []

    assert made.settle_without_bridge() == [wanted(again=True)]
    assert made.awaits_snapshot
    assert made.settle_without_bridge() == [], "the other one is on its way"
    assert made.snapshot_arrived(snapshot(1_000)) == []
    assert made.settle_without_bridge() == loaded(snapshot(1_000))


def test_the_snapshot_that_is_there_is_used_while_another_is_on_its_way() -> None:
    made = synchroniser(update(5))
    made.updated(update(6))
    book = snapshot(6)
    made.snapshot_arrived(book)
    made.settle_without_bridge()

    assert made.updated(update(7)) == loaded(book, update(7))
    assert not made.awaits_snapshot
    assert made.snapshot_arrived(snapshot(7)) == []
    assert made.updated(update(8)) == [update(8)]


def test_an_older_snapshot_than_the_one_that_is_there_is_of_no_use() -> None:
    """The updates between them were dropped: they are in the newer one."""
    made = synchroniser(update(5))
    made.updated(update(6))
    made.snapshot_arrived(snapshot(6))
    made.settle_without_bridge()

    assert made.snapshot_arrived(snapshot(4)) == [wanted(again=True)]
    assert made.settle_without_bridge() == []
    assert made.snapshot_arrived(snapshot(6)) == []
    assert made.settle_without_bridge() == loaded(snapshot(6))


def test_a_snapshot_ahead_of_update_after_update_is_asked_for_again() -> None:
    made = synchroniser(update(1))
    made.snapshot_arrived(snapshot(1_000))
    last = OLD_IN_A_ROW_MAX + 1
    for number in range(2, last):
        assert made.updated(update(number)) == []

    assert made.updated(update(last)) == [wanted(again=True)]
    made.updated(update(last + 1))
    book = snapshot(last)
    assert made.snapshot_arrived(book) == loaded(book, update(last + 1))


def test_a_recorded_snapshot_may_be_far_ahead_of_the_first_frame() -> None:
    made = synchroniser()
    book = snapshot(1_000)
    made.snapshot_arrived(book)

    for number in range(1, 1_001):
        assert made.updated(update(number)) == []

    assert made.updated(update(1_001)) == loaded(book, update(1_001))


def test_ids_that_begin_anew_before_the_snapshot_is_there_begin_the_buffer_anew() -> (
    None
):
    made = synchroniser(update(1_000), update(1_001))
    made.updated(update(1))
    made.updated(update(2))
    book = snapshot(1)

    assert made.snapshot_arrived(book) == loaded(book, update(2))


def test_a_repeated_update_leaves_the_buffer_as_it_is() -> None:
    made = synchroniser(update(5), update(6), update(6), update(7))
    book = snapshot(5)

    assert made.snapshot_arrived(book) == loaded(book, update(6), update(7))


def test_update_after_settling_must_still_fit() -> None:
    made = synchroniser(update(5))
    made.snapshot_arrived(snapshot(7))
    made.settle_without_bridge()

    lost, _ = made.updated(update(9))

    assert isinstance(lost, BookLost)


@pytest.mark.parametrize(
    "made", [DepthSynchroniser(BTCUSDT), synchroniser(update(5)), in_step(5)]
)
def test_there_is_nothing_to_settle_without_a_snapshot_waiting(
    made: DepthSynchroniser,
) -> None:
    assert made.settle_without_bridge() == []


def test_merged_update_covers_all_and_keeps_the_latest_words() -> None:
    first = update(6, first=4, bids=[("100", "1"), ("99", "2")])
    second = update(7, bids=[("100", "0")], asks=[("101", "3")])

    assert merge([first, second]) == update(
        7, first=4, bids=[("100", "0"), ("99", "2")], asks=[("101", "3")]
    )


def test_merged_update_is_as_old_as_the_oldest_of_its_parts() -> None:
    first = replace(update(6), received_ns=20, stated_ns=10)
    second = replace(update(7), received_ns=40, stated_ns=30)

    merged = merge([first, second])

    assert (merged.received_ns, merged.stated_ns) == (20, 10)


def test_ids_that_begin_anew_cost_the_book_and_want_a_snapshot() -> None:
    made = in_step(1_000)
    for number in range(1, OLD_IN_A_ROW_MAX):
        assert made.updated(update(number)) == []
    assert made.is_in_step

    outputs = made.updated(update(OLD_IN_A_ROW_MAX))

    lost = BookLost(
        symbol=BTCUSDT, state=BookState.GAP, detail="expected update 1001, got 20"
    )
    assert outputs == [lost, wanted(again=False)]
    following = update(OLD_IN_A_ROW_MAX + 1)
    book = snapshot(OLD_IN_A_ROW_MAX)
    made.updated(following)
    assert made.snapshot_arrived(book) == loaded(book, following)


def test_old_updates_are_counted_anew_behind_each_new_one() -> None:
    made = in_step(1_000)

    for number in range(1_001, 1_004):
        for _ in range(OLD_IN_A_ROW_MAX - 1):
            assert made.updated(update(1_000)) == []
        assert made.updated(update(number)) == [update(number)]


def test_old_updates_between_new_ones_cost_nothing() -> None:
    made = in_step(1_000)

    for number in range(1_001, 1_100):
        made.updated(update(number))
        assert made.updated(update(number)) == []

    assert made.is_in_step


def late(update_id: int, by_ns: int = LATE_MAX_NS + 1) -> DepthUpdate:
    return replace(update(update_id), received_ns=by_ns + 7, stated_ns=7)


def test_late_updates_cost_the_book_once_and_bring_nothing() -> None:
    made = in_step(5)
    assert made.is_late is False

    lost = made.updated(late(6, 3_000_000_000))

    assert lost == [
        BookLost(
            symbol=BTCUSDT, state=BookState.STALE, detail="updates come 3.0 s late"
        )
    ]
    assert (made.is_late, made.is_in_step) == (True, False)
    assert not made.awaits_snapshot
    assert made.updated(late(7)) == []
    assert made.updated(late(8)) == []


def test_an_update_in_time_ends_the_lateness() -> None:
    made = in_step(5)
    made.updated(late(6))

    assert made.updated(late(7, LATE_MAX_NS)) == [wanted(again=False)]
    assert made.is_late is False
    assert len(made.updated(late(8))) == 1, "the next lateness is told again"


def test_a_late_update_costs_nothing_where_nothing_is_connected() -> None:
    made = DepthSynchroniser(BTCUSDT)

    assert made.updated(late(6)) == []
    assert made.is_late is False


def test_a_loss_for_another_reason_ends_the_lateness() -> None:
    made = in_step(5)
    made.updated(late(6))

    made.lost(BookState.STALE, "silent")

    assert made.is_late is False
    assert len(made.updated(late(7))) == 1
