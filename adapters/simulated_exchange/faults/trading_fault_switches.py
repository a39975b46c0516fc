"""Throws the fault switches of the trading side."""

from collections import Counter
from collections.abc import Callable

from msgspec import to_builtins

from adapters.simulated_exchange.clock import AdjustableClock
from adapters.simulated_exchange.faults.order_fault_requests import (
    AnyTradingFault,
    ClockSkew,
    RuleChange,
    StandingFault,
    SymbolStatusFault,
    Wipe,
)
from adapters.simulated_exchange.faults.order_faults import OrderFaults
from adapters.simulated_exchange.trading.account_keys import AccountBook
from adapters.simulated_exchange.trading.order_engine import OrderEngine
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.symbol_rules import RuleBook
from adapters.simulated_exchange.wire.connection import StreamConnection


class TradingFaultSwitches:
    """Arms what requests meet, and does at once what is done at once."""

    def __init__(
        self,
        armed: OrderFaults,
        clock: AdjustableClock,
        rules: RuleBook,
        order_engine: OrderEngine,
        books: tuple[AccountBook, OrderLedger],
    ) -> None:
        """Act on these."""
        self.armed = armed
        self._clock = clock
        self._rules = rules
        self._order_engine = order_engine
        self._accounts, self._ledger = books
        self.ws_clients: Callable[[], list[StreamConnection]] = list
        """Lists the connections to the WebSocket API."""
        self.subscriptions: Callable[[], int] = int
        """Counts the subscriptions to user data."""
        self._standing: dict[tuple[str, str], StandingFault] = {}

    def throw(self, fault: AnyTradingFault, applied: Counter[str]) -> None:
        """Throw a switch.

        Raises:
            SimulatorError: A parameter is wrong.
        """
        match fault:
            case ClockSkew():
                self._clock.skew_ms = fault.milliseconds
            case Wipe():
                self.wipe()
            case SymbolStatusFault():
                self._set_status(fault.symbol, fault.status)
            case RuleChange():
                self._rules.change_filters(fault.symbol, fault.filters)
            case _:
                self.armed.arm(fault)
                return
        tag = str(fault.__struct_config__.tag)
        applied[tag] += 1
        if not isinstance(fault, Wipe):
            self._standing[tag, getattr(fault, "symbol", "")] = fault

    def wipe(self) -> None:
        """Forget orders, trades and balances; keys stay and ids go on."""
        self._order_engine.drop_all()
        self._ledger.forget()
        for account in self._accounts:
            account.begin_anew()

    def clear(self) -> None:
        """Disarm everything, and undo what lasts."""
        self.armed.clear()
        self._standing.clear()
        self._clock.skew_ms = 0
        for symbol in self._rules.restore():
            self._set_halted(symbol)

    def describe(self) -> list[object]:
        """Return what is armed or lasts, as JSON values."""
        return [*self.armed.describe(), *map(to_builtins, self._standing.values())]

    def _set_status(self, symbol: str, status: str) -> None:
        self._rules.set_status(symbol, status)
        self._set_halted(symbol)

    def _set_halted(self, symbol: str) -> None:
        is_listed = symbol in self._rules
        halted = not is_listed or self._rules.of(symbol).status != "TRADING"
        self._order_engine.books[symbol].halt(halted=halted)
