"""What the wire side asks of a market, seeded or recorded."""

from dataclasses import dataclass
from typing import Protocol

from adapters.simulated_exchange.history.trade_history import TradeHistory
from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.market.order_book import OrderBook


TextLevels = list[tuple[str, str]]
"""(price, quantity) as the venue writes them, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleBook:
    """A symbol's book at one update id."""

    last_update_id: int
    bids: TextLevels
    asks: TextLevels
    body: bytes | None = None
    """The recorded reply with exactly this book, to be served as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchView:
    """Best price and quantity of both sides; zero text where there is none."""

    bid: str
    bid_quantity: str
    ask: str
    ask_quantity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePrice:
    """Volume-weighted price of the last minutes; the close time is the last trade's."""

    minutes: int
    price: str
    close_time_ms: int


class MarketSource(Protocol):
    """A market at its present moment."""

    @property
    def instruments(self) -> dict[str, Instrument]:
        """Every listed symbol, in the order of exchangeInfo."""

    def book(self, symbol: str, limit: int) -> VisibleBook:
        """Return at most `limit` levels a side."""

    def touch(self, symbol: str) -> TouchView:
        """Return the best bid and ask."""

    def last_price(self, symbol: str) -> str:
        """Return the last trade's price, or the middle before any trade."""

    def history(self, symbol: str) -> TradeHistory:
        """Return what the tape has printed so far."""

    def now_ms(self) -> int:
        """Return the moment of the tape, ms since 1970 UTC: of a recording, its own."""

    def average_price(self, symbol: str) -> AveragePrice:
        """Return the average price of the last five minutes."""

    def order_book(self, symbol: str) -> OrderBook:
        """Return the book of a symbol, to trade in; the same market for everybody."""

    def renumber(self, symbol: str) -> None:
        """Restart a symbol's update ids.

        Raises:
            SimulatorError: They are those of a recording.
        """

    async def run(self) -> None:
        """Let the market live and publish what happens, until cancelled."""

    def describe(self) -> dict[str, object]:
        """Return what the control endpoint shows of it."""
