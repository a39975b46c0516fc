"""The service's records held against the venue's, in the whole tree."""

from datetime import timedelta
from decimal import Decimal

import pytest

from actors import names
from actors.messages.reconciliation import ReconcileNow
from actors.reconciler.reconciler import PASS_SECONDS, RETRY_SECONDS
from actors.reconciler.symbol_notes import FIRST_LOOK_BACK, MARGIN
from domain.orders import child_settlement
from domain.orders.order import Order, OrderStatus, OrderStep
from domain.reasons import EndReason, WaitReason
from domain.venue.answers import UserStreamConnected
from tests.actors.builders import SYMBOL
from tests.actors.gateway.venue_stage import ABSENT
from tests.actors.reconciler.reconciling import CHILD, OTHER, A, Reconciling
from tests.actors.stage import Stage
from tests.actors.test_system import Service


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]


def steps(service: Reconciling) -> list[OrderStep]:
    return [event.step for event in service.events()][3:]  # after the child's end


def missing(stage: Stage) -> Reconciling:
    """Have a child that never arrived, as we knew, traded 4 all the same."""
    service = Reconciling(stage, status="NEVER_SENT")
    service.list_trade(7, 4)
    return service


def different(stage: Stage) -> Reconciling:
    """Have the venue list another price than we booked."""
    service = Reconciling(stage, (100, 4))
    service.list_trade(1, 4, price=101)
    return service


# Repair.


