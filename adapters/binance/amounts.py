"""Which decimals of the venue are amounts that the domain can count with."""

from decimal import Decimal
from typing import Final

from domain.errors import MalformedMessageError
from domain.market import Level
from domain.values import ZERO


BEYOND_AMOUNTS: Final = Decimal(10) ** 16
"""The venue's largest amount has 11 digits before the point; the domain takes 16."""


def check_levels(levels: tuple[Level, ...]) -> None:
    """Refuse prices that are not above zero and quantities below it.

    NaN needs no case of its own: comparing it raises ``decimal.InvalidOperation``.

    Raises:
        MalformedMessageError: naming the first such level.
        decimal.InvalidOperation: when one of them is not a number.
    """
    for price, quantity in levels:
        if not (ZERO < price < BEYOND_AMOUNTS and ZERO <= quantity < BEYOND_AMOUNTS):
            raise MalformedMessageError(f"level {price} x {quantity} is out of range")


def check_amount(amount: Decimal) -> None:
    """Refuse what is negative or too large; zero is fine.

    Raises:
        MalformedMessageError: when it is out of range.
        decimal.InvalidOperation: when it is not a number.
    """
    if not ZERO <= amount < BEYOND_AMOUNTS:
        raise MalformedMessageError(f"amount {amount} is out of range")
