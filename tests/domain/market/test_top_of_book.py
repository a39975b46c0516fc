from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.market.order_book import LocalOrderBook
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.top_of_book import OLD_IN_A_ROW_MAX, TopOfBookFollower
from domain.market.updates import (
    LATE_MAX_NS,
    DepthUpdate,
    TopOfBook,
    late_ns,
    statements_of,
)
from domain.reasons import BookState
from tests.builders import BTCUSDT, snapshot, top, update


def following(first: TopOfBook) -> TopOfBookFollower:
    follower = TopOfBookFollower(BTCUSDT)
    follower.updated(first)
    return follower


FIRST = top(5, bid=("100", "1"), ask=("101", "2"))


def test_first_touch_is_loaded_as_a_book_of_two_levels() -> None:
    follower = TopOfBookFollower(BTCUSDT)

    outputs = follower.updated(FIRST)

    book = snapshot(5, bids=[("100", "1")], asks=[("101", "2")])
    assert outputs == [
        BookLoaded(symbol=BTCUSDT, snapshot=book, updates=(), touch_only=True)
    ]
    assert follower.is_in_step


def test_only_the_side_that_changed_is_stated_anew() -> None:
    follower = following(FIRST)

    assert follower.updated(top(8, bid=("100", "3"), ask=("101", "2"))) == [
        update(8, first=6, bids=[("100", "3")])
    ]


def test_price_that_moves_removes_the_level_it_left() -> None:
    follower = following(FIRST)

    assert follower.updated(top(6, bid=("99", "4"), ask=("102", "5"))) == [
        update(
            6,
            bids=[("100", "0"), ("99", "4")],
            asks=[("101", "0"), ("102", "5")],
        )
    ]


def test_touch_that_is_not_newer_is_dropped() -> None:
    follower = following(FIRST)

    assert follower.updated(top(5, bid=("99", "1"), ask=("101", "2"))) == []
    assert follower.updated(top(4, bid=("99", "1"), ask=("101", "2"))) == []


def test_lost_touch_starts_over_with_the_next_one() -> None:
    follower = following(FIRST)

    lost = follower.lost(BookState.CONNECTING, "cut")

    assert lost == [BookLost(symbol=BTCUSDT, state=BookState.CONNECTING, detail="cut")]
    assert not follower.is_in_step
    (loaded,) = follower.updated(top(4, bid=("99", "1"), ask=("101", "2")))
    assert isinstance(loaded, BookLoaded)


levels = st.tuples(
    st.integers(min_value=1, max_value=4).map(Decimal),
    st.integers(min_value=1, max_value=3).map(Decimal),
)
EMPTY = (Decimal(0), Decimal(0))
"""How the venue states a side without orders."""


@given(st.lists(st.tuples(levels | st.just(EMPTY), levels | st.just(EMPTY))))
def test_book_made_of_touches_shows_the_last_one(
    touches: list[tuple[tuple[Decimal, Decimal], tuple[Decimal, Decimal]]],
) -> None:
    follower, book = TopOfBookFollower(BTCUSDT), LocalOrderBook(BTCUSDT)

    for number, (bid, ask) in enumerate(touches, start=1):
        for output in follower.updated(
            TopOfBook(
                symbol=BTCUSDT,
                update_id=number,
                bid=statements_of([bid])[0],
                ask=statements_of([ask])[0],
            )
        ):
            if isinstance(output, BookLoaded):
                book.load(output.snapshot)
            else:
                assert isinstance(output, DepthUpdate)
                assert output.first_update_id == book.update_id + 1
                book.apply(output)

        assert book.update_id == number
        assert book.bids.top(9) == (() if bid == EMPTY else (bid,))
        assert book.asks.top(9) == (() if ask == EMPTY else (ask,))


