"""What a server says when it refuses, in one line that a person can read."""

import re
from typing import Final

from adapters.binance.rest_replies import parse_error


_LENGTH_MAX: Final = 200
_READ_MAX: Final = 4_000

_INVISIBLE: Final = re.compile(
    r"<(script|style|head)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)|<[^>]*(>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"signature=[^\s&\"'<]*")
"""Pages of firewalls repeat what was asked for."""


def words_of_refusal(status: int, body: bytes) -> str:
    """Say what was answered: with the venue's code, if it has one, and its words.

    The words are not lost when the code is 0 or absent, or when they come in HTML.
    """
    code, text = parse_error(body)
    shown = _one_line(text or _text_of(body))
    if code:
        return f"HTTP {status}, {code}: {shown}"
    return f"HTTP {status}: {shown}" if shown else f"HTTP {status} without a word"


def _text_of(body: bytes) -> str:
    text = body[:_READ_MAX].decode(errors="replace")
    return _INVISIBLE.sub(" ", text) if text.lstrip().startswith("<") else text


def _one_line(text: str) -> str:
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(_SIGNATURE.sub("signature=...", visible).split())[:_LENGTH_MAX]
