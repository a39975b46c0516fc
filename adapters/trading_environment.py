"""Market and venue of the orders, and whether real money moves, for summaries."""

from dataclasses import dataclass
from typing import Self

from adapters.configuration.settings import ServeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingEnvironment:
    """Where an order was traded, in the operator's words."""

    market: str
    """Such as ``simulated``."""

    venue: str
    """Such as ``paper``."""

    is_real_money: bool = False

    @classmethod
    def under(cls, settings: ServeSettings) -> Self:
        """Return what a service with these settings trades on."""
        return cls(
            market=settings.market,
            venue=settings.venue,
            is_real_money=settings.moves_real_money,
        )

    def __str__(self) -> str:
        """Describe it in a few words."""
        money = ", REAL MONEY" if self.is_real_money else ""
        return f"{self.market} market, {self.venue} fills{money}"
