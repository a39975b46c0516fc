"""Columns of a table for people, and which of them fit beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    is_code: bool = False
    """May be broken after an underscore, if there is no room."""

    is_broken: bool = False

    rank: int = 0
    """Above 0: left out when it is empty, or there is no room, the highest first."""

    def texts(self) -> list[str]:
        """Return the cells as they are printed; none is ever shortened."""
        texts = [NOTHING if cell is None else printable(cell) for cell in self.cells]
        if self.is_broken:
            return [text.replace("_", "_\n") for text in texts]
        if not self.is_amount:
            return texts
        places = [len(text.partition(".")[2]) + ("." in text) for text in texts]
        most = max(places, default=0)
        return [
            text + " " * (most - own) for text, own in zip(texts, places, strict=True)
        ]

    def width(self) -> int:
        """Return the least that is needed for a table that is easy to read."""
        lines = [line for text in self.texts() for line in text.split("\n")]
        widest = max(len(line) for line in [self.title, *lines])
        return min(widest, _WORDS_WIDTH_MIN) if self.is_words else widest


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How columns are laid out."""

    columns: Sequence[Column]
    gap: int = _GAP
    """Between two columns."""

    is_stacked: bool = False
    """There is no room for a table: cells stand below each other, row by row."""


def fitting(columns: Sequence[Column], width: int) -> Layout:
    """Choose the columns that fit.

    Args:
        columns: all there are, in order.
        width: of the terminal.
    """
    kept = [one for one in columns if not one.rank or any(one.cells)]
    while _width_of(kept, _GAP) > width:
        ranks = [column.rank for column in kept]
        if not any(ranks):
            return _narrow(kept, width)
        del kept[ranks.index(max(ranks))]
    return Layout(columns=kept)


def _narrow(columns: Sequence[Column], width: int) -> Layout:
    broken = [replace(column, is_broken=column.is_code) for column in columns]
    for candidate in (columns, broken):
        if _width_of(candidate, _GAP_MIN) <= width:
            return Layout(columns=candidate, gap=_GAP_MIN)
    return Layout(columns=columns, is_stacked=True)


def _width_of(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width() for column in columns) + gap * (len(columns) - 1)
