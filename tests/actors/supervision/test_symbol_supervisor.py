"""One symbol's lives: executors, orphans, recoveries."""

from typing import Any

import pytest

from actors import names
from actors.messages.desk import CancelRequest, GetSymbolStatus
from actors.messages.lifecycle import (
    Drain,
    RecoveryFinished,
    RecoveryStarting,
    StartExecutor,
    SymbolStarted,
)
from actors.messages.routing import RouterStarted
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.specifications import ChildSpec, RestartBudget
from actors.supervision.symbol_supervisor import (
    EXECUTOR_REST_SECONDS,
    SYMBOL_REST_SECONDS,
    SymbolSupervisor,
)
from domain.orders.commands import CancelOrder
from domain.orders.journal import OpenOrder
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.values import OrderId
from tests.actors.builders import SYMBOL, order
from tests.actors.stage import Neighbour, Stage
from tests.fakes import Recorder


A = names.executor(SYMBOL, OrderId("A"))
ROUTER = names.router(SYMBOL)
LISTENER = names.listener(SYMBOL)
KNOWN = OpenOrder(order=order("A"), unresolved=None)


class Worker(RuntimeActor):
    """In an executor's place: keeps what it was given and told."""

    def __init__(self, *, context: ActorContext, given: OpenOrder | None) -> None:
        super().__init__(context=context)
        self.given = given
        self.received: list[Any] = []

    def on_receive(self, message: Any) -> None:
        self.received.append(message)
        if isinstance(message, Drain):
            self.stop()


