"""The gateway with workers: what leaves, what is in doubt, what is held back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from actors import names
from actors.messages.reconciliation import ReconcileNow
from actors.messages.venue import ActivityCall, ActivityRead, PlaceCall
from domain.execution import ChildOrder, ChildStatus, FollowUp
from domain.risk import RiskLimits
from domain.venue import (
    Account,
    Balance,
    ExecutionReport,
    UserStreamConnected,
    VenueActivity,
)
from tests.actors.builders import SYMBOL
from tests.actors.stage import START, Stage
from tests.actors.venue_stage import VenueStage, child, done
from tests.fakes import Recorder


A, B, C = child("A"), child("B"), child("C")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_smallest_crew_still_asks_what_became_of_a_child(
    stage: Stage, workers: int
) -> None:
    trading = VenueStage(stage, workers)
    trading.submit(A)
    trading.venue.answers.append(done(A, (102, 4)))

    stage.pass_seconds(1)

    assert trading.result().status is ChildStatus.DONE


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
        venue_order_id=28,
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
    trading.gateway._risk.account = Account(
        can_trade=True,
        balances={"BNB": Balance(free=Decimal(3), locked=Decimal(0))},
        as_of=START,
    )

    trading.submit(A)

    result = trading.result()
    assert trading.venue.placed == []
    assert (result.status, result.follow_up) == (ChildStatus.NEVER_SENT, FollowUp.WAIT)
    assert result.reason == (
        "INSUFFICIENT_BALANCE: needs 4 BNB, the account has 3 free"
    )


def test_children_beyond_the_rate_wait_for_their_second(stage: Stage) -> None:
    trading = VenueStage(stage, limits=RiskLimits(max_children_per_second=2))

    trading.submit(A, B, C)
    first = [one.child_id for one in trading.venue.placed]
    stage.pass_seconds(1.0)

    assert first == [A.child_id, B.child_id]
    assert [one.child_id for one in trading.venue.placed][2:] == [C.child_id]


def read_activity(trading: VenueStage) -> Recorder:
    reconciler = Recorder()
    call = ActivityCall(
        symbol=SYMBOL, look_back=timedelta(minutes=5), reply_to=reconciler
    )
    trading.stage.tell(trading.gateway, call)
    return reconciler


def test_the_venues_records_are_read_for_whoever_asks(stage: Stage) -> None:
    trading = VenueStage(stage)
    activity = VenueActivity(
        symbol=SYMBOL, since=START, as_of=START, trades=(), open_children=()
    )
    trading.venue.activities[SYMBOL] = activity

    reconciler = read_activity(trading)

    assert reconciler.only(ActivityRead).activity == activity
    assert trading.venue.looked_back == [(SYMBOL, timedelta(minutes=5))]


def test_reading_records_leaves_workers_for_orders(stage: Stage) -> None:
    trading = VenueStage(stage, workers=3, real=False)
    read_activity(trading)
    read_activity(trading)

    trading.submit(A, B)

    kinds = [
        type(one)
        for worker in trading.workers
        for one in worker.all(object)  # type: ignore[union-attr] # they only listen
        if isinstance(one, PlaceCall | ActivityCall)
    ]
    assert sorted(kind.__name__ for kind in kinds) == [
        "ActivityCall",
        "PlaceCall",
        "PlaceCall",
    ]


def test_records_that_a_failed_worker_was_to_read_were_not_read(stage: Stage) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    reconciler = read_activity(trading)
    assert reconciler.received == []

    trading.restart_worker()

    assert reconciler.only(ActivityRead).activity is None


def test_what_was_asked_of_a_failed_gateway_is_answered_by_its_successor(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    reconciler = read_activity(trading)
    (call,) = reconciler_calls(trading)
    trading.restart_gateway()

    name = trading.workers[0].place.name
    read = ActivityRead(worker=name, call=call, activity=None)
    stage.tell(trading.gateway, read)

    assert reconciler.only(ActivityRead) == read


def reconciler_calls(trading: VenueStage) -> list[ActivityCall]:
    worker = trading.workers[0]
    return worker.all(ActivityCall)  # type: ignore[union-attr] # it only listens


def test_a_stream_that_is_back_has_the_records_compared(stage: Stage) -> None:
    trading = VenueStage(stage)
    reconciler = stage.neighbour(names.RECONCILER)

    stage.tell(trading.gateway, UserStreamConnected())

    assert reconciler.received == [ReconcileNow()]
