"""The actors put together: the one place that knows who is wired to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actors import names
from actors.executor.trading_rules import TradingRules
from actors.gateway.config import GatewayConfig
from actors.gateway.gateway import Gateway
from actors.gateway.pre_trade_risk import most_of_child
from actors.gateway.worker import GatewayWorker
from actors.intake.manager import Manager, SequenceCounter
from actors.ledger import Ledger
from actors.listener import Listener, ListenerTimes
from actors.messages.lifecycle import Drain
from actors.reconciler.reconciler import Reconciler
from actors.router.router import MATCHES_MAX, Router
from actors.rules_keeper import ReadRules, RulesBook, RulesKeeper
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext, ActorEnded, Runtime
from actors.supervision.root_supervisor import RootSupervisor
from actors.supervision.specifications import ChildSpec, RestartBudget
from actors.supervision.symbol_supervisor import SYMBOL_REST_SECONDS, SymbolSupervisor
from domain.matching.sizing import Sizing
from domain.orders.stored_orders import OpenOrder
from domain.ports.events import EventPublisher
from domain.ports.market_feed import MarketFeed
from domain.ports.observing import Meter
from domain.ports.runtime import Recipient
from domain.ports.store import TradeStore
from domain.values import OrderId, Symbol
from domain.venue.symbol_rules import SymbolRules


WORKER_REST_SECONDS = (1.0, 5.0, 30.0)
"""How long a gateway's worker, the reconciler or the keeper of rules rests that failed
too often, the 1st, 2nd, ... time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDependencies:
    """What the actors need from outside."""

    rules: Mapping[Symbol, SymbolRules]
    """The symbols to trade. A ``RulesBook`` is kept up to date for others, too."""

    feed: MarketFeed
    store: TradeStore
    publisher: EventPublisher
    """Where it is told what was committed."""

    meter: Meter
    access: GatewayConfig
    """Where child orders go."""

    untraded: tuple[Symbol, ...] = ()
    """Symbols that are not to be traded, of which orders are open: those can end."""

    read_rules: ReadRules | None = None
    """Reads ``rules`` anew; None: they never change."""

    listener_times: ListenerTimes = field(default_factory=ListenerTimes)
    matches_max: int | None = MATCHES_MAX
    """Orders that a router serves at once; None for all, as a replay wants it."""

    symbol_budget: RestartBudget = field(default_factory=RestartBudget)
    root_budget: RestartBudget = field(default_factory=RestartBudget)


def start_system(
    runtime: Runtime,
    around: SystemDependencies,
    watcher: Recipient[ActorEnded] | None = None,
) -> ActorAddress:
    """Start the whole tree.

    Args:
        runtime: where the actors live.
        around: what they need.
        watcher: is told of the root's end: after ``drain``, or because the service
            cannot go on.

    Returns:
        The root.
    """
    if not isinstance(around.rules, RulesBook):
        around = replace(around, rules=RulesBook(around.rules))
    specs = (
        _ledger_spec(around),
        *_gateway_specs(around),
        *_rules_specs(around),
        _spec(
            names.MANAGER,
            Manager,
            rules=around.rules,
            limits=around.access.limits,
            sequence=SequenceCounter(),
            untraded=around.untraded,
        ),
        *_reconciler_specs(around),
        *(_symbol_spec(around, symbol) for symbol in around.rules),
        *(_untraded_spec(around, symbol) for symbol in around.untraded),
    )
    context = ActorContext(runtime=runtime, name=names.ROOT, watcher=watcher)
    root = RootSupervisor.start(context=context, specs=specs, budget=around.root_budget)
    return ActorAddress(root)


def drain(root: ActorAddress, *, cancel_orders: bool = False) -> None:
    """Have the service stop in order; its watcher is told when it has."""
    root.tell(Drain(cancel_orders=cancel_orders))


def _ledger_spec(around: SystemDependencies) -> ChildSpec:
    return _spec(
        names.LEDGER,
        Ledger,
        store=around.store,
        permits=around.access.permits,
        publisher=around.publisher,
    )


