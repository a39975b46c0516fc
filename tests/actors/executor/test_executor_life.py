"""An order's life in quiet times: offer, intent, child, fill, and its ends."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from actors.messages.timers import ExpiryDue
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildStatus
from domain.orders.order import OrderStatus, OrderStep
from domain.reasons import BookState, EndReason
from domain.values import TimeInForce
from tests.actors.builders import RULES, gtd_order, order, slices
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, amount, waiting


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, waiting(order()))


def test_an_order_enlists_with_all_that_waits(shop: Workshop) -> None:
    enlisted = shop.enlisted().waiting

    assert (enlisted.released, enlisted.left) == (amount(5), amount(5))
    assert enlisted.price == amount(100)
    assert (enlisted.sequence, enlisted.order_id) == (1, "A")


def test_the_intent_goes_to_disk_before_the_child_leaves(shop: Workshop) -> None:
    shop.offer((102, 1), (101, 2))

    intent = shop.change().intent
    assert intent is not None
    assert (intent.child_id, intent.quantity) == ("A-1", amount(3))
    assert intent.slices == slices((102, 1), (101, 2))
    assert shop.order().at_venue == amount(3)
    assert shop.submitted() == []

    shop.written()

    assert [message.child for message in shop.submitted()] == [intent]
    assert shop.submitted()[0].received_ns == 99


def test_a_child_is_sent_once_however_often_the_disk_answers(shop: Workshop) -> None:
    shop.offer((102, 1))

    shop.written()
    shop.written()

    assert len(shop.submitted()) == 1


def test_fills_are_recorded_and_the_rest_enlists_again(shop: Workshop) -> None:
    shop.offer((102, 1), (101, 2))
    shop.written()

    shop.answered((102, 1), (101, 2))
    change = shop.change()
    assert [(fill.price, fill.number) for fill in change.fills] == [
        (amount(102), 1),
        (amount(101), 2),
    ]
    assert change.order.filled_quote == amount(304)
    assert shop.enlisted().ticket == 1
    shop.written()

    assert shop.enlisted().ticket == 2
    assert shop.enlisted().waiting.left == amount(2)
    assert [message.child_id for message in shop.forgotten()] == ["A-1"]


def test_the_gateway_forgets_only_what_is_on_disk(shop: Workshop) -> None:
    shop.offer((102, 1))
    shop.written()

    shop.answered((102, 1))
    assert shop.forgotten() == []
    shop.written()

    assert len(shop.forgotten()) == 1


def test_a_filled_order_ends_when_that_is_on_disk(
    shop: Workshop,
) -> None:
    shop.offer((102, 5))
    shop.written()
    shop.answered((102, 5))
    assert not shop.is_over()

    shop.written()

    assert shop.ended_as() == (OrderStatus.FILLED, EndReason.COMPLETED)


def test_the_router_hears_nothing_of_an_order_that_it_has_given_all(
    shop: Workshop,
) -> None:
    enlisted = shop.enlisted()

    shop.fill((102, 5))

    assert shop.is_over()
    assert shop.router.received == [enlisted]


def test_an_unfilled_part_of_a_child_waits_again_and_is_not_released(
    shop: Workshop,
) -> None:
    shop.offer((102, 4))
    shop.written()

    shop.answered((102, 1))
    shop.written()

    assert shop.enlisted().waiting.left == amount(4)
    assert shop.given_back() == []
    steps = [event.step for change in shop.changes() for event in change.events]
    assert steps == [
        OrderStep.CHILD_INTENDED,
        OrderStep.PART_FILLED,
        OrderStep.CHILD_ENDED,
    ]


def test_a_child_that_was_never_sent_is_released(shop: Workshop) -> None:
    offer = shop.offer((102, 4))
    shop.written()

    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()

    assert shop.given_back() == [offer.slices]
    assert shop.enlisted().waiting.left == amount(5)


def test_an_offer_for_an_earlier_ticket_is_given_back(shop: Workshop) -> None:
    offer = shop.offer((102, 4), ticket=0)

    assert shop.given_back() == [offer.slices]
    assert shop.changes() == []


def test_an_answer_that_comes_twice_counts_once(shop: Workshop) -> None:
    shop.offer((102, 1))
    shop.written()

    shop.answered((102, 1))
    shop.answered((102, 1))

    assert len(shop.changes()) == 2
    assert shop.order().filled == amount(1)


def test_a_remainder_below_the_minimum_ends_the_order(stage: Stage) -> None:
    rules = replace(RULES, min_notional=Decimal(250))
    shop = Workshop(stage, waiting(order()), rules=rules)

    shop.fill((102, 3))
    shop.written()

    assert shop.ended_as() == (
        OrderStatus.EXPIRED,
        EndReason.REMAINDER_BELOW_MINIMUM,
    )


def test_an_untouched_order_below_a_new_minimum_ends(stage: Stage) -> None:
    rules = replace(RULES, min_notional=Decimal(100_000))
    shop = Workshop(stage, waiting(order()), rules=rules)

    shop.written()

    reason = EndReason.REMAINDER_BELOW_MINIMUM
    assert shop.ended_as() == (OrderStatus.EXPIRED, reason)


def test_an_ioc_order_ends_with_what_it_got_at_once(stage: Stage) -> None:
    shop = Workshop(stage, waiting(order(time_in_force=TimeInForce.IOC)))

    shop.fill((102, 3))
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.IOC_REMAINDER)
    assert shop.order().filled == amount(3)


@pytest.mark.parametrize(
    ("time_in_force", "book_state", "reason"),
    [
        (TimeInForce.IOC, BookState.SYNCED, EndReason.IOC_REMAINDER),
        (TimeInForce.FOK, BookState.SYNCED, EndReason.FOK_NOT_FILLABLE),
        (TimeInForce.IOC, BookState.GAP, EndReason.BOOK_UNUSABLE),
        (TimeInForce.FOK, BookState.CONNECTING, EndReason.BOOK_UNUSABLE),
    ],
)
def test_an_order_for_now_that_finds_nothing_says_why(
    stage: Stage,
    time_in_force: TimeInForce,
    book_state: BookState,
    reason: EndReason,
) -> None:
    shop = Workshop(stage, waiting(order(time_in_force=time_in_force)))

    shop.offer(book_state=book_state)
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, reason)


def test_a_gtd_order_expires_at_its_time(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    stage.pass_seconds(9.9)
    assert shop.changes() == []

    stage.pass_seconds(0.2)
    assert shop.order().status is OrderStatus.EXPIRED
    shop.written()
    assert not shop.is_over(), "an offer may still be on its way"
    shop.withdrawn()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)


def test_a_gtd_order_expires_when_the_wall_clock_is_set_beyond_its_end(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(gtd_order(3_600)))

    stage.clock.set_wall(timedelta(days=1))
    stage.pass_seconds(0.001)

    assert shop.order().reason is EndReason.EXPIRED_AT_TIME


def test_a_gtd_order_lives_on_when_the_wall_clock_is_set_back(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))

    stage.clock.set_wall(timedelta(seconds=-3_600))
    stage.pass_seconds(3_609)
    assert shop.changes() == []
    stage.pass_seconds(1)

    assert shop.order().reason is EndReason.EXPIRED_AT_TIME


def test_a_gtd_order_outlives_a_clock_set_back_in_the_moment_of_its_end(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    stage.clock.set_ns(stage.clock.monotonic_ns() + 10 * NANOSECONDS)
    stage.timers.tell_due()  # on its way to the executor

    stage.clock.set_wall(timedelta(seconds=-5))
    stage.run()
    assert shop.changes() == []
    stage.pass_seconds(5)

    assert shop.order().reason is EndReason.EXPIRED_AT_TIME


def test_a_timer_that_is_early_does_not_lose_the_expiry(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    shop.tell(ExpiryDue())
    assert shop.changes() == []

    stage.pass_seconds(10)

    assert shop.order().reason is EndReason.EXPIRED_AT_TIME


def test_an_order_that_expired_while_nobody_worked_it_ends_at_once(
    stage: Stage,
) -> None:
    stage.pass_seconds(20)

    shop = Workshop(stage, waiting(gtd_order(10)))
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)


def test_an_expiry_waits_for_the_child_in_flight(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    shop.offer((102, 2))
    shop.written()
    stage.pass_seconds(11)
    assert len(shop.changes()) == 1

    shop.answered((102, 2))
    shop.written()
    shop.written()

    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)
    assert shop.order().filled == amount(2)


def test_an_offer_that_crosses_the_end_is_given_back(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(10)))
    ticket = shop.enlisted().ticket
    stage.pass_seconds(10)

    offer = shop.offer((102, 2), ticket=ticket)
    shop.written()
    shop.withdrawn()

    assert shop.given_back() == [offer.slices]
    assert shop.ended_as() == (OrderStatus.EXPIRED, EndReason.EXPIRED_AT_TIME)


def test_an_ended_order_leaves_no_timer_behind(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(1_000_000)))

    shop.fill((102, 5))

    assert shop.ended_as()[0] is OrderStatus.FILLED
    assert stage.timers.next_due_ns() is None
