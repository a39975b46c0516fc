"""The events of the seeded market. Prices and quantities are integers of 1e-8."""

from dataclasses import dataclass


ScaledLevels = tuple[tuple[int, int], ...]
"""(price, quantity) pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchChanged:
    """Best price or quantity of a symbol changed; quantity 0 means no such side."""

    symbol: str
    update_id: int
    bid: int
    bid_quantity: int
    ask: int
    ask_quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePrinted:
    """One maker was met by a taker."""

    symbol: str
    trade_id: int
    price: int
    quantity: int
    at_ms: int
    buyer_is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TradesAggregated:
    """The trades of one taker at one price, summed."""

    symbol: str
    aggregate_id: int
    price: int
    quantity: int
    first_trade_id: int
    last_trade_id: int
    at_ms: int
    buyer_is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthChanged:
    """Levels changed since the previous event of the same interval."""

    symbol: str
    interval_ms: int
    first_id: int
    last_id: int
    at_ms: int
    bids: ScaledLevels
    """Absolute quantities, best price first; quantity 0 means the level is gone."""
    asks: ScaledLevels


MarketEvent = TouchChanged | TradePrinted | TradesAggregated | DepthChanged
