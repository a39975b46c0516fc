"""Trade Executor: the commands, and the one place where everything is put together."""

import sys

from adapters.process.early_signals import EARLY
from adapters.process.missing_resources import say_lack_in_one_line


if __name__ == "__main__":
    sys.excepthook = say_lack_in_one_line
    EARLY.take(is_wish=sys.argv[1:2] in ([], ["serve"]) or sys.argv[1][:1] == "-")

from adapters.cli.client_commands import CLIENT_COMMANDS, build_client_cli
from adapters.cli.entry_point import run_cli


if __name__ == "__main__" and sys.argv[1:2] and sys.argv[1] in CLIENT_COMMANDS:
    EARLY.give_back()
    # Before the rest is loaded: on a busy machine that takes seconds, and a halt has
    # none to lose.
    sys.exit(run_cli(build_client_cli(), sys.argv[1:]))

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, Self

from actors import names
from actors.gateway.ban_record import ban_recorder
from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.gateway.permits import Permits
from actors.intake.actor_desk import ActorDesk
from actors.messages.client_requests import Recovered
from actors.replay import Replay
from actors.rules_keeper import RulesBook
from actors.runtime.addresses import ActorAddress, Directory
from actors.runtime.threaded import EndWatch, ThreadedRuntime, made_to_stay
from actors.runtime.timers import NANOSECONDS
from actors.supervision.specifications import RestartBudget
from actors.system import SystemDependencies, drain, start_system
from adapters.access.audit_log import AuditLog
from adapters.cli.commands import build_cli
from adapters.clock import SystemClock
from adapters.configuration.risk_options import check_assets_of_limits
from adapters.configuration.settings import ReplaySettings, ServeSettings
from adapters.events.stream import EventStream
from adapters.http.server import take_address
from adapters.http.service_interface import ServedParts, build_server
from adapters.ids import OrderIds
from adapters.metrics.meter import PrometheusMeter
from adapters.metrics.service_gauges import show_state
from adapters.persistence.audit_trail import open_audit_trail
from adapters.persistence.order_overview import OrderOverview
from adapters.persistence.owned_database import open_as_owner
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.persistence.tokens import open_live_tokens
from adapters.persistence.webhook_rows import WebhookTable
from adapters.process.logs import end_process, logging_to_stderr
from adapters.process.redaction import secrets_in
from adapters.process.resources import (
    exhaustion_in_one_line,
    forbid_core_files,
    require_open_files,
)
from adapters.process.signals import (
    GracefulSignals,
    StartFailedError,
    StoppedWhileStartingError,
)
from adapters.process.thread_guard import ThreadGuard
from adapters.replay.files import (
    ReplayInput,
    read_orders,
    read_rules,
    result_text,
    write_result,
)
from adapters.replay.memory_store import MemoryStore
from adapters.simulated_exchange.command import simulate
from adapters.terminal.banner import Found, start_facts
from adapters.terminal.console import open_console
from adapters.trading_environment import TradingEnvironment
from adapters.venue_factory import open_venue, recorded_format, secrets_of_account
from adapters.webhooks.opening import open_webhooks, secrets_of_webhooks
from domain.errors import DeskTimeoutError
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.ports.venue_connection import VenueConnection
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules
from domain.venue.unknown_outcome import ResolutionTimes


logger = logging.getLogger(__name__)

PROGRAM: Final = Path(__file__).resolve()
"""Its ``simulate`` command is the simulated exchange."""

DRAIN_SECONDS: Final = 3.0
"""How long child orders in flight may take to settle when the service stops."""

