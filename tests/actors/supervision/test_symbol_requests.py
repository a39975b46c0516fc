"""Requests about orders on their way through the symbol's supervisor."""

from random import Random
from typing import Any

import pytest

from actors import names
from actors.executor.requests import ENDED_BEFORE
from actors.messages.client_requests import AmendRequest, CancelRequest, PlaceRequest
from actors.messages.lifecycle import Drain
from actors.runtime.addresses import Directory
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.order import Order, OrderStatus
from domain.orders.records import Stored
from domain.refusals import STOPPING
from domain.values import OrderId
from tests.actors.builders import RULES, SYMBOL, placement
from tests.actors.stage import Stage
from tests.actors.supervision.test_symbol_supervisor import A, Symbol
from tests.actors.test_system import Service
from tests.fakes import Recorder


@pytest.fixture
def symbol(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Symbol:
    return Symbol(stage, monkeypatch)


def cancel(client: Recorder | None = None) -> CancelRequest:
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    return CancelRequest(command=command, reply_to=client or Recorder())


def amend() -> AmendRequest:
    command = AmendOrder(order_id=OrderId("A"), symbol=SYMBOL, price=RULES.min_notional)
    return AmendRequest(command=command, reply_to=Recorder(), sequence=9)


@pytest.mark.parametrize("request_", [cancel(), amend()])
def test_a_request_goes_to_the_orders_executor(symbol: Symbol, request_: Any) -> None:
    symbol.begin()

    symbol.tell(request_)

    assert symbol.worker().received == [request_]


@pytest.mark.parametrize("request_", [cancel(), amend()])
def test_a_request_for_an_order_that_nobody_works_has_it_read(
    symbol: Symbol, request_: Any
) -> None:
    symbol.tell(request_)

    assert symbol.worker().given is None
    assert symbol.worker().received == [request_]


def test_an_order_that_was_read_for_a_request_is_not_started_again(
    symbol: Symbol,
) -> None:
    symbol.tell(cancel())
    first = symbol.worker()

    symbol.begin()

    assert symbol.worker() is first


def test_a_request_that_meets_an_executor_at_its_end_goes_to_the_next_one(
    symbol: Symbol,
) -> None:
    symbol.begin()
    ending = symbol.worker()
    request = cancel()
    ending.actor_ref.stop(block=False)
    while ending.actor_ref.is_alive():
        symbol.stage.dispatcher.step()

    # Before the supervisor hears of the end.
    symbol.supervisor._pass_on(request)
    symbol.stage.run()

    assert symbol.worker() is not ending
    assert symbol.worker().received == [request]


def test_a_request_ends_the_rest_of_an_executor(symbol: Symbol) -> None:
    symbol.begin()
    for _ in range(4):
        symbol.stage.kill(symbol.worker())
    request = cancel()

    symbol.tell(request)
    woken = symbol.worker()
    symbol.stage.pass_seconds(60)

    assert woken.received == [request]
    assert symbol.worker() is woken


def test_a_request_waits_until_the_orphans_are_gone(symbol: Symbol) -> None:
    symbol.begin()
    orphan, stage = symbol.worker(), symbol.stage
    vars(symbol.supervisor)["on_end"] = lambda: None  # as if killed outright
    stage.kill(symbol.supervisor)
    request = cancel()

    context = stage.place(names.symbol_supervisor(SYMBOL), symbol.watcher)
    successor = type(symbol.supervisor).start(context=context, **symbol.arguments())
    successor.tell(request)
    stage.run()

    assert orphan.received == []
    assert symbol.worker().received == [request]


def test_a_request_during_a_drain_is_told_of_the_stop(symbol: Symbol) -> None:
    client = Recorder()

    symbol.supervisor.address.tell(Drain(cancel_orders=False))
    symbol.supervisor.address.tell(cancel(client))
    symbol.stage.run()

    assert client.received == [STOPPING]


class HastyClient:
    """Asks for something else in the very moment in which its order is accepted."""

    def __init__(self, directory: Directory, *wishes: Any) -> None:
        self.directory = directory
        self.wishes = wishes

    def tell(self, message: Any) -> bool:
        assert isinstance(message, Stored)
        for wish in self.wishes:
            self.directory.tell(names.MANAGER, wish)
        return True


def placed(stage: Stage, *wishes: Any) -> None:
    client = HastyClient(stage.directory, *wishes)
    request = PlaceRequest(order_id=OrderId("A"), command=placement(), reply_to=client)
    stage.directory.tell(names.MANAGER, request)
    stage.run()


@pytest.mark.parametrize("seed", range(100))
def test_an_order_can_be_cancelled_as_soon_as_it_is_accepted(seed: int) -> None:
    stage = Stage(Random(seed))
    Service(stage)
    client = Recorder()

    placed(stage, cancel(client))

    assert client.only(Order).status is OrderStatus.CANCELED
    assert not stage.is_there(A)
    stage.clear()


@pytest.mark.parametrize("seed", range(100))
def test_an_order_can_be_amended_as_soon_as_it_is_accepted(seed: int) -> None:
    stage = Stage(Random(seed))
    Service(stage)
    amendment, cancellation = amend(), cancel()

    placed(stage, amendment, cancellation)

    assert isinstance(amendment.reply_to, Recorder)
    assert amendment.reply_to.only(Order).price == RULES.min_notional
    assert isinstance(cancellation.reply_to, Recorder)
    assert cancellation.reply_to.only(Order).status is OrderStatus.CANCELED
    stage.clear()


@pytest.mark.parametrize("seed", range(100))
def test_an_order_whose_supervisor_fails_can_still_be_cancelled(seed: int) -> None:
    stage = Stage(Random(seed))
    service = Service(stage)
    placed(stage)
    answer = service.desk().cancel(CancelOrder(order_id=OrderId("A"), symbol=SYMBOL))
    for _ in range(seed % 10):
        stage.dispatcher.step()

    service.kill(names.symbol_supervisor(SYMBOL))

    canceled = service.store.order(OrderId("A"))
    assert canceled is not None
    assert canceled.status is OrderStatus.CANCELED
    # The executor may have been killed between its last step and the answer.
    said = answer.result(0)
    assert said in (canceled, ENDED_BEFORE)
    stage.clear()
