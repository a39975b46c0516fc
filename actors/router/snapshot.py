"""How a router stands, for whoever inspects it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from domain.market.order_book import LocalOrderBook
from domain.matching.matcher import Matcher, WaitingOrder
from domain.reasons import BookState
from domain.values import OrderId, Symbol
from domain.venue.answers import TradingPause


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSnapshot:
    """How a router stands between two messages, or within the handling of one.

    Book, matcher, mappings and sets are the router's own, to look at only.
    """

    symbol: Symbol
    state: BookState
    pause: TradingPause | None
    is_venue_awaited: bool
    """Whether something was not offered because the venue is silent."""

    book: LocalOrderBook
    epoch: int
    """Counts the books."""

    matcher: Matcher
    remembered: AbstractSet[OrderId]
    """Orders whose executors it knows."""

    away: AbstractSet[OrderId]
    """Those of them that were given something."""

    @property
    def waiting(self) -> Mapping[OrderId, WaitingOrder]:
        """Return the orders in the index."""
        return self.matcher.waiting
