"""One symbol's lives: executors, orphans, recoveries."""

from typing import Any

import pytest

from actors import names
from actors.messages.client_requests import CancelRequest, GetSymbolStatus
from actors.messages.ledger import LoadOpenOrders, OpenOrdersLoaded
from actors.messages.lifecycle import Drain, OrderAccepted, SymbolRecovered
from actors.messages.routing import RouterStarted
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.specifications import ChildSpec, RestartBudget
from actors.supervision.symbol_executors import EXECUTOR_REST_SECONDS
from actors.supervision.symbol_supervisor import (
    SYMBOL_REST_SECONDS,
    SymbolSupervisor,
)
from domain.orders.commands import CancelOrder
from domain.orders.order import Order
from domain.orders.stored_orders import OpenOrder
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.values import OrderId
from tests.actors.builders import SYMBOL, order, with_child
from tests.actors.stage import Neighbour, Stage
from tests.fakes import Recorder


A = names.executor(SYMBOL, OrderId("A"))
ROUTER = names.router(SYMBOL)
LISTENER = names.listener(SYMBOL)
KNOWN = OpenOrder(order=order("A"), unresolved=None)
NEW = OpenOrder(order=order("A"), unresolved=None, is_new=True)


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
        monkeypatch.setattr("actors.supervision.symbol_executors.Executor", Worker)
        self.stage = stage
        self.manager = stage.neighbour(names.MANAGER)
        self.ledger = stage.neighbour(names.LEDGER)
        self.watcher = Recorder()
        self.supervisor = self.start()
        self.page()

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

    def begin(self, accepted: Order | None = None, *, is_new: bool = True) -> None:
        """Tell of an order that is on disk."""
        self.tell(OrderAccepted(order=accepted or order("A"), is_new=is_new))

    def asked(self) -> LoadOpenOrders:
        return self.ledger.last(LoadOpenOrders)

    def page(self, *orders: OpenOrder, last_sequence: int = 0) -> None:
        """Answer the latest question for open orders."""
        self.tell(page_for(self.asked(), *orders, last_sequence=last_sequence))

    def replace(self, name: str) -> None:
        """Have the manager or the ledger replaced."""
        self.stage.kill(self.stage.actor(name))
        neighbour = self.stage.neighbour(name)
        if name == names.MANAGER:
            self.manager = neighbour
        else:
            self.ledger = neighbour

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

    def worker(self, name: str = "A") -> Any:
        return self.stage.actor(names.executor(SYMBOL, OrderId(name)))

    def is_worked(self, name: str = "A") -> bool:
        return self.stage.is_there(names.executor(SYMBOL, OrderId(name)))


def page_for(
    asked: LoadOpenOrders, *orders: OpenOrder, last_sequence: int = 0
) -> OpenOrdersLoaded:
    return OpenOrdersLoaded(
        reading=asked.reading,
        symbol=asked.symbol,
        after_sequence=asked.after_sequence,
        last_sequence=last_sequence,
        orders=orders,
    )


def found(name: str, sequence: int) -> OpenOrder:
    return OpenOrder(order=order(name, sequence=sequence), unresolved=None)


