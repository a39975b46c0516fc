import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actors.runtime.timers import (
    NANOSECONDS,
    ThreadTimers,
    TimerQueue,
    Timetable,
)
from adapters.clock import SystemClock
from tests.fakes import Recorder


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Bell:
    """A recipient that a test waits at."""

    def __init__(self, messages: int) -> None:
        self.heard: list[Any] = []
        self._messages = messages
        self.rang = threading.Event()

    def tell(self, message: Any) -> bool:
        self.heard.append(message)
        if len(self.heard) == self._messages:
            self.rang.set()
        return True


class HandClock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wall = NOON

    def now(self) -> datetime:
        return self.wall

    def monotonic_ns(self) -> int:
        return int(self.seconds * NANOSECONDS)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def timers(clock: HandClock) -> Iterator[ThreadTimers]:
    timers = ThreadTimers(clock)
    timers.start()
    yield timers
    timers.stop()


def test_timers_go_off_by_due_time_not_by_order_of_asking(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(4)
    timers.schedule(60.0, bell, "third")
    timers.schedule(40.0, bell, "second")
    timers.schedule(20.0, bell, "first")

    clock.seconds = 100.0
    timers.schedule(0.0, bell, "last")

    assert bell.rang.wait(10)
    assert bell.heard == ["first", "second", "third", "last"]


def test_a_timer_does_not_go_off_before_its_time(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(1)
    timers.schedule(60.0, bell, "not yet")

    clock.seconds = 59.9
    timers.schedule(0.0, bell, "now")

    assert bell.rang.wait(10)
    assert bell.heard == ["now"]


def test_a_cancelled_timer_never_goes_off(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(1)
    cancelled = timers.schedule(10.0, bell, "cancelled")
    cancelled.cancel()
    cancelled.cancel()

    clock.seconds = 100.0
    timers.schedule(0.0, bell, "later")

    assert bell.rang.wait(10)
    assert bell.heard == ["later"]


def test_a_timer_in_a_thousand_years_is_no_trouble(timers: ThreadTimers) -> None:
    bell = Bell(1)
    timers.schedule(3.2e10, bell, "far away")

    timers.schedule(0.0, bell, "now")

    assert bell.rang.wait(10)
    assert bell.heard == ["now"]


def test_a_dated_timer_goes_off_when_the_wall_clock_jumps_over_its_time(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(2)
    timers.schedule_at(NOON + 60 * MINUTE, bell, "in an hour")
    timers.schedule_at(NOON + 59 * MINUTE, bell, "before that")
    timers.schedule(60.0, bell, "in a minute")

    clock.wall += 60 * MINUTE  # and nobody wakes the thread

    assert bell.rang.wait(10)
    assert bell.heard == ["before that", "in an hour"]


def test_a_dated_timer_waits_while_the_wall_clock_is_set_back(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(1)
    timers.schedule_at(NOON + MINUTE, bell, "dated")
    clock.wall -= MINUTE

    clock.seconds = 100.0
    timers.schedule(0.0, bell, "now")

    assert bell.rang.wait(10)
    assert bell.heard == ["now"]


def test_a_timer_goes_off_after_a_sleep_that_only_the_clock_counts(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(1)
    timers.schedule(1_800.0, bell, "in half an hour")

    clock.seconds = 3_600.0  # and nobody wakes the thread

    assert bell.rang.wait(10)


def test_a_cancelled_dated_timer_never_goes_off(
    timers: ThreadTimers, clock: HandClock
) -> None:
    bell = Bell(1)
    timers.schedule_at(NOON + MINUTE, bell, "cancelled").cancel()
    timers.schedule_at(NOON + MINUTE, bell, "dated")

    clock.wall += MINUTE

    assert bell.rang.wait(10)
    assert bell.heard == ["dated"]


def test_real_time_makes_timers_go_off() -> None:
    timers = ThreadTimers(SystemClock())
    timers.start()
    bell = Bell(2)

    timers.schedule(0.01, bell, "now")
    timers.schedule_at(SystemClock().now() + timedelta(seconds=0.01), bell, "dated")

    assert bell.rang.wait(10)
    timers.stop()


def test_equal_due_times_keep_the_order_of_adding() -> None:
    queue = TimerQueue()
    recorder = Recorder()
    for number in range(10):
        queue.add(5, recorder, number)

    for timer in queue.pop_due(5):
        timer.tell()

    assert recorder.received == list(range(10))
    assert queue.next_due_ns() is None


def test_the_next_of_either_clock_wakes_the_thread(clock: HandClock) -> None:
    table, bell = Timetable(clock), Bell(1)
    delayed = table.add(60.0, bell, "by the monotonic clock")
    dated = table.add_at(NOON + 2 * MINUTE, bell, "by the wall clock")

    assert (table.is_next(delayed), table.is_next(dated)) == (True, True)
    assert not table.is_next(table.add_at(NOON + 3 * MINUTE, bell, "later"))


def test_only_what_is_due_is_taken_out() -> None:
    queue = TimerQueue()
    recorder = Recorder()
    queue.add(5, recorder, "a")
    queue.add(7, recorder, "b")

    for timer in queue.pop_due(6):
        timer.tell()

    assert recorder.received == ["a"]
    assert queue.next_due_ns() == 7


def test_a_cancelled_timer_lets_go_of_its_recipient_at_once() -> None:
    queue = TimerQueue()
    recorder = Recorder()
    timer = queue.add(5, recorder, "a")

    timer.cancel()
    timer.tell()

    assert timer.delivery is None
    assert recorder.received == []
    assert queue.pop_due(5) == []


def test_timers_beat_while_there_is_nothing_to_do() -> None:
    beats = Bell(3)
    timers = ThreadTimers(SystemClock(), lambda: beats.tell("beat"))
    timers.start()

    assert beats.rang.wait(10)

    timers.stop()
