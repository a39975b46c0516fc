from decimal import Decimal

from domain.market.order_book import LocalOrderBook, touch_of
from domain.values import Side
from tests.builders import BTCUSDT, NOW, snapshot, touch_at, update


def book(*bids: tuple[str, str]) -> LocalOrderBook:
    found = LocalOrderBook(BTCUSDT)
    found.load(snapshot(7, bids=bids, asks=[("103", "1"), ("104", "2")]))
    return found


def test_the_touch_is_the_best_of_both_sides_as_stated() -> None:
    one = book(("101", "2"), ("102", "1"))
    one.bids.take(Decimal(102), Decimal(1))

    assert touch_of(one.best_levels(), NOW) == touch_at("102", "103", update_id=7)


def test_the_touch_names_the_last_update_whichever_level_that_stated() -> None:
    one = book(("102", "1"))
    one.apply(update(9, bids=[("90", "5")]))

    assert touch_of(one.best_levels(), NOW) == touch_at("102", "103", update_id=9)


def test_the_touch_follows_what_comes_and_goes() -> None:
    one = book(("102", "1"))
    for number, (bids, best) in enumerate(
        (
            ([("102.5", "1")], "102.5"),
            ([("102.5", "0"), ("102", "1.00")], "102"),
            ([("102", "0")], None),
            ([("99", "1")], "99"),
        ),
        start=8,
    ):
        one.apply(update(number, bids=bids))
        said = touch_of(one.best_levels(), NOW)
        assert said == touch_at(best, "103", update_id=number)


def test_what_is_noted_of_the_touch_stays_when_the_book_goes_on() -> None:
    one = book(("102", "1"))
    noted = one.best_levels()
    one.apply(update(8, bids=[("102", "9")], asks=[("103", "0")]))
    one.clear()

    assert touch_of(noted, NOW) == touch_at("102", "103", update_id=7)


def test_a_seller_takes_the_bid_and_a_buyer_the_ask() -> None:
    touch = touch_at("102", None)

    assert touch.far(Side.SELL) == Decimal(102)
    assert touch.far(Side.BUY) is None
