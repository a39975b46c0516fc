"""A supervisor behaves as OTP's do: strategies, intensity, rests, orphans."""

from typing import Any

import pytest

from actors.messages.lifecycle import Drain
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.specifications import (
    ChildSpec,
    Restart,
    RestartBudget,
    RestartBudgetExceededError,
    RestartLog,
    Strategy,
)
from actors.supervision.supervisor import Supervisor
from tests.actors.stage import KilledError, Stage
from tests.fakes import Recorder


class Child(RuntimeActor):
    """Notes its starts and stops in a book that all children share."""

    def __init__(self, *, context: ActorContext, book: list[str]) -> None:
        super().__init__(context=context)
        self._book = book

    def on_start(self) -> None:
        self._book.append(f"+{self.context.name}")

    def on_stop(self) -> None:
        self._book.append(f"-{self.context.name}")

    def on_receive(self, message: str) -> None:
        if message == "fail":
            raise KilledError
        self.stop()


class Family:
    """A supervisor of children a, b and c."""

    def __init__(
        self,
        stage: Stage,
        *,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        restart: Restart = Restart.PERMANENT,
        rest_seconds: tuple[float, ...] = (),
        budget: RestartBudget | None = None,
    ) -> None:
        self.stage = stage
        self.book: list[str] = []
        self.watcher = Recorder()
        specs = [
            ChildSpec(
                name=name,
                actor=Child,
                arguments=lambda: {"book": self.book},
                restart=restart,
                rest_seconds=rest_seconds,
            )
            for name in "abc"
        ]
        self.supervisor = stage.start(
            Supervisor,
            "family",
            self.watcher,
            specs=specs,
            strategy=strategy,
            budget=budget or RestartBudget(),
        )

    def told(self) -> list[str]:
        lines, self.book[:] = list(self.book), []
        return lines

    def tell(self, name: str, message: str) -> None:
        self.stage.directory.tell(name, message)
        self.stage.run()


def test_children_are_started_in_order(stage: Stage) -> None:
    assert Family(stage).told() == ["+a", "+b", "+c"]


def test_one_for_one_restarts_only_who_failed(stage: Stage) -> None:
    family = Family(stage)
    family.told()

    family.tell("b", "fail")

    assert family.told() == ["+b"]
    assert stage.meter.counts == {"actor_failures b": 1}


def test_rest_for_one_stops_those_behind_and_starts_them_in_order(
    stage: Stage,
) -> None:
    family = Family(stage, strategy=Strategy.REST_FOR_ONE)
    family.told()

    family.tell("a", "fail")

    told = family.told()
    assert sorted(told[:2]) == ["-b", "-c"]
    assert told[2:] == ["+a", "+b", "+c"]


def test_rest_for_one_leaves_those_before_alone(stage: Stage) -> None:
    family = Family(stage, strategy=Strategy.REST_FOR_ONE)
    family.told()

    family.tell("b", "fail")

    assert family.told() == ["-c", "+b", "+c"]


def test_a_permanent_child_comes_back_from_a_normal_stop(stage: Stage) -> None:
    family = Family(stage)
    family.told()

    family.tell("a", "stop")

    assert family.told() == ["-a", "+a"]


def test_a_transient_child_stays_away_after_a_normal_stop(stage: Stage) -> None:
    family = Family(stage, restart=Restart.TRANSIENT)
    family.told()

    family.tell("a", "stop")

    assert family.told() == ["-a"]


def test_a_transient_child_comes_back_from_a_failure(stage: Stage) -> None:
    family = Family(stage, restart=Restart.TRANSIENT)
    family.told()

    family.tell("a", "fail")

    assert family.told() == ["+a"]


def test_more_restarts_than_allowed_end_the_supervisor(stage: Stage) -> None:
    family = Family(stage, budget=RestartBudget(restarts=2, within_seconds=10))
    for _ in range(2):
        family.tell("b", "fail")
    assert family.watcher.received == []
    family.told()

    family.tell("b", "fail")

    assert isinstance(
        family.watcher.only(ActorEnded).failure, RestartBudgetExceededError
    )
    assert family.told() == ["-c", "-a"]


