from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.market.order_book import LocalOrderBook
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.top_of_book import OLD_IN_A_ROW_MAX, TopOfBookFollower
from domain.market.updates import DepthUpdate, TopOfBook
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
            TopOfBook(symbol=BTCUSDT, update_id=number, bid=bid, ask=ask)
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

    assert isinstance(lost, BookLost)
    assert lost.state is BookState.GAP
    assert isinstance(loaded, BookLoaded)
    assert loaded.snapshot.bids == (now.bid,)


def test_old_touches_between_new_ones_cost_nothing() -> None:
    follower = following(FIRST)

    for number in range(6, 60):
        touch = top(number, bid=("90", str(number)), ask=("91", "1"))
        assert len(follower.updated(touch)) == 1
        assert follower.updated(touch) == []
