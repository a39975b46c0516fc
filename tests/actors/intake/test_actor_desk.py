"""The desk, in front of actors that only listen.

What returns a future is called and looked at here; what blocks is called in a thread.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.intake.actor_desk import REQUEST_SECONDS, ActorDesk
from actors.messages.client_requests import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    GetBook,
    GetHolds,
    GetSymbolStatus,
    GetWaiting,
    OrdersOnHold,
    PlaceRequest,
    Recovered,
)
from actors.messages.ledger import GetLedgerStatus, LedgerStatus
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import NameTaken
from actors.runtime.runtime import ActorContext
from domain.errors import DeskTimeoutError
from domain.market.updates import BookView
from domain.matching.matcher import WaitingOrder
from domain.matching.open_limits import OpenLimit, OpenLimits
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.order_now import MarketNow, Obstacle
from domain.orders.records import Stored
from domain.readiness import ServiceState, SymbolStatus
from domain.reasons import BookState
from domain.reconciliation.comparison import ReconciliationStatus
from domain.refusals import STOPPING
from domain.values import OrderId, Side, TimeInForce
from tests.actors.builders import RULES, SYMBOL, order, placement
from tests.actors.stage import Stage


Answer = Callable[[Any], None]


class Answering(RuntimeActor):
    """Does with each message what the test says."""

    def __init__(self, *, context: ActorContext, answer: Answer) -> None:
        super().__init__(context=context)
        self._answer = answer
        self.received: list[Any] = []

    def on_receive(self, message: Any) -> None:
        self.received.append(message)
        self._answer(message)


class Counter:
    """A desk whose calls run in a thread, while the test runs the actors."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.desk = ActorDesk(
            runtime=stage.runtime,
            rules={SYMBOL: RULES},
            new_order_id=lambda: OrderId("NEW"),
            labels=("simulated", "paper"),
        )

    def actor(self, name: str, answer: Answer = lambda _: None) -> Answering:
        return self.stage.start(Answering, name, answer=answer)

    def call(self, function: Callable[[], Any], until: Callable[[], bool]) -> Any:
        """Run the call in a thread; run the actors here until it has returned."""
        outcome: list[Any] = []
        done = threading.Event()

        def work() -> None:
            try:
                outcome.append(function())
            except DeskTimeoutError as error:
                outcome.append(error)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        has_happened = False
        for _ in range(10_000):
            if done.wait(0.001):
                break
            self.stage.run()
            has_happened = has_happened or until()
        thread.join()
        return outcome[0]


@pytest.fixture
def counter(stage: Stage) -> Counter:
    return Counter(stage)


def never() -> bool:
    return False


STORED = Stored(order=order("NEW"))


def test_an_order_is_placed_through_the_manager(counter: Counter) -> None:
    manager = counter.actor(
        names.MANAGER, lambda request: request.reply_to.tell(STORED)
    )

    answer = counter.desk.place(placement())
    counter.stage.run()

    assert answer.result(0) == STORED
    (request,) = manager.received
    assert isinstance(request, PlaceRequest)
    assert (request.order_id, request.is_resent) == ("NEW", False)
    assert counter.stage.directory._watchers == {}


def test_a_request_is_sent_again_to_a_new_manager(counter: Counter) -> None:
    deaf = counter.actor(names.MANAGER)
    answer = counter.desk.place(placement())
    counter.stage.run()

    counter.stage.kill(deaf)
    assert not answer.done()
    successor = counter.actor(
        names.MANAGER, lambda request: request.reply_to.tell(STORED)
    )

    assert answer.result(0) == STORED
    (request,) = successor.received
    assert request.is_resent
    assert request.order_id == deaf.received[0].order_id


def test_a_request_that_finds_no_manager_waits_for_one(counter: Counter) -> None:
    answer = counter.desk.place(placement())
    counter.stage.run()

    started = counter.actor(names.MANAGER, lambda one: one.reply_to.tell(STORED))

    assert answer.result(0) == STORED
    assert len(started.received) == 1


