"""Amounts in JSON: exact decimals, written as strings of plain digits."""

import re
from decimal import Decimal
from typing import Any, Final, Self

from domain.values import format_amount


_PLAIN: Final = re.compile(r"-?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)


class Amount(Decimal):
    """An amount of an answer. It never was a float, and is never read from one."""

    __slots__ = ()

    @classmethod
    def read(cls, text: object) -> Self:
        """Read what ``__str__`` writes.

        Raises:
            ValueError: it is no string of plain digits.
        """
        if not isinstance(text, str) or _PLAIN.fullmatch(text) is None:
            raise ValueError(f"{text!r} is not an amount: a string of plain digits")
        return cls(text)

    @classmethod
    def or_none(cls, amount: Decimal | None) -> Self | None:
        """Take over an amount that need not be there."""
        return None if amount is None else cls(amount)

    def __str__(self) -> str:
        """Write it in plain digits: no exponent, no padding zeros."""
        return format_amount(self)

    def __format__(self, form: str, /, *more: Any) -> str:
        """Write it as ``str`` does, unless another form is asked for."""
        return super().__format__(form, *more) if form else str(self)
