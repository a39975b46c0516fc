from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidAmountError
from domain.values import (
    ChildId,
    average_price,
    ceiling,
    difference,
    divided,
    divided_up,
    floor,
    format_amount,
    is_multiple,
    notional,
    number_of,
    order_of,
    parse_amount,
    read_child_id,
    read_order_id,
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
    with pytest.raises(InvalidAmountError) as caught:
        parse_amount(text)

    problem = "is not a plain decimal number"
    assert (caught.value.text, caught.value.problem) == (text, problem)


@pytest.mark.parametrize("text", ["0", "0.0", "0000.000000000000"])
def test_zero_is_refused_as_not_above_zero(text: str) -> None:
    with pytest.raises(InvalidAmountError) as caught:
        parse_amount(text)

    assert (caught.value.text, caught.value.problem) == (text, "is not above zero")


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


@given(long_amounts, long_amounts)
def test_difference_of_notionals_is_exact(one: Decimal, other: Decimal) -> None:
    more, less = notional(one, other), notional(other, other)

    assert Fraction(difference(more, less)) == Fraction(more) - Fraction(less)


@given(long_amounts, amounts)
def test_amount_lies_between_the_steps_below_and_above_it(
    amount: Decimal, step: Decimal
) -> None:
    below, above = Fraction(floor(amount, step)), Fraction(ceiling(amount, step))
    exact, one = Fraction(amount), Fraction(step)

    assert (below / one).denominator == (above / one).denominator == 1
    assert below <= exact <= above
    assert above - below == (0 if (exact / one).denominator == 1 else one)


@pytest.mark.parametrize(
    ("amount", "divisor", "down", "up"),
    [
        ("1", "3", "0." + "3" * 40, "0." + "3" * 39 + "4"),
        ("2", "3", "0." + "6" * 40, "0." + "6" * 39 + "7"),
        ("200", "3", "66." + "6" * 38, "66." + "6" * 37 + "7"),
        ("1", "4", "0.25", "0.25"),
    ],
)
def test_quotient_is_cut_off_or_rounded_up_behind_forty_digits(
    amount: str, divisor: str, down: str, up: str
) -> None:
    one, other = Decimal(amount), Decimal(divisor)

    assert divided(one, other) == Decimal(down)
    assert divided_up(one, other) == Decimal(up)


@pytest.mark.parametrize(
    ("text", "is_order", "is_child"),
    [
        ("01J000000000000000000000AB", True, False),
        ("A", True, False),
        ("01J000000000000000000000ABC", False, False),
        ("a", False, False),
        ("", False, False),
        ("A-1", False, True),
        ("01J000000000000000000000AB-999999999", False, True),
        ("A-1000000000", False, False),
        ("A-0", False, False),
        ("A-1\n", False, False),
    ],
)
def test_ids_of_orders_and_children_have_shapes_of_their_own(
    text: str, *, is_order: bool, is_child: bool
) -> None:
    assert read_order_id(text) == (text if is_order else None)
    assert read_child_id(text) == (text if is_child else None)


def test_child_names_its_order_and_its_number() -> None:
    child = ChildId("01J000000000000000000000AB-12")

    assert (order_of(child), number_of(child)) == ("01J000000000000000000000AB", 12)
