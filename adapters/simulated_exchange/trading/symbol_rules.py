"""What may be done in each symbol now: its status, filters and order types."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.rest.exchange_info import ORDER_TYPES, ExchangeInfo
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.trading.filters import FilterInputs, Filters
from adapters.simulated_exchange.trading.orders import OrderRequest


DELISTED: Final = "DELISTED"
"""Asks for a symbol to be forgotten."""


class ListedSymbolRules:
    """The rules of one symbol, as exchangeInfo describes them at present."""

    def __init__(self, described: dict[str, Any], instrument: Instrument) -> None:
        """Read a description."""
        self.described = described
        self.base = str(described.get("baseAsset", instrument.base_asset))
        self.quote = str(described.get("quoteAsset", instrument.quote_asset))
        self.filters = Filters(described.get("filters", ()))
        self.order_types = frozenset(described.get("orderTypes", ORDER_TYPES))
        default = described.get("defaultSelfTradePreventionMode", "NONE")
        self.prevention = str(default)
        self.preventions = frozenset(
            described.get("allowedSelfTradePreventionModes", ["NONE"])
        )
        self._instrument = instrument

    @property
    def status(self) -> str:
        """TRADING, HALT, BREAK and so on."""
        return str(self.described.get("status", "TRADING"))

    @property
    def step(self) -> int:
        """Quantities are multiples of this."""
        return self.filters.figure("LOT_SIZE", "stepSize") or self._instrument.step

    def check(self, request: OrderRequest, inputs: FilterInputs) -> None:
        """Let an order pass, or refuse it before it reaches the engine.

        Raises:
            VenueError: A filter fails, or the type or prevention mode is not allowed.
        """
        kind, mode = request.kind, request.prevention
        if kind not in self.order_types:
            text = f"{kind.capitalize()} orders are not supported for this symbol."
            raise VenueError(-2010, text)
        if mode and mode not in self.preventions:
            text = "This symbol does not allow the specified self-trade prevention mode"
            raise VenueError(-1013, text + ".")
        self.filters.check(request, inputs)
        # The market's own resolution, in case a file's rules are finer.
        if request.price % self._instrument.tick:
            raise VenueError(-1013, "Filter failure: PRICE_FILTER")
        if request.quantity % self._instrument.step:
            raise VenueError(-1013, "Filter failure: LOT_SIZE")


class RuleBook:
    """The rules of every symbol; they can be changed and restored."""

    def __init__(
        self, info: ExchangeInfo, instruments: Mapping[str, Instrument]
    ) -> None:
        """Take them from exchangeInfo, which shows every change."""
        self._info = info
        self._instruments = instruments
        self._original: dict[str, dict[str, Any]] = {}
        self._rules = {
            symbol: ListedSymbolRules(described, instruments[symbol])
            for symbol, described in info.described.items()
            if symbol in instruments
        }

    def __contains__(self, symbol: str) -> bool:
        """Return whether the symbol can be traded at all."""
        return symbol in self._rules

    def of(self, symbol: str) -> ListedSymbolRules:
        """Return a symbol's rules.

        Raises:
            VenueError: -1121 when it is not listed.
        """
        rules = self._rules.get(symbol)
        if rules is None:
            raise VenueError(-1121, "Invalid symbol.")
        return rules

    def assets(self) -> list[str]:
        """Return every asset that is traded."""
        rules = self._rules.values()
        return sorted({asset for one in rules for asset in (one.base, one.quote)})

    def set_status(self, symbol: str, status: str) -> None:
        """Change a symbol's status, or list it no more.

        Raises:
            SimulatorError: The symbol has no rules.
        """
        described = self._copy(symbol)
        if status == DELISTED:
            del self._rules[symbol]
            self._info.forget(symbol)
            return
        described["status"] = status
        self._show(symbol, described)

    def change_filters(
        self, symbol: str, changes: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Change figures of a symbol's filters; a filter that was not there is added.

        Raises:
            SimulatorError: A figure cannot be read, or the symbol has no rules.
        """
        described = self._copy(symbol)
        listed = described.setdefault("filters", [])
        by_type = {one["filterType"]: one for one in listed}
        for name, fields in changes.items():
            if name not in by_type:
                by_type[name] = {"filterType": name}
                listed.append(by_type[name])
            by_type[name].update(fields)
        try:
            self._show(symbol, described)
        except (ValueError, TypeError) as error:
            message = f"bad fault: {error}"
            raise SimulatorError(message) from error

    def restore(self) -> list[str]:
        """Undo every change; return the symbols that had any."""
        changed = list(self._original)
        for symbol, described in self._original.items():
            self._show(symbol, described)
        self._original.clear()
        return changed

    def _copy(self, symbol: str) -> dict[str, Any]:
        if symbol not in self._rules:
            raise SimulatorError(f"bad fault: {symbol} cannot be traded")
        described = self._rules[symbol].described
        self._original.setdefault(symbol, described)
        return copy.deepcopy(described)

    def _show(self, symbol: str, described: dict[str, Any]) -> None:
        rules = ListedSymbolRules(described, self._instruments[symbol])
        self._rules[symbol] = rules
        self._info.describe(symbol, described)