def test_restarts_long_ago_do_not_count(stage: Stage) -> None:
    family = Family(stage, budget=RestartBudget(restarts=2, within_seconds=10))

    for _ in range(20):
        family.tell("b", "fail")
        stage.pass_seconds(6)

    assert family.watcher.received == []


def test_a_child_that_may_rest_rests_and_no_other_notices(stage: Stage) -> None:
    budget = RestartBudget(restarts=1, within_seconds=100)
    family = Family(stage, rest_seconds=(5.0, 20.0), budget=budget)
    family.tell("b", "fail")
    family.told()

    family.tell("b", "fail")
    stage.pass_seconds(4.9)
    assert family.told() == []
    stage.pass_seconds(0.2)

    assert family.told() == ["+b"]


def test_the_second_rest_is_longer(stage: Stage) -> None:
    budget = RestartBudget(restarts=1, within_seconds=100)
    family = Family(stage, rest_seconds=(5.0, 20.0), budget=budget)
    for _ in range(2):
        family.tell("b", "fail")
    stage.pass_seconds(5.1)
    family.told()

    family.tell("b", "fail")
    stage.pass_seconds(19.0)
    assert family.told() == []
    stage.pass_seconds(1.1)

    assert family.told() == ["+b"]


def test_drain_stops_all_children_and_then_the_supervisor(stage: Stage) -> None:
    family = Family(stage)
    family.told()

    stage.tell(family.supervisor, Drain(cancel_orders=False))

    assert sorted(family.told()) == ["-a", "-b", "-c"]
    assert family.watcher.only(ActorEnded).failure is None


def test_a_child_that_fails_while_all_stop_is_not_started_again(stage: Stage) -> None:
    family = Family(stage)
    stage.directory.tell("b", "fail")
    family.told()

    stage.tell(family.supervisor, Drain(cancel_orders=False))

    assert "+b" not in family.told()
    assert family.watcher.only(ActorEnded).failure is None


def test_a_supervisor_that_fails_takes_its_children_along(stage: Stage) -> None:
    family = Family(stage)

    stage.kill(family.supervisor)

    assert not any(stage.is_there(name) for name in ("family", "a", "b", "c"))


def test_a_supervisor_that_is_stopped_takes_its_children_along(stage: Stage) -> None:
    family = Family(stage)

    stage.end(family.supervisor)

    assert not any(stage.is_there(name) for name in ("family", "a", "b", "c"))


def test_a_supervisor_that_fails_at_its_start_leaves_no_child(stage: Stage) -> None:
    def fail() -> dict[str, Any]:
        raise KilledError

    watcher = Recorder()
    stage.start(
        Supervisor,
        "family",
        watcher,
        specs=[
            ChildSpec(name="a", actor=Child, arguments=lambda: {"book": []}),
            ChildSpec(name="b", actor=Child, arguments=fail),
        ],
        strategy=Strategy.ONE_FOR_ONE,
        budget=RestartBudget(),
    )

    assert isinstance(watcher.only(ActorEnded).failure, KilledError)
    assert not stage.is_there("a")


@pytest.mark.parametrize(("restarts", "allowed"), [(0, 0), (1, 1), (3, 3)])
def test_restart_log_allows_as_many_as_the_budget(restarts: int, allowed: int) -> None:
    log = RestartLog(RestartBudget(restarts=restarts, within_seconds=10))

    granted = [log.allows(now_ns) for now_ns in range(10)]

    assert sum(granted) == allowed


def test_the_late_end_of_earlier_children_is_not_taken_for_that_of_stopped_ones(
    stage: Stage,
) -> None:
    family = Family(stage, strategy=Strategy.REST_FOR_ONE)
    earlier = {name: stage.address(name).ref for name in "bc"}
    family.tell("b", "fail")
    family.told()

    stage.directory.tell("a", "fail")
    stage.dispatcher.step()
    for name, ref in earlier.items():  # behind the end of "a", before theirs
        family.supervisor.address.tell(ActorEnded(name=name, ref=ref, failure=None))
    stage.dispatcher._ready.popleft().run_batch(3)  # before the turn of "b" and "c"
    stage.run()

    assert family.supervisor.actor_ref.is_alive()
    assert family.told()[-3:] == ["+a", "+b", "+c"]
