"""An executor does what its order's algorithm releases, when it releases it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from actors.messages.routing import Enlist
from domain.algorithms.contract import Want
from domain.orders.order import Order
from domain.venue.symbol_rules import SymbolRules
from tests.actors.builders import order, slices
from tests.actors.stage import START, Stage
from tests.actors.workshop import Workshop, amount, waiting


LIMIT = Decimal(101)
"""The algorithm's; the order's own is 100, and it sells."""


class EachMinute:
    """Nothing at first; from then on one more each minute."""

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        del rules
        minutes = (now - order.created_at) // timedelta(minutes=1)
        return Want(
            target=Decimal(minutes),
            limit=LIMIT,
            ask_again_at=order.created_at + timedelta(minutes=minutes + 1),
        )


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, waiting(order()), algorithm=EachMinute())


def released(shop: Workshop) -> list[Decimal]:
    return [message.waiting.released for message in shop.router.all(Enlist)]


def test_an_order_of_which_nothing_is_released_waits_until_it_is_time(
    shop: Workshop, stage: Stage
) -> None:
    stage.pass_seconds(59)
    assert released(shop) == []

    stage.pass_seconds(1)

    assert released(shop) == [amount(1)]
    assert shop.enlisted().waiting.left == amount(5)


def test_what_is_released_meanwhile_is_added_to_what_is_enlisted(
    shop: Workshop, stage: Stage
) -> None:
    stage.pass_seconds(60)
    stage.pass_seconds(60)

    assert released(shop) == [amount(1), amount(2)]
    tickets = [message.ticket for message in shop.router.all(Enlist)]
    assert tickets == [1, 2]


def test_an_offer_of_before_is_given_back_when_more_was_released(
    shop: Workshop, stage: Stage
) -> None:
    stage.pass_seconds(60)
    stage.pass_seconds(60)

    shop.offer((102, 1), ticket=1)

    assert shop.given_back() == [slices((102, 1))]
    assert shop.changes() == []


def test_what_is_released_while_a_child_is_in_flight_follows_it(
    shop: Workshop, stage: Stage
) -> None:
    stage.pass_seconds(60)
    shop.offer((102, 1))
    shop.written()
    stage.pass_seconds(60)
    assert released(shop) == [amount(1)]

    shop.answered((102, 1))
    shop.written()

    assert released(shop) == [amount(1), amount(1)]
    assert shop.enlisted().waiting.left == amount(4)


def test_a_child_has_the_limit_of_the_algorithm(shop: Workshop, stage: Stage) -> None:
    stage.pass_seconds(60)
    shop.offer((102, 1))

    intent = shop.change().intent
    assert intent is not None
    assert (intent.price, shop.enlisted().waiting.price) == (LIMIT, LIMIT)


def test_an_order_that_is_taken_up_again_has_what_was_released_meanwhile(
    stage: Stage,
) -> None:
    created_at = START - timedelta(minutes=3)

    shop = Workshop(
        stage, waiting(order(created_at=created_at)), algorithm=EachMinute()
    )

    assert released(shop) == [amount(3)]


def test_a_clock_that_is_set_back_is_followed(shop: Workshop, stage: Stage) -> None:
    stage.clock.set_wall(timedelta(seconds=-30))

    stage.pass_seconds(60)
    assert released(shop) == []
    stage.pass_seconds(30)

    assert released(shop) == [amount(1)]


class Listening(EachMinute):
    """Keeps the times at which it was asked."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        self.asked.append(now)
        return super().want(order, now=now, rules=rules)


def test_an_algorithm_is_asked_in_time_although_the_clock_is_set_back(
    stage: Stage,
) -> None:
    algorithm = Listening()
    Workshop(stage, waiting(order()), algorithm=algorithm)
    stage.clock.set_wall(timedelta(hours=-1))

    stage.pass_seconds(60)

    assert algorithm.asked == [START, START + timedelta(hours=-1, seconds=60)]