HTTP_GRACE_SECONDS: Final = 1.0
RECOVERY_SECONDS: Final = 600.0
"""A million open orders on a busy machine take that long; the API answers meanwhile."""

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
        store, queries = open_as_owner(settings.database, venue, stack)
        connection = self._open_venue(stack, store)
        overview = OrderOverview(queries)
        rules = self._read_rules(connection, overview)
        events = EventStream(queries)
        traded_on = TradingEnvironment.under(settings)
        console = open_console(events, queries, rules, traded_on, stack)
        desk = self._open_desk(rules)
        parts = self._parts(events, queries, desk, store, stack)
        http = build_server(settings, parts, address)
        stack.callback(http.stop, HTTP_GRACE_SECONDS)
        dependencies = SystemDependencies(
            rules=rules,
            feed=connection.feed,
            store=store,
            publisher=events,
            access=self._access(connection, store),
            untraded=overview.open_symbols_besides(rules),
            read_rules=partial(connection.known_rules, settings.symbols),
            price_path_days=settings.price_path_days,
            symbol_budget=self._budget,
            root_budget=self._budget,
        )
        account = stack.enter_context(ExitStack())  # heard while children settle
        stack.callback(self._signals.say_stopped, overview.count)
        show_state(self._meter, settings, self._clock, desk, overview, connection)
        with made_to_stay():
            self._start_actors(stack, dependencies, desk)
            http.start()  # orders are worked from now on, so a halt has to get in
            self.url = http.url
            recovered = self._recovered(desk)
        self._hear(connection, account)
        found = Found(url=self.url, open_orders=recovered.counts, halt=store.halt())
        console.print_banner(start_facts(settings, connection, rules.values(), found))

    def _hear(self, connection: VenueConnection, stack: ExitStack) -> None:
        """Have passed on what the venue says by itself, beside prices."""
        address, symbols = self.directory.address, self._settings.symbols
        gateway, recorder = address(names.GATEWAY), address(names.PRICE_RECORDER)
        stack.enter_context(connection.account_events(gateway))
        if self._settings.trades:
            stack.enter_context(connection.public_trades(symbols, recorder))

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
        self, connection: VenueConnection, overview: OrderOverview
    ) -> RulesBook:
        symbols, risk = self._settings.symbols, self._settings.risk
        rules = connection.rules(symbols, was_listed=overview.has_orders)
        check_assets_of_limits(risk, rules.values())
        return RulesBook(rules)

    def _open_desk(self, rules: Mapping[Symbol, SymbolRules]) -> ActorDesk:
        return ActorDesk(
            runtime=self._threads.runtime,
            rules=rules,
            new_order_id=OrderIds(self._clock),
            labels=(self._settings.market, self._settings.venue),
            is_real_money=self._settings.moves_real_money,
        )

    def _parts(
        self,
        events: EventStream,
        queries: SqlOrderQueries,
        desk: ActorDesk,
        store: SqlTradeStore,
        stack: ExitStack,
    ) -> ServedParts:
        url, kept = self._settings.database, self._settings.audit_kept
        trail = open_audit_trail(url, stack)
        audit = AuditLog(trail, self._clock, kept, self._meter)
        audit.start()
        stack.callback(audit.close)
        table, clock, meter = WebhookTable(store), self._clock, self._meter
        told = open_webhooks(self._settings, table, events, clock, meter)
        webhooks = stack.enter_context(told)
        return ServedParts(
            desk=desk,
            queries=queries,
            events=events,
            traded_on=TradingEnvironment.under(self._settings),
            clock=self._clock,
            meter=self._meter,
            tokens=open_live_tokens(url, stack),
            audit=audit,
            trail=trail,
            run_woken_actors=self._threads.runtime.dispatcher.run_woken_actors,
            webhooks=webhooks.statuses,
        )

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
        self, stack: ExitStack, dependencies: SystemDependencies, desk: ActorDesk
    ) -> None:
        self._signals.trading()
        stack.enter_context(self._threads)
        lengths = partial(self.directory.mailbox_lengths, without="/order/")
        meaning = "Messages waiting for an actor; executors are left out"
        self._meter.add_gauges("mailbox_messages", meaning, "actor", lengths)
        root = start_system(self._threads.runtime, dependencies, self._watch)
        stack.callback(self._drain, root, desk, dependencies.access.permits)

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


def serve(settings: ServeSettings) -> int:
    """Run the service until a signal, or until it cannot go on."""
    forbid_core_files()
    require_open_files()
    with (
        exhaustion_in_one_line() as started,
        logging_to_stderr(settings.log_format, settings.log_level, _secrets(settings)),
        GracefulSignals() as signals,
        ThreadGuard(signals.request_stop) as guard,
    ):
        service = Service(settings, signals)
        signals.outcome = lambda: int(service.has_failed or guard.has_failed)
        try:
            with service:
                started.set()
                signals.wait()
        except StoppedWhileStartingError:
            logger.info("Stopped while starting")
            if service.has_failed or guard.has_failed:
                # In one line after the traceback: no threads left, for example.
                cause = service.failure or guard.failure
                raise StartFailedError(f"could not start: {cause!r}") from cause
    return signals.outcome()


def _secrets(settings: ServeSettings) -> tuple[str, ...]:
    """Return what no log may hold.

    Raises:
        ConfigurationError: keys are missing; said before a database is claimed.
    """
    others = secrets_of_account(settings), secrets_of_webhooks(settings, os.environ)
    return (*secrets_in(os.environ, settings.database), *others[0], *others[1])


def replay(settings: ReplaySettings) -> int:
    """Run a recording through the actors, and write what came out."""
    EARLY.give_back()
    with logging_to_stderr(settings.log_format, settings.log_level):
        orders = read_orders(settings.orders, settings.symbol)
        wire = recorded_format()
        recording = ReplayInput(settings.session, settings.symbol, wire)
        rules = read_rules(settings.exchange_info, settings.symbol, wire)
        store = MemoryStore()
        run = Replay(rules=rules, snapshot=recording.snapshot(), store=store)
        outcome = run.run(recording.frames(), orders)
        write_result(result_text(outcome, orders, store), settings.output)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    program = build_cli(serve=serve, simulate=simulate, replay=replay)
    return run_cli(program, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.excepthook = sys.__excepthook__  # all is loaded
    end_process(main())
