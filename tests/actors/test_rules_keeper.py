"""The keeper of the venue's rules."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from actors import names
from actors.executor.retry_backoff import RETRY_BACKOFF_SECONDS
from actors.messages.gateway import RefreshRules, RulesChanged
from actors.messages.timers import RequestedRefreshDue
from actors.rules_keeper import SOON_SECONDS, RulesBook, RulesKeeper
from actors.runtime.timers import NANOSECONDS
from domain.errors import VenueUnavailableError
from domain.values import Symbol
from domain.venue.symbol_rules import RULES_UNREADABLE, SymbolRules
from tests.actors.builders import RULES, SYMBOL
from tests.actors.stage import Neighbour, Stage


OTHER = Symbol("ETHBTC")
DEARER = replace(RULES, min_notional=Decimal(20))


class Venue:
    """What the venue says of its rules, and how often it was asked."""

    def __init__(self) -> None:
        self.rules: dict[Symbol, SymbolRules] = {
            SYMBOL: RULES,
            OTHER: replace(RULES, symbol=OTHER),
        }
        self.asked = 0
        self.is_out_of_reach = False
        self.take_time: Callable[[], None] = lambda: None

    def read(self) -> Mapping[Symbol, SymbolRules]:
        self.asked += 1
        self.take_time()
        if self.is_out_of_reach:
            raise VenueUnavailableError("no answer")
        return self.rules


class Scene:
    """A keeper, and those whom a change concerns."""

    def __init__(self, stage: Stage) -> None:
        self.venue = Venue()
        self.book = RulesBook(self.venue.rules)
        self.gateway = stage.neighbour(names.GATEWAY)
        self.router = stage.neighbour(names.router(SYMBOL))
        self.other_router = stage.neighbour(names.router(OTHER))
        self.keeper = stage.start(
            RulesKeeper, names.RULES_KEEPER, book=self.book, read=self.venue.read
        )


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def told(neighbour: Neighbour) -> list[SymbolRules]:
    return [message.rules for message in neighbour.all(RulesChanged)]


def test_a_change_reaches_the_gateway_and_the_router_of_its_symbol(
    stage: Stage, scene: Scene
) -> None:
    scene.venue.rules[SYMBOL] = DEARER

    stage.pass_seconds(61)

    assert scene.book[SYMBOL] == DEARER
    assert told(scene.gateway) == told(scene.router) == [DEARER]
    assert told(scene.other_router) == []


def test_rules_that_stay_as_they_are_are_no_news(stage: Stage, scene: Scene) -> None:
    stage.pass_seconds(185)

    assert scene.venue.asked == 3
    assert told(scene.gateway) == []


def test_a_refused_child_has_the_rules_read_soon_and_once(
    stage: Stage, scene: Scene
) -> None:
    stage.tell(scene.keeper, *[RefreshRules()] * 20)
    assert scene.venue.asked == 0

    stage.pass_seconds(6)

    assert scene.venue.asked == 1


def test_a_refused_child_has_the_rules_read_before_the_next_one_leaves(
    stage: Stage, scene: Scene
) -> None:
    stage.pass_seconds(30)

    stage.tell(scene.keeper, RefreshRules())
    stage.pass_seconds(SOON_SECONDS + 0.01)

    assert scene.venue.asked == 1
    assert RETRY_BACKOFF_SECONDS[0] > SOON_SECONDS


def test_readings_that_somebody_asked_for_keep_their_distance(
    stage: Stage, scene: Scene
) -> None:
    stage.pass_seconds(30)
    for _ in range(20):
        stage.tell(scene.keeper, RefreshRules())
        stage.pass_seconds(0.5)

    assert scene.venue.asked <= 3


def test_the_book_says_when_its_last_reading_began(stage: Stage, scene: Scene) -> None:
    first_ns = scene.book.read_ns
    assert first_ns == stage.clock.monotonic_ns()
    scene.venue.is_out_of_reach = True
    stage.pass_seconds(61)
    assert scene.book.read_ns == first_ns

    scene.venue.is_out_of_reach = False
    stage.pass_seconds(60)

    assert scene.book.read_ns == first_ns + 120 * NANOSECONDS


def test_a_slow_reading_counts_from_its_begin(stage: Stage, scene: Scene) -> None:
    begun: list[int] = []

    def take_a_second() -> None:
        begun.append(stage.clock.monotonic_ns())
        stage.clock.set_ns(begun[0] + NANOSECONDS)

    scene.venue.take_time = take_a_second

    stage.tell(scene.keeper, RequestedRefreshDue())

    assert [scene.book.read_ns] == begun


def test_a_keeper_that_was_replaced_does_not_make_the_rules_younger(
    stage: Stage, scene: Scene
) -> None:
    first_ns = scene.book.read_ns
    stage.pass_seconds(10)
    stage.kill(scene.keeper)

    stage.start(RulesKeeper, names.RULES_KEEPER, book=scene.book, read=scene.venue.read)

    assert scene.book.read_ns == first_ns


def test_a_venue_out_of_reach_leaves_the_rules_as_they_were(
    stage: Stage, scene: Scene
) -> None:
    scene.venue.is_out_of_reach = True
    stage.pass_seconds(61)
    assert scene.book[SYMBOL] == RULES

    scene.venue.is_out_of_reach = False
    scene.venue.rules[SYMBOL] = DEARER
    stage.pass_seconds(60)

    assert scene.book[SYMBOL] == DEARER


def test_a_symbol_that_the_venue_forgot_is_not_traded_any_more(
    stage: Stage, scene: Scene
) -> None:
    del scene.venue.rules[OTHER]

    stage.pass_seconds(61)

    assert list(scene.book) == [SYMBOL, OTHER]
    assert [rules.status for rules in told(scene.other_router)] == ["DELISTED"]


def test_a_symbol_whose_rules_became_unreadable_rests_under_what_was_known(
    stage: Stage, scene: Scene
) -> None:
    scene.venue.rules[OTHER] = SymbolRules(symbol=OTHER, status=RULES_UNREADABLE)

    stage.pass_seconds(61)

    unreadable = replace(RULES, symbol=OTHER, status=RULES_UNREADABLE)
    assert told(scene.other_router) == [unreadable]