def _gateway_specs(around: SystemDependencies) -> tuple[ChildSpec, ...]:
    access = around.access
    workers = (
        ChildSpec(
            name=name,
            actor=GatewayWorker,
            arguments=lambda: {"venue": access.venue, "meter": around.meter},
            rest_seconds=WORKER_REST_SECONDS,
        )
        for name in names.gateway_workers(access.workers)
    )
    gateway = _spec(
        names.GATEWAY,
        Gateway,
        access=access,
        rules=around.rules,
        meter=around.meter,
    )
    return (*workers, gateway)


def _reconciler_specs(around: SystemDependencies) -> tuple[ChildSpec, ...]:
    if not around.access.workers:
        return ()  # what was filled on paper is on our disk only
    arguments = {
        "symbols": tuple(around.rules),
        "records_since": around.access.records_since,
    }
    spec = ChildSpec(
        name=names.RECONCILER,
        actor=Reconciler,
        arguments=lambda: arguments,
        rest_seconds=WORKER_REST_SECONDS,
    )
    return (spec,)


def _rules_specs(around: SystemDependencies) -> tuple[ChildSpec, ...]:
    if around.read_rules is None:
        return ()
    keeper = ChildSpec(
        name=names.RULES_KEEPER,
        actor=RulesKeeper,
        arguments=lambda: {"book": around.rules, "read": around.read_rules},
        rest_seconds=WORKER_REST_SECONDS,
    )
    return (keeper,)


def _symbol_spec(around: SystemDependencies, symbol: Symbol) -> ChildSpec:
    book = around.rules
    assert isinstance(book, RulesBook), "start_system makes it one"
    rules = TradingRules(
        symbol=symbol,
        rules_book=book,
        limits=around.access.limits,
        rules_read_ns=lambda: book.read_ns,
    )
    router = ChildSpec(
        name=names.router(symbol),
        actor=Router,
        arguments=lambda: {  # at each start: the rules may be others by then
            "symbol": symbol,
            "feed": around.feed,
            "sizing": _sizing(around.access, around.rules[symbol]),
            "matches_max": around.matches_max,
        },
    )
    listener = _spec(
        names.listener(symbol),
        Listener,
        symbol=symbol,
        feed=around.feed,
        times=around.listener_times,
    )
    return _supervisor_spec(around, rules, (router, listener))


def _untraded_spec(around: SystemDependencies, symbol: Symbol) -> ChildSpec:
    """Describe who ends orders of a symbol without a book: nobody offers them any."""
    rules = TradingRules(
        symbol=symbol,
        rules_book={symbol: SymbolRules(symbol=symbol)},
        limits=around.access.limits,
        is_traded=False,
    )
    return _supervisor_spec(around, rules, ())


def _supervisor_spec(
    around: SystemDependencies, rules: TradingRules, specs: tuple[ChildSpec, ...]
) -> ChildSpec:
    def make_executor(order_id: OrderId, known: OpenOrder | None) -> dict[str, Any]:
        return {"rules": rules, "order_id": order_id, "open_order": known}

    return ChildSpec(
        name=names.symbol_supervisor(rules.symbol),
        actor=SymbolSupervisor,
        arguments=lambda: {
            "symbol": rules.symbol,
            "specs": specs,
            "make_executor": make_executor,
            "budget": around.symbol_budget,
        },
        rest_seconds=SYMBOL_REST_SECONDS,
    )


def _sizing(access: GatewayConfig, rules: SymbolRules) -> Sizing | None:
    """Return how children are sized; None: each takes all that it finds."""
    most = most_of_child(access.limits, rules)
    if access.workers:
        return Sizing(rules=rules, max_notional=most)
    if not most:
        return None
    none = SymbolRules(symbol=rules.symbol)
    return Sizing(rules=none, max_notional=most, applies_rules=False)


def _spec(name: str, actor: type[RuntimeActor], **arguments: Any) -> ChildSpec:
    return ChildSpec(name=name, actor=actor, arguments=lambda: arguments)
