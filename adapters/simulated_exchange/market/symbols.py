"""What may be a symbol's name: letters of any script but a to z, digits, `_`, `-`, `.`.

The venue lists names that are no ASCII, and quotes this pattern when it refuses one. In
the names of streams a symbol is lower case, and must be found again from there.
"""

import re
from typing import Final


SYMBOL_LEGAL: Final = "^[\\w\\-._&&[^a-z]]{1,50}$"
"""As the venue writes it; two brackets with `&&` between mean what is in both."""
LISTED_PATTERN: Final = r"^(?:[^\Wa-z]|[.-]){2,20}$"
"""Of what this exchange lists."""
_SENT = re.compile(r"(?:[^\Wa-z]|[.-]){1,50}")
_LISTED = re.compile(LISTED_PATTERN)


def may_be_sent(text: str) -> bool:
    """Return whether the venue reads a text as a symbol, listed or not."""
    return _SENT.fullmatch(text) is not None


def may_be_listed(text: str) -> bool:
    """Return whether this exchange can list a symbol of this name."""
    is_legal = _LISTED.fullmatch(text) is not None
    return is_legal and of_stream(in_stream(text)) == text


def in_stream(symbol: str) -> str:
    """Return a symbol as names of streams have it."""
    return symbol.lower()


def of_stream(name: str) -> str:
    """Return the symbol of a stream's name, listed or not."""
    return name.partition("@")[0].upper()


def is_of_all(stream: str) -> bool:
    """Return whether a stream tells of all symbols at once, such as !miniTicker@arr."""
    return stream.startswith("!")
