"""Threads that run what they made ready."""

import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.runtime.actor import RuntimeActor
from actors.runtime.dispatcher import BATCH_SIZE, RUNS_MAX
from actors.runtime.runtime import ActorContext
from tests.actors.runtime.pools import Pool


PATIENCE_SECONDS = 10
"""Only a failing test waits so long."""


class Noting(RuntimeActor):
    """Notes in which thread it handles each message, and passes it on."""

    def __init__(self, *, context: ActorContext, next_name: str = "") -> None:
        super().__init__(context=context)
        self.threads: list[str] = []
        self.is_last = threading.Event()
        self._next_name = next_name

    def on_receive(self, message: Any) -> None:
        self.threads.append(threading.current_thread().name)
        self.context.tell(self._next_name, message)
        if message == "last":
            self.is_last.set()


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    pool.dispatcher.start()
    yield pool
    pool.end()


def start(pool: Pool, name: str, next_name: str = "") -> Noting:
    """Start an actor, in this thread: it has settled on return."""
    with pool.dispatcher.run_woken_actors():
        ref = Noting.start(context=pool.place(name), next_name=next_name)
    actor = ref._actor_weakref()
    assert actor is not None
    return actor


def test_a_caller_runs_whom_it_told_and_whom_they_told(pool: Pool) -> None:
    last = start(pool, "last")
    first = start(pool, "first", "last")

    with pool.dispatcher.run_woken_actors():
        first.actor_ref.tell("one")
        first.actor_ref.tell("two")
        assert first.threads == []

    assert first.threads == last.threads == ["MainThread"] * 2


def test_without_that_the_pool_runs_everybody(pool: Pool) -> None:
    last = start(pool, "last")
    first = start(pool, "first", "last")

    first.actor_ref.tell("last")

    assert last.is_last.wait(PATIENCE_SECONDS)
    assert first.threads == last.threads == ["pool-0"]


def test_help_within_help_is_given_at_the_outer_end(pool: Pool) -> None:
    actor = start(pool, "one")

    with pool.dispatcher.run_woken_actors():
        with pool.dispatcher.run_woken_actors():
            actor.actor_ref.tell("anything")
        assert actor.threads == []

    assert actor.threads == ["MainThread"]


def test_help_is_given_although_the_helper_failed_meanwhile(pool: Pool) -> None:
    actor = start(pool, "one")

    def fail() -> None:
        with pool.dispatcher.run_woken_actors():
            actor.actor_ref.tell("anything")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert actor.threads == ["MainThread"]
    actor.actor_ref.tell("last")
    assert actor.is_last.wait(PATIENCE_SECONDS)
    assert actor.threads == ["MainThread", "pool-0"]


def test_a_helper_leaves_what_is_too_much_to_the_pool(pool: Pool) -> None:
    actor = start(pool, "one")
    too_many = BATCH_SIZE * RUNS_MAX

    with pool.dispatcher.run_woken_actors():
        for number in range(too_many):
            actor.actor_ref.tell(number)
        actor.actor_ref.tell("last")

    assert actor.is_last.wait(PATIENCE_SECONDS)
    assert actor.threads == ["MainThread"] * too_many + ["pool-0"]


def test_nobody_helps_when_the_pool_has_ended(pool: Pool) -> None:
    actor = start(pool, "one")
    pool.dispatcher.stop()

    with pool.dispatcher.run_woken_actors():
        actor.actor_ref.tell("anything")

    assert actor.threads == []
    pykka.ActorRegistry.unregister(actor.actor_ref)


class Telling(RuntimeActor):
    """Tells many others at once."""

    def __init__(self, *, context: ActorContext, others: list[str]) -> None:
        super().__init__(context=context)
        self._others = others

    def on_receive(self, message: Any) -> None:
        for name in self._others:
            self.context.tell(name, message)


def test_what_is_ready_when_the_pool_is_stopped_has_run_at_its_end(pool: Pool) -> None:
    others = [start(pool, str(number)) for number in range(RUNS_MAX * 3)]
    names = [other.context.name for other in others]
    with pool.dispatcher.run_woken_actors():
        telling = Telling.start(context=pool.place("telling"), others=names)

    telling.tell("a message")
    pool.dispatcher.stop()

    assert [other.threads for other in others] == [["pool-0"]] * len(others)
    for ref in pykka.ActorRegistry.get_all():
        ref.actor_stopped.set()
        pykka.ActorRegistry.unregister(ref)
