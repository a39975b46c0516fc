import logging

import pytest

from actors.runtime.stalls import STALL_MIN_NS, StallDetector
from actors.runtime.threaded import ThreadedRuntime
from actors.runtime.timers import NANOSECONDS
from tests.actors.runtime.test_timers import HandClock
from tests.fakes import FakeMeter


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_looks_that_follow_each_other_in_time_find_no_stall(clock: HandClock) -> None:
    detector = StallDetector(clock)

    for _ in range(10):
        clock.seconds += STALL_MIN_NS / NANOSECONDS
        assert detector.look() == 0


def test_the_first_look_after_a_stall_finds_it_and_no_other_one_does(
    clock: HandClock,
) -> None:
    detector = StallDetector(clock)
    clock.seconds += 45

    assert [detector.look(), detector.look()] == [1, 1]


def test_how_long_the_process_was_away_is_in_log_and_metrics(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    meter = FakeMeter()
    detector = StallDetector(clock, meter)
    clock.seconds += 45

    with caplog.at_level(logging.WARNING):
        detector.look()

    assert "seconds=45.0" in caplog.text
    assert meter.seconds == [("process_away_seconds", 45.0)]


def test_what_a_start_takes_before_the_threads_run_is_no_stall(
    clock: HandClock,
) -> None:
    threads = ThreadedRuntime(clock=clock, threads=1)
    clock.seconds += 45

    with threads:
        assert threads.runtime.stalls.look() == 0
