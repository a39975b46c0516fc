"""An order for the banner, at the prices of now."""

from collections.abc import Iterable
from typing import Final

from adapters.binance.rest import BinanceRest
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.orders.commands import PlaceOrder
from domain.orders.example_order import example_sell
from domain.venue.symbol_rules import TRADING, SymbolRules


_LEVELS: Final = 5


def example_order(
    rest: BinanceRest, choice: Iterable[SymbolRules]
) -> PlaceOrder | None:
    """Make an order that would fill at once; None when there is no price for it.

    Args:
        rest: tells the price.
        choice: the first of these that is traded now is taken.
    """
    rules = next((one for one in choice if one.status == TRADING), None)
    if rules is None:
        return None
    try:
        snapshot = rest.depth(rules.symbol, _LEVELS)
    except (VenueUnavailableError, MalformedMessageError):
        return None
    return example_sell(rules, snapshot.bids[0]) if snapshot.bids else None
