"""Data that is old when it is read: nothing is offered as if it were new."""

from dataclasses import replace

import pytest

from actors.messages.routing import BookSuspect, Offer
from actors.runtime.timers import NANOSECONDS
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.updates import (
    LATE_MAX_NS,
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    TopOfBook,
)
from domain.reasons import BookState
from domain.values import TimeInForce
from tests.actors.builders import SYMBOL, snapshot, stated, update
from tests.actors.router.test_router import Market
from tests.actors.stage import Stage
from tests.actors.test_listener import Line
from tests.actors.test_system import Service


NOW_NS = 1_000 * NANOSECONDS


def aged(event: DepthUpdate, age_ns: int) -> DepthUpdate:
    return replace(event, received_ns=NOW_NS, stated_ns=NOW_NS - age_ns)


def touch(update_id: int, age_ns: int = 0) -> TopOfBook:
    bid, ask = stated((100, 1), (101, 1))
    return TopOfBook(
        symbol=SYMBOL,
        update_id=update_id,
        bid=bid,
        ask=ask,
        received_ns=NOW_NS,
        stated_ns=NOW_NS - age_ns,
    )


@pytest.fixture
def line(stage: Stage) -> Line:
    return Line(stage)


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


def test_an_offer_that_no_frame_caused_is_as_of_the_venues_last_word(
    market: Market,
) -> None:
    market.load()
    market.stage.pass_seconds(10)
    market.feed.heard_ns[SYMBOL] = market.stage.clock.monotonic_ns() - 7

    executor = market.enlist("A", 100, 3)

    assert executor.only(Offer).as_of_ns == market.feed.heard_ns[SYMBOL]


def test_orders_of_later_turns_are_offered_as_of_the_frame_that_began_it(
    stage: Stage,
) -> None:
    market = Market(stage, matches_max=1)
    market.load()
    executors = [market.enlist(name, 105, 1) for name in ("A", "B", "C")]
    stage.pass_seconds(10)
    now_ns = stage.clock.monotonic_ns()
    stated = replace(update(11, 12, bids=((106, 9),)), received_ns=now_ns)

    stage.tell(market.router, replace(stated, stated_ns=now_ns - 7))

    offers = [executor.only(Offer) for executor in executors]
    assert [offer.as_of_ns for offer in offers] == [now_ns - 7] * 3
    assert [offer.received_ns for offer in offers] == [now_ns] * 3


def test_what_one_that_is_gone_cannot_take_is_as_old_for_the_next(
    market: Market,
) -> None:
    market.load()
    gone, other = market.enlist("A", 105, 2), market.enlist("B", 106, 2)
    gone.is_gone = True
    market.stage.pass_seconds(10)
    now_ns = market.stage.clock.monotonic_ns()
    stated = replace(update(11, 12, bids=((106, 2),)), received_ns=now_ns)

    market.stage.tell(market.router, replace(stated, stated_ns=now_ns - 7))

    assert gone.received == []
    assert other.only(Offer).as_of_ns == now_ns - 7


def test_an_offer_from_a_stream_of_unknown_age_is_as_of_now(market: Market) -> None:
    market.load()
    market.stage.pass_seconds(10)
    executor = market.enlist("A", 105, 3)

    market.stage.tell(market.router, update(11, 12, bids=((106, 2),)))

    now_ns = market.stage.clock.monotonic_ns()
    assert executor.only(Offer).as_of_ns == now_ns


def test_an_order_that_arrives_after_a_stall_is_offered_nothing_of_the_book_before(
    market: Market,
) -> None:
    market.load()
    market.stage.stalls.count = 1

    executor = market.enlist("A", 100, 3)

    assert executor.received == []
    assert market.status().book_state is BookState.STALE
    assert market.listener.last(BookSuspect).state is BookState.STALE