def test_a_missing_fill_is_booked_soon_after_the_start(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = missing(stage).start()

    stage.pass_seconds(RETRY_SECONDS)

    order = service.order()
    assert order.filled == 4
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.filled_quote == Decimal(400)
    (fill,) = service.fills()
    assert (fill.child_id, fill.number, fill.trade_id) == (CHILD, 1, 7)
    assert steps(service) == [OrderStep.PART_FILLED]
    assert service.events()[-1].detail.reason == child_settlement.LATE
    assert errors(caplog) == []
    assert "Late fill booked order_id=A MISSING_FILL child=A-1 trade=7" in caplog.text


def test_a_missing_fill_is_booked_once(stage: Stage) -> None:
    service = missing(stage).start()

    service.pass_minutes(5)
    service.restart()
    service.pass_minutes(5)

    assert service.order().filled == 4
    assert len(service.fills()) == 1
    assert steps(service) == [OrderStep.PART_FILLED]


def test_more_missing_fills_of_a_child_are_booked_one_after_the_other(
    stage: Stage,
) -> None:
    service = Reconciling(stage, (100, 1))
    for trade_id, quantity in ((1, 1), (2, 1), (3, 2)):
        service.list_trade(trade_id, quantity)
    service.start()

    service.pass_minutes(1)

    assert [(one.number, one.trade_id) for one in service.fills()] == [
        (1, 1),
        (2, 2),
        (3, 3),
    ]
    assert service.order().filled == 4


def test_what_a_late_fill_sold_is_not_sold_again(stage: Stage) -> None:
    service = missing(stage).start()
    stage.pass_seconds(RETRY_SECONDS)

    service.sync()

    assert [child.quantity for child in service.venue.placed] == [1]


def test_a_cancelled_order_ends_with_what_was_really_sold(stage: Stage) -> None:
    service = missing(stage)
    service.start()
    stage.pass_seconds(RETRY_SECONDS)

    client = service.cancel()

    assert client.only(Order).filled == 4
    assert service.order().status is OrderStatus.CANCELED


# No repair.


def test_without_room_the_order_is_held_and_reported(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = Reconciling(stage, (100, 3))
    service.list_trade(1, 3)
    service.list_trade(2, 2)
    service.start()

    service.pass_minutes(3)

    order = service.order()
    assert order.filled == 3
    assert order.reason is WaitReason.ON_HOLD
    assert steps(service)[-1:] == [OrderStep.HELD]
    assert errors(caplog) == [
        (
            "Order on hold order_id=A MISSING_FILL child=A-1 trade=2 "
            "venue: 2 at 100, fee 0 ours: none: more than the child's quantity of 4"
        )
    ]


def test_a_different_fill_holds_the_order_and_is_reported_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = different(stage).start()

    service.pass_minutes(5)

    assert service.order().reason is WaitReason.ON_HOLD
    assert service.order().filled == 4
    assert errors(caplog) == [
        (
            "Order on hold order_id=A DIFFERENT_FILL child=A-1 trade=1 "
            "venue: 4 at 101, fee 0 ours: 4 at 100, fee 0 on A-1"
        )
    ]


@pytest.mark.parametrize("make", [missing, different])
def test_an_ended_order_is_reported_only_and_only_once(
    stage: Stage, caplog: pytest.LogCaptureFixture, make: type[Reconciling]
) -> None:
    service = make(stage)
    service.venue.is_out_of_reach = True
    service.start()
    service.cancel()
    before = service.order()
    service.venue.is_out_of_reach = False

    service.pass_minutes(5)

    assert service.order() == before
    assert before.status is OrderStatus.CANCELED
    (error,) = errors(caplog)
    assert error.startswith("Records differ order_id=A ")


def test_a_trade_of_an_order_that_is_not_on_disk_is_reported_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = Reconciling(stage)
    service.list_trade(1, 1, child="LOST-1")
    service.start()

    service.pass_minutes(5)

    assert errors(caplog) == [
        (
            "Records differ order_id=LOST MISSING_FILL child=LOST-1 trade=1 "
            "venue: 1 at 100, fee 0 ours: none: no such order is on disk"
        )
    ]


def test_a_fill_that_the_venue_does_not_list_holds_the_order_when_seen_again(
    stage: Stage,
) -> None:
    service = Reconciling(stage, (100, 4)).start()
    assert service.of_symbol().open_breaks != ()
    assert not service.order().is_on_hold

    service.reconcile()
    assert not service.order().is_on_hold
    service.pass_minutes(1)

    assert service.order().is_on_hold
    assert "UNKNOWN_FILL" in (service.events()[-1].detail.reason or "")


def test_a_list_that_lagged_holds_nothing(stage: Stage) -> None:
    service = Reconciling(stage, (100, 4)).start()
    service.list_trade(1, 4)

    service.pass_minutes(3)

    assert not service.order().is_on_hold
    assert service.of_symbol().open_breaks == ()


def test_a_child_that_rests_holds_the_order_when_seen_again(stage: Stage) -> None:
    service = Reconciling(stage)
    service.venue.resting = (CHILD,)
    service.start()
    assert not service.order().is_on_hold

    service.pass_minutes(1)

    assert service.order().is_on_hold
    assert service.events()[-1].detail.reason == (
        "OPEN_CHILD child=A-1 rests at the venue"
    )


# An order on hold.


def test_an_order_on_hold_takes_no_offer(stage: Stage) -> None:
    service = different(stage).start()
    stage.pass_seconds(RETRY_SECONDS)

    service.sync()

    assert service.venue.placed == []
    assert service.order().is_on_hold


def test_a_hold_outlives_executor_and_process(stage: Stage) -> None:
    service = different(stage).start()
    stage.pass_seconds(RETRY_SECONDS)
    stage.kill(stage.actor(names.executor(SYMBOL, A)))
    service.sync()
    service.restart()
    service.sync()
    service.pass_minutes(3)

    assert service.venue.placed == []
    assert steps(service)[-1] is OrderStep.HELD
    assert steps(service).count(OrderStep.HELD) == 1


def test_a_cancel_ends_an_order_on_hold(stage: Stage) -> None:
    service = different(stage).start()
    stage.pass_seconds(RETRY_SECONDS)

    client = service.cancel()

    assert client.only(Order).status is OrderStatus.CANCELED
    assert service.order().reason is EndReason.CANCELED_BY_CLIENT


def test_an_amendment_lets_an_order_on_hold_go_on(stage: Stage) -> None:
    service = different(stage).start()
    service.pass_minutes(2)
    service.sync()

    client = service.amend()

    assert client.only(Order).reason is None
    assert [child.quantity for child in service.venue.placed] == [1]
    assert steps(service)[-5:] == [
        OrderStep.HELD,
        OrderStep.AMENDED,
        OrderStep.RELEASED,
        OrderStep.CHILD_INTENDED,
        OrderStep.CHILD_UNKNOWN,
    ]


def test_what_a_person_has_seen_does_not_hold_the_order_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = different(stage).start()
    service.pass_minutes(2)
    service.amend()
    caplog.clear()

    service.pass_minutes(3)
    service.restart()
    service.pass_minutes(3)

    assert not service.order().is_on_hold
    assert errors(caplog) == []


# What is no break.


def test_trades_of_others_are_counted_only(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = Reconciling(stage)
    service.list_trade(5, 9, child=None)
    caplog.set_level("INFO")
    service.start()

    service.pass_minutes(2)

    assert (service.of_symbol().trades, service.of_symbol().foreign) == (0, 0)
    told = [one for one in caplog.messages if one.startswith("Records compared")]
    assert told == ["Records compared symbols=2 trades=1 foreign=1 differences=0"]
    assert errors(caplog) == []


def test_trades_of_a_child_in_flight_wait_for_its_end(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = Reconciling(stage, status="INTENDED")
    service.list_trade(1, 4)
    service.start()

    stage.pass_seconds(RETRY_SECONDS)

    assert service.fills() == []
    assert service.of_symbol().open_breaks == ()
    assert errors(caplog) == []


# When, and how far back.


def test_every_symbol_is_looked_at_every_minute(stage: Stage) -> None:
    service = Reconciling(stage).start()
    assert service.venue.looked_back == [
        (SYMBOL, FIRST_LOOK_BACK),
        (OTHER, FIRST_LOOK_BACK),
    ]
    service.venue.looked_back.clear()

    stage.pass_seconds(PASS_SECONDS)

    assert service.venue.looked_back == [
        (SYMBOL, MARGIN + timedelta(seconds=60)),
        (OTHER, MARGIN + timedelta(seconds=60)),
    ]


def test_a_venue_out_of_reach_is_asked_again_next_minute(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    service = missing(stage)
    service.venue.is_out_of_reach = True
    service.start()
    service.pass_minutes(3)
    assert service.of_symbol().problem
    assert service.of_symbol().matched_at is None
    assert (
        caplog.messages.count("Records could not be compared symbols=BNBUSDT,BTCUSDT")
        == 1
    )
    assert service.venue.looked_back[-1][1] == FIRST_LOOK_BACK
    assert "Records compared" not in caplog.text

    service.venue.is_out_of_reach = False
    service.pass_minutes(1)

    assert service.order().filled == 4
    assert service.of_symbol().problem == ""
    assert service.of_symbol().matched_at == stage.clock.now()


def test_a_look_reaches_back_to_the_last_one_that_succeeded(stage: Stage) -> None:
    service = Reconciling(stage).start()
    service.venue.is_out_of_reach = True
    service.pass_minutes(9)
    service.venue.is_out_of_reach = False

    service.pass_minutes(1)

    assert service.venue.looked_back[-1][1] == MARGIN + timedelta(minutes=10)


def test_trades_of_a_child_in_flight_are_looked_at_again_when_it_has_settled(
    stage: Stage,
) -> None:
    service = Reconciling(stage, status="INTENDED")
    service.list_trade(1, 4)
    service.start()
    assert service.store.children_in_flight(SYMBOL) == [CHILD]
    service.venue.answers += [ABSENT] * 20

    service.pass_minutes(2)

    assert service.store.children_in_flight(SYMBOL) == []
    assert service.order().filled == 4


def test_what_is_more_than_can_be_read_at_once_is_read_on_in_the_same_pass(
    stage: Stage,
) -> None:
    service = missing(stage)
    service.venue.trades.clear()
    service.venue.most_at_once = 2
    for minutes_ago in range(20, 11, -1):
        service.list_trade(100 - minutes_ago, 1, child=None, minutes_ago=minutes_ago)
    service.list_trade(7, 4)

    service.start()

    assert service.order().filled == 4
    since = [back for symbol, back in service.venue.looked_back if symbol == SYMBOL]
    assert since[0] == FIRST_LOOK_BACK
    assert since == sorted(since, reverse=True)
    assert len(since) == len(set(since))
    service.reconcile()
    assert service.of_symbol().behind == timedelta(0)


def test_a_reading_that_waits_for_long_leaves_no_hole_behind_the_one_before(
    stage: Stage,
) -> None:
    service = missing(stage)
    service.venue.trades.clear()
    service.venue.most_at_once = 2
    service.venue.delay_seconds = 60.0
    service.list_trade(1, 1, child=None, minutes_ago=10)
    service.list_trade(2, 1, child=None, minutes_ago=9.8)
    service.list_trade(7, 4, minutes_ago=9.5)

    service.start()

    assert service.order().filled == 4


def test_reading_that_gets_no_further_waits_for_the_next_pass(stage: Stage) -> None:
    service = Reconciling(stage)
    service.venue.most_at_once = 1
    for trade_id in (8, 9):  # at the same moment
        service.list_trade(trade_id, 1, child=None)

    service.start()

    assert len([one for one, _ in service.venue.looked_back if one == SYMBOL]) == 2
    assert service.of_symbol().behind == timedelta(minutes=10)


def test_trades_in_flight_hold_a_look_up_only_behind_themselves(stage: Stage) -> None:
    service = Reconciling(stage, status="INTENDED")
    service.list_trade(1, 4, minutes_ago=1)
    service.start()
    service.venue.looked_back.clear()

    stage.pass_seconds(PASS_SECONDS)

    assert service.venue.looked_back == [
        (SYMBOL, MARGIN + timedelta(minutes=2)),
        (OTHER, MARGIN + timedelta(minutes=1)),
    ]


def test_an_exchange_of_our_own_is_asked_for_nothing_from_before_its_start(
    stage: Stage,
) -> None:
    service = Reconciling(stage, (100, 4))
    service.records_since = stage.clock.now() - timedelta(minutes=2)
    service.start()

    service.pass_minutes(5)

    assert service.venue.looked_back[0][1] == timedelta(minutes=2)
    assert not service.order().is_on_hold


@pytest.mark.parametrize("message", [ReconcileNow(), UserStreamConnected()])
def test_records_are_compared_at_once_when_somebody_asks_for_it(
    stage: Stage, message: object
) -> None:
    service = Reconciling(stage).start()
    service.list_trade(7, 1, minutes_ago=1)
    name = names.RECONCILER if isinstance(message, ReconcileNow) else names.GATEWAY

    stage.directory.tell(name, message)
    stage.run()

    assert service.order().filled == 1


def test_status_says_when_and_what(stage: Stage) -> None:
    service = Reconciling(stage)
    service.list_trade(1, 1, child=None)
    service.venue.resting = (CHILD,)
    service.start()

    status = service.status()

    assert status.finished_at == stage.clock.now()
    found = service.of_symbol()
    assert (found.trades, found.foreign, found.problem) == (1, 1, "")
    assert found.open_breaks == ("OPEN_CHILD child=A-1 rests at the venue",)


# When something fails.


def take_steps(stage: Stage, count: int) -> None:
    """Have so many messages handled, if there are so many."""
    for _ in range(count):
        if not stage.dispatcher.is_idle:
            stage.dispatcher.step()


@pytest.mark.parametrize("steps_before", range(20))
@pytest.mark.parametrize("name", [names.LEDGER, names.GATEWAY, names.RECONCILER])
def test_a_pass_outlives_the_failure_of_anybody(
    stage: Stage, name: str, steps_before: int
) -> None:
    service = Reconciling(stage).start()
    service.list_trade(7, 4, minutes_ago=1)
    stage.directory.tell(names.RECONCILER, ReconcileNow())
    take_steps(stage, steps_before)
    stage.kill(stage.actor(name))

    service.pass_minutes(2)

    assert service.order().filled == 4
    assert len(service.fills()) == 1
    assert service.of_symbol().open_breaks == ()


@pytest.mark.parametrize("steps_before", range(20))
def test_an_executor_that_fails_over_a_break_books_it_once(
    stage: Stage, steps_before: int
) -> None:
    service = Reconciling(stage).start()
    service.list_trade(7, 4, minutes_ago=1)
    stage.directory.tell(names.RECONCILER, ReconcileNow())
    take_steps(stage, steps_before)
    stage.kill(stage.actor(names.executor(SYMBOL, A)))

    service.pass_minutes(2)

    assert service.order().filled == 4
    assert len(service.fills()) == 1


def test_on_paper_there_is_nothing_to_compare(stage: Stage) -> None:
    Service(stage)

    assert not stage.is_there(names.RECONCILER)