@pytest.mark.parametrize(
    "name", [names.executor(SYMBOL, OrderId("A")), names.symbol_supervisor(SYMBOL)]
)
@pytest.mark.parametrize("kind", [CancelRequest, AmendRequest])
def test_a_request_is_sent_again_when_somebody_who_may_have_it_is_replaced(
    counter: Counter, kind: type, name: str
) -> None:
    executor = counter.actor(name)
    manager = counter.actor(names.MANAGER)
    answered = order("A")
    answer = (
        counter.desk.cancel(CancelOrder(order_id=OrderId("A"), symbol=SYMBOL))
        if kind is CancelRequest
        else counter.desk.amend(AmendOrder(order_id=OrderId("A"), symbol=SYMBOL))
    )
    counter.stage.run()

    counter.stage.kill(executor)
    manager._answer = lambda request: request.reply_to.tell(answered)
    counter.actor(name)

    assert answer.result(0) == answered
    assert [type(request) for request in manager.received] == [kind, kind]


def test_a_request_without_an_answer_ends_in_time_and_an_answer_is_late(
    counter: Counter,
) -> None:
    manager = counter.actor(names.MANAGER)
    answer = counter.desk.place(placement())

    counter.stage.pass_seconds(REQUEST_SECONDS - 0.1)
    assert not answer.done()
    counter.stage.pass_seconds(0.1)
    manager.received[0].reply_to.tell(STORED)

    with pytest.raises(DeskTimeoutError, match=r"no answer within 5\.0 seconds"):
        answer.result(0)
    assert counter.stage.directory._watchers == {}


def test_an_answered_request_is_not_sent_again(counter: Counter) -> None:
    counter.actor(names.MANAGER, lambda request: request.reply_to.tell(STORED))
    answer = counter.desk.place(placement())
    (question,) = counter.stage.directory._watchers[names.MANAGER]
    counter.stage.run()
    manager = counter.stage.actor(names.MANAGER)
    assert isinstance(manager, Answering)

    question.tell(NameTaken(name=names.MANAGER))  # from before the answer
    counter.stage.run()

    assert answer.result(0) == STORED
    assert len(manager.received) == 1


def test_a_closed_desk_refuses_at_once(counter: Counter) -> None:
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)

    counter.desk.close()

    assert counter.desk.place(placement()).result(0) == STOPPING
    assert counter.desk.cancel(command).result(0) == STOPPING


def test_an_answered_request_leaves_no_timer_behind(counter: Counter) -> None:
    counter.actor(names.MANAGER, lambda request: request.reply_to.tell(STORED))
    answer = counter.desk.place(placement())
    counter.stage.run()

    assert counter.stage.timers.next_due_ns() is None
    assert answer.result(0) == STORED


def test_no_answer_is_a_timeout_and_nobody_is_watched_any_more(
    counter: Counter,
) -> None:
    counter.actor(names.MANAGER)

    outcome = counter.call(lambda: counter.desk.await_recovery(0.05), never)

    assert isinstance(outcome, DeskTimeoutError)
    assert counter.stage.directory._watchers == {}


def test_the_book_comes_from_the_router(counter: Counter) -> None:
    view = BookView(
        symbol=SYMBOL, state=BookState.SYNCED, update_id=9, bids=(), asks=()
    )
    router = counter.actor(
        names.router(SYMBOL), lambda request: request.reply_to.tell(view)
    )

    assert counter.call(lambda: counter.desk.book(SYMBOL, 3), never) == view
    assert isinstance(router.received[0], GetBook)
    assert router.received[0].limit == 3


def test_open_limits_come_from_the_router(counter: Counter) -> None:
    one = WaitingOrder(
        order_id=OrderId("A"),
        side=Side.SELL,
        price=Decimal(100),
        released=Decimal(5),
        left=Decimal(5),
        sequence=1,
        time_in_force=TimeInForce.GTC,
    )
    router = counter.actor(
        names.router(SYMBOL), lambda request: request.reply_to.tell((one, one))
    )

    found = counter.call(lambda: counter.desk.open_limits(SYMBOL), never)

    assert isinstance(router.received[0], GetWaiting)
    assert found.sells == (
        OpenLimit(price=Decimal(100), quantity=Decimal(10), orders=2),
    )


def test_without_a_router_nothing_waits(counter: Counter) -> None:
    assert counter.desk.open_limits(SYMBOL) == OpenLimits(symbol=SYMBOL)


