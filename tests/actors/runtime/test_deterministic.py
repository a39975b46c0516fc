from datetime import timedelta
from random import Random
from typing import Any

import pykka
import pytest

from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import Directory
from actors.runtime.deterministic import (
    DeterministicDispatcher,
    VirtualClock,
    VirtualTime,
    VirtualTimers,
)
from actors.runtime.runtime import ActorContext, Runtime
from actors.runtime.timers import NANOSECONDS
from tests.actors.stage import START, Stage
from tests.fakes import Recorder


class Scribe(RuntimeActor):
    """Writes down that it ran; passes what it gets on to somebody."""

    def __init__(self, *, context: ActorContext, book: list[str]) -> None:
        super().__init__(context=context)
        self._book = book

    def on_receive(self, message: str) -> None:
        self._book.append(f"{self.context.name}{message}")
        if message == "again":
            self.context.tell(self.context.name, message)


def story(chooser: Random | None) -> list[str]:
    clock = VirtualClock(START)
    dispatcher = DeterministicDispatcher(chooser)
    runtime = Runtime(
        dispatcher=dispatcher,
        clock=clock,
        timers=VirtualTimers(clock),
        directory=Directory(),
    )
    book: list[str] = []
    refs = [
        Scribe.start(context=ActorContext(runtime=runtime, name=name), book=book)
        for name in "ABCD"
    ]
    for number in range(8):
        for ref in refs:
            ref.tell(str(number))
    for ref in refs:
        ref.stop(block=False)
    dispatcher.run_until_idle()
    assert pykka.ActorRegistry.get_all() == []
    return book


def test_the_same_seed_gives_the_same_order() -> None:
    assert story(Random(1)) == story(Random(1))


def test_another_seed_gives_another_order() -> None:
    assert story(Random(1)) != story(Random(2))


def test_every_seed_keeps_the_order_of_one_actors_messages() -> None:
    for seed in range(20):
        told = story(Random(seed))
        for name in "ABCD":
            own = [line for line in told if line.startswith(name)]
            assert own == [f"{name}{number}" for number in range(8)]


def test_without_a_seed_it_is_first_come_first_served() -> None:
    assert story(None) == [f"{name}{number}" for number in range(8) for name in "ABCD"]


def test_actors_that_never_rest_are_noticed(stage: Stage) -> None:
    book: list[str] = []
    actor = stage.start(Scribe, "A", book=book)
    actor.address.tell("again")

    with pytest.raises(RuntimeError, match="still busy after 50 steps"):
        stage.dispatcher.run_until_idle(50)


def test_time_stops_at_every_timer_and_lets_actors_run(stage: Stage) -> None:
    seen: list[tuple[int, Any]] = []

    class Watch:
        def tell(self, message: Any) -> bool:
            seen.append((stage.clock.monotonic_ns(), message))
            return True

    stage.timers.schedule(2.0, Watch(), "second")
    stage.timers.schedule(1.0, Watch(), "first")
    stage.timers.schedule(1.0, Watch(), "first, but later")
    stage.timers.schedule(3.0, Watch(), "never").cancel()

    start = stage.clock.monotonic_ns()
    stage.time.run_until(start + 10 * NANOSECONDS)

    assert seen == [
        (start + NANOSECONDS, "first"),
        (start + NANOSECONDS, "first, but later"),
        (start + 2 * NANOSECONDS, "second"),
    ]
    assert stage.clock.monotonic_ns() == start + 10 * NANOSECONDS


def test_the_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(START)
    clock.set_ns(10)

    with pytest.raises(AssertionError):
        clock.set_ns(5)


def test_virtual_time_moves_when_told_only() -> None:
    clock = VirtualClock(START)
    timers = VirtualTimers(clock)
    time = VirtualTime(clock, timers, DeterministicDispatcher())
    recorder = Recorder()
    timers.schedule(1.0, recorder, "due")

    time.run_until(clock.monotonic_ns() + NANOSECONDS - 1)
    assert recorder.received == []
    time.run_until(clock.monotonic_ns() + 1)

    assert recorder.received == ["due"]


def test_dated_timers_follow_the_virtual_wall_clock() -> None:
    clock = VirtualClock(START)
    timers = VirtualTimers(clock)
    time = VirtualTime(clock, timers, DeterministicDispatcher())
    recorder = Recorder()
    timers.schedule_at(START + timedelta(seconds=60), recorder, "dated")
    timers.schedule(30.0, recorder, "delayed")

    clock.set_wall(timedelta(seconds=-10))
    time.run_until(clock.monotonic_ns() + 60 * NANOSECONDS)
    assert recorder.received == ["delayed"]
    clock.set_wall(timedelta(seconds=20))
    time.run_until(clock.monotonic_ns() + 1)

    assert recorder.received == ["delayed", "dated"]
    assert timers.next_due_ns() is None


def test_a_timer_is_never_told_before_its_time() -> None:
    clock = VirtualClock(START)
    timers = VirtualTimers(clock)
    begun_ns = clock.monotonic_ns()

    timers.schedule(16.4, Recorder(), "due")  # times 1e9, this is a little less

    assert timers.next_due_ns() == begun_ns + 16_400_000_000
