"""An order for the banner, at the prices of now."""

from typing import Final

from adapters.binance.rest import BinanceRest
from domain.commands import PlaceOrder
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.example import example_sell
from domain.instrument import SymbolRules


_LEVELS: Final = 5


def example_order(rest: BinanceRest, rules: SymbolRules) -> PlaceOrder | None:
    """Make an order that would fill at once; None when there is no price for it."""
    try:
        snapshot = rest.depth(rules.symbol, _LEVELS)
    except (VenueUnavailableError, MalformedMessageError):
        return None
    return example_sell(rules, snapshot.bids[0]) if snapshot.bids else None
