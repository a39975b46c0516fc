"""A server's refusal as one readable line."""

import re
from typing import Final


_LENGTH_MAX: Final = 200
_READ_MAX: Final = 4_000

_INVISIBLE: Final = re.compile(
    r"<(script|style|head)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)|<[^>]*(>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"signature=[^\s&\"'<]*")
"""Firewalls' error pages repeat the requested URL."""


def refusal_in_one_line(
    status: int, body: bytes, *, code: str = "", words: str = ""
) -> str:
    """Return the status, the server's code, if there is one, and its message.

    Args:
        status: of HTTP.
        body: of the answer; shown if it has no message, even if it is HTML.
        code: the server's own, found in the body; empty: none.
        words: the server's own message, found in the body.
    """
    shown = _one_line(words or _text_of(body))
    if code:
        return f"HTTP {status}, {code}: {shown}"
    return f"HTTP {status}: {shown}" if shown else f"HTTP {status} without a word"


def _text_of(body: bytes) -> str:
    text = body[:_READ_MAX].decode(errors="replace")
    return _INVISIBLE.sub(" ", text) if text.lstrip().startswith("<") else text


def _one_line(text: str) -> str:
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(_SIGNATURE.sub("signature=...", visible).split())[:_LENGTH_MAX]