def test_an_order_for_now_ends_after_a_stall_rather_than_be_sold_from_the_book_before(
    market: Market,
) -> None:
    market.load()
    market.stage.stalls.count = 1

    executor = market.enlist("A", 100, 3, time_in_force=TimeInForce.IOC)

    offer = executor.only(Offer)
    assert (offer.slices, offer.book_state) == ((), BookState.STALE)


def test_an_update_that_was_on_its_way_during_a_stall_triggers_nothing(
    market: Market,
) -> None:
    market.load()
    executor = market.enlist("A", 105, 3)
    market.stage.stalls.count = 1

    market.stage.tell(market.router, update(11, 11, bids=((106, 2),)))

    assert executor.received == []


def test_a_book_that_was_begun_before_a_stall_is_not_matched(market: Market) -> None:
    executor = market.enlist("A", 100, 3)
    market.stage.stalls.count = 1

    market.load()

    assert executor.received == []
    assert market.status().book_state is BookState.STALE


def test_a_symbol_trades_on_after_a_stall_once_it_has_another_book(
    stage: Stage,
) -> None:
    service = Service(stage)
    service.sync(SYMBOL)
    stage.stalls.count = 1
    service.place("A")
    assert service.state(SYMBOL) is not BookState.SYNCED

    service.feed.send(update(13, 13))
    service.feed.send(snapshot(13))
    stage.run()
    service.feed.send(update(14, 14))
    stage.run()

    assert service.state(SYMBOL) is BookState.SYNCED


def test_late_updates_cost_the_book_until_one_comes_in_time(line: Line) -> None:
    line.sync()

    line.send(*(aged(update(n, n), LATE_MAX_NS + 1) for n in (13, 14, 15)))

    (lost,) = line.told()
    assert isinstance(lost, BookLost)
    assert (lost.state, lost.detail) == (BookState.STALE, "updates come 2.5 s late")
    assert line.feed.snapshots_wanted == []
    line.send(aged(update(16, 16), LATE_MAX_NS), snapshot(15))
    (loaded,) = line.told()
    assert isinstance(loaded, BookLoaded)


def test_what_came_late_while_a_book_was_made_is_not_in_it(line: Line) -> None:
    line.send(FeedConnected(symbol=SYMBOL), update(11, 11))
    line.told()

    line.send(aged(update(12, 12), LATE_MAX_NS + 1), snapshot(11))

    assert [type(one) for one in line.told()] == [BookLost]


def test_late_touches_cost_the_touch_until_one_comes_in_time(line: Line) -> None:
    line.send(FeedConnected(symbol=SYMBOL), touch(5))
    line.told()

    line.send(touch(6, LATE_MAX_NS + 1), touch(7, LATE_MAX_NS + 1))
    assert [type(one) for one in line.told()] == [BookLost]

    line.send(touch(8, LATE_MAX_NS))
    assert [type(one) for one in line.told()] == [BookLoaded]


def test_a_connection_whose_updates_stay_late_is_renewed(line: Line) -> None:
    line.sync()
    line.send(aged(update(13, 13), LATE_MAX_NS + 1))

    line.stage.pass_seconds(9)
    assert line.feed.renewals == []
    line.stage.pass_seconds(2)

    assert line.feed.renewals == [(SYMBOL, "updates come late")]


def test_a_connection_that_was_late_for_a_moment_is_kept(line: Line) -> None:
    line.sync()
    line.send(aged(update(13, 13), LATE_MAX_NS + 1), aged(update(14, 14), 0))

    line.stage.pass_seconds(11)

    assert line.feed.renewals == []


def test_every_book_tells_how_many_stalls_were_before_it(line: Line) -> None:
    line.stage.stalls.count = 3
    line.send(FeedDisconnected(symbol=SYMBOL, cause="cut"))
    line.stage.stalls.count = 4  # while it is made
    line.send(FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(11))

    (loaded,) = [one for one in line.told() if isinstance(one, BookLoaded)]
    assert loaded.stalls == 3
