from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.orders.commands import PlaceOrder
from domain.orders.lifecycle import release, request_cancel
from domain.orders.records import (
    Contradicted,
    OrderChange,
    PredecessorMissing,
    fingerprint,
    other_record,
    why_not_next,
)
from domain.orders.transitions import hold
from domain.values import ChildId, Side, Symbol, TimeInForce
from tests.builders import NOW, accepted_order, place_order


COMMAND = place_order(quantity="2.5", price="100", client_order_id="mine")


@pytest.mark.parametrize(
    "changed",
    [
        replace(COMMAND, symbol=Symbol("BNBUSDT")),
        replace(COMMAND, side=Side.BUY),
        replace(COMMAND, quantity=Decimal("2.500000000001")),
        replace(COMMAND, price=Decimal("100.1")),
        replace(COMMAND, time_in_force=TimeInForce.IOC),
        replace(COMMAND, expires_at=NOW),
        replace(COMMAND, expires_at=NOW + timedelta(microseconds=1)),
        replace(COMMAND, client_order_id="another"),
        replace(COMMAND, client_order_id=None),
        replace(COMMAND, quantity=COMMAND.price, price=COMMAND.quantity),
    ],
)
def test_request_with_other_terms_reads_differently(changed: PlaceOrder) -> None:
    assert fingerprint(changed) != fingerprint(COMMAND)


@pytest.mark.parametrize(
    "same",
    [
        replace(COMMAND, quantity=Decimal("2.500")),
        replace(COMMAND, price=Decimal("1E+2")),
        replace(COMMAND, idempotency_key="a second name for it"),
    ],
)
def test_same_request_written_differently_reads_the_same(same: PlaceOrder) -> None:
    assert fingerprint(same) == fingerprint(COMMAND)


def test_request_is_written_down_for_ever_in_one_way() -> None:
    """What is on disk from an earlier version has to be recognised."""
    gtd = replace(COMMAND, time_in_force=TimeInForce.GTD, expires_at=NOW)
    bare = replace(COMMAND, client_order_id=None)

    assert fingerprint(bare) == "BTCUSDT|SELL|2.5|100|GTC||"
    assert fingerprint(gtd) == (
        "BTCUSDT|SELL|2.5|100|GTD|2026-01-02T03:04:05.678901+00:00|mine"
    )


def change_of_two_steps() -> OrderChange:
    """Of an order that was on disk as version 1."""
    order, held = hold(accepted_order(), ChildId("ORDER0000000001-1"), "why", now=NOW)
    order, released = release(order, now=NOW)
    return OrderChange(order=order, events=(held, released))


def test_change_follows_the_version_before_its_first_step() -> None:
    change = change_of_two_steps()

    assert change.order.version == 3
    assert change.follows == 1


@pytest.mark.parametrize("version", [1, 3, 4])
def test_change_on_top_of_what_it_follows_or_on_disk_already_may_be_right(
    version: int,
) -> None:
    there = replace(accepted_order(), version=version)

    assert why_not_next(change_of_two_steps(), there) == (
        other_record(1) if version == 1 else None
    )


def test_change_of_an_order_that_is_not_on_disk_contradicts_it() -> None:
    assert why_not_next(change_of_two_steps(), None) == Contradicted(
        problem="the order is not on disk"
    )


def test_change_whose_predecessor_is_missing_says_what_is_there() -> None:
    there = replace(accepted_order(), version=0)

    assert why_not_next(change_of_two_steps(), there) == PredecessorMissing(order=there)


def test_another_record_in_its_place_contradicts_a_change() -> None:
    somebody_elses, _ = request_cancel(accepted_order(), now=NOW)

    assert why_not_next(change_of_two_steps(), somebody_elses) == Contradicted(
        problem="another record is on disk as version 2"
    )
