"""A child whose intent is on disk, and that may not leave any more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from actors import names
from actors.gateway.permits import ChildPermit, Permits
from actors.messages.lifecycle import Drain
from actors.messages.routing import Enlist
from domain.market.updates import FeedDisconnected
from domain.orders import child_settlement, lifecycle
from domain.orders.child_order import ChildStatus
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.orders.order import Order, OrderStatus
from domain.orders.records import OrderChange
from domain.orders.stored_orders import OpenOrder
from domain.reasons import BookState, EndReason, WaitReason
from domain.values import OrderId, TimeInForce
from tests.actors.builders import (
    SYMBOL,
    gtd_order,
    intent_record,
    new_order_record,
    order,
    placement,
    update,
)
from tests.actors.executor.test_executor_requests import amend, cancel
from tests.actors.stage import START, Stage
from tests.actors.test_system import Service
from tests.actors.workshop import Workshop, amount, waiting


LIMIT_SECONDS = OFFER_AGE_MAX_NS / 1_000_000_000


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, waiting(order()))


def for_now(stage: Stage, time_in_force: TimeInForce) -> Workshop:
    return Workshop(stage, waiting(order(time_in_force=time_in_force)))


def be_late(shop: Workshop) -> None:
    """Have an intent reach the disk when its offer is too old."""
    shop.offer((102, 5))
    shop.stage.pass_seconds(LIMIT_SECONDS + 0.1)
    shop.written()


def test_a_child_does_not_leave_after_a_cancel(shop: Workshop) -> None:
    offer = shop.offer((102, 2))
    client = cancel(shop)

    shop.written()
    assert shop.given_back() == [offer.slices]
    shop.written()
    shop.written()

    assert shop.submitted() == []
    assert client.only(Order).status is OrderStatus.CANCELED
    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)


def test_a_child_does_not_leave_when_a_cancel_waits_behind_an_amendment(
    shop: Workshop,
) -> None:
    shop.offer((102, 2))
    amend(shop, price=105)
    cancel(shop)

    for _ in range(4):
        shop.written()

    assert shop.submitted() == []
    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)


def test_a_child_leaves_before_an_amendment_counts(shop: Workshop) -> None:
    shop.offer((102, 2))
    amend(shop, price=105)

    shop.written()

    assert len(shop.submitted()) == 1


@pytest.mark.parametrize("cancel_orders", [False, True])
def test_a_child_does_not_leave_after_drain(
    shop: Workshop, *, cancel_orders: bool
) -> None:
    shop.offer((102, 2))
    shop.tell(Drain(cancel_orders=cancel_orders))

    for _ in range(3):
        shop.written()

    assert shop.submitted() == []
    assert shop.is_over()
    is_canceled = shop.order().status is OrderStatus.CANCELED
    assert is_canceled is cancel_orders
    assert shop.order().at_venue == 0


def test_a_child_does_not_leave_after_its_order_has_expired(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(0.5)))
    shop.offer((102, 2))
    stage.pass_seconds(0.5)

    for _ in range(3):
        shop.written()

    assert shop.submitted() == []
    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)


def test_a_child_of_an_old_offer_does_not_leave_and_its_order_waits_again(
    shop: Workshop,
) -> None:
    be_late(shop)
    assert shop.submitted() == []
    result = shop.change().result
    assert result is not None
    assert (result.status, result.fills) == (ChildStatus.NEVER_SENT, ())
    assert shop.change().events[-1].detail.reason == "OFFER_TOO_OLD"

    shop.written()

    assert len(shop.given_back()) == 1
    assert shop.enlisted().waiting.left == amount(5)
    assert shop.enlisted().ticket == 2


def test_a_child_of_an_offer_that_is_just_young_enough_leaves(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.stage.pass_seconds(LIMIT_SECONDS)

    shop.written()

    assert len(shop.submitted()) == 1


def test_an_offer_ages_while_it_is_on_its_way_to_the_executor(shop: Workshop) -> None:
    was_made_ns = shop.stage.clock.monotonic_ns()
    shop.stage.pass_seconds(LIMIT_SECONDS + 0.1)

    shop.offer((102, 5), as_of_ns=was_made_ns)
    shop.written()

    assert shop.submitted() == []
    assert shop.change().events[-1].detail.reason == "OFFER_TOO_OLD"


def test_a_child_that_has_left_is_not_called_back(shop: Workshop) -> None:
    shop.offer((102, 2))
    shop.written()
    shop.stage.pass_seconds(60)
    shop.tell(Drain(cancel_orders=False))

    assert len(shop.changes()) == 1
    assert shop.given_back() == []


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_order_for_now_whose_child_never_left_tries_again(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    shop = for_now(stage, time_in_force)
    be_late(shop)
    shop.written()
    assert len(shop.router.all(Enlist)) == 2

    shop.fill((102, 5))

    assert shop.ended_as() == (OrderStatus.FILLED, EndReason.COMPLETED)


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_order_for_now_whose_child_a_gateway_lost_tries_again(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    shop = for_now(stage, time_in_force)
    shop.offer((102, 5))
    shop.written()
    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()
    assert len(shop.router.all(Enlist)) == 2

    shop.offer(book_state=BookState.GAP)
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.BOOK_UNUSABLE)


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_order_for_now_whose_child_never_left_tries_again_after_a_restart(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    once = replace(order(time_in_force=time_in_force), children=1)

    shop = Workshop(stage, OpenOrder(order=once, unresolved=None, never_sent=1))
    shop.fill((102, 5))

    assert shop.ended_as() == (OrderStatus.FILLED, EndReason.COMPLETED)


def test_an_order_for_now_whose_child_we_refused_ends_after_a_restart(
    stage: Stage,
) -> None:
    once = order(time_in_force=TimeInForce.IOC, children=1)
    refused = replace(once, reason=WaitReason.CHILD_REFUSED)

    shop = Workshop(stage, OpenOrder(order=refused, unresolved=None, never_sent=1))
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.REFUSED_FOR_NOW)


def test_an_order_for_now_whose_child_never_left_tries_again_in_the_next_life(
    stage: Stage,
) -> None:
    service = Service(stage)
    ioc = order("A", time_in_force=TimeInForce.IOC)
    intent = intent_record(ioc, (100, 5))
    assert intent.intent is not None
    unsent = lifecycle.never_sent(intent.intent, WithheldReason.OFFER_TOO_OLD.value)
    settled, events, _ = child_settlement.settle_child(
        intent.order, intent.intent, unsent, now=START
    )
    change = OrderChange(order=settled, events=events, result=unsent)
    service.store.write([new_order_record(ioc), intent, change])
    service.drain()

    service.root = service.start()

    assert service.publisher.ended == [], "there is no book yet to try it on"
    service.sync(SYMBOL)
    (ended,) = service.publisher.ended
    assert ended.reason is EndReason.COMPLETED


def test_an_order_for_now_that_tries_again_does_so_until_a_child_has_left(
    stage: Stage,
) -> None:
    shop = for_now(stage, TimeInForce.IOC)
    be_late(shop)
    shop.written()

    shop.fill((102, 1))
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.IOC_REMAINDER)


def test_nothing_is_sold_from_a_book_that_was_lost_while_the_disk_was_out_of_reach(
    stage: Stage,
) -> None:
    service = Service(stage)
    service.sync(SYMBOL)
    service.place(
        "A",
        placement(
            price=amount(101),
            time_in_force=TimeInForce.GTD,
            expires_at=START + timedelta(seconds=30),
        ),
    )
    service.store.problem = "locked"
    service.feed.send(update(13, 13, bids=((101, 9),)))
    stage.run()
    service.feed.send(FeedDisconnected(symbol=SYMBOL, cause="cut"))
    stage.pass_seconds(600)

    service.store.problem = None
    stage.pass_seconds(5)

    ended = service.store.order(OrderId("A"))
    assert ended is not None
    assert ended.filled == 0
    assert ended.reason is EndReason.EXPIRED_AT_TIME
    assert not stage.is_there(names.executor(SYMBOL, OrderId("A")))


def test_a_child_in_the_gateways_hands_is_recalled_before_a_cancel_is_answered(
    shop: Workshop,
) -> None:
    permit = sent(shop)

    client = cancel(shop)

    assert client.received == []
    assert permit.claim() == "CANCEL_REQUESTED"


def test_a_child_in_the_gateways_hands_may_not_leave_after_drain(
    shop: Workshop,
) -> None:
    permit = sent(shop)

    shop.tell(Drain(cancel_orders=False))

    assert permit.claim() == "STOPPING"


def test_a_child_in_the_gateways_hands_may_not_leave_once_its_order_expired(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(gtd_order(0.5)))
    permit = sent(shop)

    stage.pass_seconds(0.5)

    assert permit.claim() == "ORDER_EXPIRED"


@pytest.mark.parametrize("is_failure", [False, True])
def test_a_child_may_not_leave_once_nobody_works_its_order(
    shop: Workshop, *, is_failure: bool
) -> None:
    permit = sent(shop)

    if is_failure:
        shop.stage.kill(shop.executor)
    else:
        shop.stage.end(shop.executor)

    assert permit.claim() == "EXECUTOR_ENDED"


def sent(shop: Workshop) -> ChildPermit:
    """Have a child sent to the gateway, which gives it out; return its permit."""
    shop.offer((102, 2))
    shop.written()
    permit = shop.submitted()[-1].permit
    Permits().admit(permit)
    return permit
