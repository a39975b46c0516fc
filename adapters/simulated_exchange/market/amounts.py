"""Prices and quantities as integers of 1e-8, the resolution of the venue's texts."""

from decimal import Decimal


SCALE = 10**8
"""One unit of an asset in the integers used here."""
DECIMALS = 8

MAX_SCALED = 2**63 - 1
"""What the venue can represent; a larger quantity is shown as this one."""


def to_text(scaled: int) -> str:
    """Return the amount as the venue writes it: always eight decimals."""
    return f"{scaled // SCALE}.{scaled % SCALE:08d}"


def to_scaled(text: str) -> int:
    """Return the integer of a plain decimal text.

    Raises:
        ValueError: The text is no number, negative, or finer than eight decimals.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()):
        message = f"not a plain decimal amount: {text!r}"
        raise ValueError(message)
    if len(fraction.rstrip("0")) > DECIMALS:
        message = f"finer than eight decimals: {text!r}"
        raise ValueError(message)
    return int(whole or "0") * SCALE + int(fraction[:DECIMALS].ljust(DECIMALS, "0"))


def from_decimal(value: Decimal) -> int:
    """Return the integer of a finite, positive decimal of at most eight places."""
    return int(value.scaleb(DECIMALS).to_integral_exact())