def test_ids_that_begin_anew_cost_the_touch_and_bring_the_one_of_now() -> None:
    follower = following(top(1_000, bid=("100", "1"), ask=("101", "2")))
    for number in range(1, OLD_IN_A_ROW_MAX):
        assert follower.updated(top(number, bid=("90", "1"), ask=("91", "1"))) == []

    now = top(OLD_IN_A_ROW_MAX, bid=("80", "1"), ask=("81", "1"))
    lost, loaded = follower.updated(now)

    detail = f"expected update 1001, got {OLD_IN_A_ROW_MAX}"
    assert lost == BookLost(symbol=BTCUSDT, state=BookState.GAP, detail=detail)
    assert isinstance(loaded, BookLoaded)
    assert loaded.snapshot.bids == (now.bid,)


def test_old_touches_between_new_ones_cost_nothing() -> None:
    follower = following(FIRST)

    for number in range(6, 60):
        touch = top(number, bid=("90", str(number)), ask=("91", "1"))
        assert len(follower.updated(touch)) == 1
        assert follower.updated(touch) == []


def test_old_touches_are_counted_anew_behind_each_new_one() -> None:
    follower = following(FIRST)

    for number in range(6, 9):
        for _ in range(OLD_IN_A_ROW_MAX - 1):
            assert follower.updated(FIRST) == []
        touch = top(number, bid=("90", str(number)), ask=("91", "1"))
        assert len(follower.updated(touch)) == 1


def test_old_touches_are_counted_anew_behind_a_loss() -> None:
    follower = following(FIRST)
    for _ in range(OLD_IN_A_ROW_MAX - 1):
        follower.updated(FIRST)
    follower.lost(BookState.CONNECTING, "cut")
    follower.updated(FIRST)

    for _ in range(OLD_IN_A_ROW_MAX - 1):
        assert follower.updated(FIRST) == []


def test_a_touch_keeps_the_times_of_its_frame() -> None:
    follower = following(FIRST)
    touch = replace(
        top(6, bid=("100", "3"), ask=("101", "2")), received_ns=20, stated_ns=10
    )

    (made,) = follower.updated(touch)

    assert isinstance(made, DepthUpdate)
    assert (made.received_ns, made.stated_ns) == (20, 10)


def late(update_id: int, by_ns: int = LATE_MAX_NS + 1) -> TopOfBook:
    touch = top(update_id, bid=("100", "1"), ask=("101", "2"))
    return replace(touch, received_ns=by_ns + 7, stated_ns=7)


@pytest.mark.parametrize(
    ("touch", "expected"),
    [
        (late(5, LATE_MAX_NS), 0),
        (late(5, LATE_MAX_NS + 1), LATE_MAX_NS + 1),
        (replace(late(5), stated_ns=0), 0),  # nobody knows when it was stated
    ],
)
def test_an_event_is_late_when_it_is_older_than_the_most_that_is_granted(
    touch: TopOfBook, expected: int
) -> None:
    assert late_ns(touch) == expected


def test_late_touches_cost_the_book_once_and_bring_nothing() -> None:
    follower = following(FIRST)
    assert follower.is_late is False

    lost = follower.updated(late(6, 3_000_000_000))

    assert lost == [
        BookLost(
            symbol=BTCUSDT, state=BookState.STALE, detail="updates come 3.0 s late"
        )
    ]
    assert (follower.is_late, follower.is_in_step) == (True, False)
    assert follower.updated(late(7)) == []
    assert follower.updated(late(8)) == []


def test_a_touch_in_time_ends_the_lateness() -> None:
    follower = following(FIRST)
    follower.updated(late(6))

    (loaded,) = follower.updated(late(7, LATE_MAX_NS))

    assert isinstance(loaded, BookLoaded)
    assert (follower.is_late, follower.is_in_step) == (False, True)
    assert len(follower.updated(late(8))) == 1, "the next lateness is told again"


def test_a_loss_for_another_reason_ends_the_lateness() -> None:
    follower = TopOfBookFollower(BTCUSDT)
    assert follower.is_late is False
    follower.updated(late(6))

    follower.lost(BookState.CONNECTING, "cut")

    assert follower.is_late is False
    assert len(follower.updated(late(7))) == 1
