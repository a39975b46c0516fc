"""Tables for people: which columns fit beside each other, and their lines.

Rich would lay them out as well, but takes a second for a thousand rows.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from adapters.cli.printable import printable


NOTHING: Final = "-"

_GAP: Final = 2
_GAP_MIN: Final = 1
_WORDS_WIDTH_MIN: Final = 24


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

    rank: int = 0
    """Above 0: left out when it is empty, or there is no room, the highest first."""

    @property
    def may_be_missing(self) -> bool:
        """Whether it is left out when it is empty."""
        return self.is_words or self.rank > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownColumn:
    """A column as it is printed; no cell is ever shortened."""

    column: Column
    texts: Sequence[str]
    width: int
    """The least that is needed for a table that is easy to read."""

    @classmethod
    def of(cls, column: Column) -> "ShownColumn":
        """Write the cells; decimal points come to stand below each other."""
        texts = [NOTHING if one is None else printable(one) for one in column.cells]
        if column.is_amount:
            places = [len(text.partition(".")[2]) + ("." in text) for text in texts]
            most = max(places, default=0)
            pairs = zip(texts, places, strict=True)
            texts = [text + " " * (most - own) for text, own in pairs]
        return cls._measured(column, texts)

    def broken(self) -> "ShownColumn":
        """Break codes after their underscores; other columns stay as they are."""
        if not self.column.is_code:
            return self
        texts = [text.replace("_", "_\n") for text in self.texts]
        return self._measured(self.column, texts)

    @classmethod
    def _measured(cls, column: Column, texts: Sequence[str]) -> "ShownColumn":
        widths = [_width(line) for text in texts for line in text.split("\n")]
        width = max([_width(column.title), *widths])
        if column.is_words:
            width = min(width, _WORDS_WIDTH_MIN)
        return cls(column=column, texts=texts, width=width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How columns are laid out."""

    columns: Sequence[ShownColumn]
    gap: int = _GAP
    """Between two columns."""

    is_stacked: bool = False
    """There is no room for a table: cells stand below each other, row by row."""

    def heading(self) -> str | None:
        """Return the line above the rows; None if no column has a title."""
        titles = [one.column.title for one in self.columns]
        if self.is_stacked or not any(titles):
            return None
        return next(self._lines(titles))

    def rows(self) -> Iterator[str]:
        """Return the lines of all rows."""
        for row in zip(*(one.texts for one in self.columns), strict=True):
            yield from self._stacked(row) if self.is_stacked else self._lines(row)

    def _lines(self, row: Sequence[str]) -> Iterator[str]:
        parts = [
            textwrap.wrap(text, one.width) if one.column.is_words else text.split("\n")
            for text, one in zip(row, self.columns, strict=True)
        ]
        for line in zip_longest(*parts, fillvalue=""):
            cells = [
                _filled(text, one.width, is_right=one.column.is_amount)
                for text, one in zip(line, self.columns, strict=True)
            ]
            yield (" " * self.gap).join(cells).rstrip()

    def _stacked(self, row: Sequence[str]) -> Iterator[str]:
        width = max(_width(one.column.title) for one in self.columns)
        for text, one in zip(row, self.columns, strict=True):
            title = _filled(one.column.title, width, is_right=False)
            yield f"{title}  {text.strip()}".rstrip()
        yield ""


def fitting(columns: Sequence[Column], width: int) -> Layout:
    """Choose the columns that fit.

    Args:
        columns: all there are, in order.
        width: of the terminal.
    """
    filled = [one for one in columns if any(one.cells) or not one.may_be_missing]
    kept = [ShownColumn.of(one) for one in filled]
    while _width_of(kept, _GAP) > width:
        ranks = [one.column.rank for one in kept]
        if not any(ranks):
            return _narrow(kept, width)
        del kept[ranks.index(max(ranks))]
    return Layout(columns=_widened(kept, width))


def _narrow(columns: Sequence[ShownColumn], width: int) -> Layout:
    for candidate in (columns, [one.broken() for one in columns]):
        if _width_of(candidate, _GAP_MIN) <= width:
            return Layout(columns=candidate, gap=_GAP_MIN)
    return Layout(columns=columns, is_stacked=True)


def _widened(columns: Sequence[ShownColumn], width: int) -> Sequence[ShownColumn]:
    """Give the room that is left to words."""
    spare = width - _width_of(columns, _GAP)
    return [
        replace(one, width=one.width + spare) if one.column.is_words else one
        for one in columns
    ]


def _width_of(columns: Sequence[ShownColumn], gap: int) -> int:
    return sum(one.width for one in columns) + gap * (len(columns) - 1)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _filled(text: str, width: int, *, is_right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if is_right else text + blanks