class Symbol:
    """A symbol supervisor whose actors only listen."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("actors.supervision.symbol_supervisor.Executor", Worker)
        self.stage = stage
        self.manager = stage.neighbour(names.MANAGER)
        self.watcher = Recorder()
        self.supervisor = self.start()

    def start(self) -> SymbolSupervisor:
        return self.stage.start(
            SymbolSupervisor,
            names.symbol_supervisor(SYMBOL),
            self.watcher,
            **self.arguments(),
        )

    def arguments(self) -> dict[str, Any]:
        specs = tuple(
            ChildSpec(name=name, actor=Neighbour, arguments=dict)
            for name in (ROUTER, LISTENER)
        )
        return {
            "symbol": SYMBOL,
            "specs": specs,
            "make_executor": lambda _, known: {"given": known},
            "budget": RestartBudget(),
        }

    def tell(self, *messages: Any) -> None:
        self.stage.tell(self.supervisor, *messages)

    def begin(
        self, known: OpenOrder | None = KNOWN, recovery: str | None = None
    ) -> None:
        self.tell(
            StartExecutor(order_id=OrderId("A"), open_order=known, recovery=recovery)
        )

    def exhaust(self, name: str) -> None:
        """Have one fail once more than it may."""
        for _ in range(RestartBudget().restarts + 1):
            self.stage.kill(self.stage.actor(name))

    def cancel(self) -> CancelRequest:
        command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
        request = CancelRequest(command=command, reply_to=Recorder())
        self.tell(request)
        return request

    def state(self) -> BookState:
        asker = Recorder()
        self.tell(GetSymbolStatus(reply_to=asker))
        return asker.only(SymbolStatus).book_state

    def worker(self) -> Any:
        return self.stage.actor(A)

    def is_worked(self) -> bool:
        return self.stage.is_there(A)


@pytest.fixture
def symbol(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Symbol:
    return Symbol(stage, monkeypatch)


def test_the_manager_is_told_when_the_symbol_has_started(symbol: Symbol) -> None:
    assert symbol.manager.received == [SymbolStarted(symbol=SYMBOL)]


def test_an_executor_is_started_once_for_an_order(symbol: Symbol) -> None:
    symbol.begin()
    first = symbol.worker()

    symbol.begin()

    assert symbol.worker() is first
    assert first.given == KNOWN


def test_a_failed_executor_comes_back_and_reads_its_order(symbol: Symbol) -> None:
    symbol.begin()

    symbol.stage.kill(symbol.worker())

    assert symbol.worker().given is None


def test_a_finished_executor_stays_away(symbol: Symbol) -> None:
    symbol.begin()

    symbol.stage.end(symbol.worker())

    assert not symbol.is_worked()


def test_an_executor_that_fails_again_and_again_rests(symbol: Symbol) -> None:
    symbol.begin()
    for _ in range(4):
        symbol.stage.kill(symbol.worker())
    assert not symbol.is_worked()
    symbol.begin()
    assert not symbol.is_worked(), "resting is being worked"

    symbol.stage.pass_seconds(EXECUTOR_REST_SECONDS)

    assert symbol.worker().given is None
    assert symbol.watcher.received == []


def test_executors_hear_of_a_new_router(symbol: Symbol) -> None:
    symbol.begin()

    symbol.stage.kill(symbol.stage.actor(ROUTER))

    assert symbol.worker().received == [RouterStarted(symbol=SYMBOL)]


@pytest.mark.parametrize("name", [ROUTER, LISTENER])
def test_router_and_listener_rest_and_executors_go_on(
    symbol: Symbol, name: str
) -> None:
    symbol.begin()
    worker = symbol.worker()

    symbol.exhaust(name)

    assert symbol.state() is BookState.DEGRADED
    both = [symbol.stage.is_there(one) for one in (ROUTER, LISTENER)]
    assert both == [False, False], "a router alone would trade on an old book"
    request = symbol.cancel()
    assert symbol.worker() is worker
    assert worker.received[-1] == request
    assert symbol.watcher.received == []


def test_an_order_that_comes_while_the_others_rest_is_worked(symbol: Symbol) -> None:
    symbol.exhaust(ROUTER)

    symbol.begin()

    assert symbol.worker().given == KNOWN


def test_after_the_rest_executors_hear_of_the_new_router(symbol: Symbol) -> None:
    symbol.begin()
    symbol.exhaust(LISTENER)
    symbol.stage.pass_seconds(SYMBOL_REST_SECONDS[0] - 0.1)
    assert not symbol.stage.is_there(ROUTER)

    symbol.stage.pass_seconds(0.2)

    assert symbol.stage.is_there(LISTENER)
    assert symbol.worker().received == [RouterStarted(symbol=SYMBOL)]
    assert symbol.state() is BookState.RESTARTING, "whatever the new router says"


def test_a_symbol_that_fails_again_after_its_rest_rests_longer(symbol: Symbol) -> None:
    symbol.exhaust(ROUTER)
    symbol.stage.pass_seconds(SYMBOL_REST_SECONDS[0] + 0.1)
    symbol.stage.pass_seconds(10.0)

    symbol.exhaust(ROUTER)
    symbol.stage.pass_seconds(SYMBOL_REST_SECONDS[1] - 0.1)
    assert not symbol.stage.is_there(ROUTER)
    symbol.stage.pass_seconds(0.2)

    assert symbol.stage.is_there(ROUTER)


def test_a_symbol_at_rest_stops_in_order(symbol: Symbol) -> None:
    symbol.begin()
    symbol.exhaust(ROUTER)

    symbol.tell(Drain(cancel_orders=False))
    symbol.stage.pass_seconds(SYMBOL_REST_SECONDS[0])

    assert symbol.watcher.only(ActorEnded).failure is None
    assert symbol.stage.directory.names(names.of_symbol(SYMBOL)) == []


def test_an_order_that_ended_while_it_was_read_is_not_started_again(
    symbol: Symbol,
) -> None:
    symbol.begin()
    symbol.tell(RecoveryStarting(recovery="r"))
    symbol.stage.end(symbol.worker())

    symbol.begin(recovery="r")
    assert not symbol.is_worked()
    symbol.tell(RecoveryFinished(recovery="r", orders=1))

    assert symbol.supervisor._ended_meanwhile == set()


def test_orders_of_an_earlier_recovery_are_not_started(symbol: Symbol) -> None:
    symbol.begin(recovery="before us")
    symbol.tell(RecoveryStarting(recovery="r"))
    symbol.begin(recovery="before us")

    assert not symbol.is_worked()


def test_the_end_of_an_earlier_recovery_does_not_end_ours(symbol: Symbol) -> None:
    symbol.begin()
    symbol.tell(RecoveryStarting(recovery="r"))

    symbol.tell(RecoveryFinished(recovery="before us", orders=1))
    symbol.stage.end(symbol.worker())
    symbol.begin(recovery="r")

    assert not symbol.is_worked()


def test_a_new_supervisor_starts_when_the_orphans_are_gone(symbol: Symbol) -> None:
    symbol.begin()
    orphan, router = symbol.worker(), symbol.stage.address(ROUTER).ref
    stage = symbol.stage
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    stage.kill(symbol.supervisor)
    assert orphan.actor_ref.is_alive()
    symbol.manager.received.clear()

    symbol.supervisor = symbol.start()

    assert not orphan.actor_ref.is_alive()
    assert not router.is_alive()
    assert stage.address(ROUTER).ref.is_alive()
    assert symbol.manager.received == [SymbolStarted(symbol=SYMBOL)]


def test_what_was_read_while_an_orphan_lived_is_not_valid(symbol: Symbol) -> None:
    symbol.begin()
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    symbol.stage.kill(symbol.supervisor)
    context = symbol.stage.place(names.symbol_supervisor(SYMBOL), symbol.watcher)
    successor = SymbolSupervisor.start(context=context, **symbol.arguments())

    # An orphan may write until it has ended: what is read from now on may be old.
    successor.tell(RecoveryStarting(recovery="early"))
    symbol.stage.run()
    successor.tell(
        StartExecutor(order_id=OrderId("A"), open_order=KNOWN, recovery="early")
    )
    symbol.stage.run()

    assert not symbol.is_worked()


def test_what_was_read_before_the_supervisor_looked_for_orphans_is_not_valid(
    symbol: Symbol,
) -> None:
    symbol.begin()
    worker, stage = symbol.worker(), symbol.stage
    stage.kill(symbol.supervisor)
    assert not worker.actor_ref.is_alive()
    context = stage.place(names.symbol_supervisor(SYMBOL), symbol.watcher)
    successor = SymbolSupervisor.start(context=context, **symbol.arguments())

    # Before its first turn: the worker may have lived, and written, until just now.
    successor.tell(RecoveryStarting(recovery="early"))
    old = StartExecutor(order_id=OrderId("A"), open_order=KNOWN, recovery="early")
    successor.tell(old)
    stage.run()

    assert not symbol.is_worked()
    assert symbol.manager.last(SymbolStarted) == SymbolStarted(symbol=SYMBOL)

    successor.tell(RecoveryStarting(recovery="later"))
    successor.tell(
        StartExecutor(order_id=OrderId("A"), open_order=KNOWN, recovery="later")
    )
    stage.run()
    assert symbol.is_worked()


def test_drain_lets_executors_settle_after_router_and_listener(
    symbol: Symbol,
) -> None:
    symbol.begin()
    drain = Drain(cancel_orders=True)
    worker = symbol.worker()

    symbol.tell(drain)

    assert worker.received == [drain]
    assert symbol.watcher.only(ActorEnded).failure is None
    assert not symbol.stage.is_there(ROUTER)


def test_an_executor_that_fails_while_all_stop_is_not_started_again(
    symbol: Symbol,
) -> None:
    symbol.begin()
    vars(symbol.worker())["on_receive"] = lambda _: 1 / 0

    symbol.tell(Drain(cancel_orders=False))

    assert not symbol.is_worked()
    assert symbol.watcher.only(ActorEnded).failure is None


def test_the_late_end_of_earlier_actors_is_not_taken_for_that_of_orphans(
    symbol: Symbol,
) -> None:
    stage, both = symbol.stage, (ROUTER, names.listener(SYMBOL))
    earlier = {name: stage.address(name).ref for name in both}
    stage.kill(stage.actor(ROUTER))
    orphans = [stage.address(name).ref for name in both]
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    stage.kill(symbol.supervisor)
    context = stage.place(names.symbol_supervisor(SYMBOL), symbol.watcher)

    successor = SymbolSupervisor.start(context=context, **symbol.arguments())
    for name, ref in earlier.items():
        successor.tell(ActorEnded(name=name, ref=ref, failure=None))
    stage.dispatcher._ready.popleft().run_batch(2)  # before the orphans' turn
    stage.run()

    assert successor.is_alive()
    assert not any(orphan.is_alive() for orphan in orphans)
    assert stage.address(ROUTER).ref.is_alive()
