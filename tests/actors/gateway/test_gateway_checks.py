"""What the gateway hears unasked, and what it holds children against."""

from dataclasses import replace
from decimal import Decimal

import pytest

from actors import names
from actors.messages.gateway import RecallChild, RefreshRules, RulesChanged
from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder, ChildStatus, FollowUp
from domain.risk.limits import RiskLimits
from domain.venue.answers import (
    Balance,
    ExecutionReport,
    PauseReason,
    TradingPause,
    UserStreamConnected,
    VenueAnswer,
)
from tests.actors.builders import RULES
from tests.actors.gateway.venue_stage import RICH, VenueStage, child, done
from tests.actors.stage import START, Stage


A, B, C = child("A"), child("B"), child("C")


def report(of: ChildOrder, trade_id: int | None = None) -> ExecutionReport:
    """Return what the venue tells unasked: an execution, or the end without one."""
    trade = None
    if trade_id is not None:
        known = done(of, (102, 4)).result
        assert known is not None
        trade = replace(known.fills[0], trade_id=trade_id)
    return ExecutionReport(
        child_id=of.child_id,
        symbol=of.symbol,
        side=of.side,
        execution_type="TRADE",
        status="FILLED",
        trade=trade,
        cumulative_quantity=of.quantity,
        at=START,
    )


