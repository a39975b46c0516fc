"""What the actors count and time, for the operator's metrics."""

import pytest

from actors import names
from actors.committed_counts import count_committed
from domain.orders.child_settlement import settle_child
from domain.orders.records import (
    OrderChange,
    PredecessorMissing,
    Record,
    RecordOutcome,
    Stored,
)
from tests.actors.builders import (
    SYMBOL,
    intent_record,
    new_order_record,
    order,
    result,
    with_child,
)
from tests.actors.stage import START, Stage
from tests.actors.workshop import Workshop, waiting
from tests.fakes import FakeMeter


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (names.LEDGER, "ledger"),
        (names.GATEWAY, "gateway"),
        (names.gateway_workers(2)[1], "gateway worker"),
        (names.symbol_supervisor(SYMBOL), "supervisor"),
        (names.router(SYMBOL), "router"),
        (names.listener(SYMBOL), "listener"),
        (names.executor(SYMBOL, order("A").order_id), "executor"),
    ],
)
def test_actors_are_counted_by_kind(name: str, kind: str) -> None:
    assert names.kind_of(name) == kind


def timed(stage: Stage) -> list[str]:
    return [name for name, _ in stage.meter.seconds]


def test_an_order_s_way_is_timed_from_the_frame_to_its_fills_on_disk(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(order()))
    stage.pass_seconds(1)

    shop.offer((102, 1))
    stage.pass_seconds(1)
    shop.written()
    stage.pass_seconds(1)
    shop.answered((102, 1))
    assert timed(stage) == ["frame_to_offer_seconds", "frame_to_intent_seconds"]
    stage.pass_seconds(1)
    shop.written()

    offered, intended, filled = stage.meter.seconds
    assert filled[0] == "frame_to_fill_seconds"
    assert intended[1] - offered[1] == pytest.approx(1)
    assert filled[1] - intended[1] == pytest.approx(2)


def test_a_child_order_that_got_nothing_counts_for_no_time_to_its_fills(
    stage: Stage,
) -> None:
    shop = Workshop(stage, waiting(order()))

    shop.offer((102, 1))
    shop.written()
    shop.answered(status="REJECTED")
    shop.written()

    assert timed(stage) == ["frame_to_offer_seconds", "frame_to_intent_seconds"]


def settled_record() -> OrderChange:
    """An order to sell 5, all of it filled in two parts."""
    open_order = with_child(order(), (102, 3), (101, 2))
    child = open_order.unresolved
    assert child is not None
    answer = result(child, (102, 3), (101, 2))
    after, events, fills = settle_child(open_order.order, child, answer, now=START)
    return OrderChange(order=after, events=events, result=answer, fills=fills)


def counted(record: Record, outcome: RecordOutcome) -> dict[str, int]:
    meter = FakeMeter()
    count_committed(meter, [record], [outcome])
    return meter.counts


def test_orders_steps_and_fills_are_counted_as_they_come_to_the_disk() -> None:
    new, filled = new_order_record(order()), settled_record()
    intent = intent_record(order(), (102, 1))

    assert counted(new, Stored(order=new.order)) == {
        "records_committed": 1,
        "orders_accepted": 1,
    }
    assert counted(intent, Stored(order=intent.order)) == {"records_committed": 1}
    assert counted(filled, Stored(order=filled.order)) == {
        "records_committed": 1,
        f"fills {SYMBOL}": 2,
        "orders_ended FILLED": 1,
    }


def test_what_may_have_been_on_disk_before_is_not_counted_again() -> None:
    new, filled = new_order_record(order()), settled_record()

    assert counted(new, Stored(order=new.order, repeated=True)) == {}
    assert counted(filled, Stored(order=filled.order, was_there=True)) == {}
    assert counted(filled, PredecessorMissing(order=new.order)) == {}
