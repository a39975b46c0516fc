"""An order whose child broke rules that the venue has changed."""

from dataclasses import replace

import pytest

from actors import names
from actors.executor.retry_backoff import RETRY_BACKOFF_SECONDS, RULES_LOOK_SECONDS
from actors.messages.gateway import ChildAnswered, RefreshRules
from actors.messages.routing import Enlist
from domain.orders.child_order import ChildStatus, FollowUp
from tests.actors.builders import order, result
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, waiting


class Refused:
    """An executor whose child the venue has refused just now."""

    def __init__(self, stage: Stage, follow_up: FollowUp) -> None:
        self.stage = stage
        self.keeper = stage.neighbour(names.RULES_KEEPER)
        self.shop = Workshop(stage, waiting(order()))
        self.read_rules()
        stage.pass_seconds(1)
        self.shop.offer((102, 2))
        self.shop.written()
        child = self.shop.submitted()[-1].child
        answer = result(child, status=ChildStatus.REJECTED)
        self.shop.tell(ChildAnswered(result=replace(answer, follow_up=follow_up)))
        self.shop.written()

    def read_rules(self) -> None:
        self.shop.rules_read_ns = self.stage.clock.monotonic_ns()

    def has_enlisted_again(self) -> bool:
        return len(self.shop.router.all(Enlist)) > 1


def test_the_next_child_waits_for_the_new_rules(stage: Stage) -> None:
    refused = Refused(stage, FollowUp.WAIT_FOR_RULES)

    stage.pass_seconds(RETRY_BACKOFF_SECONDS[0] + 100)
    assert not refused.has_enlisted_again()
    assert refused.keeper.all(RefreshRules), "should the first wish have been lost"

    refused.read_rules()
    stage.pass_seconds(RULES_LOOK_SECONDS)

    assert refused.has_enlisted_again()


def test_rules_that_were_read_meanwhile_are_not_waited_for(stage: Stage) -> None:
    refused = Refused(stage, FollowUp.WAIT_FOR_RULES)
    stage.pass_seconds(1)
    refused.read_rules()

    stage.pass_seconds(RETRY_BACKOFF_SECONDS[0] - 1.1)
    assert not refused.has_enlisted_again()
    stage.pass_seconds(0.1)

    assert refused.has_enlisted_again()
    assert refused.keeper.received == []


@pytest.mark.parametrize(
    "follow_up", [FollowUp.WAIT, FollowUp.WAIT_FOR_RULES], ids=["other", "rules"]
)
def test_only_a_broken_rule_that_can_change_is_waited_for(
    stage: Stage, follow_up: FollowUp
) -> None:
    refused = Refused(stage, follow_up)
    if follow_up is FollowUp.WAIT_FOR_RULES:
        refused.shop.rules_read_ns = None  # nobody reads them again

    stage.pass_seconds(RETRY_BACKOFF_SECONDS[0])

    assert refused.has_enlisted_again()
