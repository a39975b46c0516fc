"""Types of the fields of requests. Each reads its JSON, and is described by a schema.

``read`` raises ValueError with what the field must be, in words that follow its name.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Self

from adapters.api.amounts import NumberText


SYMBOL_LENGTH_MAX: Final = 64
"""Far above the venue's longest; the manager checks which symbols there are."""

_CLIENT_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
_IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,255}")
_INTEGER: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)",
    re.ASCII | re.IGNORECASE,
)


class SymbolName(str):
    """A symbol, which need not exist."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "maxLength": SYMBOL_LENGTH_MAX,
        "examples": ["BTCUSDT"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string of a certain length."""
        if not isinstance(value, str):
            raise ValueError("must be a string such as 'BNBUSDT'")  # noqa: TRY004 - as all of these
        if not 1 <= len(value) <= SYMBOL_LENGTH_MAX:
            raise ValueError(f"must have 1 to {SYMBOL_LENGTH_MAX} characters")
        return cls(value)


class ClientOrderId(str):
    """The client's own name for an order."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{1,36}$",
        "examples": ["my-order-1"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string of certain characters."""
        if isinstance(value, str) and _CLIENT_ORDER_ID.fullmatch(value) is not None:
            return cls(value)
        raise ValueError("must be a string of 1 to 36 of A-Z a-z 0-9 - _")


class IdempotencyKey(str):
    """Makes a request safe to repeat."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": "^[!-~]{1,255}$",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string of visible characters."""
        if isinstance(value, str) and _IDEMPOTENCY_KEY.fullmatch(value) is not None:
            return cls(value)
        raise ValueError("must be 1 to 255 visible ASCII characters")


class Line(str):
    """A line of text; how long it may be differs."""

    __slots__ = ()

    LENGTH_MAX: ClassVar[int]
    SCHEMA: ClassVar[Mapping[str, Any]]

    def __init_subclass__(cls) -> None:
        """Describe it."""
        cls.SCHEMA = {
            "type": "string",
            "maxLength": cls.LENGTH_MAX,
            "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$",
        }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a string that can be shown on one line."""
        is_line = isinstance(value, str) and value.isprintable()
        if not is_line or len(str(value)) > cls.LENGTH_MAX:
            raise ValueError(f"must be one line of at most {cls.LENGTH_MAX} characters")
        return cls(value)


class Instant(datetime):
    """A time, aware, in UTC."""

    __slots__ = ()

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "format": "date-time",
        "examples": ["2031-05-01T12:00:00Z"],
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read RFC 3339 with any offset."""
        if isinstance(value, str) and _RFC_3339.fullmatch(value) is not None:
            try:
                return cls.fromisoformat(value.upper()).astimezone(UTC)
            except (ValueError, OverflowError):
                pass  # such as the 31st of February; refused below
        raise ValueError("must be an RFC 3339 time such as 2031-05-01T12:00:00Z")

    def plain(self) -> datetime:
        """Return the time as the rest of the service has it."""
        return datetime.combine(self.date(), self.timetz())


class TradeId(int):
    """The venue's id of a trade."""

    LARGEST: ClassVar[int] = 2**63 - 1
    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "integer",
        "minimum": 0,
        "maximum": LARGEST,
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a whole number."""
        is_number = isinstance(value, NumberText)
        text = value.text if isinstance(value, NumberText) else ""
        if is_number and _INTEGER.fullmatch(text) and int(text) <= cls.LARGEST:
            return cls(text)
        raise ValueError("must be the venue's whole number")
