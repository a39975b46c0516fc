"""An executor whose neighbours, or it itself, fail at any point."""

from dataclasses import replace

import pytest

from actors import names
from actors.gateway.permits import Permits
from actors.ledger import Ledger
from actors.messages.ledger import LoadOrder, WriteRecord
from actors.messages.lifecycle import OrderEnded, OrderProgress
from actors.messages.routing import Enlist, RouterStarted, Withdraw
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildStatus
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason
from domain.risk.limits import RiskLimits
from domain.values import OrderId
from tests.actors.builders import SYMBOL, gtd_order, new_order_record, order, with_child
from tests.actors.executor.test_executor_requests import amend, cancel
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, amount, waiting
from tests.fakes import FakePublisher, FakeStore


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, waiting(order()))


# Its own restart: it finds on disk where it was.


def test_a_restarted_executor_reads_its_order_from_disk(stage: Stage) -> None:
    shop = Workshop(stage, None)
    assert [one.order_id for one in shop.ledger.all(LoadOrder)] == ["A"]
    assert shop.router.all(Enlist) == []

    shop.load(waiting(order()))

    assert shop.enlisted().waiting.left == amount(5)


def test_an_order_that_ended_meanwhile_is_left_alone(stage: Stage) -> None:
    shop = Workshop(stage, None)

    shop.load(None)

    assert shop.is_over()
    assert shop.changes() == []
    assert shop.router.received == [], "its predecessor left before the end"


def test_an_order_that_a_successor_ends_leaves_the_index_where_its_predecessor_was(
    stage: Stage,
) -> None:
    shop = Workshop(stage, None)
    cancel(shop)

    shop.load(waiting(order()))
    shop.written()

    assert shop.router.last(Withdraw).children == 0
    assert shop.router.all(Enlist) == []
    assert shop.is_over(), "no offer can be on its way to it"


def test_an_order_that_ended_meanwhile_does_not_count_as_open_any_more(
    stage: Stage,
) -> None:
    manager = stage.neighbour(names.MANAGER)
    limits = RiskLimits(max_open_notional={"USDT": amount(1000)})
    shop = Workshop(stage, None, limits=limits)

    shop.load(None)

    assert manager.last(OrderEnded).order_id == "A"


def test_a_restarted_executor_reports_what_its_predecessor_may_not_have(
    stage: Stage,
) -> None:
    manager = stage.neighbour(names.MANAGER)
    limits = RiskLimits(max_open_notional={"USDT": amount(1000)})
    shop = Workshop(stage, None, limits=limits)
    found = waiting(order())

    shop.load(found)

    assert manager.last(OrderProgress).order == found.order


def test_an_intent_without_a_result_is_asked_about_first(stage: Stage) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))

    assert [message.child.child_id for message in shop.queried()] == ["A-1"]
    assert shop.router.all(Enlist) == []
    assert shop.submitted() == []


def test_an_intent_that_was_filled_is_booked(stage: Stage) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))

    shop.answered((102, 2))
    shop.written()

    assert shop.order().filled == amount(2)
    assert shop.enlisted().waiting.left == amount(3)


def test_an_intent_that_never_left_is_closed_and_nothing_released(
    stage: Stage,
) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))

    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()

    assert shop.given_back() == [], "another executor's offer it was"
    assert shop.enlisted().waiting.left == amount(5)


def test_the_child_after_an_unresolved_one_has_another_name(stage: Stage) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))
    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()

    shop.offer((102, 2))

    intent = shop.change().intent
    assert intent is not None
    assert intent.child_id == "A-2"


def test_a_cancel_that_was_on_disk_is_finished(stage: Stage) -> None:
    found = with_child(order(), (102, 2))
    cancelling = replace(found.order, status=OrderStatus.PENDING_CANCEL)
    shop = Workshop(stage, replace(found, order=cancelling))

    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()
    shop.written()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)


def test_an_order_that_expired_with_an_intent_asks_before_it_ends(
    stage: Stage,
) -> None:
    stage.pass_seconds(60)
    shop = Workshop(stage, with_child(gtd_order(10), (102, 2)))
    assert shop.changes() == []

    shop.answered((102, 2))
    shop.written()
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)
    assert shop.order().filled == amount(2)


# A new ledger: what may be lost is said again.


def test_a_new_ledger_is_asked_again_for_the_order(stage: Stage) -> None:
    shop = Workshop(stage, None)

    shop.ledger = shop.replace(shop.ledger)
    stage.run()

    assert len(shop.ledger.all(LoadOrder)) == 1


def test_an_order_that_is_read_twice_is_begun_once(stage: Stage) -> None:
    shop = Workshop(stage, None)

    shop.load(waiting(order()))
    shop.load(waiting(order()))

    assert len(shop.router.all(Enlist)) == 1


def test_a_new_ledger_is_told_what_is_not_on_disk_yet(shop: Workshop) -> None:
    shop.offer((102, 2))
    intent = shop.change()

    shop.ledger = shop.replace(shop.ledger)

    assert [message.record for message in shop.ledger.all(WriteRecord)] == [intent]
    assert shop.submitted() == []
    shop.written()
    assert len(shop.submitted()) == 1


