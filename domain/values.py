"""The basic values of the trade, and the functions that parse them."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import Final, NewType

from domain.errors import InvalidAmountError


Symbol = NewType("Symbol", str)
"""Upper case name of a pair at the venue, such as ``BNBUSDT``."""

OrderId = NewType("OrderId", str)
"""Our name for an order, unique for ever; at most 26 characters of ``[0-9A-Z]``."""

ChildId = NewType("ChildId", str)
"""Our name for a child order: the order's id, a dash and a counter.

At most 36 characters of ``[0-9A-Z-]``. It is what the venue gets as client order id."""

ZERO: Final = Decimal(0)

_AMOUNT: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,12})?", re.ASCII)
"""No sign, exponent or comma, as the venue requires; and at most 28 digits, so that
sums and differences of amounts are exact in Python's default decimal context."""

_ORDER_ID: Final = re.compile(r"[0-9A-Z]{1,26}", re.ASCII)
_CHILD_ID: Final = re.compile(r"[0-9A-Z]{1,26}-[1-9][0-9]{0,8}", re.ASCII)

_shortest: Final = Decimal.__str__
"""Writes plain digits unless there are many zeros; whatever a subclass does."""

_EXACT: Final = Context(prec=100)
_DOWN: Final = Context(prec=40, rounding=ROUND_FLOOR)
_UP: Final = Context(prec=40, rounding=ROUND_CEILING)


class Side(StrEnum):
    """What the client wants to do with the base asset."""

    SELL = "SELL"
    BUY = "BUY"


class TimeInForce(StrEnum):
    """How long an order works."""

    GTC = "GTC"
    """Good till cancelled."""

    GTD = "GTD"
    """Good till the order's ``expires_at``."""

    IOC = "IOC"
    """Immediate or cancel: takes what is there now; the rest expires."""

    FOK = "FOK"
    """Fill or kill: all of it now, or nothing."""


AT_ONCE: Final = (TimeInForce.IOC, TimeInForce.FOK)
"""Orders that get a single child order."""


def read_order_id(text: str) -> OrderId | None:
    """Read an order's id; None if it cannot be one."""
    return None if _ORDER_ID.fullmatch(text) is None else OrderId(text)


def read_child_id(text: str) -> ChildId | None:
    """Read a client order id from the venue; None if it is not one of ours."""
    return None if _CHILD_ID.fullmatch(text) is None else ChildId(text)


def order_of(child_id: ChildId) -> OrderId:
    """Return the order of a child."""
    return OrderId(child_id.rpartition("-")[0])


def number_of(child_id: ChildId) -> int:
    """Return which child of its order it is; the first is 1."""
    return int(child_id.rpartition("-")[2])


def parse_amount(text: str) -> Decimal:
    """Read a price or quantity, never through a float.

    Args:
        text: plain decimal digits, at most 16 before and 12 after the point.

    Raises:
        InvalidAmountError: when ``text`` is anything else, or not above zero.
    """
    if _AMOUNT.fullmatch(text) is None:
        raise InvalidAmountError(text=text, problem="is not a plain decimal number")
    amount = Decimal(text)
    if not amount:
        raise InvalidAmountError(text=text, problem="is not above zero")
    return amount


def format_amount(amount: Decimal) -> str:
    """Write an amount in plain digits: no exponent, no padding zeros."""
    text = _shortest(amount)  # takes a third of the time that "f" does
    if "E" in text:
        text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def notional(price: Decimal, quantity: Decimal) -> Decimal:
    """Multiply without rounding: an amount in the quote asset."""
    return _EXACT.multiply(price, quantity)


def total(first: Decimal, second: Decimal) -> Decimal:
    """Add notionals without rounding."""
    return _EXACT.add(first, second)


def difference(first: Decimal, second: Decimal) -> Decimal:
    """Subtract ``second`` from ``first`` without rounding."""
    return _EXACT.subtract(first, second)


def is_multiple(amount: Decimal, step: Decimal) -> bool:
    """Whether ``amount`` is a whole number of steps; ``step`` is above zero."""
    return not _EXACT.remainder(amount, step)


def floor(amount: Decimal, step: Decimal) -> Decimal:
    """Return the largest whole number of steps that is not above ``amount``."""
    return _EXACT.multiply(_EXACT.divide_int(amount, step), step)


def ceiling(amount: Decimal, step: Decimal) -> Decimal:
    """Return the smallest whole number of steps that is not below ``amount``."""
    below = floor(amount, step)
    return below if below == amount else _EXACT.add(below, step)


def divided(amount: Decimal, divisor: Decimal) -> Decimal:
    """Divide, rounding the last of many digits down."""
    return _DOWN.divide(amount, divisor)


def divided_up(amount: Decimal, divisor: Decimal) -> Decimal:
    """Divide, rounding the last of many digits up."""
    return _UP.divide(amount, divisor)


def average_price(quote: Decimal, quantity: Decimal) -> Decimal | None:
    """Divide quote by base, to 12 decimals; None if nothing was filled."""
    if not quantity:
        return None
    return _EXACT.quantize(_EXACT.divide(quote, quantity), Decimal("1e-12"))
