from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidAmountError
from domain.values import (
    average_price,
    format_amount,
    is_multiple,
    notional,
    parse_amount,
    total,
)


DIGITS_MAX = 28

amounts = st.builds(
    lambda units, decimals: Decimal(units).scaleb(-decimals),
    st.integers(min_value=1, max_value=10**16 - 1),
    st.integers(min_value=0, max_value=12),
)
"""Up to 16 digits, anywhere around the point."""

long_amounts = st.builds(
    lambda whole, part: Decimal(f"{whole}.{part:012}"),
    st.integers(min_value=1, max_value=10**16 - 1),
    st.integers(min_value=0, max_value=10**12 - 1),
)
"""As many digits as an amount may have."""


@given(amounts | long_amounts)
def test_amount_is_the_same_after_writing_and_reading(amount: Decimal) -> None:
    assert parse_amount(format_amount(amount)) == amount


@given(amounts | long_amounts)
def test_written_amount_is_plain_and_unpadded(amount: Decimal) -> None:
    text = format_amount(amount)

    assert set(text) <= set("0123456789.")
    assert "." not in text or not text.endswith(("0", "."))
    assert format_amount(parse_amount(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0", "0"),
        ("0E-8", "0"),
        ("0.00000000", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("100.00", "100"),
        ("1E-8", "0.00000001"),
        ("-2.50", "-2.5"),
    ],
)
def test_amount_is_written_without_exponent_or_padding(text: str, written: str) -> None:
    assert format_amount(Decimal(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".5",
        "5.",
        "+1",
        "-1",
        "1e5",
        "1E-3",
        "NaN",
        "sNaN",
        "inf",
        "Infinity",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "1,5",
        "0x10",
        "1.2.3",
        "\u0661",  # ARABIC-INDIC DIGIT ONE, a digit to Python's int
        "\uff11",  # FULLWIDTH DIGIT ONE
        "1" * 17,
        "0." + "1" * 13,
        "9" * 400,
    ],
)
def test_anything_but_plain_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmountError, match="plain decimal number") as caught:
        parse_amount(text)

    assert caught.value.text == text


@pytest.mark.parametrize("text", ["0", "0.0", "0000.000000000000"])
def test_zero_is_refused_as_not_above_zero(text: str) -> None:
    with pytest.raises(InvalidAmountError, match="not above zero"):
        parse_amount(text)


def test_largest_and_smallest_amounts_are_read_digit_by_digit() -> None:
    largest = "9999999999999999.999999999999"
    smallest = "0.000000000001"

    assert str(parse_amount(largest)) == largest
    assert format_amount(parse_amount(smallest)) == smallest


@given(long_amounts, long_amounts)
def test_product_of_the_longest_amounts_is_exact(one: Decimal, other: Decimal) -> None:
    assert Fraction(notional(one, other)) == Fraction(one) * Fraction(other)


@given(st.lists(st.tuples(long_amounts, long_amounts), max_size=20))
def test_sum_of_products_is_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    found = Decimal(0)
    for one, other in pairs:
        found = total(found, notional(one, other))

    assert Fraction(found) == sum(
        Fraction(one) * Fraction(other) for one, other in pairs
    )


@given(long_amounts, long_amounts)
def test_difference_of_two_amounts_is_exact_without_our_help(
    one: Decimal, other: Decimal
) -> None:
    """What the 28 digits of an amount were chosen for."""
    assert Fraction(one - other) == Fraction(one) - Fraction(other)


@given(long_amounts | amounts, amounts)
def test_multiple_of_a_step_is_told_by_exact_division(
    amount: Decimal, step: Decimal
) -> None:
    expected = (Fraction(amount) / Fraction(step)).denominator == 1

    assert is_multiple(amount, step) is expected


@given(amounts, st.integers(min_value=1, max_value=10**12))
def test_whole_number_of_steps_is_a_multiple(step: Decimal, count: int) -> None:
    assert is_multiple(notional(step, Decimal(count)), step)


def test_average_price_of_nothing_is_none() -> None:
    assert average_price(Decimal(0), Decimal(0)) is None


@given(long_amounts, long_amounts)
def test_average_price_is_right_to_12_decimals(
    quote: Decimal, quantity: Decimal
) -> None:
    average = average_price(quote, quantity)

    assert average is not None
    assert average.as_tuple().exponent == -12
    error = abs(Fraction(average) - Fraction(quote) / Fraction(quantity))
    assert error <= Fraction(1, 2 * 10**12)


@given(long_amounts, amounts)
def test_average_price_of_one_fill_is_its_price(
    price: Decimal, quantity: Decimal
) -> None:
    assert average_price(notional(price, quantity), quantity) == price
