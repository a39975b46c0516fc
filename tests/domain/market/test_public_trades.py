"""Sums of public trades, and whether some were missed."""

from decimal import Decimal

import pytest

from domain.market.public_trades import (
    PublicTrade,
    SecondSum,
    TradedSecond,
    Volume,
    is_unbroken,
    volume_of,
)
from domain.values import Side
from tests.builders import BTCUSDT, traded_second


def trade(trade_id: int, price: str, quantity: str, second: int = 7) -> PublicTrade:
    return PublicTrade(
        symbol=BTCUSDT,
        trade_id=trade_id,
        price=Decimal(price),
        quantity=Decimal(quantity),
        second=second,
    )


def test_trades_of_a_second_are_summed_by_price() -> None:
    summing = SecondSum(trade(5, "101", "1"))
    for one in (trade(6, "100", "2"), trade(7, "101.0", "0.5", second=6)):
        summing.add(one)

    found = summing.summed()
    assert (found.symbol, found.second, found.first_id, found.last_id) == (
        BTCUSDT,
        *(7, 5, 7),
    )
    assert found.is_whole
    assert list(found.volumes.items()) == [
        (Decimal(100), Decimal(2)),
        (Decimal(101), Decimal("1.5")),
    ]


def test_a_trade_that_comes_twice_counts_once() -> None:
    summing = SecondSum(trade(5, "101", "1"))
    for one in (trade(6, "100", "2"), trade(5, "101", "1"), trade(6, "100", "2")):
        summing.add(one)

    assert summing.summed().count == 2
    assert volume_of([summing.summed()]).quantity == 3


def test_a_missed_trade_shows() -> None:
    summing = SecondSum(trade(5, "101", "1"))
    summing.add(trade(7, "101", "1"))

    assert not summing.summed().is_whole


BEFORE = traded_second(9, {"100": "1"}, first_id=1)
FIRST = traded_second(10, {"100": "1", "101": "1"}, first_id=2)
WITH_A_GAP = traded_second(10, {"100": "1"}, first_id=2, missed=1)
LAST = traded_second(20, {"100": "1"}, first_id=4)
AFTER = traded_second(30, {"100": "1"}, first_id=5)


@pytest.mark.parametrize(
    ("seconds", "is_one"),
    [
        ([BEFORE, FIRST, LAST, AFTER], True),
        ([], False),
        ([FIRST, LAST, AFTER], False),
        ([BEFORE, FIRST, LAST], False),
        ([BEFORE, LAST, AFTER], False),
        ([BEFORE, FIRST, AFTER], False),
        (
            [
                BEFORE,
                traded_second(10, {"100": "1"}, first_id=2, missed=1),
                LAST,
                AFTER,
            ],
            False,
        ),
    ],
)
def test_a_stretch_is_unbroken_if_all_ids_are_there(
    seconds: list[TradedSecond],
    is_one: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert is_unbroken(seconds, 10, 20) is is_one


def test_a_stretch_without_trades_can_be_unbroken() -> None:
    assert is_unbroken([LAST, AFTER], 21, 29)
    assert not is_unbroken([FIRST, AFTER], 21, 29)


def test_what_was_missed_outside_of_a_stretch_does_not_matter() -> None:
    before = traded_second(9, {"100": "1"}, first_id=0, missed=1)

    assert is_unbroken([before, FIRST, LAST, AFTER], 10, 20)


@pytest.mark.parametrize(
    ("side", "quantity", "quote"),
    [(None, 4, 404), (Side.SELL, 3, 304), (Side.BUY, 3, 302)],
)
def test_trades_at_the_limit_or_better_can_be_added_alone(
    side: Side | None, quantity: int, quote: int
) -> None:
    seconds = [
        traded_second(1, {"100": "1", "101": "2"}, first_id=1),
        traded_second(2, {"102": "1"}, first_id=3),
    ]

    assert volume_of(seconds, side, Decimal(101)) == Volume(
        quantity=Decimal(quantity), quote=Decimal(quote)
    )
