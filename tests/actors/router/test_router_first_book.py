"""IOC and FOK orders that are picked up again while there is no book yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from actors import names
from actors.messages.gateway import TradingState
from actors.messages.routing import Enlist, Offer, RouterStarted
from domain.market.synchronisation import BookLost
from domain.market.updates import FeedDisconnected
from domain.orders.stored_orders import OpenOrder
from domain.reasons import BookState, EndReason
from domain.values import OrderId, TimeInForce
from domain.venue.answers import PauseReason, TradingPause
from tests.actors.builders import SYMBOL, new_order_record, order, placement, slices
from tests.actors.router.test_router import Market
from tests.actors.stage import Stage
from tests.actors.test_system import Service
from tests.actors.workshop import Workshop, waiting


FOR_NOW = (TimeInForce.IOC, TimeInForce.FOK)

both = pytest.mark.parametrize("time_in_force", FOR_NOW)


@both
def test_one_that_may_wait_is_tried_on_the_first_book(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    market = Market(stage)
    again = market.enlist("A", 100, 3, time_in_force=time_in_force, may_wait=True)
    assert again.all(Offer) == []

    market.load()

    assert again.only(Offer).slices == slices((100, 3), update_id=10)


@both
def test_one_that_finds_nothing_in_the_first_book_has_had_its_try(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    market = Market(stage)
    again = market.enlist("A", 101, 3, time_in_force=time_in_force, may_wait=True)

    market.load()

    offer = again.only(Offer)
    assert (offer.slices, offer.book_state) == ((), BookState.SYNCED)


@both
def test_a_new_one_does_not_wait_for_a_book(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    offer = Market(stage).enlist("A", 100, 3, time_in_force=time_in_force).only(Offer)

    assert (offer.slices, offer.book_state) == ((), BookState.CONNECTING)


def test_all_have_their_turn_behind_one_that_the_book_is_too_small_for(
    stage: Stage,
) -> None:
    market = Market(stage, matches_max=1)
    fok = market.enlist("A", 99, 9, time_in_force=TimeInForce.FOK, may_wait=True)
    patient = market.enlist("B", 100, 4)
    ioc = market.enlist("C", 100, 4, time_in_force=TimeInForce.IOC, may_wait=True)
    late = market.enlist("D", 101, 4, time_in_force=TimeInForce.IOC, may_wait=True)

    market.load()

    given = [one.only(Offer).slices for one in (fok, patient, ioc, late)]
    assert given == [
        (),
        slices((100, 4), update_id=10),
        slices((100, 1), update_id=10),
        (),
    ]


def test_one_waits_on_while_the_book_is_out_of_step_in_another_way(
    stage: Stage,
) -> None:
    market = Market(stage)
    again = market.enlist("A", 100, 3, time_in_force=TimeInForce.IOC, may_wait=True)

    lost = BookLost(symbol=SYMBOL, state=BookState.GAP, detail="a gap")
    stage.tell(market.router, lost, TradingState(pause=None))
    assert again.all(Offer) == []
    market.enlist("B", 100, 3, time_in_force=TimeInForce.IOC)
    market.load()

    assert again.only(Offer).slices


def test_one_that_waits_ends_when_trading_is_paused(stage: Stage) -> None:
    market = Market(stage)
    again = market.enlist("A", 100, 3, time_in_force=TimeInForce.IOC, may_wait=True)

    pause = TradingPause(
        reason=PauseReason.HALTED, detail="halted", duration=timedelta(1)
    )
    stage.tell(market.router, TradingState(pause=pause))

    assert again.only(Offer).is_paused


@both
def test_one_that_may_wait_is_tried_when_the_predecessor_has_ended_for_sure(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    market = Market(stage)
    pause = TradingPause(reason=PauseReason.TAKING_OVER, detail="taking over")
    stage.tell(market.router, TradingState(pause=pause))
    before = market.enlist("A", 100, 3, time_in_force=time_in_force, may_wait=True)
    market.load()
    after = market.enlist("B", 100, 2, time_in_force=time_in_force, may_wait=True)
    assert before.all(Offer) == after.all(Offer) == []

    stage.tell(market.router, TradingState(pause=None))

    assert before.only(Offer).slices == slices((100, 3), update_id=10)
    assert after.only(Offer).slices == slices((100, 2), update_id=10)


@both
def test_only_the_first_enlistment_of_a_new_order_may_not_wait(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    one = order(time_in_force=time_in_force)
    new = Workshop(stage, OpenOrder(order=one, unresolved=None, is_new=True))
    assert not new.enlisted().may_wait

    new.tell(RouterStarted(symbol=SYMBOL))

    assert [message.may_wait for message in new.router.all(Enlist)] == [False, True]


@both
def test_one_from_disk_may_wait(stage: Stage, time_in_force: TimeInForce) -> None:
    again = Workshop(stage, waiting(order(time_in_force=time_in_force)))

    assert again.enlisted().may_wait


@both
def test_one_that_was_accepted_before_a_restart_is_tried_after_it(
    stage: Stage, time_in_force: TimeInForce
) -> None:
    service = Service(stage)
    service.store.write([new_order_record(order("A", time_in_force=time_in_force))])
    service.drain()

    service.root = service.start()
    assert service.publisher.ended == []
    service.sync(SYMBOL)

    (ended,) = service.publisher.ended
    assert ended.reason is EndReason.COMPLETED


def test_a_new_one_of_the_whole_service_does_not_wait_for_a_book(
    stage: Stage,
) -> None:
    service = Service(stage)
    service.sync(SYMBOL)
    service.feed.send(FeedDisconnected(symbol=SYMBOL, cause="gone"))
    stage.run()

    service.place("A", replace(placement(), time_in_force=TimeInForce.IOC))

    (ended,) = service.publisher.ended
    assert ended.order_id == OrderId("A")
    assert ended.reason is EndReason.BOOK_UNUSABLE


def test_a_router_that_fails_takes_no_try_along(stage: Stage) -> None:
    service = Service(stage)
    service.sync(SYMBOL)
    stage.poison(stage.actor(names.router(SYMBOL)))

    service.place("A", replace(placement(), time_in_force=TimeInForce.IOC))
    assert service.publisher.ended == []
    stage.pass_seconds(5)
    service.sync(SYMBOL)

    (ended,) = service.publisher.ended
    assert ended.reason is EndReason.COMPLETED
