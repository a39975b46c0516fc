"""A symbol's touch as of now, for those who record it with what they do."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from actors.router.book_age import BookAge
from domain.market.order_book import BestLevels, LocalOrderBook, touch_of
from domain.market.touch import Touch
from domain.orders.level_taken import LevelStatement
from domain.ports.market_feed import MarketFeed
from domain.ports.runtime import Clock
from domain.values import Side, Symbol


TouchOf = Callable[[Symbol], Touch | None]
"""Returns a symbol's touch as of now. Any thread may call; nobody waits."""


def no_touch(_symbol: Symbol) -> None:
    """Know no touch: where nothing is traded."""


class CurrentTouch:
    """The touch that a symbol's router knows; it outlives the routers.

    The router notes its book's best levels after each frame. Anybody may read them, in
    any thread: what is noted is never changed, only replaced, so nobody asks the router
    and waits for it. Nor for what the book says of a single level.
    """

    def __init__(self, clock: Clock, symbol: Symbol, feed: MarketFeed) -> None:
        self.symbol = symbol
        self._clock = clock
        self._age = BookAge(clock, symbol, feed)
        self.best: BestLevels | None = None
        """Of the book in step; None if there is none. Only the router writes it."""

        self._book: LocalOrderBook | None = None

    def note(self, book: LocalOrderBook) -> None:
        """Note the touch of a book that is in step."""
        self.best, self._book = book.best_levels(), book

    def lose(self) -> None:
        """Note that there is no book in step."""
        self.best = self._book = None

    def statement_at(self, side: Side, price: Decimal) -> LevelStatement | None:
        """Return what the book says of a level that an order of ``side`` takes."""
        book = self._book
        return None if book is None else book.taken_by(side).statement_at(price)

    def read(self) -> Touch | None:
        """Return the touch; None if the book is out of step, or too old."""
        best = self.best
        if best is None:
            return None
        as_of_ns = self._age.as_of_ns()
        return None if self._age.is_old(as_of_ns) else self.at(best, as_of_ns)

    def at(self, best: BestLevels, as_of_ns: int) -> Touch:
        """Return the touch of best levels that are known as of a time, monotonic."""
        age_ns = max(self._clock.monotonic_ns() - as_of_ns, 0)
        age = timedelta(microseconds=age_ns // 1000)
        return touch_of(best, self._clock.now() - age)
