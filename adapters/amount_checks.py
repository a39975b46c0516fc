"""Checks that a venue's decimals are amounts that the domain can compute with."""

from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from domain.errors import MalformedMessageError
from domain.market.updates import Level
from domain.values import ZERO


BEYOND_AMOUNTS: Final = Decimal(10) ** 16
"""The domain takes 16 digits before the point; Binance's largest amount has 11."""

_WITHIN: Final = {
    decimals: Context(prec=17 + decimals, traps=[Inexact, InvalidOperation])
    for decimals in (12, 20)
}
"""The domain takes 12 digits after the point; Binance's smallest step is 1E-8. A sum
with ``BEYOND_AMOUNTS``, of 17 digits, is exact in these only if the amount has no more
decimals; zeros at its end do not count."""

FEE_DECIMALS: Final = 20
"""Fees are only added up and shown, exactly; Binance writes no more than that."""


def check_levels(levels: tuple[Level, ...]) -> None:
    """Refuse prices that are not above zero, and what is no amount.

    Raises:
        MalformedMessageError: naming the first such level.
        decimal.InvalidOperation: when one of them is not a number.
        decimal.Inexact: when one of them has more than 12 decimals.
    """
    for price, quantity in levels:
        check_amount(price)
        check_amount(quantity)
        if not price:
            raise MalformedMessageError(f"level {price} x {quantity} is out of range")


def check_touch(
    bid: Decimal, bid_quantity: Decimal, ask: Decimal, ask_quantity: Decimal
) -> None:
    """Refuse the same of best prices, where a side without orders is 0 x 0.

    Raises:
        MalformedMessageError: when one of them is out of range.
        decimal.InvalidOperation: when one of them is not a number.
        decimal.Inexact: when one of them has more than 12 decimals.
    """
    for level in ((bid, bid_quantity), (ask, ask_quantity)):
        if level != (ZERO, ZERO):
            check_levels((level,))


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
