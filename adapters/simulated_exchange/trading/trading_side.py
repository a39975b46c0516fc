"""Puts the trading side together around a market."""

from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from adapters.simulated_exchange.clock import AdjustableClock, ids_from
from adapters.simulated_exchange.faults.faulty_exchange import FaultyExchange
from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.faults.order_faults import OrderFaults
from adapters.simulated_exchange.faults.trading_fault_switches import (
    TradingFaultSwitches,
)
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.exchange_info import ExchangeInfo
from adapters.simulated_exchange.rest.market_calls import RestApi
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.trading.account_calls import AccountCalls
from adapters.simulated_exchange.trading.account_endpoint import AccountEndpoint
from adapters.simulated_exchange.trading.account_keys import AccountBook
from adapters.simulated_exchange.trading.call_table import list_calls
from adapters.simulated_exchange.trading.calls import SignedRequest
from adapters.simulated_exchange.trading.client_ids import ClientIds
from adapters.simulated_exchange.trading.order_calls import OrderCalls
from adapters.simulated_exchange.trading.order_checks import OrderChecks
from adapters.simulated_exchange.trading.order_counts import OrderCounts
from adapters.simulated_exchange.trading.order_engine import OrderEngine
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.settlement import Settlement
from adapters.simulated_exchange.trading.signatures import HmacVerifier
from adapters.simulated_exchange.trading.signed_rest import SignedRestApi
from adapters.simulated_exchange.trading.symbol_rules import RuleBook
from adapters.simulated_exchange.trading.user_events import UserEvents
from adapters.simulated_exchange.trading.ws_api import WsApi
from adapters.simulated_exchange.trading.ws_session import WsServices
from adapters.simulated_exchange.wire.weights import WeightMeter


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingSideInputs:
    """What the trading side shares with the rest of the exchange."""

    settings: SimulatorSettings
    source: MarketSource
    info: ExchangeInfo
    meter: WeightMeter
    faults: Faults
    clock: AdjustableClock
    market: RestApi


class TradingSide:
    """Accounts, orders and signed calls of one exchange."""

    def __init__(self, inputs: TradingSideInputs) -> None:
        """Begin with the settings' account, if there is one, and no other."""
        self._inputs = inputs
        clock, right = inputs.clock, inputs.clock.right
        first_id = ids_from(right())
        source = inputs.source
        rules = RuleBook(inputs.info, source.instruments)
        self.accounts = AccountBook(rules.assets)
        self._open_first_account(inputs.settings)
        self.ledger = OrderLedger(first_id)
        self.events = UserEvents(clock, first_id)
        self.counts = OrderCounts(clock, enforce=inputs.settings.limits)
        settlement = Settlement(self.ledger, self.events, clock)
        settlement.on_first_fill = self.counts.fill
        books = {symbol: source.order_book(symbol) for symbol in source.instruments}
        self.order_engine = OrderEngine(books, rules, self.ledger, settlement, clock)
        checks = OrderChecks(rules, self.ledger, source, clock)
        ids = ClientIds(inputs.settings.seed, right())
        self._orders = OrderCalls(self.order_engine, self.ledger, checks, ids, right)
        self.calls = list_calls(
            self._orders, AccountCalls(rules, self.ledger, self.counts, right)
        )
        armed = OrderFaults(inputs.settings.seed, inputs.faults.applied)
        self._armed = armed
        self.exchange = FaultyExchange(armed, self.counts, clock, self._fill_first)
        self.ws_api = self._open_ws_api()
        self.faults = TradingFaultSwitches(
            armed, clock, rules, self.order_engine, (self.accounts, self.ledger)
        )
        self.faults.subscriptions = self.events.count
        self.faults.ws_clients = lambda: list(self.ws_api.sessions.values())

    def _open_first_account(self, settings: SimulatorSettings) -> None:
        if settings.api_key:
            account = self.accounts.open(settings.api_key, None)
            verifier = HmacVerifier(settings.api_secret)
            self.accounts.add_key(settings.api_key, account, verifier)

    def add_routes(self, app: web.Application) -> None:
        """Add signed calls, accounts and the audit to an application."""
        inputs = self._inputs
        SignedRestApi(
            self.calls,
            self.exchange,
            self.accounts,
            (inputs.meter, self.counts),
            (inputs.faults, inputs.clock),
        ).add_routes(app)
        self.ws_api.add_routes(app)
        AccountEndpoint(self.accounts, self.ledger).add_routes(app)

    def _open_ws_api(self) -> WsApi:
        inputs = self._inputs
        services = WsServices(
            calls=self.calls,
            exchange=self.exchange,
            accounts=self.accounts,
            market=inputs.market,
            meter=inputs.meter,
            counts=self.counts,
            clock=inputs.clock,
        )
        return WsApi(services, inputs.settings, self.events, self._armed, inputs.faults)

    def _fill_first(self, request: SignedRequest) -> None:
        """Fill the order that a cancel is about, or those, if they are open."""
        account, parameters = request.caller.account, request.parameters
        if "orderId" in parameters or "origClientOrderId" in parameters:
            with suppress(VenueError):  # the cancel itself will say so
                order = self._orders.find(account, parameters)
                if order.is_open:
                    self.order_engine.fill_outside(order)
        else:
            for order in self.ledger.open_orders(account, parameters.symbol()):
                self.order_engine.fill_outside(order)
