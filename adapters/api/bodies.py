"""What all bodies are: structs whose fields are the members of a JSON object.

A string beneath a field describes it to readers of the code and of the API alike. A
type of our own has ``read``, which takes JSON's value or raises ValueError with what is
wrong with it, and a ``SCHEMA``.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from adapters.api.amounts import Amount
from domain.values import format_amount


B = TypeVar("B", bound=Struct)
T = TypeVar("T")


class ListAnswer(Struct, Generic[T], frozen=True, kw_only=True):
    """A list, or a page of one."""

    items: list[T]
    next_cursor: str | None = None
    """The same call with it as `cursor` gives the next page; null: there is none."""


def decoder_of(body: type[B]) -> Callable[[bytes | str], B]:
    """Return what reads answers of one kind.

    It raises ``msgspec.ValidationError`` for JSON that is something else, and
    ``msgspec.DecodeError`` for what is no JSON. Members that it does not know are left
    out: a newer service may have more.
    """
    return msgspec.json.Decoder(body, dec_hook=_read).decode


def converted(value: object, kind: type[T]) -> T:
    """Make what ``kind`` says of a value that was read as JSON.

    Raises:
        msgspec.ValidationError: it is something else.
    """
    return msgspec.convert(value, kind, dec_hook=_read)


def _write(value: Any) -> str:
    if type(value) is Amount:
        return format_amount(value)
    raise NotImplementedError(f"{type(value)} is not part of the API")


def _read(kind: Any, value: object) -> Any:
    return kind.read(value)


encode: Final = msgspec.json.Encoder(enc_hook=_write).encode
"""Writes a body as JSON."""
