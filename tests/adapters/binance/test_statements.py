"""Level statements stay text, spelled one way, and only amounts get through."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.amount_checks import BEYOND_AMOUNTS
from adapters.binance.statements import read_statements, read_touch
from domain.errors import MalformedMessageError
from domain.market.updates import GONE, written


PLAIN = b'[["61700.10000000","2.00000000"],["61700.09000000","0.00000000"]]'


def test_plain_statements_are_passed_on_as_they_are() -> None:
    assert read_statements(msgspec.Raw(PLAIN)) == (
        ("61700.10000000", "2.00000000"),
        ("61700.09000000", GONE),
    )


def test_no_statements_are_no_levels() -> None:
    assert read_statements(msgspec.Raw(b"[]")) == ()


@pytest.mark.parametrize(
    ("stated", "price"),
    [
        ('"61700.1"', "61700.10000000"),
        ('"061700.10000000"', "61700.10000000"),
        ('"6.17001E+4"', "61700.10000000"),
        ("61700.1", "61700.10000000"),
        ('"61700"', "61700.00000000"),
        ('"0.000000001"', "0.000000001"),
        ('"0.0000000010"', "0.000000001"),
        ('"9999999999999999.00000000"', "9999999999999999.00000000"),
    ],
)
def test_other_spellings_of_an_amount_become_the_same_text(
    stated: str, price: str
) -> None:
    raw = f'[["2.00000000","1.00000000"],[{stated}, "1"]]'.encode()

    assert read_statements(msgspec.Raw(raw))[1] == (price, "1.00000000")


@pytest.mark.parametrize("zero", ['"0"', '"0E+5"', '"-0"', '"-0.00000000"', "-0.0"])
def test_every_spelling_of_zero_removes_a_level(zero: str) -> None:
    raw = f'[["2.00000000",{zero}]]'.encode()

    assert read_statements(msgspec.Raw(raw)) == (("2.00000000", GONE),)


@pytest.mark.parametrize(
    "level",
    [
        '"0.00000000","1.00000000"',
        '"-1.00000000","1.00000000"',
        '"1.00000000","-1.00000000"',
        '"10000000000000000.00000000","1.00000000"',
        '"1.00000000","10000000000000000.00000000"',
        '"0.0000000000001","1.00000000"',
        '"1.0000000000001","1.00000000"',
        '"1.00000000","1.0000000000001"',
        '"1.00000000","NaN"',
        '"1.00000000","Infinity"',
        '"1.0000000x","1.00000000"',
        '".","1.00000000"',
        '"","1.00000000"',
        '"1.00000000"',
        '"1.00000000","1.00000000","1.00000000"',
        "null",
    ],
)
def test_a_level_out_of_range_is_refused(level: str) -> None:
    raw = f'[["2.00000000","1.00000000"],[{level}]]'.encode()

    with pytest.raises((MalformedMessageError, msgspec.MsgspecError, ArithmeticError)):
        read_statements(msgspec.Raw(raw))


@given(st.decimals("1E-12", BEYOND_AMOUNTS - 1, places=12))
def test_an_amount_is_written_exactly_and_one_way(amount: Decimal) -> None:
    text = written(amount)

    assert Decimal(text) == amount
    assert written(amount.normalize()) == text
    assert written(Decimal(text)) == text


def test_a_touch_without_orders_on_a_side_is_read() -> None:
    touch = ("1.00000000", "2.00000000", GONE, GONE)

    assert read_touch(*touch) == touch
    assert read_touch("1", "2.0", "0", "0.00") == touch


@pytest.mark.parametrize(
    "amount", ["-1.00000000", "1E+16", "NaN", "x", "", " ", "1.00000000 1.00000000"]
)
def test_a_touch_out_of_range_is_refused(amount: str) -> None:
    with pytest.raises((MalformedMessageError, ArithmeticError)):
        read_touch("1.00000000", amount, "2.00000000", "3.00000000")


@pytest.mark.parametrize("price", ["0.00000000", "0", "-0"])
def test_a_touch_with_a_quantity_at_no_price_is_refused(price: str) -> None:
    with pytest.raises(MalformedMessageError):
        read_touch("1.00000000", "2.00000000", price, "3.00000000")
