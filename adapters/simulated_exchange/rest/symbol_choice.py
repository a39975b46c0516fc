"""Which symbols a market data request is about."""

from collections.abc import Callable

from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.exchange_info import ExchangeInfo
from adapters.simulated_exchange.rest.parameters import Parameters, VenueError
from adapters.simulated_exchange.wire import payloads


class SymbolChoice:
    """Reads `symbol`, `symbols` and `symbolStatus`."""

    def __init__(self, source: MarketSource, info: ExchangeInfo) -> None:
        """Choose from what is listed."""
        self._source = source
        self._info = info

    def one(self, parameters: Parameters) -> str:
        """Return the mandatory symbol.

        Raises:
            VenueError: It is missing, not listed, or has another status.
        """
        symbol = parameters.symbol()
        if not self._is_listed(symbol):
            raise VenueError(-1121, "Invalid symbol.")
        if not self._has_status(symbol, parameters):
            raise VenueError(-1220, "The symbol's status does not match.")
        return symbol

    def named(self, parameters: Parameters) -> list[str] | None:
        """Return the symbols of a `symbols` parameter; None when it was not sent.

        Raises:
            VenueError: `symbol` was sent as well, or one is not listed.
        """
        if "symbols" not in parameters:
            return None
        if "symbol" in parameters:
            raise VenueError(-1128, "Combination of optional parameters invalid.")
        names = parameters.symbols()
        if not all(map(self._is_listed, names)):
            raise VenueError(-1121, "Invalid symbol.")
        return names

    def written(self, parameters: Parameters, write: Callable[[str], str]) -> bytes:
        """Return the element of one symbol, or an array of those of some or all."""
        names = self.named(parameters)
        if names is None and "symbol" in parameters:
            return write(self.one(parameters)).encode()
        if names is None:
            names = list(filter(self._is_listed, self._source.instruments))
        return payloads.array(
            write(name) for name in names if self._has_status(name, parameters)
        )

    def _is_listed(self, symbol: str) -> bool:
        is_forgotten = symbol in self._info.forgotten
        return symbol in self._source.instruments and not is_forgotten

    def _has_status(self, symbol: str, parameters: Parameters) -> bool:
        if "symbolStatus" not in parameters:
            return True
        return parameters.status() == self._info.status(symbol)
