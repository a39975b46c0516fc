"""What the market was like by second, kept in memory."""

from collections.abc import Sequence

from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.pages import Page, PageWanted
from domain.values import Symbol


class MemoryPrices:
    """Price paths and what was traded, over dictionaries."""

    def __init__(self) -> None:
        self.prices: dict[tuple[Symbol, int], PricePoint] = {}
        self._traded: dict[tuple[Symbol, int], TradedSecond] = {}

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        """Keep points of price paths, and what was traded."""
        for second in traded:
            self._traded.setdefault((second.symbol, second.second), second)
        for point in points:
            self.prices.setdefault((point.symbol, point.second), point)
        old = [key for key in self.prices if key[1] < keep_from]
        for key in old:
            del self.prices[key]

    def price_path(self, wanted: PathWanted, _page: PageWanted) -> Page[PricePoint]:
        """Return the path of a symbol, oldest first; there is only one page."""
        seen: dict[int, PricePoint] = {}
        for (symbol, second), point in sorted(self.prices.items()):
            if symbol == wanted.symbol and wanted.since <= second <= wanted.until:
                seen.setdefault((second - wanted.since) // wanted.step, point)
        return Page(items=tuple(seen.values()))

    def traded_seconds(self, wanted: PathWanted, _most: int) -> Sequence[TradedSecond]:
        """Return all that was traded of a symbol, oldest first."""
        of_symbol = (key for key in sorted(self._traded) if key[0] == wanted.symbol)
        return [self._traded[key] for key in of_symbol]