@pytest.fixture
def symbol(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Symbol:
    return Symbol(stage, monkeypatch)


def test_a_new_order_is_worked_as_the_wake_up_brings_it(symbol: Symbol) -> None:
    symbol.begin()
    first = symbol.worker()

    symbol.begin()

    assert symbol.worker() is first
    assert first.given == NEW


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

    assert symbol.worker().given == NEW


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


def test_a_new_supervisor_starts_when_the_orphans_are_gone(symbol: Symbol) -> None:
    symbol.begin()
    orphan, router = symbol.worker(), symbol.stage.address(ROUTER).ref
    stage = symbol.stage
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    stage.kill(symbol.supervisor)
    assert orphan.actor_ref.is_alive()
    readings = len(symbol.ledger.all(LoadOpenOrders))

    symbol.supervisor = symbol.start()

    assert not orphan.actor_ref.is_alive()
    assert not router.is_alive()
    assert stage.address(ROUTER).ref.is_alive()
    assert len(symbol.ledger.all(LoadOpenOrders)) == readings + 1


def test_nothing_is_read_while_an_orphan_may_still_write(symbol: Symbol) -> None:
    symbol.begin()
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    symbol.stage.kill(symbol.supervisor)
    readings = len(symbol.ledger.all(LoadOpenOrders))
    context = symbol.stage.place(names.symbol_supervisor(SYMBOL), symbol.watcher)
    successor = SymbolSupervisor.start(context=context, **symbol.arguments())

    # Told before the orphans have ended: what was read of it then might be old.
    successor.tell(OrderAccepted(order=order("A"), is_new=True))
    symbol.stage.dispatcher._ready.popleft().run_batch(2)
    assert len(symbol.ledger.all(LoadOpenOrders)) == readings
    symbol.stage.run()

    assert len(symbol.ledger.all(LoadOpenOrders)) == readings + 1
    assert not symbol.is_worked()
    successor.tell(page_for(symbol.asked(), KNOWN))
    symbol.stage.run()
    assert symbol.worker().given == KNOWN


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


# Open orders are read from disk.


def test_all_pages_are_read_by_ascending_sequence_and_worked(symbol: Symbol) -> None:
    symbol.replace(names.MANAGER)
    assert symbol.asked().after_sequence == 0
    unresolved = with_child(order("A", sequence=3), (102, 1))

    symbol.page(unresolved, found("B", 5))
    assert symbol.asked().after_sequence == 5
    symbol.page(found("C", 6))
    assert symbol.manager.received == []
    symbol.page()

    assert symbol.worker("A").given == unresolved
    assert symbol.is_worked("B")
    assert symbol.is_worked("C")
    assert symbol.manager.received == [SymbolRecovered(symbol=SYMBOL, orders=3)]


def test_the_manager_hears_of_a_page_before_anything_that_follows_it(
    symbol: Symbol,
) -> None:
    assert symbol.asked().copy_to is symbol.stage.address(names.MANAGER)


def test_all_is_read_again_for_a_new_manager_whose_predecessor_may_have_lost_a_wake_up(
    symbol: Symbol,
) -> None:
    symbol.begin()
    worker = symbol.worker()

    symbol.replace(names.MANAGER)
    symbol.page(KNOWN, found("LOST", 2))
    symbol.page()

    assert symbol.worker() is worker
    assert symbol.is_worked("LOST")


def test_a_new_manager_hears_nothing_of_a_reading_that_it_has_not_heard_from_the_start(
    symbol: Symbol,
) -> None:
    symbol.replace(names.MANAGER)
    earlier = symbol.asked()

    symbol.replace(names.MANAGER)
    symbol.tell(page_for(earlier, found("A", 3)), page_for(earlier))
    assert symbol.manager.received == []
    assert not symbol.is_worked(), "it will be read again"
    assert symbol.asked().copy_to is symbol.stage.address(names.MANAGER)
    symbol.page(found("A", 3))
    symbol.page()

    assert symbol.is_worked()
    assert symbol.manager.last(SymbolRecovered).orders == 1


def test_a_new_ledger_is_asked_for_the_page_that_is_missing(symbol: Symbol) -> None:
    symbol.replace(names.MANAGER)
    symbol.page(found("A", 3))
    asked = symbol.asked()

    symbol.replace(names.LEDGER)
    assert symbol.ledger.all(LoadOpenOrders) == [asked]
    symbol.page()
    symbol.replace(names.LEDGER)

    assert symbol.ledger.all(LoadOpenOrders) == []


def test_a_page_that_comes_twice_counts_once(symbol: Symbol) -> None:
    symbol.replace(names.MANAGER)
    first = symbol.asked()

    symbol.tell(page_for(first, found("A", 3)), page_for(first, found("A", 3)))
    symbol.page()

    assert symbol.manager.last(SymbolRecovered).orders == 1


def test_an_order_that_is_accepted_while_pages_are_read_waits_for_none(
    symbol: Symbol,
) -> None:
    symbol.replace(names.MANAGER)
    symbol.page(found("B", 3), last_sequence=7)

    symbol.begin(order("A", sequence=8))
    assert symbol.worker().given.is_new
    worker = symbol.worker()
    symbol.page(found("A", 8), last_sequence=8)

    assert symbol.worker() is worker


def test_an_order_whose_rank_changed_while_pages_are_read_is_worked_once(
    symbol: Symbol,
) -> None:
    symbol.replace(names.MANAGER)
    symbol.page(found("A", 3), found("B", 4), last_sequence=4)
    worker = symbol.worker()

    symbol.page(found("A", 9), last_sequence=9)
    symbol.page()

    assert symbol.worker() is worker


@pytest.mark.parametrize(
    ("sequence", "is_new"),
    [
        pytest.param(7, True, id="was on disk when we looked"),
        pytest.param(9, False, id="was written before"),
    ],
)
def test_an_order_that_may_have_gone_on_since_is_read(
    symbol: Symbol, sequence: int, *, is_new: bool
) -> None:
    symbol.replace(names.MANAGER)
    symbol.page(last_sequence=8)

    symbol.begin(order("A", sequence=sequence), is_new=is_new)

    assert symbol.worker().given is None


def test_a_wake_up_that_comes_twice_is_not_believed_twice(symbol: Symbol) -> None:
    symbol.begin(order("A", sequence=3))
    symbol.stage.end(symbol.worker())

    symbol.begin(order("A", sequence=3))

    assert symbol.worker().given is None, "the disk says that it has ended"


def test_wake_ups_out_of_order_lose_no_order(symbol: Symbol) -> None:
    symbol.begin(order("B", sequence=4))
    symbol.begin(order("A", sequence=3))

    assert symbol.worker("B").given.is_new
    assert symbol.worker("A").given is None, "it has to be read, and is"


def test_an_order_that_comes_before_the_first_page_is_read(
    stage: Stage, symbol: Symbol
) -> None:
    stage.kill(symbol.supervisor)
    symbol.supervisor = symbol.start()

    symbol.begin()

    assert symbol.worker().given is None


def test_a_page_that_comes_during_the_stop_starts_nobody(symbol: Symbol) -> None:
    symbol.replace(names.MANAGER)
    symbol.begin()
    vars(symbol.worker())["on_receive"] = lambda _: None  # takes its time

    symbol.tell(Drain(cancel_orders=False))
    symbol.page(found("B", 3))
    symbol.begin(order("C", sequence=9))

    assert not symbol.is_worked("B")
    assert not symbol.is_worked("C")
