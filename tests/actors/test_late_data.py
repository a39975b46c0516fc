"""Data that is old when it is read: nothing is offered as if it were new."""

from dataclasses import replace

import pytest

from actors.messages.routing import Offer
from actors.runtime.timers import NANOSECONDS
from tests.actors.builders import update
from tests.actors.stage import Stage
from tests.actors.test_router import Market


@pytest.fixture
def market(stage: Stage) -> Market:
    return Market(stage)


def test_an_offer_is_as_of_when_the_venue_stated_it(market: Market) -> None:
    market.load()
    executor = market.enlist("A", 105, 3)
    market.stage.pass_seconds(10)
    now_ns = market.stage.clock.monotonic_ns()
    stated = update(11, 12, bids=((106, 2),))
    stated = replace(stated, received_ns=now_ns, stated_ns=now_ns - 7)

    market.stage.tell(market.router, stated)

    assert executor.only(Offer).as_of_ns == now_ns - 7


def test_an_offer_to_an_order_that_arrives_is_as_late_as_the_stream(
    market: Market,
) -> None:
    market.load()
    market.stage.pass_seconds(10)
    stated = update(11, 12, bids=((106, 2),))
    stated = replace(stated, received_ns=NANOSECONDS, stated_ns=NANOSECONDS - 7)
    market.stage.tell(market.router, stated)

    executor = market.enlist("A", 105, 3)

    now_ns = market.stage.clock.monotonic_ns()
    assert executor.only(Offer).as_of_ns == now_ns - 7


def test_an_offer_from_a_stream_of_unknown_age_is_as_of_now(market: Market) -> None:
    market.load()
    market.stage.pass_seconds(10)
    executor = market.enlist("A", 105, 3)

    market.stage.tell(market.router, update(11, 12, bids=((106, 2),)))

    now_ns = market.stage.clock.monotonic_ns()
    assert executor.only(Offer).as_of_ns == now_ns
