"""Amounts in JSON: exact decimals, written as strings of plain digits.

Requests may write them as numbers, too. No amount is ever read from a float.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from adapters.api.shown_text import shown
from domain.errors import InvalidAmountError
from domain.values import format_amount, parse_amount


_PLAIN: Final = re.compile(r"-?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)
_ZERO_TEXT: Final = re.compile(r"0{1,16}(\.0{1,12})?", re.ASCII)
_DIGITS: Final = r"^[0-9]{1,16}(\.[0-9]{1,12})?$"
_BEYOND: Final = 10**16


class NumberText:
    """A JSON number of a request, as its digits were written.

    It is no ``str``, so that nothing takes it for a string of the request.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Amount(Decimal):
    """An amount of an answer."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "description": "An exact decimal in plain digits, without an exponent.",
        "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
        "examples": ["0.5"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read what ``__str__`` writes.

        Raises:
            ValueError: it is no string of plain digits.
        """
        if not isinstance(value, str) or _PLAIN.fullmatch(value) is None:
            raise ValueError(f"{value!r} is not an amount: a string of plain digits")
        return cls(value)

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


class PositiveAmount(Amount):
    """A price or a quantity of a request: above zero."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "description": (
            "An exact decimal above zero in plain digits, at most 16 before and 12 "
            "after the point, as a string or as a number. It has no sign and no "
            "exponent, and never becomes a float."
        ),
        "anyOf": [
            {"type": "string", "pattern": _DIGITS},
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": _BEYOND},
        ],
        "examples": ["0.5"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string or a number.

        Raises:
            ValueError: it is neither, or not in plain digits, or not above zero.
        """
        if isinstance(value, NumberText):
            value = value.text
        elif not isinstance(value, str):
            raise ValueError("must be a decimal number or a string holding one")  # noqa: TRY004 - msgspec takes it for a fault of the request
        try:
            return cls(parse_amount(value))
        except InvalidAmountError as error:
            raise ValueError(f"{shown(error.text)} {error.problem}") from error


class NonNegativeAmount(PositiveAmount):
    """A quantity or a fee of a request: zero or above."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "description": "The same, or zero.",
        "anyOf": [
            {"type": "string", "pattern": _DIGITS},
            {"type": "number", "minimum": 0, "exclusiveMaximum": _BEYOND},
        ],
        "examples": ["0.5"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string or a number.

        Raises:
            ValueError: it is neither, or not in plain digits, or below zero.
        """
        text = value.text if isinstance(value, NumberText) else value
        if isinstance(text, str) and _ZERO_TEXT.fullmatch(text) is not None:
            return cls(0)
        return super().read(value)
