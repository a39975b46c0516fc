from decimal import Decimal

import pytest

from adapters.amount_checks import check_amount, check_levels
from domain.errors import MalformedMessageError


REFUSED = (MalformedMessageError, ArithmeticError)


@pytest.mark.parametrize(
    "amount", ["0", "-0", "1E-12", "0.000000000001", "9999999999999999", "1.50000000"]
)
def test_amounts_that_the_domain_counts_with_pass(amount: str) -> None:
    check_amount(Decimal(amount))


def test_zeros_at_the_end_are_no_decimals() -> None:
    check_amount(Decimal("1.5" + "0" * 30))


@pytest.mark.parametrize(
    "amount",
    [
        "1E-13",
        "1E-30",
        "1E-999999",
        "1.0000000000001",
        "1E+16",
        "-1",
        "NaN",
        "Infinity",
    ],
)
def test_amounts_that_the_domain_cannot_count_with_are_refused(amount: str) -> None:
    with pytest.raises(REFUSED):
        check_amount(Decimal(amount))


def test_fees_may_be_divided_more_finely_but_not_without_end() -> None:
    check_amount(Decimal("1E-20"), 20)

    with pytest.raises(REFUSED):
        check_amount(Decimal("1E-21"), 20)


@pytest.mark.parametrize(
    ("price", "quantity"),
    [
        ("1E-30", "1"),
        ("1", "1E-30"),
        ("0", "1"),
        ("1", "-1E-30"),
        ("1E+16", "1"),
        ("1", "1E+16"),
        ("NaN", "1"),
        ("1", "NaN"),
    ],
)
def test_levels_that_the_domain_cannot_count_with_are_refused(
    price: str, quantity: str
) -> None:
    with pytest.raises(REFUSED):
        check_levels(((Decimal(price), Decimal(quantity)),))


def test_a_level_may_be_empty_and_as_small_as_any_amount() -> None:
    check_levels(((Decimal("1E-12"), Decimal(0)), (Decimal(1), Decimal("1E-12"))))
