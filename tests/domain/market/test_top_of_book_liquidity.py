"""A touch that comes back is the same liquidity; one that changed is not."""

from collections.abc import Sequence
from decimal import Decimal

from domain.market.order_book import LocalOrderBook
from domain.market.synchronisation import BookLoaded
from domain.market.top_of_book import TopOfBookFollower
from domain.market.updates import DepthUpdate, Statement, TopOfBook, written
from domain.values import Symbol


BNB = Symbol("BNBUSDT")
LIMIT = Decimal(1)
ALL = Decimal(1000)


def level(price: str, quantity: str) -> Statement:
    return written(Decimal(price)), written(Decimal(quantity))


def book_after(bids: Sequence[Statement], taken_at: int) -> LocalOrderBook:
    """Follow the best bids, and sell all after the one at ``taken_at``."""
    follower, book = TopOfBookFollower(BNB), LocalOrderBook(BNB)
    for number, bid in enumerate(bids):
        top = TopOfBook(
            symbol=BNB, update_id=number + 1, bid=bid, ask=level("900", "1")
        )
        for output in follower.updated(top):
            if isinstance(output, BookLoaded):
                book.load(output.snapshot, touch_only=output.touch_only)
            else:
                assert isinstance(output, DepthUpdate)
                book.apply(output)
        if number == taken_at:
            book.bids.take(LIMIT, ALL)
    return book


def test_touch_that_comes_back_as_it_was_is_not_sold_into_twice() -> None:
    bids = [level("100", "5"), level("101", "1"), level("100", "5")]

    book = book_after(bids, taken_at=0)

    assert book.bids.available(LIMIT, ALL) == 0


def test_touch_that_comes_back_with_another_quantity_is_fresh() -> None:
    bids = [level("100", "5"), level("101", "1"), level("100", "4")]

    book = book_after(bids, taken_at=0)

    assert book.bids.available(LIMIT, ALL) == Decimal(4)


def test_touch_that_was_left_alone_can_be_sold_into_when_it_comes_back() -> None:
    bids = [level("100", "5"), level("101", "1"), level("100", "5")]

    book = book_after(bids, taken_at=1)

    assert book.bids.available(LIMIT, ALL) == Decimal(5)


def test_quantity_that_grows_at_the_touch_is_fresh() -> None:
    bids = [level("100", "5"), level("100", "6")]

    book = book_after(bids, taken_at=0)

    assert book.bids.available(LIMIT, ALL) == Decimal(6)
