"""The gateway asked for what the venue has recorded."""

from datetime import timedelta
from decimal import Decimal

import pytest

from actors import names
from actors.messages.gateway import (
    AccountCall,
    AccountRead,
    ActivityCall,
    ActivityRead,
    PlaceCall,
)
from actors.messages.reconciliation import ReconcileNow
from domain.venue.answers import (
    Account,
    Balance,
    PauseReason,
    TradingPause,
    UserStreamConnected,
    VenueActivity,
)
from tests.actors.builders import SYMBOL
from tests.actors.gateway.test_gateway_checks import report
from tests.actors.gateway.venue_stage import (
    UNCLEAR,
    VenueStage,
    child,
    done,
    turned_away,
)
from tests.actors.stage import START, Stage
from tests.fakes import Recorder


A, B = child("A"), child("B")


def read_activity(trading: VenueStage) -> Recorder:
    reconciler = Recorder()
    call = ActivityCall(symbol=SYMBOL, since=timedelta(minutes=5), reply_to=reconciler)
    trading.stage.tell(trading.gateway, call)
    return reconciler


def test_the_venues_records_are_read_for_whoever_asks(stage: Stage) -> None:
    trading = VenueStage(stage)
    activity = VenueActivity(
        symbol=SYMBOL,
        since=START,
        until=START,
        as_of=START,
        trades=(),
        open_children=(),
    )
    trading.venue.activities[SYMBOL] = activity

    reconciler = read_activity(trading)

    assert reconciler.only(ActivityRead).activity == activity
    assert trading.venue.looked_back == [(SYMBOL, timedelta(minutes=5))]


def test_rejected_keys_read_records_once_a_probe_and_only_after_doubts(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    keys_rejected = PauseReason.KEYS_REJECTED
    trading.venue.pause = TradingPause(reason=keys_rejected, detail="says the venue")
    in_doubt = [UNCLEAR, turned_away(B, keys_rejected), done(A, (102, 4))]
    trading.venue.answers.extend(in_doubt)
    trading.submit(A, B)
    read_activity(trading)
    read_activity(trading)

    looked_back = []
    for seconds in (15, 29, 1, 60):
        stage.pass_seconds(seconds)
        looked_back.append(len(trading.venue.looked_back))

    assert looked_back == [0, 0, 1, 2]


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

    name = trading.workers[0].context.name
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


def test_a_fill_that_an_answer_lacked_has_the_records_compared(stage: Stage) -> None:
    trading = VenueStage(stage)
    reconciler = stage.neighbour(names.RECONCILER)
    trading.venue.answers.append(done(A, (102, 4)))
    trading.submit(A)

    stage.tell(trading.gateway, report(A, trade_id=1))
    assert reconciler.received == []
    stage.tell(trading.gateway, report(A, trade_id=2))

    assert reconciler.received == [ReconcileNow()]


def read_balances(trading: VenueStage, free: int, locked: int = 0) -> None:
    """Have the venue say how many BNB there are."""
    balance = Balance(free=Decimal(free), locked=Decimal(locked))
    account = Account(can_trade=True, balances={"BNB": balance}, as_of=START)
    name = trading.workers[0].context.name
    read = AccountRead(worker=name, call=AccountCall(), account=account)
    trading.stage.tell(trading.gateway, read)


def moved(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one for one in caplog.messages if one.startswith("Balance moved")]


def test_a_balance_that_our_trades_do_not_explain_is_reported(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    trading = VenueStage(stage, real=False)
    read_balances(trading, 9)
    stage.pass_seconds(31)

    read_balances(trading, 4, locked=5)  # by others' orders: it is still there
    assert moved(caplog) == []
    read_balances(trading, 8)

    assert moved(caplog) == ["Balance moved by others asset=BNB from=9 to=8"]


def test_a_balance_that_we_have_just_moved_is_not_reported(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    trading = VenueStage(stage, real=False)
    read_balances(trading, 9)
    stage.pass_seconds(31)
    trading.submit(A)

    read_balances(trading, 9)  # from before it

    assert moved(caplog) == []
