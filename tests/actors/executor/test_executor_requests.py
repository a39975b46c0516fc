"""Cancelling and amending an order, wherever it stands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from actors.messages.client_requests import (
    AmendRequest,
    CancelRequest,
    PauseRequest,
)
from actors.messages.lifecycle import Drain
from actors.messages.routing import Enlist, Withdraw
from domain.orders.commands import AmendOrder, CancelOrder, PauseOrder
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason, RefusalCode, WaitReason
from domain.refusals import STOPPING, Refusal
from domain.risk.limits import RiskLimits
from domain.values import OrderId
from tests.actors.builders import RULES, SYMBOL, order, slices
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, amount, waiting, written
from tests.fakes import Recorder


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, waiting(order()))


def cancel(shop: Workshop) -> Recorder:
    client = Recorder()
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    shop.tell(CancelRequest(command=command, reply_to=client))
    return client


def amend(shop: Workshop, **terms: int) -> Recorder:
    client = Recorder()
    amounts: dict[str, Any] = {name: Decimal(value) for name, value in terms.items()}
    command = AmendOrder(order_id=OrderId("A"), symbol=SYMBOL, **amounts)
    shop.tell(AmendRequest(command=command, reply_to=client, sequence=50))
    return client


def test_a_waiting_order_is_cancelled_and_answered_from_disk(shop: Workshop) -> None:
    client = cancel(shop)
    assert client.received == []

    shop.written()
    assert client.only(Order).status is OrderStatus.CANCELED
    shop.withdrawn()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)


def test_a_cancel_with_a_child_in_flight_is_pending(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()

    client = cancel(shop)
    shop.written()

    assert client.only(Order).status is OrderStatus.PENDING_CANCEL
    assert not shop.is_over()


def test_a_fill_that_comes_after_the_cancel_counts(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    cancel(shop)
    shop.written()

    shop.answered((102, 2))
    shop.written()
    shop.written()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)
    assert shop.order().filled == amount(2)


def test_a_fill_of_everything_beats_the_cancel(shop: Workshop) -> None:
    shop.offer((102, 5))
    shop.written()
    client = cancel(shop)
    shop.answered((102, 5))
    shop.written()

    assert client.only(Order).status is OrderStatus.PENDING_CANCEL
    assert shop.ended_as() == (OrderStatus.FILLED, EndReason.COMPLETED)


def test_a_cancel_is_answered_with_no_more_than_is_on_disk(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    client = cancel(shop)
    cancelling = shop.order()

    shop.answered((102, 2))
    shop.tell(written(cancelling))

    assert client.only(Order) == cancelling


def test_a_second_cancel_is_answered_at_once(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    cancel(shop)
    shop.written()

    client = cancel(shop)

    assert client.only(Order).status is OrderStatus.PENDING_CANCEL
    assert len(shop.changes()) == 2


def test_a_cancel_of_an_order_that_is_being_read_waits_for_it(stage: Stage) -> None:
    shop = Workshop(stage, None)
    client = cancel(shop)
    assert client.received == []

    shop.load(waiting(order()))
    shop.written()

    assert client.only(Order).status is OrderStatus.CANCELED


def test_a_cancel_that_meets_an_ending_order_is_answered(shop: Workshop) -> None:
    shop.offer((102, 5))
    shop.written()
    shop.answered((102, 5))
    shop.executor.address.tell(written(shop.order()))
    shop.stage.dispatcher.step()

    client = Recorder()
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    shop.executor.address.tell(CancelRequest(command=command, reply_to=client))
    shop.stage.run()

    assert client.only(Refusal).code is RefusalCode.ORDER_ENDED
    assert shop.is_over()


def test_a_request_for_an_order_that_has_ended_on_disk_is_answered(
    stage: Stage,
) -> None:
    shop = Workshop(stage, None)
    client = cancel(shop)

    shop.load(None)

    assert client.only(Refusal).code is RefusalCode.ORDER_ENDED
    assert shop.is_over()


def test_a_request_that_meets_a_stopped_executor_comes_again_to_its_successor(
    shop: Workshop,
) -> None:
    client = Recorder()
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)

    shop.executor.actor_ref.stop(block=False)
    shop.executor.address.tell(CancelRequest(command=command, reply_to=client))
    shop.stage.run()

    assert client.received == []
    assert shop.changes() == []


def test_a_request_that_meets_a_drained_executor_is_told_of_the_stop(
    shop: Workshop,
) -> None:
    client = Recorder()
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)

    shop.executor.address.tell(Drain(cancel_orders=False))
    shop.executor.address.tell(CancelRequest(command=command, reply_to=client))
    shop.stage.run()

    assert client.only(Refusal) == STOPPING


def test_a_request_that_comes_twice_is_carried_out_once(shop: Workshop) -> None:
    client = Recorder()
    command = AmendOrder(order_id=OrderId("A"), symbol=SYMBOL, price=Decimal(105))
    request = AmendRequest(command=command, reply_to=client, sequence=50)

    shop.tell(request, request)
    shop.written()

    assert client.only(Order).price == amount(105)
    assert len(shop.changes()) == 1


def test_an_amendment_is_on_disk_before_it_is_answered(shop: Workshop) -> None:
    client = amend(shop, price=105, quantity=4)
    assert client.received == []

    shop.written()

    amended = client.only(Order)
    assert (amended.price, amended.quantity) == (amount(105), amount(4))


def test_an_amended_order_enlists_when_the_router_let_go_of_it(shop: Workshop) -> None:
    amend(shop, price=105)
    shop.written()
    assert shop.enlisted().waiting.price == amount(100)

    shop.withdrawn()

    assert shop.enlisted().waiting.price == amount(105)
    assert shop.enlisted().waiting.sequence == 50


def test_asking_for_less_keeps_the_place_in_line(shop: Workshop) -> None:
    client = amend(shop, quantity=3)
    shop.written()

    assert client.only(Order).sequence == 1


def test_an_offer_for_the_old_terms_is_given_back(shop: Workshop) -> None:
    amend(shop, price=105)

    offer = shop.offer((101, 2))

    assert shop.given_back() == [offer.slices]


def test_an_amendment_waits_for_the_child_in_flight(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    client = amend(shop, price=105)
    assert len(shop.changes()) == 1

    shop.answered((102, 2))
    shop.written()
    shop.written()

    assert client.only(Order).filled == amount(2)
    assert shop.enlisted().waiting.price == amount(105)


def test_an_amendment_below_what_is_filled_is_refused(shop: Workshop) -> None:
    shop.fill((102, 3))

    client = amend(shop, quantity=3)

    refusal = client.only(Refusal)
    assert refusal.code is RefusalCode.QUANTITY_NOT_ABOVE_FILLED
    assert refusal.field == "quantity"
    assert shop.enlisted().waiting.left == amount(2)


def test_a_cancel_overtakes_amendments_while_a_child_is_in_flight(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    shop.written()
    amendment = amend(shop, price=105)
    cancellation = cancel(shop)
    shop.written()
    assert cancellation.only(Order).status is OrderStatus.PENDING_CANCEL

    shop.answered((102, 2))
    shop.written()
    shop.written()

    assert amendment.only(Refusal).code is RefusalCode.ORDER_ENDED
    assert shop.ended_as()[0] is OrderStatus.CANCELED


def test_drain_leaves_a_waiting_order_open(shop: Workshop) -> None:
    shop.tell(Drain(cancel_orders=False))

    assert shop.is_over()
    assert shop.changes() == []


def test_drain_may_cancel_the_order(shop: Workshop) -> None:
    shop.stage.end(shop.router)

    shop.tell(Drain(cancel_orders=True))
    shop.written()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_AT_STOP)


def test_drain_waits_for_the_child_in_flight(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    shop.tell(Drain(cancel_orders=False))
    assert not shop.is_over()

    shop.answered((102, 2))
    assert not shop.is_over()
    shop.written()

    assert shop.is_over()
    assert shop.order().filled == amount(2)


def test_drain_that_cancels_is_on_disk_while_the_child_in_flight_may_still_fill(
    shop: Workshop,
) -> None:
    """Or a stop that the child outlasts would leave an order that sells on."""
    shop.offer((102, 2))
    shop.written()

    shop.tell(Drain(cancel_orders=True))

    assert shop.changes()[-1].order.status is OrderStatus.PENDING_CANCEL
    (event,) = shop.changes()[-1].events
    assert event.detail.reason == EndReason.CANCELED_AT_STOP
    shop.written()
    shop.answered((102, 2))
    shop.written()
    shop.written()
    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_AT_STOP)


def test_drain_does_not_wait_for_a_router_that_is_gone(shop: Workshop) -> None:
    cancel(shop)
    shop.stage.end(shop.router)

    shop.tell(Drain(cancel_orders=False))
    shop.written()

    assert shop.ended_as()[0] is OrderStatus.CANCELED


def test_drain_of_an_order_that_is_being_read_ends_at_once(stage: Stage) -> None:
    shop = Workshop(stage, None)

    shop.tell(Drain(cancel_orders=False))

    assert shop.is_over()


GROWN = replace(RULES, step_size=Decimal(2), tick_size=Decimal(3))
"""Rules by which an order of 5 at 100 would not be taken in any more."""


def test_a_price_alone_is_amended_although_the_lot_has_grown(stage: Stage) -> None:
    shop = Workshop(stage, waiting(order()), rules=GROWN)

    client = amend(shop, price=105)
    shop.written()

    assert client.only(Order).price == amount(105)


def test_an_order_on_hold_is_released_although_the_rules_have_changed(
    stage: Stage,
) -> None:
    held = replace(order(), reason=WaitReason.ON_HOLD)
    shop = Workshop(stage, waiting(held), rules=GROWN)

    client = amend(shop, price=100)
    shop.written()

    assert client.only(Order).reason is None
    assert shop.enlisted().waiting.left == amount(5)


@pytest.mark.parametrize(
    ("wish", "is_taken"),
    [({"price": 99}, True), ({"quantity": 4}, True), ({"price": 101}, False)],
)
def test_less_is_no_risk_although_a_limit_was_lowered(
    stage: Stage,
    wish: dict[str, int],
    is_taken: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    limits = RiskLimits(max_order_notional={"USDT": Decimal(100)})
    shop = Workshop(stage, waiting(order()), limits=limits)

    client = amend(shop, **wish)
    shop.written()

    assert bool(client.all(Order)) is is_taken
    assert bool(client.all(Refusal)) is not is_taken


def pause(shop: Workshop, *, is_on: bool = True) -> Recorder:
    client = Recorder()
    command = PauseOrder(order_id=OrderId("A"), symbol=SYMBOL, is_on=is_on)
    shop.tell(PauseRequest(command=command, reply_to=client))
    return client


def test_a_paused_order_leaves_the_router_and_is_answered_from_disk(
    shop: Workshop,
) -> None:
    client = pause(shop)
    assert client.received == []
    shop.written()
    shop.withdrawn()

    assert client.only(Order).reason is WaitReason.PAUSED
    assert shop.router.last(Withdraw).order_id == "A"
    assert len(shop.router.all(Enlist)) == 1


def test_a_resumed_order_enlists_again(shop: Workshop) -> None:
    pause(shop)
    shop.written()
    shop.withdrawn()

    client = pause(shop, is_on=False)
    shop.written()

    assert not client.only(Order).is_paused
    assert len(shop.router.all(Enlist)) == 2


def test_a_child_in_flight_fills_after_the_pause_and_none_follows(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    shop.written()

    client = pause(shop)
    shop.written()
    assert client.only(Order).is_paused
    shop.answered((102, 2))
    shop.written()

    paused = shop.order()
    assert (paused.filled, paused.reason) == (amount(2), WaitReason.PAUSED)
    assert len(shop.router.all(Enlist)) == 1


def test_a_pause_before_the_child_has_left_withholds_it(shop: Workshop) -> None:
    shop.offer((102, 2))
    client = pause(shop)  # the intent is not on disk yet
    shop.written()
    shop.written()
    shop.written()

    assert shop.submitted() == []
    assert client.only(Order).reason is WaitReason.PAUSED
    assert shop.given_back() == [slices((102, 2))]


def test_a_paused_order_that_is_picked_up_again_waits(stage: Stage) -> None:
    paused = replace(order(), is_paused=True, reason=WaitReason.PAUSED)
    shop = Workshop(stage, replace(waiting(paused), is_new=False))

    assert shop.router.all(Enlist) == []
    assert shop.router.last(Withdraw).order_id == "A"


def test_a_paused_order_can_be_cancelled(shop: Workshop) -> None:
    pause(shop)
    shop.written()
    shop.withdrawn()

    cancel(shop)
    shop.written()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)


def test_pause_and_cancel_with_a_child_in_flight_are_both_answered(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    shop.written()
    pausing, cancelling = pause(shop), cancel(shop)
    shop.written()
    shop.written()

    assert pausing.only(Order).is_paused
    pending = cancelling.only(Order)
    assert (pending.status, pending.is_paused) == (OrderStatus.PENDING_CANCEL, True)
