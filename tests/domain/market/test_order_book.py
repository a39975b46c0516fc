from decimal import Decimal

import pytest

from domain.market.order_book import (
    LEVELS_MAX,
    LEVELS_SPARE,
    BookSide,
    LocalOrderBook,
)
from domain.orders.level_taken import LevelStatement
from domain.values import Side
from tests.builders import BTCUSDT, levels, part, snapshot, stated, update


def bids(*pairs: tuple[str, str], update_id: int = 1) -> BookSide:
    side = BookSide(Side.SELL)
    side.load(stated(pairs), update_id)
    return side


def asks(*pairs: tuple[str, str], update_id: int = 1) -> BookSide:
    side = BookSide(Side.BUY)
    side.load(stated(pairs), update_id)
    return side


def test_seller_takes_the_highest_bids_first_at_their_prices() -> None:
    side = bids(("101", "1"), ("100", "2"), ("99", "3"))

    taken = side.take(Decimal(99), Decimal(4))

    assert taken == (part("101", "1"), part("100", "2"), part("99", "1"))


def test_buyer_takes_the_lowest_asks_first_at_their_prices() -> None:
    side = asks(("102", "1"), ("103", "2"), ("104", "3"))

    taken = side.take(Decimal(103), Decimal(9))

    assert taken == (part("102", "1"), part("103", "2"))


def test_level_at_the_limit_itself_is_good_enough() -> None:
    side = bids(("100", "2"))

    assert side.take(Decimal("100.01"), Decimal(1)) == ()
    assert side.take(Decimal("100.00"), Decimal(1)) == (part("100", "1"),)


def test_what_was_taken_is_not_there_a_second_time() -> None:
    side = bids(("100", "2"))

    side.take(Decimal(100), Decimal("1.5"))

    assert side.available(Decimal(100), Decimal(9)) == Decimal("0.5")
    assert side.take(Decimal(100), Decimal(9)) == (part("100", "0.5"),)
    assert side.take(Decimal(100), Decimal(9)) == ()


def test_what_is_taken_says_what_was_stated_and_taken_before() -> None:
    side = bids(("101", "1"), ("100", "2"))
    side.take(Decimal(100), Decimal("1.5"))

    (first,) = side.take(Decimal(100), Decimal("0.25"))
    (second,) = side.take(Decimal(100), Decimal(9))

    assert (first.stated, first.taken_before) == (Decimal(2), Decimal("0.5"))
    assert (second.stated, second.taken_before) == (Decimal(2), Decimal("0.75"))


def test_a_level_says_what_is_stated_and_what_was_taken() -> None:
    side = bids(("100", "2"), update_id=7)
    side.take(Decimal(100), Decimal("0.5"))

    found = side.statement_at(Decimal("100.0"))

    assert found == LevelStatement(
        update_id=7, stated=Decimal(2), taken_before=Decimal("0.5")
    )
    assert side.statement_at(Decimal(99)) is None


def test_top_shows_the_best_levels_and_no_more() -> None:
    side = bids(("101", "1"), ("100", "2"), ("99", "3"))

    assert side.top(0) == ()
    assert side.top(2) == levels([("101", "1"), ("100", "2")])


def test_taking_leaves_what_the_venue_states_as_it_is() -> None:
    side = bids(("100", "2"), ("99", "1"))

    side.take(Decimal(100), Decimal(2))

    assert side.top(9) == levels([("100", "2"), ("99", "1")])
    assert side.best_price() == Decimal(100)


def test_new_statement_is_fresh_liquidity_even_with_the_same_quantity() -> None:
    side = bids(("100", "2"))
    side.take(Decimal(100), Decimal(2))

    side.state(stated([("100", "2")]), 7)

    assert side.take(Decimal(100), Decimal(9)) == (part("100", "2", update_id=7),)


def test_statement_about_another_level_brings_nothing_back() -> None:
    side = bids(("100", "2"), ("99", "1"))
    side.take(Decimal(100), Decimal(2))

    side.state(stated([("99", "4")]), 7)

    assert side.take(Decimal(99), Decimal(9)) == (part("99", "4", update_id=7),)


def test_level_that_was_removed_and_stated_again_is_fresh() -> None:
    side = bids(("100", "2"))
    side.take(Decimal(100), Decimal(1))

    side.state(stated([("100", "0")]), 7)
    side.state(stated([("100", "2")]), 8)

    assert side.available(Decimal(100), Decimal(9)) == Decimal(2)


def test_removal_of_an_unknown_level_is_normal() -> None:
    side = bids(("100", "2"))

    side.state(stated([("42", "0")]), 7)

    assert side.top(9) == levels([("100", "2")])


def test_prices_written_differently_are_one_level() -> None:
    side = bids(("100", "2"))

    side.state(stated([("100.00000000", "5")]), 7)

    assert side.top(9) == levels([("100", "5")])


