"""Columns of a table for people, and which of them fit beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.cli.printable import printable


_GAP: Final = 2
_GAP_MIN: Final = 1
_WORDS_WIDTH_MIN: Final = 24
NOTHING: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, and one cell for each row."""

    title: str
    cells: Sequence[str | None]
    is_amount: bool = False
    """Written with the decimal points below each other."""

    is_words: bool = False
    """May be broken into several lines."""

    rank: int = 0
    """Above 0: left out when it is empty, or there is no room, the highest first."""

    def texts(self) -> list[str]:
        """Return the cells as they are printed; none is ever shortened."""
        texts = [NOTHING if cell is None else printable(cell) for cell in self.cells]
        if not self.is_amount:
            return texts
        places = [len(text.partition(".")[2]) + ("." in text) for text in texts]
        most = max(places, default=0)
        return [
            text + " " * (most - own) for text, own in zip(texts, places, strict=True)
        ]

    def width(self) -> int:
        """Return the least that is needed for a table that is easy to read."""
        widest = max((len(text) for text in [self.title, *self.texts()]), default=0)
        return min(widest, _WORDS_WIDTH_MIN) if self.is_words else widest


def fitting(columns: Sequence[Column], width: int) -> tuple[list[Column], int]:
    """Choose the columns that fit.

    Args:
        columns: all there are, in order.
        width: of the terminal.

    Returns:
        Those to show, and the gap between two. They may still be too wide: then their
        cells are folded.
    """
    kept = [one for one in columns if not one.rank or any(one.cells)]
    while _width_of(kept, _GAP) > width:
        ranks = [column.rank for column in kept]
        if not any(ranks):
            return kept, _GAP_MIN
        del kept[ranks.index(max(ranks))]
    return kept, _GAP


def _width_of(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width() for column in columns) + gap * (len(columns) - 1)
