"""Orders on hold are counted: somebody has to look at them, and has to be told."""

import logging
from dataclasses import replace

import pytest

from actors import names
from actors.messages.client_requests import GetHolds, OrdersOnHold
from actors.messages.lifecycle import OrderEnded, OrderProgress, SymbolRecovered
from domain.orders import lifecycle
from domain.orders.order import Order
from domain.orders.stored_orders import OpenOrder
from domain.reasons import EndReason, WaitReason
from tests.actors.builders import SYMBOL, order
from tests.actors.executor.test_executor_contradictions import Shop
from tests.actors.executor.test_executor_requests import cancel
from tests.actors.intake.test_manager import Office
from tests.actors.stage import START, Neighbour, Stage
from tests.actors.workshop import Workshop, waiting
from tests.fakes import Recorder


def held(name: str = "A", sequence: int = 1) -> Order:
    return replace(order(name, sequence=sequence), reason=WaitReason.ON_HOLD)


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def on_hold(office: Office) -> int:
    answer = Recorder()
    office.tell(GetHolds(reply_to=answer))
    return answer.only(OrdersOnHold).counts[SYMBOL]


def test_orders_that_a_recovery_finds_on_hold_are_counted_and_said_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.page(waiting(held("A")), waiting(order("B", sequence=2)))
    office.page(waiting(held("C", sequence=3)), after=2)
    assert on_hold(office) == 2

    office.tell(SymbolRecovered(symbol=SYMBOL, orders=3))

    said = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert [one.getMessage() for one in said] == [
        f"Orders on hold symbol={SYMBOL} orders=2"
    ]


def test_a_recovery_that_finds_none_on_hold_says_nothing_of_them(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.recovered(waiting(order()))

    assert on_hold(office) == 0
    assert "on hold" not in caplog.text


def test_an_order_is_counted_from_its_hold_to_its_release(office: Office) -> None:
    office.recovered()

    office.tell(OrderProgress(order=held()))
    assert on_hold(office) == 1

    office.tell(OrderProgress(order=lifecycle.release(held(), now=START)[0]))
    assert on_hold(office) == 0


def test_an_order_that_has_ended_is_not_counted(office: Office) -> None:
    office.recovered(waiting(held()), waiting(held("B", sequence=2)))

    by_client = EndReason.CANCELED_BY_CLIENT
    canceled, _ = lifecycle.cancel(held(), reason=by_client, now=START)
    office.tell(OrderProgress(order=canceled))
    office.tell(OrderEnded(order_id=held("B").order_id))

    assert on_hold(office) == 0


def test_a_new_supervisor_s_recovery_counts_anew(office: Office) -> None:
    office.recovered(waiting(held()))

    office.recovered()

    assert on_hold(office) == 0


# The executor's part.


def told(manager: Neighbour) -> list[bool]:
    """Say of which states of its order the manager was told."""
    return [one.order.is_on_hold for one in manager.all(OrderProgress)]


def test_the_manager_hears_of_a_hold_and_of_its_end_once_they_are_on_disk(
    stage: Stage,
) -> None:
    manager = stage.neighbour(names.MANAGER)
    shop = Shop(stage)
    shop.child_in_flight()
    assert told(manager) == []

    shop.answer((102, 3))
    assert told(manager) == [True]

    shop.settle()
    shop.release()
    assert told(manager) == [True, False]


def test_the_manager_hears_of_the_end_of_an_order_on_hold(stage: Stage) -> None:
    manager = stage.neighbour(names.MANAGER)
    shop = Shop(stage)
    shop.child_in_flight()
    shop.answer((102, 3))
    shop.settle()

    cancel(shop.work)

    assert told(manager) == [True, False]


def test_the_manager_is_not_told_what_its_recovery_has_read(stage: Stage) -> None:
    manager = stage.neighbour(names.MANAGER)

    Workshop(stage, waiting(held()))

    assert told(manager) == []


@pytest.mark.parametrize("found", [waiting(held()), waiting(order())])
def test_a_successor_tells_what_it_finds_for_its_predecessor_may_not_have(
    stage: Stage, found: OpenOrder
) -> None:
    manager = stage.neighbour(names.MANAGER)
    work = Workshop(stage, None)

    work.load(found)

    assert told(manager) == [found.order.is_on_hold]


def test_a_successor_tells_of_the_end_that_its_predecessor_may_not_have(
    stage: Stage,
) -> None:
    manager = stage.neighbour(names.MANAGER)
    work = Workshop(stage, None)

    work.load(None)

    assert manager.last(OrderEnded).order_id == order().order_id
