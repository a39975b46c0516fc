"""A router's state, for inspection."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from domain.market.order_book import BestLevels, LocalOrderBook
from domain.market.touch import Touch
from domain.matching.matcher import Matcher, WaitingOrder
from domain.reasons import BookState
from domain.values import OrderId, Symbol
from domain.venue.answers import TradingPause


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSnapshot:
    """A router's state between two messages, or while it handles one.

    Book, matcher, mappings and sets are the router's own, and must not be changed.
    """

    symbol: Symbol
    state: BookState
    pause: TradingPause | None
    is_venue_awaited: bool
    """Whether something was not offered because the venue was silent."""

    lag_ns: int
    """How long ago the venue last spoke."""

    best: BestLevels | None
    """What others are told of as the symbol's touch."""

    touch: Touch | None
    """The same as a touch, if it is recent."""

    book: LocalOrderBook
    epoch: int
    """The number of the current book."""

    matcher: Matcher
    remembered: AbstractSet[OrderId]
    """Orders whose executors the router knows."""

    away: AbstractSet[OrderId]
    """Those of them that were given slices."""

    @property
    def waiting(self) -> Mapping[OrderId, WaitingOrder]:
        """Return the orders in the index."""
        return self.matcher.waiting