def test_slices_given_back_can_be_taken_again() -> None:
    side = bids(("100", "2"), ("99", "1"))
    taken = side.take(Decimal(99), Decimal(3))

    side.give_back(taken)

    assert side.take(Decimal(99), Decimal(3)) == taken


def test_part_of_what_was_taken_can_be_given_back() -> None:
    side = bids(("100", "2"))
    side.take(Decimal(100), Decimal("1.5"))
    last = side.take(Decimal(100), Decimal("0.5"))

    side.give_back(last)

    assert side.available(Decimal(100), Decimal(9)) == Decimal("0.5")


def test_slice_of_an_older_statement_is_not_given_back() -> None:
    side = bids(("100", "2"))
    taken = side.take(Decimal(100), Decimal(2))
    side.state(stated([("100", "3")]), 7)
    side.take(Decimal(100), Decimal(1))

    side.give_back(taken)

    assert side.available(Decimal(100), Decimal(9)) == Decimal(2)


def test_slice_of_a_level_that_is_gone_is_not_given_back() -> None:
    side = bids(("100", "2"))
    taken = side.take(Decimal(100), Decimal(2))
    side.state(stated([("100", "0")]), 7)

    side.give_back(taken)

    assert side.available(Decimal(100), Decimal(9)) == Decimal(0)


def test_giving_back_twice_is_a_bug() -> None:
    side = bids(("100", "2"))
    taken = side.take(Decimal(100), Decimal(2))
    side.give_back(taken)

    with pytest.raises(AssertionError, match=r"^more given back than was taken$"):
        side.give_back(taken)


def test_available_is_counted_no_further_than_enough() -> None:
    side = bids(("100", "2"), ("99", "2"))

    assert side.available(Decimal(99), Decimal(3)) == Decimal(3)
    assert side.available(Decimal(99), Decimal(4)) == Decimal(4)
    assert side.available(Decimal(99), Decimal(5)) == Decimal(4)


def test_loading_forgets_all_that_was_there() -> None:
    side = bids(("100", "2"), ("99", "1"))
    side.take(Decimal(99), Decimal(3))

    side.load(stated([("99", "1"), ("98", "0")]), 9)

    assert side.top(9) == levels([("99", "1")])
    assert side.take(Decimal(98), Decimal(9)) == (part("99", "1", update_id=9),)


@pytest.mark.parametrize("taker", Side)
def test_side_that_grows_too_long_drops_its_worst_levels(taker: Side) -> None:
    most = LEVELS_MAX + LEVELS_SPARE
    side = BookSide(taker)

    side.state(stated((str(n), "1") for n in range(1, most + 1)), 7)
    assert len(side) == most
    side.state(stated([(str(most + 1), "1")]), 8)

    kept = sorted(range(1, most + 2), reverse=taker is Side.SELL)[:LEVELS_MAX]
    assert [price for price, _ in side.top(most)] == list(map(Decimal, kept))


def test_book_is_at_the_id_of_what_it_was_given_last() -> None:
    book = LocalOrderBook(BTCUSDT)
    assert (book.symbol, book.update_id) == (BTCUSDT, 0)

    book.load(snapshot(5, bids=[("100", "1")], asks=[("101", "1")]))
    assert book.update_id == 5
    book.apply(update(9, first=6, bids=[("100", "0")], asks=[("102", "2")]))

    assert book.update_id == 9
    assert book.bids.best_price() is None
    assert book.asks.top(9) == levels([("101", "1"), ("102", "2")])


def test_sellers_take_the_bids_and_buyers_the_asks() -> None:
    book = LocalOrderBook(BTCUSDT)

    assert book.taken_by(Side.SELL) is book.bids
    assert book.taken_by(Side.BUY) is book.asks


@pytest.mark.parametrize(
    ("bid", "ask", "is_crossed"),
    [("100", "101", False), ("101", "101", True), ("102", "101", True)],
)
def test_book_is_crossed_when_the_bid_is_not_below_the_ask(
    bid: str, ask: str, *, is_crossed: bool
) -> None:
    book = LocalOrderBook(BTCUSDT)
    book.load(snapshot(5, bids=[(bid, "1")], asks=[(ask, "1")]))

    assert book.is_crossed() is is_crossed


@pytest.mark.parametrize(
    ("held", "other"), [([("100", "1")], []), ([], [("100", "1")]), ([], [])]
)
def test_book_with_an_empty_side_is_not_crossed(
    held: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    book = LocalOrderBook(BTCUSDT)
    book.load(snapshot(5, bids=held, asks=other))

    assert not book.is_crossed()


def test_cleared_book_offers_nothing() -> None:
    book = LocalOrderBook(BTCUSDT)
    book.load(snapshot(5, bids=[("100", "1")], asks=[("101", "1")]))

    book.clear()

    assert (len(book.bids), len(book.asks)) == (0, 0)
    assert book.bids.take(Decimal(1), Decimal(1)) == ()
