"""Names of what clients of the push stream can be told the state of."""

from typing import Final, NamedTuple

from adapters.api.stream import BOOK, Topic
from domain.values import Symbol


class StateName(NamedTuple):
    """A topic and, if there is one for each symbol, a symbol."""

    topic: str
    symbol: str = ""
    levels: int = 0
    """Of a book, on each side."""

    def __str__(self) -> str:
        """Write it as clients know it."""
        return f"{self.topic}:{self.symbol}" if self.symbol else self.topic


HALT: Final = StateName(Topic.HALT)
SERVICE: Final = StateName(Topic.SERVICE)


def symbol_state(symbol: Symbol) -> StateName:
    """Name whether a symbol can trade."""
    return StateName(Topic.SYMBOLS, symbol)


def book_state(symbol: Symbol, levels: int) -> StateName:
    """Name the best levels of a book."""
    return StateName(BOOK, symbol, levels)
