"""Orders of symbols that are not traded any more: they can end, and nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.messages.client_requests import AwaitRecovery, Recovered
from domain.market.updates import FeedConnected
from domain.orders.child_order import ChildStatus
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason, RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId, TimeInForce
from domain.venue.symbol_rules import DELISTED, SymbolRules
from tests.actors.builders import (
    SYMBOL,
    intent_record,
    new_order_record,
    order,
    placement,
)
from tests.actors.stage import START, Stage
from tests.actors.test_system import OTHER, Service
from tests.fakes import Recorder


A = OrderId("A")


@pytest.fixture
def service(stage: Stage) -> Service:
    return Service(stage)


def forget(service: Service) -> None:
    """Start again without the symbol among those to trade."""
    service.drain()
    service.traded = {OTHER: service.traded[OTHER]}
    service.untraded = (SYMBOL,)
    service.root = service.start()


def delist(service: Service) -> None:
    """Start again with the symbol, which the venue has forgotten."""
    service.drain()
    delisted = SymbolRules(symbol=SYMBOL, status=DELISTED)
    service.traded = {SYMBOL: delisted, OTHER: service.traded[OTHER]}
    service.root = service.start()


Loss = Callable[[Service], None]

both = pytest.mark.parametrize("lose", [forget, delist])


def on_disk(service: Service) -> Order:
    found = service.store.order(A)
    assert found is not None
    return found


def cancel(service: Service) -> Any:
    answer = service.desk().cancel(CancelOrder(order_id=A, symbol=SYMBOL))
    service.stage.run()
    return answer.result(0)


@both
def test_an_order_can_be_cancelled(service: Service, lose: Loss) -> None:
    service.place()
    lose(service)

    assert cancel(service).status is OrderStatus.CANCELED
    assert on_disk(service).reason is EndReason.CANCELED_BY_CLIENT
    assert not service.stage.is_there(names.executor(SYMBOL, A))


@both
def test_an_order_expires(service: Service, lose: Loss) -> None:
    until = service.stage.clock.now() + timedelta(seconds=60)
    gtd = placement(time_in_force=TimeInForce.GTD, expires_at=until)
    service.place(command=gtd)
    lose(service)
    assert on_disk(service).status is OrderStatus.NEW

    service.stage.pass_seconds(61)

    assert on_disk(service).reason is EndReason.EXPIRED_AT_TIME


@both
def test_an_order_is_cancelled_by_a_stop_that_cancels(
    service: Service, lose: Loss
) -> None:
    service.place()
    lose(service)

    service.drain(cancel_orders=True)

    assert on_disk(service).reason is EndReason.CANCELED_AT_STOP


@both
def test_a_stop_that_cancels_nothing_leaves_it_open(
    service: Service, lose: Loss
) -> None:
    service.place()
    lose(service)

    service.drain()

    assert on_disk(service).status is OrderStatus.NEW
    assert service.stage.directory.names("") == []


@both
def test_a_child_of_which_nothing_is_known_is_resolved_before_the_end(
    service: Service, lose: Loss
) -> None:
    service.store.write([new_order_record(order("A"))])
    service.store.write([intent_record(order("A"), (100, 2))])
    lose(service)

    assert cancel(service).status is OrderStatus.CANCELED
    history = service.store.child_history(intent_child())
    assert history is not None
    assert history.status is ChildStatus.NEVER_SENT


def intent_child() -> Any:
    intent = intent_record(order("A"), (100, 2)).intent
    assert intent is not None
    return intent.child_id


@both
def test_an_order_for_now_or_never_does_not_wait_for_ever(
    service: Service, lose: Loss
) -> None:
    ioc = order("A", time_in_force=TimeInForce.IOC)
    service.store.write([new_order_record(ioc)])

    lose(service)
    service.stage.pass_seconds(1)

    assert on_disk(service).status is OrderStatus.EXPIRED


@both
def test_the_other_symbols_trade_on(service: Service, lose: Loss) -> None:
    service.place()
    lose(service)

    service.sync(OTHER)
    service.place("B", placement(symbol=OTHER))

    assert [one.order_id for one in service.publisher.ended] == ["B"]
    assert on_disk(service).status is OrderStatus.NEW


@both
def test_no_order_is_taken_in(service: Service, lose: Loss) -> None:
    lose(service)

    answer = service.place()

    assert isinstance(answer, Refusal)
    codes = (RefusalCode.UNKNOWN_SYMBOL, RefusalCode.SYMBOL_NOT_TRADING)
    assert answer.code in codes


@both
def test_its_terms_stay_as_they_are(service: Service, lose: Loss) -> None:
    service.place()
    lose(service)

    command = AmendOrder(order_id=A, symbol=SYMBOL, price=Decimal(90))
    answer = service.desk().amend(command)
    service.stage.run()

    assert isinstance(answer.result(0), Refusal)
    assert on_disk(service).price == placement().price


@pytest.mark.parametrize("is_replaced", [False, True])
def test_orders_that_can_only_end_are_counted_apart(
    service: Service, *, is_replaced: bool
) -> None:
    service.place()
    service.place("B", placement(symbol=OTHER))
    service.place("C", placement(symbol=OTHER))
    forget(service)
    if is_replaced:
        service.kill(names.MANAGER)

    asker = Recorder()
    service.stage.directory.tell(names.MANAGER, AwaitRecovery(reply_to=asker))
    service.stage.run()

    assert asker.received == [Recovered(orders=2, untraded_orders=1)]


def test_an_executor_that_fails_comes_back(service: Service) -> None:
    service.place()
    forget(service)

    service.kill(names.executor(SYMBOL, A))
    service.kill(names.symbol_supervisor(SYMBOL))

    assert cancel(service).status is OrderStatus.CANCELED


def test_an_order_of_a_symbol_that_is_traded_again_goes_on(service: Service) -> None:
    service.place()
    forget(service)
    service.drain()
    service.untraded = ()
    service.traded[SYMBOL] = SymbolRules(symbol=SYMBOL)

    service.root = service.start()
    service.feed.send(FeedConnected(symbol=SYMBOL))
    service.sync(SYMBOL)

    assert on_disk(service).status is OrderStatus.FILLED
    assert on_disk(service).updated_at > START
