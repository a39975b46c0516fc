"""Nothing is offered while the venue is silent, and all of it once it has spoken."""

from dataclasses import replace
from typing import Any

import pytest

from actors.messages.gateway import TradingState
from actors.messages.routing import Offer
from actors.runtime.timers import NANOSECONDS
from domain.market.updates import LATE_MAX_NS
from domain.reasons import BookState
from domain.values import OrderId, Symbol, TimeInForce
from domain.venue.answers import PauseReason, TradingPause
from tests.actors.builders import SYMBOL, slices, update
from tests.actors.router.test_router import Market
from tests.actors.stage import Stage


@pytest.fixture
def market(stage: Stage) -> Market:
    """Make one whose book is in step, and whose venue then falls silent."""
    market = Market(stage)
    market.load()
    market.feed.heard_ns[SYMBOL] = stage.clock.monotonic_ns()
    stage.pass_seconds(LATE_MAX_NS / NANOSECONDS + 0.1)
    return market


def speak(market: Market) -> None:
    """Have the venue say something that concerns another symbol."""
    market.feed.heard_ns[SYMBOL] = market.stage.clock.monotonic_ns()
    market.stage.pass_seconds(0.3)


def test_an_order_is_offered_what_is_there_as_soon_as_the_venue_has_spoken(
    market: Market,
) -> None:
    executor = market.enlist("A", 100, 3)
    market.stage.pass_seconds(3)
    assert executor.received == []

    speak(market)

    offer = executor.only(Offer)
    assert (offer.slices, offer.book_state) == (
        slices((100, 3), update_id=10),
        BookState.SYNCED,
    )
    assert offer.as_of_ns == market.feed.heard_ns[SYMBOL]


class LastWords(dict[Symbol, int]):
    """The venue's last word, which is young enough for so many looks, then too old."""

    def __init__(self, stage: Stage, looks: int) -> None:
        super().__init__()
        self._stage = stage
        self._looks = looks

    def get(self, _symbol: object, _default: object = None) -> Any:
        self._looks -= 1
        now_ns = self._stage.clock.monotonic_ns()
        return now_ns if self._looks >= 0 else now_ns - LATE_MAX_NS - 1


@pytest.mark.parametrize("looks", range(6))
@pytest.mark.parametrize("time_in_force", TimeInForce)
def test_an_order_that_arrives_as_the_book_gets_too_old_waits_for_the_next_word(
    market: Market, looks: int, time_in_force: TimeInForce
) -> None:
    market.feed.heard_ns = LastWords(market.stage, looks)
    executor = market.enlist("A", 100, 3, time_in_force=time_in_force, may_wait=True)
    market.feed.heard_ns = {}

    speak(market)

    assert executor.only(Offer).slices == slices((100, 3), update_id=10)


def test_a_quiet_symbol_of_a_venue_that_speaks_is_offered_at_once(
    market: Market,
) -> None:
    market.feed.heard_ns[SYMBOL] = market.stage.clock.monotonic_ns() - LATE_MAX_NS

    assert market.enlist("A", 100, 3).only(Offer).slices


def test_an_update_of_the_symbol_is_not_waited_for_longer(market: Market) -> None:
    executor = market.enlist("A", 100, 3)
    now_ns = market.stage.clock.monotonic_ns()

    of_another_price = replace(update(11, 11, bids=((90, 1),)), received_ns=now_ns)
    market.stage.tell(market.router, of_another_price)

    assert executor.only(Offer).slices == slices((100, 3), update_id=10)


def test_what_is_given_back_is_offered_once_the_venue_has_spoken(
    market: Market,
) -> None:
    speak(market)
    first = market.enlist("A", 100, 5)
    second = market.enlist("B", 100, 5)
    market.stage.pass_seconds(3)

    market.give_back(first.only(Offer))
    assert second.received == []
    speak(market)

    assert second.only(Offer).slices == slices((100, 5), update_id=10)


def test_the_end_of_a_pause_offers_nothing_while_the_venue_is_silent(
    market: Market,
) -> None:
    pause = TradingPause(reason=PauseReason.HALTED, detail="by hand")
    market.stage.tell(market.router, TradingState(pause=pause))
    executor = market.enlist("A", 100, 3)

    market.stage.tell(market.router, TradingState(pause=None))
    assert executor.received == []
    speak(market)

    assert executor.only(Offer).slices


def test_orders_are_served_in_their_turn_however_they_came_in_the_silence(
    market: Market,
) -> None:
    later = market.enlist("B", 99, 4)
    first = market.enlist("A", 98, 4)

    speak(market)

    assert first.only(Offer).slices == slices((100, 4), update_id=10)
    assert later.only(Offer).slices == slices((100, 1), update_id=10)


@pytest.mark.parametrize("time_in_force", [TimeInForce.GTC, TimeInForce.IOC])
def test_who_arrives_just_after_the_silence_is_served_after_those_before_it(
    market: Market, time_in_force: TimeInForce
) -> None:
    first = market.enlist("A", 99, 4)
    market.feed.heard_ns = {}

    second = market.enlist("B", 100, 4, time_in_force=time_in_force)

    assert first.only(Offer).slices == slices((100, 4), update_id=10)
    assert second.only(Offer).slices == slices((100, 1), update_id=10)


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_a_new_order_for_now_ends_as_without_a_book(
    market: Market, time_in_force: TimeInForce
) -> None:
    executor = market.enlist("A", 100, 3, time_in_force=time_in_force)

    offer = executor.only(Offer)
    assert (offer.slices, offer.book_state) == ((), BookState.STALE)


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
@pytest.mark.parametrize("price", [100, 101])
def test_an_order_for_now_that_was_not_tried_yet_is_tried_on_the_next_word(
    market: Market, time_in_force: TimeInForce, price: int
) -> None:
    executor = market.enlist("A", price, 3, time_in_force=time_in_force, may_wait=True)
    market.stage.pass_seconds(3)
    assert executor.received == []

    speak(market)

    offer = executor.only(Offer)
    assert offer.book_state is BookState.SYNCED
    assert bool(offer.slices) == (price == 100)


def test_a_silence_is_said_where_the_book_is_asked_for(market: Market) -> None:
    status = market.status()
    assert (status.book_state, status.detail) == (
        BookState.STALE,
        "the venue is silent",
    )

    speak(market)

    assert market.status().book_state is BookState.SYNCED


def test_nobody_is_reminded_of_a_silence_that_holds_nothing_up(market: Market) -> None:
    assert market.stage.timers.next_due_ns() is None

    market.enlist("A", 100, 3)
    assert market.stage.timers.next_due_ns() is not None
    speak(market)

    assert market.stage.timers.next_due_ns() is None


def test_orders_beyond_the_first_turn_are_not_offered_a_book_of_before(
    stage: Stage,
) -> None:
    market = Market(stage, matches_max=1)
    market.feed.heard_ns[SYMBOL] = stage.clock.monotonic_ns()
    market.load()
    stage.pass_seconds(3)
    executors = [market.enlist(name, 100, 1) for name in ("A", "B", "C")]
    assert not any(executor.received for executor in executors)

    speak(market)

    assert {executor.only(Offer).as_of_ns for executor in executors} == {
        market.feed.heard_ns[SYMBOL]
    }
    assert [executor.only(Offer).order_id for executor in executors] == [
        OrderId(name) for name in ("A", "B", "C")
    ]
