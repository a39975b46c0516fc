"""The whole service in one process: everything is put together here."""

import gc
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Self

from actors import names
from actors.gateway.ban_record import ban_recorder
from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.gateway.permits import Permits
from actors.intake.desk import ActorDesk
from actors.messages.desk import Recovered
from actors.rules_keeper import RulesBook
from actors.runtime.addresses import ActorAddress, Directory
from actors.runtime.threaded import EndWatch, ThreadedRuntime
from actors.runtime.timers import NANOSECONDS
from actors.supervision.specifications import RestartBudget
from actors.system import SystemDependencies, drain, start_system
from adapters.clock import SystemClock
from adapters.configuration.risk_options import check_assets_of_limits
from adapters.configuration.settings import ServeSettings
from adapters.http.access_control import AccessControl
from adapters.http.app import QUICK_CALLS, URGENT_CALLS, create_app
from adapters.http.server import HttpServer, take_address
from adapters.http.wire_server import LoopWork
from adapters.ids import OrderIds
from adapters.metrics import PrometheusMeter
from adapters.persistence.opening import open_database
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.process.signals import GracefulSignals
from adapters.terminal.banner import StartFacts
from adapters.terminal.console import Console
from adapters.trading_context import TradingContext
from adapters.venues import open_venue
from domain.errors import DeskTimeoutError
from domain.orders.commands import PlaceOrder
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.orders.example_order import example_sell
from domain.ports.venue_connection import VenueConnection
from domain.values import Symbol
from domain.venue.symbol_rules import TRADING, SymbolRules
from domain.venue.unknown_outcome import ResolutionTimes


PROGRAM: Final = Path(__file__).resolve().parents[1] / "run.py"
"""Its ``simulate`` command is the simulated exchange."""

DRAIN_SECONDS: Final = 3.0
"""How long child orders in flight may take to settle when the service stops."""

HTTP_GRACE_SECONDS: Final = 1.0
RECOVERY_SECONDS: Final = 120.0
RECOVERY_LOOK_SECONDS: Final = 0.2
"""How often the wait for the recovery looks whether it is still wanted."""


