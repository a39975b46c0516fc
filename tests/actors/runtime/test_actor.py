from typing import Any

import pykka
import pytest

from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext, ActorEnded
from tests.actors.stage import KilledError, Stage
from tests.fakes import Recorder


class Talker(RuntimeActor):
    """Does as it is told, and notes its hooks."""

    def __init__(self, *, context: ActorContext, fails_at_start: bool = False) -> None:
        super().__init__(context=context)
        self._fails_at_start = fails_at_start
        self.seen: list[Any] = []

    def on_start(self) -> None:
        if self._fails_at_start:
            raise KilledError
        self.seen.append("started")

    def on_stop(self) -> None:
        self.seen.append("stopped")

    def on_failure(self, *_: Any) -> None:
        self.seen.append("failed")

    def on_unread(self, message: Any) -> None:
        if message == "bomb":
            raise KilledError
        self.seen.append(("unread", message))

    def on_receive(self, message: Any) -> Any:
        if message == "fail":
            raise KilledError
        if message == "stop":
            self.stop()
        self.seen.append(message)
        return message


def test_watcher_is_told_what_killed_an_actor(stage: Stage) -> None:
    watcher = Recorder()
    actor = stage.start(Talker, "talker", watcher)

    stage.tell(actor, "fail")

    ended = watcher.only(ActorEnded)
    assert isinstance(ended.failure, KilledError)
    assert (ended.name, ended.ref) == ("talker", actor.actor_ref)
    assert actor.seen == ["started", "failed"]


def test_name_of_an_actor_is_free_when_its_watcher_is_told(stage: Stage) -> None:
    seen = []

    class Watcher:
        def tell(self, message: ActorEnded) -> bool:
            seen.append((message.name, stage.is_there(message.name)))
            return True

    actor = stage.start(Talker, "talker", Watcher())

    stage.tell(actor, "fail")

    assert seen == [("talker", False)]


def test_watcher_is_told_of_a_failure_in_on_start(stage: Stage) -> None:
    watcher = Recorder()

    actor = stage.start(Talker, "talker", watcher, fails_at_start=True)

    assert isinstance(watcher.only(ActorEnded).failure, KilledError)
    assert not stage.is_there("talker")
    assert actor.seen == ["failed"]


def test_a_normal_stop_is_told_without_a_failure(stage: Stage) -> None:
    watcher = Recorder()
    actor = stage.start(Talker, "talker", watcher)

    stage.tell(actor, "last")
    stage.end(actor)

    assert watcher.only(ActorEnded).failure is None
    assert actor.seen == ["started", "last", "stopped"]


def test_messages_behind_a_stop_are_shown_as_unread(stage: Stage) -> None:
    actor = stage.start(Talker, "talker")

    actor.address.tell("stop")
    actor.address.tell("still read")
    stage.dispatcher.step()
    actor.address.tell("too late")
    stage.run()

    assert actor.seen == [
        "started",
        "stop",
        "still read",
        "stopped",
        ("unread", "too late"),
    ]


def test_messages_of_a_killed_actor_are_not_shown_as_unread(stage: Stage) -> None:
    actor = stage.start(Talker, "talker")

    actor.address.tell("fail")
    actor.address.tell("lost")
    stage.run()

    assert actor.seen == ["started", "failed"]


def test_failing_over_an_unread_message_still_ends_the_actor(stage: Stage) -> None:
    watcher = Recorder()
    actor = stage.start(Talker, "talker", watcher)

    actor.address.tell("stop")
    stage.dispatcher.step()
    actor.address.tell("bomb")
    stage.run()

    assert isinstance(watcher.only(ActorEnded).failure, KilledError)


def test_ask_behind_a_stop_is_answered_with_the_death(stage: Stage) -> None:
    actor = stage.start(Talker, "talker")

    actor.address.tell("stop")
    stage.dispatcher.step()
    future = actor.actor_ref.ask("too late", block=False)
    stage.run()

    with pytest.raises(pykka.ActorDeadError):
        future.get(timeout=0)


def test_telling_a_dead_actor_says_so_and_does_not_raise(stage: Stage) -> None:
    actor = stage.start(Talker, "talker")
    address = actor.address
    assert address.tell("hello")

    stage.end(actor)

    assert not address.tell("hello?")
    assert actor.seen == ["started", "hello", "stopped"]


def test_failure_to_answer_an_ask_is_the_askers_and_no_death(stage: Stage) -> None:
    actor = stage.start(Talker, "talker")

    future = actor.actor_ref.ask("fail", block=False)
    stage.run()

    with pytest.raises(KilledError):
        future.get(timeout=0)
    assert actor.actor_ref.is_alive()
