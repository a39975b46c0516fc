"""The best prices of one side of a book, in order."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import Final


FEWEST: Final = 64
"""How many prices are put in order at first, and again once all of these are gone."""

MOST: Final = 192
"""Beyond so many, only the best ``FEWEST`` are kept in order."""

Price = tuple[Decimal, str]
"""A price, and the same as the venue writes it."""


class BestPrices:
    """Keeps the best of many prices in order, not all of them.

    Half of the levels that a venue states lie deep in its book, where nobody asks for
    their order. They cost one comparison here.
    """

    __slots__ = (
        "_edge",
        "_every",
        "_highest_first",
        "_ordered",
        "_written",
        "first",
        "first_written",
    )

    def __init__(
        self, every: Callable[[], Iterable[Price]], *, highest_first: bool
    ) -> None:
        """Begin without a price.

        Args:
            every: returns all prices, in any order.
            highest_first: whether the highest price is the best, else the lowest.
        """
        self._every = every
        self._highest_first = highest_first
        # Two parallel lists, ascending: all prices that reach the edge.
        self._ordered: list[Decimal] = []
        self._written: list[str] = []
        self._edge: Decimal | None = None
        """The worst price that belongs into the lists; None if all do."""

        self.first: Decimal | None = None
        """The best price; None if there is none."""

        self.first_written = ""
        """The same as written; empty if there is none."""

    def __iter__(self) -> Iterator[str]:
        """Yield all prices as written, best first; sorts those beyond the edge."""
        highest_first, edge = self._highest_first, self._edge
        yield from reversed(self._written) if highest_first else self._written
        if edge is not None:
            rest = [one for one in self._every() if self._is_beyond(one[0], edge)]
            rest.sort(reverse=highest_first)
            for _, written in rest:
                yield written

    def changed(self, prices: Iterable[Price]) -> None:
        """Note which prices came or went: each time, one that is there has gone."""
        ordered, edge = self._ordered, self._edge
        highest_first = self._highest_first
        for price, written in prices:
            if edge is not None and (price < edge if highest_first else price > edge):
                continue
            at = bisect_left(ordered, price)
            if at < len(ordered) and ordered[at] == price:
                del ordered[at], self._written[at]
            else:
                ordered.insert(at, price)
                self._written.insert(at, written)
        if not ordered:
            self.select()
            return
        if len(ordered) > MOST:
            self._forget_worst()
        best = -1 if highest_first else 0
        self.first, self.first_written = ordered[best], self._written[best]

    def select(self) -> None:
        """Put the best of all prices in order anew."""
        best_first = nlargest if self._highest_first else nsmallest
        best = best_first(FEWEST, self._every())
        self.first, self.first_written = best[0] if best else (None, "")
        # With fewer prices than that, none is beyond them.
        self._edge = best[-1][0] if len(best) == FEWEST else None
        best.sort()
        self._ordered = [price for price, _ in best]
        self._written = [written for _, written in best]

    def _forget_worst(self) -> None:
        worst = slice(0, -FEWEST) if self._highest_first else slice(FEWEST, None)
        del self._ordered[worst], self._written[worst]
        self._edge = self._ordered[0 if self._highest_first else -1]

    def _is_beyond(self, price: Decimal, edge: Decimal) -> bool:
        return price < edge if self._highest_first else price > edge
