"""Requests bear the venue's time, whatever this machine's clock says."""

from datetime import timedelta

import pytest

from adapters.binance.server_clock import ServerClock
from adapters.binance.trading.venue import BinanceVenue
from domain.orders.child_order import ChildStatus
from domain.venue.answers import PauseReason
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.binance.witnesses import HandClock
from tests.fakes import ALLOWED


LATE = error(-1021, "Timestamp for this request is outside of the recvWindow.")
FILLED = said(order_body(child(), fills=[fill_body("2")]))


class SlowVenue:
    """Tells a time after a way there and back that takes a while."""

    def __init__(self, clock: HandClock, *ways_ms: int) -> None:
        self.clock = clock
        self.ways_ms = list(ways_ms)
        self.asked = 0

    def __call__(self) -> int | None:
        self.asked += 1
        way = self.ways_ms.pop(0) if self.ways_ms else 0
        self.clock.advance(way / 1000)
        told = 1_000_000 + self.clock.passed_ns // 1_000_000
        self.clock.advance(way / 1000)
        return told


def server_clock(clock: HandClock, venue: SlowVenue) -> ServerClock:
    return ServerClock(clock=clock, ask_ms=venue, age_max=timedelta(minutes=10))


def test_time_is_that_of_the_middle_of_the_round_trip() -> None:
    clock = HandClock()
    venue = SlowVenue(clock, 100)

    stamp = server_clock(clock, venue).timestamp_ms()

    assert stamp == 1_000_200
    assert venue.asked == 1


def test_slow_round_trip_is_tried_again_and_the_quickest_believed() -> None:
    clock = HandClock()
    venue = SlowVenue(clock, 2000, 900, 1500)

    server_clock(clock, venue).timestamp_ms()

    assert venue.asked == 3


@pytest.mark.parametrize("held_ms", [(1, 4900), (4900, 1)])
def test_an_answer_that_was_held_up_does_not_replace_a_better_one(
    held_ms: tuple[int, int],
) -> None:
    clock = HandClock()
    ways = [(1, 1), held_ms, held_ms, held_ms]

    def ask() -> int:
        there, back = ways.pop(0)
        clock.advance(there / 1000)
        told = 1_000_000 + clock.passed_ns // 1_000_000
        clock.advance(back / 1000)
        return told

    server = ServerClock(clock=clock, ask_ms=ask, age_max=timedelta(minutes=10))
    server.measure()
    clock.advance(60)

    assert server.measure()
    assert not ways
    assert server.stamp_ms() == 1_000_000 + clock.passed_ns // 1_000_000


def test_a_slower_answer_that_contradicts_what_was_known_replaces_it() -> None:
    clock = HandClock()
    answers = [(0.0, 1_000_000), (0.3, 1_060_150)]  # the venue's clock was set

    def ask() -> int:
        took, told = answers.pop(0)
        clock.advance(took)
        return told

    server = ServerClock(clock=clock, ask_ms=ask, age_max=timedelta(minutes=10))
    server.measure()
    server.measure()

    assert server.stamp_ms() == 1_060_300


def test_what_is_known_too_badly_stamps_nothing_and_bounds_every_age() -> None:
    clock = HandClock()
    venue = SlowVenue(clock, *[2000] * 6, 1)
    server = server_clock(clock, venue)

    assert server.timestamp_ms() is None
    assert server.timestamp_ms() is None
    assert server.epoch_max_ns is not None
    assert server.epoch_max_ns >= 1_002_000_000_000
    assert server.timestamp_ms() is not None


def test_time_is_counted_on_without_asking_until_it_is_old() -> None:
    clock = HandClock()
    venue = SlowVenue(clock)
    server = server_clock(clock, venue)
    stamps = []

    for seconds in (0, 5, 590, 10):
        clock.advance(seconds)
        stamps.append(server.timestamp_ms())

    assert stamps == [1_000_000, 1_005_000, 1_595_000, 1_605_000]
    assert venue.asked == 2


def test_old_measurement_does_when_the_venue_does_not_answer() -> None:
    clock = HandClock()
    venue = SlowVenue(clock)
    answers: list[int | None] = [1_000_000]
    server = ServerClock(
        clock=clock,
        ask_ms=lambda: answers.pop() if answers else venue() and None,
        age_max=timedelta(minutes=10),
    )
    server.timestamp_ms()
    clock.advance(700)

    stamps = [server.timestamp_ms(), server.timestamp_ms()]

    assert stamps == [1_700_000, 1_700_000]
    assert venue.asked == 1


def test_late_order_is_sent_again_once_with_a_new_time(
    server: TradingServer, venue: BinanceVenue
) -> None:
    replies = [LATE, FILLED]

    def answers(asked: Asked) -> Said | None:
        if asked.call == "GET time":
            server.now_ms += 60_000
            return None
        return replies.pop(0)

    server.answers = answers

    answer = venue.place(child(), ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    stamps = [
        int(asked.fields["timestamp"])
        for asked in server.asked
        if asked.method == "POST"
    ]
    assert stamps[1] - stamps[0] == 60_000


def test_second_attempt_that_is_not_answered_is_unknown(
    server: TradingServer, venue: BinanceVenue
) -> None:
    replies = [LATE, Said(cut=True)]
    server.answers = lambda asked: replies.pop(0) if asked.method == "POST" else None

    answer = venue.place(child(), ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)
    assert server.calls() == ["POST order", "POST order"]


def test_late_question_is_asked_again_once(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    replies = [LATE, said(order_body(child(), "0"))]
    server.answers = lambda asked: replies.pop(0) if asked.call == "GET order" else None

    answer = venue.look_up(child(), since=clock.now(), thoroughly=False)

    assert answer.result is not None


@pytest.mark.parametrize(
    "trouble", [Said(status=502), Said(cut=True), said({"serverTime": "soon"})]
)
def test_nothing_is_sent_when_the_venue_does_not_tell_its_time(
    server: TradingServer, venue: BinanceVenue, trouble: Said
) -> None:
    server.answers = lambda _asked: trouble

    answer = venue.place(child(), ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.NEVER_SENT
    assert answer.pause is not None
    assert answer.pause.reason is PauseReason.VENUE_UNAVAILABLE
    assert server.calls() == []
