import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.runtime.actor import RuntimeActor
from actors.runtime.dispatcher import BATCH_SIZE
from actors.runtime.runtime import ActorContext, ActorEnded
from tests.actors.runtime.pools import Pool


class Countdown:
    """An event that is set after so many calls."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self._lock = threading.Lock()
        self.done = threading.Event()

    def tell(self, _: Any) -> bool:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.done.set()
        return True


class Counting(RuntimeActor):
    """Counts its messages, and notices when it runs twice at once."""

    overlaps = 0

    def __init__(self, *, context: ActorContext, report: Countdown) -> None:
        super().__init__(context=context)
        self._report = report
        self._is_running = False
        self.seen: list[Any] = []

    def on_receive(self, message: Any) -> None:
        if self._is_running:
            Counting.overlaps += 1
        self._is_running = True
        self.seen.append(message)
        self._report.tell(message)
        self._is_running = False


class Blocking(Counting):
    blocking = True


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(2)
    pool.dispatcher.start()
    yield pool
    pool.end()


def test_two_threads_run_ten_thousand_actors(pool: Pool) -> None:
    report = Countdown(30_000)
    refs = [
        Counting.start(context=pool.place(str(number)), report=report)
        for number in range(10_000)
    ]

    for number in range(3):
        for ref in refs:
            ref.tell(number)

    assert report.done.wait(30)
    for stopped in [ref.stop(block=False) for ref in refs]:
        assert stopped.get(timeout=10)


def test_an_actor_never_runs_on_two_threads_at_once(pool: Pool) -> None:
    report = Countdown(40_000)
    ref = Counting.start(context=pool.place("one"), report=report)

    def send() -> None:
        for number in range(10_000):
            ref.tell(number)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert report.done.wait(30)
    assert Counting.overlaps == 0


def test_a_flooded_actor_lets_others_run_after_a_batch() -> None:
    pool = Pool(1)
    report = Countdown(1)
    flooded = Counting.start(context=pool.place("flooded"), report=Countdown(0))
    other = Counting.start(context=pool.place("other"), report=report)
    for number in range(BATCH_SIZE * 20):
        flooded.tell(number)
    seen_before: list[int] = []
    flooded_actor = flooded._actor_weakref()
    other_actor = other._actor_weakref()
    assert flooded_actor is not None
    assert other_actor is not None

    def look(message: Any) -> None:
        seen_before.append(len(flooded_actor.seen))
        report.tell(message)

    vars(other_actor)["on_receive"] = look
    other.tell("me too")

    pool.dispatcher.start()
    assert report.done.wait(10)
    pool.end()

    assert seen_before == [BATCH_SIZE]


def test_a_blocking_actor_has_a_thread_of_its_own(pool: Pool) -> None:
    report = Countdown(1)
    names: list[str] = []
    ref = Blocking.start(context=pool.place("blocking"), report=report)
    actor = ref._actor_weakref()
    assert actor is not None

    def look(message: Any) -> None:
        names.append(threading.current_thread().name)
        report.tell(message)

    vars(actor)["on_receive"] = look
    ref.tell("go")

    assert report.done.wait(10)
    assert not names[0].startswith("pool-")


def test_a_failing_actor_leaves_its_thread_to_others(pool: Pool) -> None:
    ended: list[ActorEnded] = []
    watch = Countdown(20)

    class Watcher:
        def tell(self, message: ActorEnded) -> bool:
            ended.append(message)
            return watch.tell(message)

    for number in range(20):
        ref = Counting.start(
            context=pool.place(f"doomed-{number}", Watcher()), report=Countdown(0)
        )
        actor = ref._actor_weakref()
        assert actor is not None
        vars(actor)["on_receive"] = lambda _: 1 / 0
        ref.tell("fail")

    assert watch.done.wait(10)
    assert all(isinstance(one.failure, ZeroDivisionError) for one in ended)
    report = Countdown(1)
    Counting.start(context=pool.place("doomed-0"), report=report).tell("still here?")
    assert report.done.wait(10)


class Asking(RuntimeActor):
    """Does what no actor of ours does: it asks another one, and waits."""

    def __init__(self, *, context: ActorContext, other: Any) -> None:
        super().__init__(context=context)
        self._other = other

    def on_receive(self, message: Any) -> str:
        try:
            self._other.ask(message, timeout=0.1)
        except pykka.Timeout:
            return "no answer"
        return "answered"


def test_a_question_between_two_pooled_actors_never_comes_back(pool: Pool) -> None:
    report = Countdown(1)
    other = Counting.start(context=pool.place("other"), report=report)
    asking = Asking.start(context=pool.place("asking"), other=other)

    # Its thread runs whom it told something when it is done itself, and it waits.
    assert asking.ask("question", timeout=10) == "no answer"
    assert report.done.wait(10)  # then the question was read