def test_a_new_ledger_is_not_told_what_is_on_disk(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()

    shop.ledger = shop.replace(shop.ledger)

    assert shop.changes() == []


def test_no_change_overtakes_one_that_a_ledger_took_to_its_grave(
    stage: Stage,
) -> None:
    """The ledger dies between two messages of one executor, which hears of it late."""
    store = FakeStore()
    store.write([new_order_record(order())])
    shop = Workshop(stage, waiting(order()), store=store)
    shop.offer((102, 2))
    stage.poison(stage.actor(names.LEDGER))
    client = cancel(shop)
    stage.directory.unwatch(names.LEDGER, shop.executor.address)
    stage.start(
        Ledger, names.LEDGER, store=store, permits=Permits(), publisher=FakePublisher()
    )

    shop.answered((102, 2))

    on_disk = store.order(OrderId("A"))
    assert on_disk is not None
    assert (on_disk.status, str(on_disk.filled)) == ("CANCELED", "2")
    assert client.only(Order).status is OrderStatus.PENDING_CANCEL
    numbers = [event.number for event in store.events(OrderId("A"))]
    assert numbers == [1, 2, 3, 4, 5]


def test_after_a_cancel_that_was_lost_nothing_is_sold_by_a_successor(
    stage: Stage,
) -> None:
    """Executor and ledger die: what is on disk is whole, the cancel is not known."""
    store = FakeStore()
    store.write([new_order_record(order())])
    shop = Workshop(stage, waiting(order()), store=store)
    shop.offer((102, 2))
    stage.poison(stage.actor(names.LEDGER))
    client = cancel(shop)
    stage.directory.unwatch(names.LEDGER, shop.executor.address)
    ledger = stage.start(
        Ledger, names.LEDGER, store=store, permits=Permits(), publisher=FakePublisher()
    )
    stage.poison(ledger)

    shop.answered((102, 2))

    on_disk = store.order(OrderId("A"))
    assert on_disk is not None
    assert on_disk.version == 2, "neither of the two, or both"
    assert client.received == [], "and nobody was told otherwise"


# A new gateway: what became of the child is asked.


def test_a_new_gateway_is_asked_about_the_child_in_flight(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()

    shop.gateway = shop.replace(shop.gateway)

    assert [message.child.child_id for message in shop.queried()] == ["A-1"]
    assert shop.submitted() == []


def test_a_child_that_a_gateway_took_to_its_grave_is_released(shop: Workshop) -> None:
    offer = shop.offer((102, 2))
    shop.written()
    shop.gateway = shop.replace(shop.gateway)

    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()

    assert shop.given_back() == [offer.slices]
    assert shop.enlisted().waiting.left == amount(5)


def test_a_new_gateway_is_not_asked_about_a_child_that_has_not_left(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))

    shop.gateway = shop.replace(shop.gateway)
    assert shop.queried() == []
    shop.written()

    assert len(shop.submitted()) == 1


def test_a_child_that_finds_no_gateway_is_asked_about_when_one_is_there(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    shop.stage.kill(shop.gateway)
    shop.written()

    shop.gateway = shop.stage.neighbour("gateway")

    assert len(shop.queried()) == 1


# A new router: it knows no order.


def test_a_waiting_order_enlists_with_a_new_router(shop: Workshop) -> None:
    shop.router = shop.replace(shop.router)

    shop.tell(RouterStarted(symbol=SYMBOL))

    assert shop.enlisted().ticket == 2


def test_an_order_that_finds_no_router_waits_for_one(stage: Stage) -> None:
    shop = Workshop(stage, None)
    stage.kill(shop.router)
    shop.load(waiting(order()))

    shop.router = stage.neighbour(shop.router.context.name)
    shop.tell(RouterStarted(symbol=SYMBOL))

    assert shop.enlisted().waiting.left == amount(5)


def test_an_order_with_a_child_in_flight_enlists_when_that_has_settled(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    shop.written()
    shop.router = shop.replace(shop.router)
    shop.tell(RouterStarted(symbol=SYMBOL))
    assert shop.router.all(Enlist) == []

    shop.answered((102, 2))
    shop.written()

    assert shop.enlisted().waiting.left == amount(3)


def test_an_offer_of_a_router_that_is_gone_is_not_used(shop: Workshop) -> None:
    old_ticket = shop.enlisted().ticket
    shop.router = shop.replace(shop.router)
    shop.tell(RouterStarted(symbol=SYMBOL))

    shop.offer((102, 2), ticket=old_ticket)

    assert shop.changes() == []


def test_an_ended_order_does_not_wait_for_a_router_that_is_gone(
    shop: Workshop,
) -> None:
    cancel(shop)
    shop.written()
    assert not shop.is_over()
    shop.router = shop.replace(shop.router)

    shop.tell(RouterStarted(symbol=SYMBOL))

    assert shop.ended_as()[0] is OrderStatus.CANCELED


def test_an_order_that_ends_instead_of_enlisting_again_leaves_the_router(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    stage.clock.set_ns(stage.clock.monotonic_ns() + 11 * NANOSECONDS)

    shop.tell(RouterStarted(symbol=SYMBOL))
    shop.written()
    assert not shop.is_over(), "that router may have it in its index"
    shop.withdrawn()

    assert shop.ended_as()[0] is OrderStatus.EXPIRED


def test_the_answer_to_an_earlier_withdrawal_is_none_to_a_later_enlistment(
    shop: Workshop,
) -> None:
    amend(shop, price=101)
    shop.tell(RouterStarted(symbol=SYMBOL))
    shop.written()
    assert len(shop.router.all(Enlist)) == 2

    shop.withdrawn()

    assert len(shop.router.all(Enlist)) == 2
