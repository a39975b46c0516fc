"""Lists that are read a page at a time, so that no list is ever in memory whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar


PAGE_MAX: Final = 500
"""Entries in a page; with more, one call would cost as much as many."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWanted:
    """Which part of a list a client wants to see."""

    limit: int = PAGE_MAX
    cursor: str | None = None
    """From the page before; None starts with the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list."""

    items: tuple[T, ...]
    next_cursor: str | None = None
    """Names the next page; None if there is none."""


def every_entry(read: Callable[[PageWanted], Page[T]]) -> Iterator[T]:
    """Go through a whole list, holding one page of it at a time."""
    cursor: str | None = None
    while True:
        page = read(PageWanted(cursor=cursor))
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