class Service:
    """The whole service in one process; what is started first is stopped last."""

    def __init__(
        self,
        settings: ServeSettings,
        signals: GracefulSignals,
        budget: RestartBudget | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            settings: of the service.
            signals: end it.
            budget: how often actors may fail before their supervisor gives up.
        """
        self._settings = settings
        self._signals = signals
        self._budget = budget or RestartBudget()
        self._clock = SystemClock()
        self._meter = PrometheusMeter()
        self._threads = ThreadedRuntime(
            clock=self._clock, threads=settings.threads, meter=self._meter
        )
        self._watch = EndWatch(on_end=signals.request_stop)
        self._stack = ExitStack()
        self.url = ""
        """Of the HTTP interface, once started."""

    def __enter__(self) -> Self:
        """Start everything; on an error stop what was started."""
        with self._signals.starting(), ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, the last started first."""
        self._stack.close()

    @property
    def directory(self) -> Directory:
        """Where the actors are found."""
        return self._threads.runtime.directory

    @property
    def has_failed(self) -> bool:
        """Whether the actors gave up."""
        return self._watch.failure is not None

    @property
    def failure(self) -> BaseException | None:
        """Why the actors gave up; None if they did not."""
        return self._watch.failure

    def _start(self, stack: ExitStack) -> None:
        settings = self._settings
        address = stack.enter_context(take_address(settings.host, settings.port))
        venue = settings.venue_of_orders
        store, queries = open_database(settings.database, venue, stack)
        connection = self._open_venue(stack, store)
        rules = self._read_rules(connection, queries)
        console = self._open_console(queries, rules)
        stack.callback(console.close)
        desk = self._open_desk(rules)
        http = self._open_http(desk, queries, address)
        stack.callback(http.stop, HTTP_GRACE_SECONDS)
        around = SystemDependencies(
            rules=rules,
            feed=connection.feed,
            store=store,
            announcer=console,
            meter=self._meter,
            access=self._access(connection, store),
            untraded=queries.open_symbols_besides(rules),
            read_rules=partial(connection.known_rules, settings.symbols),
            symbol_budget=self._budget,
            root_budget=self._budget,
        )
        account = stack.enter_context(ExitStack())  # heard while children settle
        stack.callback(self._signals.say_stopped, queries.count_open)
        self._start_actors(stack, around, desk)
        recovered = self._recovered(desk)
        gateway = self.directory.address(names.GATEWAY)
        account.enter_context(connection.account_events(gateway))
        gc.collect()
        gc.freeze()  # going through 100,000 executors would take all our time
        http.start()
        self.url = http.url
        facts = self._facts(recovered, connection, rules)
        console.print_banner(replace(facts, halt=store.halt()))

    def _open_venue(self, stack: ExitStack, store: SqlTradeStore) -> VenueConnection:
        self._signals.check()
        connection = open_venue(
            self._settings,
            PROGRAM,
            stack,
            clock=self._clock,
            meter=self._meter,
            run_woken_actors=self._threads.runtime.dispatcher.run_woken_actors,
        )
        if connection.records_since is None:  # else it is our own, and ends with us
            address = connection.address
            keep = ban_recorder(self.directory, store, address)
            connection.remember_ban(store.rate_limited_until(address), keep)
        return connection

    def _read_rules(
        self, connection: VenueConnection, queries: SqlOrderQueries
    ) -> RulesBook:
        symbols, risk = self._settings.symbols, self._settings.risk
        rules = connection.rules(symbols, was_listed=queries.has_orders)
        check_assets_of_limits(risk, rules.values())
        return RulesBook(rules)

    def _open_console(
        self, queries: SqlOrderQueries, rules: Mapping[Symbol, SymbolRules]
    ) -> Console:
        return Console(
            stream=sys.stdout,
            queries=queries,
            rules_of=lambda symbol: rules.get(symbol, SymbolRules(symbol=symbol)),
            traded_on=TradingContext.under(self._settings),
        )

    def _open_desk(self, rules: Mapping[Symbol, SymbolRules]) -> ActorDesk:
        return ActorDesk(
            runtime=self._threads.runtime,
            rules=rules,
            new_order_id=OrderIds(self._clock),
            labels=(self._settings.market, self._settings.venue),
            is_real_money=self._settings.moves_real_money,
        )

    def _open_http(
        self, desk: ActorDesk, queries: SqlOrderQueries, address: socket.socket
    ) -> HttpServer:
        traded_on = TradingContext.under(self._settings)
        host, port = self._settings.host, self._settings.port
        doors = AccessControl((host, *self._settings.allowed_hosts))
        meter = self._meter
        app = create_app(desk, queries, traded_on, meter.scrape, meter, doors)
        work = LoopWork(
            quick_calls=QUICK_CALLS,
            urgent_calls=URGENT_CALLS,
            run_woken_actors=self._threads.runtime.dispatcher.run_woken_actors,
        )
        return HttpServer(app, host, port, taken=address, work=work)

    def _access(
        self, connection: VenueConnection, store: SqlTradeStore
    ) -> GatewayConfig:
        if connection.venue is None:
            paper = PaperVenue(self._clock.now)
            return GatewayConfig(venue=paper, limits=self._settings.risk)
        return GatewayConfig(
            venue=connection.venue,
            workers=connection.concurrent_calls,
            times=ResolutionTimes(window=self._settings.unknown_window),
            limits=self._settings.risk,
            sends_from_ns=(
                self._clock.monotonic_ns() + OFFER_AGE_MAX_NS
                if store.predecessor_may_live
                else 0
            ),
            records_since=connection.records_since,
        )

    def _start_actors(
        self, stack: ExitStack, around: SystemDependencies, desk: ActorDesk
    ) -> None:
        self._signals.trading()
        stack.enter_context(self._threads)
        self._meter.add_gauges(
            "mailbox_messages",
            "Messages waiting for an actor; executors are left out",
            "actor",
            lambda: self.directory.mailbox_lengths(without="/order/"),
        )
        self._meter.add_gauges(
            "orders_on_hold",
            "Open orders that wait for a person",
            "symbol",
            desk.orders_on_hold,
        )
        root = start_system(self._threads.runtime, around, self._watch)
        stack.callback(self._drain, root, desk, around.access.permits)

    def _recovered(self, desk: ActorDesk) -> Recovered:
        """Wait until all open orders are worked again, or nobody wants that any more.

        Raises:
            DeskTimeoutError: it takes too long.
        """
        started_ns = self._clock.monotonic_ns()
        while True:
            self._signals.check()
            try:
                return desk.await_recovery(RECOVERY_LOOK_SECONDS)
            except DeskTimeoutError:
                waited_ns = self._clock.monotonic_ns() - started_ns
                if waited_ns > RECOVERY_SECONDS * NANOSECONDS:
                    raise

    def _drain(self, root: ActorAddress, desk: ActorDesk, permits: Permits) -> None:
        desk.close()
        drain(root, cancel_orders=self._settings.cancel_on_stop)
        permits.close(WithheldReason.STOPPING.value)
        self._watch.wait(DRAIN_SECONDS)

    def _facts(
        self,
        recovered: Recovered,
        connection: VenueConnection,
        rules: Mapping[Symbol, SymbolRules],
    ) -> StartFacts:
        settings = self._settings
        paused = [one for one in rules.values() if one.status != TRADING]
        return StartFacts(
            market=f"{settings.market} ({connection.market_address})",
            venue=settings.venue,
            live=settings.moves_real_money,
            symbols=settings.symbols,
            database=settings.database,
            host=settings.host,
            url=self.url,
            recovered_orders=recovered.orders,
            untraded_orders=recovered.untraded_orders,
            cancel_on_stop=settings.cancel_on_stop,
            paused_symbols=tuple(f"{one.symbol} ({one.status})" for one in paused),
            example=_example_order(connection, rules.values()),
        )


def _example_order(
    connection: VenueConnection, choice: Iterable[SymbolRules]
) -> PlaceOrder | None:
    """Make an order that would fill at once; None when there is no price for it.

    Args:
        connection: tells the price.
        choice: the first of these that is traded now is taken.
    """
    rules = next((one for one in choice if one.status == TRADING), None)
    if rules is None:
        return None
    best_bid = connection.best_bid(rules.symbol)
    return None if best_bid is None else example_sell(rules, best_bid)
