"""What every answer tells a browser: to do nothing with it but show it as it is.

An answer may have its own value of any of these: a page's files do.
"""

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final


SECURITY_HEADERS: Final = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Nobody keeps it, runs anything in it or frames it, embeds it in a page of another
origin, is told where a link in it leads from, takes it for other content than it is."""

_LINES: Final = {
    name.lower(): f"{name}: {value}" for name, value in SECURITY_HEADERS.items()
}
_ALL_LINES: Final = tuple(_LINES.values())


def security_lines(own: Iterable[tuple[str, str]]) -> Sequence[str]:
    """Return the lines that an answer's head has besides its own headers.

    Args:
        own: name and value of each.
    """
    names = {name.lower() for name, _ in own}
    if names.isdisjoint(_LINES):
        return _ALL_LINES
    return [line for name, line in _LINES.items() if name not in names]