def test_a_report_on_a_child_in_doubt_has_the_venue_asked_at_once(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.submit(A)
    assert trading.problems() == ["timed out"]
    trading.venue.answers.append(done(A, (102, 4)))

    stage.tell(trading.gateway, report(A, trade_id=1))

    assert trading.result().status is ChildStatus.DONE


def test_a_report_settles_nothing_by_itself(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.submit(A)

    stage.tell(trading.gateway, report(A, trade_id=1))

    assert trading.results() == []


def test_a_stream_that_is_back_has_every_doubt_looked_at(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.submit(A, B)
    trading.venue.answers += [done(A, (102, 4)), done(B, (102, 4))]

    stage.tell(trading.gateway, UserStreamConnected())

    assert {one.child_id for one in trading.results()} == {A.child_id, B.child_id}


@pytest.mark.parametrize(
    ("trade_id", "is_alarm"), [(1, False), (2, True), (None, False)]
)
def test_a_fill_that_the_answer_lacked_raises_the_alarm(
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    trade_id: int | None,
    *,
    is_alarm: bool,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(done(A, (102, 4)))
    trading.submit(A)

    stage.tell(trading.gateway, report(A, trade_id), report(B, trade_id=9))

    alarms = [one for one in caplog.records if one.levelname == "CRITICAL"]
    assert bool(alarms) is is_alarm


def test_a_child_that_the_account_cannot_pay_does_not_leave(stage: Stage) -> None:
    trading = VenueStage(stage)
    poor(trading)

    trading.submit(A)

    result = trading.result()
    assert trading.venue.placed == []
    assert (result.status, result.follow_up) == (ChildStatus.NEVER_SENT, FollowUp.WAIT)
    assert result.reason == (
        "INSUFFICIENT_BALANCE: needs 4 BNB, the account has 3 free"
    )


def poor(trading: VenueStage) -> None:
    """Leave too little on the account for a child."""
    few = {"BNB": Balance(free=Decimal(3), locked=Decimal(0))}
    trading.venue.balances = replace(RICH, balances=few)
    trading.stage.pass_seconds(31)
    trading.venue.accounts_read = 0


def test_children_that_cannot_be_paid_have_the_account_read_no_more_often_later(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    poor(trading)
    for number in range(9):
        trading.submit(child(f"X{number}"))
        stage.pass_seconds(1)
    trading.venue.accounts_read = 0

    stage.pass_seconds(300)

    assert trading.venue.accounts_read == 10


def test_a_child_that_the_venue_refused_has_the_account_read_anew(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    refused = replace(lifecycle.never_sent(A, "no"), status=ChildStatus.REJECTED)
    trading.venue.answers.append(VenueAnswer(result=refused))
    trading.venue.accounts_read = 0

    trading.submit(A)

    assert trading.venue.accounts_read == 1


def test_children_beyond_the_rate_wait_for_their_second(stage: Stage) -> None:
    trading = VenueStage(stage, limits=RiskLimits(max_children_per_second=2))

    trading.submit(A, B, C)
    first = [one.child_id for one in trading.venue.placed]
    stage.pass_seconds(1.0)

    assert first == [A.child_id, B.child_id]
    assert [one.child_id for one in trading.venue.placed][2:] == [C.child_id]


def test_a_symbol_that_the_venue_halted_pauses_until_it_trades_again(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    halted = replace(RULES, status="HALT")

    stage.tell(trading.gateway, RulesChanged(rules=halted))
    trading.submit(A)
    stage.pass_seconds(3600)
    stage.tell(trading.gateway, RulesChanged(rules=RULES))

    assert trading.result().reason == "SYMBOL_NOT_TRADING"
    assert trading.pauses() == [None, PauseReason.SYMBOL_NOT_TRADING, None]


def test_a_child_that_the_venue_refused_has_the_rules_read_anew(stage: Stage) -> None:
    keeper = stage.neighbour(names.RULES_KEEPER)
    trading = VenueStage(stage)
    refused = replace(lifecycle.never_sent(A, "no"), status=ChildStatus.REJECTED)
    trading.venue.answers.append(VenueAnswer(result=refused))

    trading.submit(A)

    assert len(keeper.all(RefreshRules)) == 1


def test_a_child_that_the_rate_made_late_says_so(stage: Stage) -> None:
    trading = VenueStage(stage, limits=RiskLimits(max_children_per_second=1))

    trading.submit(*(child(f"X{number}") for number in range(9)))
    stage.pass_seconds(10)

    late = [one.reason for one in trading.results()]
    assert set(late) == {"CHILD_RATE_ABOVE_LIMIT: at most 1 child orders a second"}
    assert len(trading.venue.placed) == 6


def test_keys_that_the_venue_rejects_are_noticed_before_the_first_order(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    rejected = TradingPause(reason=PauseReason.KEYS_REJECTED, detail="says the venue")
    trading.venue.pause, trading.venue.balances = rejected, None

    stage.pass_seconds(31)

    assert trading.pauses()[-1] is PauseReason.KEYS_REJECTED


def test_a_child_that_waits_to_leave_is_given_back_to_whoever_wants_it(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, limits=RiskLimits(max_children_per_second=1))
    trading.submit(A, B)

    recall = RecallChild(child_id=B.child_id, reason="CANCEL_REQUESTED")
    stage.tell(trading.gateway, recall)
    stage.pass_seconds(5)

    (result,) = trading.results()
    assert (result.child_id, result.reason) == (B.child_id, "CANCEL_REQUESTED")
    assert trading.venue.placed == [A]


def test_a_child_that_has_left_is_not_given_back(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    (permit,) = trading.claim()

    recall = RecallChild(child_id=A.child_id, reason="CANCEL_REQUESTED")
    stage.tell(trading.gateway, recall)

    assert trading.results() == []
    assert permit.may_be_executed


def test_a_child_in_a_workers_hands_does_not_leave_once_it_is_recalled(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)

    recall = RecallChild(child_id=A.child_id, reason="CANCEL_REQUESTED")
    stage.tell(trading.gateway, recall)

    (permit,) = trading.permits()
    assert permit.claim() == "CANCEL_REQUESTED"


def test_a_child_that_was_refused_for_its_time_does_not_leave_again_once_recalled(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    (permit,) = trading.claim()

    recall = RecallChild(child_id=A.child_id, reason="STOPPING")
    stage.tell(trading.gateway, recall)
    permit.give_back()

    assert permit.claim() == "STOPPING"


def test_nothing_leaves_that_a_gateway_gave_out_which_has_ended(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    (permit,) = trading.permits()

    stage.kill(trading.gateway)

    assert permit.claim() == "GATEWAY_REPLACED"


def test_nothing_leaves_any_more_once_the_process_may_not_send(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.access.permits.close("another owns the database")

    trading.submit(A)

    assert trading.venue.placed == []
    assert trading.result().reason == "another owns the database"
