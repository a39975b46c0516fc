"""The venue's time is told as well as one answer allows, and counted on from there."""

from datetime import timedelta

import pytest

from adapters.network.server_clock import ServerClock
from tests.adapters.witnesses import HandClock


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


def test_error_that_a_stamp_may_have_is_the_venues_to_say() -> None:
    clock = HandClock()
    servers = [
        ServerClock(
            clock=clock,
            ask_ms=SlowVenue(clock, 100),
            age_max=timedelta(minutes=10),
            error_max=timedelta(milliseconds=most),
        )
        for most in (90, 110)
    ]

    stamps = [server.timestamp_ms() for server in servers]

    assert stamps[0] is None
    assert stamps[1] is not None
