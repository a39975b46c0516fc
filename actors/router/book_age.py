"""How old one symbol's book is while no frame of its own arrives."""

from typing import Final

from domain.market.updates import LATE_MAX_NS
from domain.ports.market_feed import MarketFeed
from domain.ports.runtime import Clock
from domain.values import Symbol


LOOK_SECONDS: Final = 0.25
"""How soon to check whether the venue has spoken again. An update of the symbol itself
needs no check; but another symbol's message, or a pong, does not reach the router."""


class BookAge:
    """When the venue last spoke on the connection that carries the symbol."""

    def __init__(self, clock: Clock, symbol: Symbol, feed: MarketFeed) -> None:
        self._clock = clock
        self._symbol = symbol
        self._feed = feed
        self.is_awaited = False
        """Whether something was not offered because the venue was silent."""

    def as_of_ns(self) -> int:
        """Return as of when the book is known, monotonic."""
        as_of_ns = self._feed.as_of_ns(self._symbol)
        return self._now_ns() if as_of_ns is None else as_of_ns

    def is_old(self, as_of_ns: int) -> bool:
        """Whether a book of that time is too old for anything to be offered."""
        return self._now_ns() - as_of_ns > LATE_MAX_NS

    def lag_ns(self) -> int:
        """Return how long ago the venue last spoke."""
        return self._now_ns() - self.as_of_ns()

    def begin_waiting(self) -> bool:
        """Wait for the venue to speak again; return False if waiting already."""
        was_awaited, self.is_awaited = self.is_awaited, True
        return not was_awaited

    def end_waiting(self) -> None:
        """Note that what was not offered is being matched again."""
        self.is_awaited = False

    def _now_ns(self) -> int:
        return self._clock.monotonic_ns()
