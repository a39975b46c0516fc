"""Puts the actors together: the one place that knows how they are wired."""

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
from actors.price_recorder import PriceRecorder
from actors.reconciler.reconciler import Reconciler
from actors.router.current_touch import CurrentTouch
from actors.router.router import MATCHES_MAX, Router
from actors.rules_keeper import ReadRules, RulesBook, RulesKeeper
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext, ActorEnded, Runtime
from actors.supervision.root_supervisor import RootSupervisor
from actors.supervision.specifications import ChildSpec, RestartBudget
from actors.supervision.symbol_executors import OrderCount
from actors.supervision.symbol_supervisor import SYMBOL_REST_SECONDS, SymbolSupervisor
from domain.algorithms.choice import AlgorithmOf, algorithm_of
from domain.matching.sizing import Sizing
from domain.orders.stored_orders import OpenOrder
from domain.ports.events import EventPublisher
from domain.ports.market_feed import MarketFeed
from domain.ports.runtime import Recipient
from domain.ports.store import TradeStore
from domain.values import OrderId, Symbol
from domain.venue.symbol_rules import SymbolRules


WORKER_REST_SECONDS = (1.0, 5.0, 30.0)
"""How long a gateway worker, the reconciler or the rules keeper rests after failing too
often, the 1st, 2nd, ... time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDependencies:
    """What the actors need from outside."""

    rules: Mapping[Symbol, SymbolRules]
    """Of the symbols to trade. A ``RulesBook`` is updated in place."""

    feed: MarketFeed
    store: TradeStore
    publisher: EventPublisher
    """Where the ledger publishes what it has committed."""

    access: GatewayConfig
    """Where child orders go."""

    algorithm_of: AlgorithmOf = algorithm_of
    """Says which algorithm works an order."""

    untraded: tuple[Symbol, ...] = ()
    """Symbols that are not traded but have open orders, which can only end."""

    read_rules: ReadRules | None = None
    """Reads ``rules`` again; None: they never change."""

    listener_times: ListenerTimes = field(default_factory=ListenerTimes)
    price_path_days: int | None = None
    """How long the touch of each second is kept, for symbols with open orders; 0: for
    ever; None: it is not recorded."""

    matches_max: int | None = MATCHES_MAX
    """Orders that a router serves in one go; None for all, as a replay needs it."""

    symbol_budget: RestartBudget = field(default_factory=RestartBudget)
    root_budget: RestartBudget = field(default_factory=RestartBudget)


def start_system(
    runtime: Runtime,
    dependencies: SystemDependencies,
    watcher: Recipient[ActorEnded] | None = None,
) -> ActorAddress:
    """Start the whole tree.

    Args:
        runtime: where the actors live.
        dependencies: what the actors need.
        watcher: told when the root ends: after ``drain``, or because the service
            cannot go on.

    Returns:
        The root.
    """
    if not isinstance(dependencies.rules, RulesBook):
        dependencies = replace(dependencies, rules=RulesBook(dependencies.rules))
    touches = {
        symbol: CurrentTouch(runtime.clock, symbol, dependencies.feed)
        for symbol in dependencies.rules
    }
    context = ActorContext(runtime=runtime, name=names.ROOT, watcher=watcher)
    root = RootSupervisor.start(
        context=context,
        specs=_specs(dependencies, touches),
        budget=dependencies.root_budget,
    )
    return ActorAddress(root)


def _specs(
    dependencies: SystemDependencies, touches: Mapping[Symbol, CurrentTouch]
) -> tuple[ChildSpec, ...]:
    counts = {symbol: OrderCount() for symbol in touches}
    return (
        _ledger_spec(dependencies),
        *_gateway_specs(dependencies),
        *_rules_specs(dependencies),
        _spec(
            names.MANAGER,
            Manager,
            rules=dependencies.rules,
            limits=dependencies.access.limits,
            sequence=SequenceCounter(),
            touch_of=lambda symbol: touches[symbol].read(),
            untraded=dependencies.untraded,
        ),
        *_reconciler_specs(dependencies),
        *_price_specs(dependencies, touches, counts),
        *(
            _symbol_spec(dependencies, touch, counts[symbol])
            for symbol, touch in touches.items()
        ),
        *(_untraded_spec(dependencies, symbol) for symbol in dependencies.untraded),
    )


def drain(root: ActorAddress, *, cancel_orders: bool = False) -> None:
    """Stop the service in an orderly way; its watcher is told when it has stopped."""
    root.tell(Drain(cancel_orders=cancel_orders))


def _ledger_spec(dependencies: SystemDependencies) -> ChildSpec:
    return _spec(
        names.LEDGER,
        Ledger,
        store=dependencies.store,
        permits=dependencies.access.permits,
        publisher=dependencies.publisher,
    )


def _gateway_specs(dependencies: SystemDependencies) -> tuple[ChildSpec, ...]:
    access = dependencies.access
    workers = (
        ChildSpec(
            name=name,
            actor=GatewayWorker,
            arguments=lambda: {"venue": access.venue},
            rest_seconds=WORKER_REST_SECONDS,
        )
        for name in names.gateway_workers(access.workers)
    )
    gateway = _spec(
        names.GATEWAY,
        Gateway,
        access=access,
        rules=dependencies.rules,
    )
    return (*workers, gateway)


def _reconciler_specs(dependencies: SystemDependencies) -> tuple[ChildSpec, ...]:
    if not dependencies.access.workers:
        return ()  # paper fills are on our disk only
    arguments = {
        "symbols": tuple(dependencies.rules),
        "records_since": dependencies.access.records_since,
    }
    spec = ChildSpec(
        name=names.RECONCILER,
        actor=Reconciler,
        arguments=lambda: arguments,
        rest_seconds=WORKER_REST_SECONDS,
    )
    return (spec,)


def _rules_specs(dependencies: SystemDependencies) -> tuple[ChildSpec, ...]:
    if dependencies.read_rules is None:
        return ()
    keeper = ChildSpec(
        name=names.RULES_KEEPER,
        actor=RulesKeeper,
        arguments=lambda: {"book": dependencies.rules, "read": dependencies.read_rules},
        rest_seconds=WORKER_REST_SECONDS,
    )
    return (keeper,)


def _price_specs(
    dependencies: SystemDependencies,
    touches: Mapping[Symbol, CurrentTouch],
    counts: Mapping[Symbol, OrderCount],
) -> tuple[ChildSpec, ...]:
    if dependencies.price_path_days is None:
        return ()
    arguments = {
        "touches": touches,
        "open_orders": counts,
        "keep_days": dependencies.price_path_days,
    }
    recorder = ChildSpec(
        name=names.PRICE_RECORDER,
        actor=PriceRecorder,
        arguments=lambda: arguments,
        rest_seconds=WORKER_REST_SECONDS,
    )
    return (recorder,)


def _symbol_spec(
    dependencies: SystemDependencies, touch: CurrentTouch, open_orders: OrderCount
) -> ChildSpec:
    book, symbol = dependencies.rules, touch.symbol
    assert isinstance(book, RulesBook), "start_system makes a RulesBook of them"
    rules = TradingRules(
        symbol=symbol,
        rules_book=book,
        limits=dependencies.access.limits,
        algorithm_of=dependencies.algorithm_of,
        rules_read_ns=lambda: book.read_ns,
        read_touch=touch.read,
        statement_at=touch.statement_at,
    )
    router = ChildSpec(
        name=names.router(symbol),
        actor=Router,
        arguments=lambda: {  # at each start: the rules may be others by then
            "symbol": symbol,
            "feed": dependencies.feed,
            "sizing": _sizing(dependencies.access, dependencies.rules[symbol]),
            "matches_max": dependencies.matches_max,
            "touch": touch,
        },
    )
    listener = _spec(
        names.listener(symbol),
        Listener,
        symbol=symbol,
        feed=dependencies.feed,
        times=dependencies.listener_times,
    )
    return _supervisor_spec(dependencies, rules, (router, listener), open_orders)


def _untraded_spec(dependencies: SystemDependencies, symbol: Symbol) -> ChildSpec:
    """Describe the supervisor of a symbol without router: its orders can only end."""
    rules = TradingRules(
        symbol=symbol,
        rules_book={symbol: SymbolRules(symbol=symbol)},
        limits=dependencies.access.limits,
        is_traded=False,
    )
    return _supervisor_spec(dependencies, rules, ())


def _supervisor_spec(
    dependencies: SystemDependencies,
    rules: TradingRules,
    specs: tuple[ChildSpec, ...],
    open_orders: OrderCount | None = None,
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
            "budget": dependencies.symbol_budget,
            "open_orders": open_orders,
        },
        rest_seconds=SYMBOL_REST_SECONDS,
    )


def _sizing(access: GatewayConfig, rules: SymbolRules) -> Sizing | None:
    """Return how children are sized; None: each takes all that is available."""
    most = most_of_child(access.limits, rules)
    if access.workers:
        return Sizing(rules=rules, max_notional=most)
    if not most:
        return None
    none = SymbolRules(symbol=rules.symbol)
    return Sizing(rules=none, max_notional=most, applies_rules=False)


def _spec(name: str, actor: type[RuntimeActor], **arguments: Any) -> ChildSpec:
    return ChildSpec(name=name, actor=actor, arguments=lambda: arguments)
