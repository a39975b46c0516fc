"""The best prices in order, against sorting all of them each time."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.market.best_prices import FEWEST, MOST, BestPrices, Price
from domain.market.updates import written


some_prices = st.sets(st.integers(min_value=1, max_value=3 * MOST))


def price(number: int) -> Price:
    return Decimal(number), written(Decimal(number))


@given(st.booleans(), st.lists(some_prices, min_size=1, max_size=8))
def test_prices_are_in_the_order_that_sorting_gives(
    highest_first: bool,  # noqa: FBT001 - drawn by Hypothesis
    changes: list[set[int]],
) -> None:
    prices: set[Price] = set()
    best = BestPrices(lambda: prices, highest_first=highest_first)

    for change in changes:
        changed = set(map(price, change))
        prices.symmetric_difference_update(changed)
        best.changed(changed)

        expected = sorted(prices, reverse=highest_first)
        assert best.first == (expected[0][0] if expected else None)
        assert list(best) == [written for _, written in expected]


@pytest.mark.parametrize("highest_first", [True, False])
def test_the_next_best_are_put_in_order_when_the_best_have_gone(
    *, highest_first: bool
) -> None:
    prices = set(map(price, range(2 * MOST)))
    best = BestPrices(lambda: prices, highest_first=highest_first)
    best.changed(prices)
    expected = sorted(prices, reverse=highest_first)

    for count in range(1, FEWEST + 2):  # one more than are in order
        prices.remove(expected[count - 1])
        best.changed([expected[count - 1]])
        assert best.first == expected[count][0]


def test_a_price_that_came_and_went_at_once_has_gone() -> None:
    prices = {price(1)}
    best = BestPrices(lambda: prices, highest_first=True)
    best.changed(prices)

    best.changed([price(2), price(2)])

    assert list(best) == ["1.00000000"]
