"""Checks that a venue's decimals are amounts that the domain can compute with."""

from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from domain.errors import MalformedMessageError
from domain.market.updates import Level
from domain.values import ZERO


BEYOND_AMOUNTS: Final = Decimal(10) ** 16
"""The domain takes 16 digits before the point; Binance's largest amount has 11."""

SMALLEST_AMOUNT: Final = Decimal("1E-12")
"""The domain takes 12 digits after the point; Binance's smallest step is 1E-8."""

_WITHIN: Final = {
    decimals: Context(prec=17 + decimals, traps=[Inexact, InvalidOperation])
    for decimals in (12, 20)
}
"""A sum with ``BEYOND_AMOUNTS``, of 17 digits, is exact in these only if the amount has
no more decimals; zeros at its end do not count."""

FEE_DECIMALS: Final = 20
"""Fees are only added up and shown, exactly; Binance writes no more than that."""


def check_levels(levels: tuple[Level, ...]) -> None:
    """Refuse prices that are not above zero and quantities below it.

    Values smaller than any amount of the domain are refused, too. Digits are not
    counted, since every frame takes this path; matching cuts a level to whole lots.
    NaN needs no case of its own: comparing it raises ``decimal.InvalidOperation``.

    Raises:
        MalformedMessageError: naming the first such level.
        decimal.InvalidOperation: when one of them is not a number.
    """
    for price, quantity in levels:
        if not (
            SMALLEST_AMOUNT <= price < BEYOND_AMOUNTS
            and (not quantity or SMALLEST_AMOUNT <= quantity < BEYOND_AMOUNTS)
        ):
            raise MalformedMessageError(f"level {price} x {quantity} is out of range")


def check_touch(*amounts: Decimal) -> None:
    """Refuse the same of best prices, where a side without orders is 0 x 0.

    Raises:
        MalformedMessageError: when one of them is out of range.
        decimal.InvalidOperation: when one of them is not a number.
    """
    for amount in amounts:
        if not (SMALLEST_AMOUNT <= amount < BEYOND_AMOUNTS or not amount):
            raise MalformedMessageError(f"amount {amount} is out of range")


def check_amount(amount: Decimal, decimals: int = 12) -> None:
    """Refuse an amount that is negative, too large or has too many digits.

    Args:
        amount: of the venue.
        decimals: how many digits there may be after the point; 12 or 20.

    Raises:
        MalformedMessageError: when it is out of range.
        decimal.InvalidOperation: when it is not a number.
        decimal.Inexact: when it has more decimals.
    """
    if not ZERO <= amount < BEYOND_AMOUNTS:
        raise MalformedMessageError(f"amount {amount} is out of range")
    _WITHIN[decimals].add(amount, BEYOND_AMOUNTS)
