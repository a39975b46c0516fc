"""What no actor may survive: it ends that actor, and is told to the dispatcher."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from actors.runtime.actor import ActorPanicError, RuntimeActor
from actors.runtime.runtime import ActorContext, ActorEnded
from tests.actors.runtime.pools import Pool
from tests.actors.stage import Stage
from tests.fakes import Recorder


class Panic(BaseException):
    """No ``Exception``."""


class Panicking(RuntimeActor):
    """Panics in one of its hooks, or at a message."""

    def __init__(
        self, *, context: ActorContext, hook: str = "", error: type[Any] = Panic
    ) -> None:
        super().__init__(context=context)
        self._hook = hook
        self._error = error

    def on_start(self) -> None:
        self._panic_in("on_start")

    def on_stop(self) -> None:
        self._panic_in("on_stop")

    def on_failure(self, *_: Any) -> None:
        self._panic_in("on_failure")

    def on_unread(self, _message: Any) -> None:
        self._panic_in("on_unread")

    def on_receive(self, message: Any) -> Any:
        if message == "panic":
            raise self._error
        if message == "fail":
            raise ValueError
        if message == "stop":
            self.stop()
            self.address.tell("unread")
        return message

    def _panic_in(self, hook: str) -> None:
        if hook == self._hook:
            raise self._error


class BlockingPanicking(Panicking):
    blocking = True


@pytest.mark.parametrize("error", [Panic, SystemExit, KeyboardInterrupt, MemoryError])
def test_a_panic_ends_its_actor_and_is_raised_by_the_step(
    stage: Stage, error: type[BaseException]
) -> None:
    watcher = Recorder()
    actor = stage.start(Panicking, "actor", watcher, error=error)
    other = stage.neighbour("other")

    with pytest.raises(error):
        stage.tell(actor, "panic")

    failure = watcher.only(ActorEnded).failure
    assert isinstance(failure, ActorPanicError)
    assert isinstance(failure.__cause__, error)
    assert not stage.is_there("actor")
    assert other.actor_ref.is_alive()


@pytest.mark.parametrize(
    ("hook", "message"),
    [("on_stop", "stop"), ("on_unread", "stop"), ("on_failure", "fail")],
)
def test_a_panic_of_a_hook_ends_its_actor_and_is_raised_by_the_step(
    stage: Stage, hook: str, message: str
) -> None:
    watcher = Recorder()
    actor = stage.start(Panicking, "actor", watcher, hook=hook)

    with pytest.raises(Panic):
        stage.tell(actor, message)

    assert watcher.only(ActorEnded).failure is not None
    assert not stage.is_there("actor")


def test_a_panic_at_the_start_ends_the_actor_and_is_raised_by_the_step(
    stage: Stage,
) -> None:
    watcher = Recorder()

    with pytest.raises(Panic):
        stage.start(Panicking, "actor", watcher, hook="on_start")

    assert isinstance(watcher.only(ActorEnded).failure, Panic)


def test_a_panic_of_a_question_is_no_answer_alone(stage: Stage) -> None:
    actor = stage.start(Panicking, "actor")

    answer = actor.actor_ref.ask("panic", block=False)
    with pytest.raises(Panic):
        stage.run()

    with pytest.raises(ActorPanicError):
        answer.get(timeout=0)


class Guard:
    """In the place of what watches over the threads of the process."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self._changed = threading.Semaphore(0)

    def __call__(self, end: threading.ExceptHookArgs) -> None:
        self.told.append(end.exc_type)
        self._changed.release()

    def wait(self) -> None:
        assert self._changed.acquire(timeout=10), "the guard was not told"


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    guard = Guard()
    monkeypatch.setattr(threading, "excepthook", guard)
    return guard


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    pool.dispatcher.start()
    yield pool
    pool.end()


@pytest.mark.parametrize("kind", [Panicking, BlockingPanicking])
def test_a_panic_is_told_to_the_guard_of_all_threads(
    pool: Pool, guard: Guard, kind: type[Panicking]
) -> None:
    actor = kind.start(context=pool.place("actor"))

    actor.tell("panic")
    guard.wait()

    assert guard.told == [Panic]


@pytest.mark.parametrize("hook", ["on_start", "on_stop"])
@pytest.mark.parametrize("kind", [Panicking, BlockingPanicking])
def test_a_panic_of_a_hook_is_told_to_the_guard_of_all_threads(
    pool: Pool, guard: Guard, kind: type[Panicking], hook: str
) -> None:
    actor = kind.start(context=pool.place("actor"), hook=hook)

    if hook == "on_stop":
        actor.tell("stop")
    guard.wait()

    assert guard.told == [Panic]


def test_a_pool_of_one_thread_goes_on_after_a_panic(pool: Pool, guard: Guard) -> None:
    other = Panicking.start(context=pool.place("other"))
    actor = Panicking.start(context=pool.place("actor"))

    actor.tell("panic")
    guard.wait()

    assert other.ask("still here?", timeout=10) == "still here?"


def test_an_actor_that_cannot_even_end_is_told_to_the_guard(
    pool: Pool, guard: Guard
) -> None:
    class Watcher:
        def tell(self, message: ActorEnded) -> bool:
            raise Panic(message.name)

    actor = Panicking.start(context=pool.place("actor", Watcher()))
    other = Panicking.start(context=pool.place("other"))

    actor.tell("stop")
    guard.wait()

    assert other.ask("still here?", timeout=10) == "still here?"