def test_why_an_order_does_not_fill_is_asked_of_those_who_work_it(
    counter: Counter,
) -> None:
    market = MarketNow(book_state=BookState.SYNCED)
    counter.actor(names.router(SYMBOL), lambda request: request.reply_to.tell(market))

    now = counter.call(lambda: counter.desk.order_now(order()), never)

    assert (now.obstacle, now.market) == (Obstacle.NOT_WORKED, market)


def test_the_book_of_a_symbol_without_a_router_is_empty(counter: Counter) -> None:
    status = SymbolStatus(symbol=SYMBOL, book_state=BookState.DEGRADED, detail="rests")
    counter.actor(
        names.symbol_supervisor(SYMBOL), lambda request: request.reply_to.tell(status)
    )

    view = counter.call(lambda: counter.desk.book(SYMBOL, 3), never)

    assert (view.state, view.detail, view.bids) == (BookState.DEGRADED, "rests", ())


def test_a_symbol_whose_supervisor_does_not_answer_is_being_started(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.intake.actor_desk.STATUS_SECONDS", 0.01)
    counter.actor(names.symbol_supervisor(SYMBOL))

    assert counter.desk.book(SYMBOL, 3).state is BookState.RESTARTING


def ready(counter: Counter, problem: str | None, state: BookState) -> ServiceState:
    status = SymbolStatus(symbol=SYMBOL, book_state=state)

    def answer(request: Any) -> None:
        if isinstance(request, GetSymbolStatus):
            request.reply_to.tell(status)
        if isinstance(request, GetLedgerStatus):
            request.reply_to.tell(LedgerStatus(problem=problem))

    for name in (names.LEDGER, names.MANAGER, names.router(SYMBOL)):
        counter.actor(name, answer)
    readiness = counter.call(counter.desk.readiness, never)
    assert (readiness.market, readiness.venue) == ("simulated", "paper")
    assert readiness.intake_problem == problem
    assert readiness.symbols == (status,)
    state_of_service: ServiceState = readiness.state
    return state_of_service


def test_a_service_in_step_that_can_write_is_ready(counter: Counter) -> None:
    assert ready(counter, None, BookState.SYNCED) is ServiceState.OK


def test_a_service_whose_only_book_is_lost_is_not_ready(counter: Counter) -> None:
    assert ready(counter, None, BookState.GAP) is ServiceState.UNAVAILABLE


def test_a_service_that_cannot_write_is_not_ready(counter: Counter) -> None:
    assert ready(counter, "disk full", BookState.SYNCED) is ServiceState.UNAVAILABLE


def test_a_service_without_its_actors_says_who_is_missing(counter: Counter) -> None:
    readiness = counter.desk.readiness()

    assert readiness.intake_problem == "the ledger is being restarted"
    assert [one.book_state for one in readiness.symbols] == [BookState.DEGRADED]


def test_how_records_compare_is_told_by_the_reconciler(counter: Counter) -> None:
    compared = ReconciliationStatus(finished_at=None, symbols=())
    counter.actor(names.RECONCILER, lambda request: request.reply_to.tell(compared))

    readiness = counter.call(counter.desk.readiness, never)

    assert readiness.reconciliation == compared


def test_how_many_orders_are_on_hold_is_told_by_the_manager(counter: Counter) -> None:
    def answer(request: Any) -> None:
        assert isinstance(request, GetHolds)
        request.reply_to.tell(OrdersOnHold(counts={SYMBOL: 2}))

    counter.actor(names.MANAGER, answer)

    readiness = counter.call(counter.desk.readiness, never)
    assert readiness.orders_on_hold == {SYMBOL: 2}


def test_how_many_orders_are_on_hold_is_not_known_without_a_manager(
    counter: Counter,
) -> None:
    assert counter.desk.readiness().orders_on_hold is None


def test_recovery_is_waited_for(counter: Counter) -> None:
    recovered = Recovered(orders=12, untraded_orders=3)
    manager = counter.actor(
        names.MANAGER, lambda request: request.reply_to.tell(recovered)
    )

    assert counter.call(lambda: counter.desk.await_recovery(5.0), never) == recovered
    assert isinstance(manager.received[0], AwaitRecovery)


def test_what_is_traded_is_known_without_asking(counter: Counter) -> None:
    assert counter.desk.symbols() == (RULES,)
