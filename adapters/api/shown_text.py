"""A client's text, cut to a length that fits a sentence of an answer."""

from typing import Final


_TEXT_SHOWN: Final = 60


def shown(text: str) -> str:
    """Quote a text, cut short."""
    return repr(shortened(text))


def shortened(text: str) -> str:
    """Cut a text short."""
    return text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN]}..."
