"""What an operator has stated, and whether they state the same again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders import child_settlement, lifecycle
from domain.orders.child_order import ChildStatus, VenueFill
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.journal import ChildHistory
from domain.orders.order import OrderStatus, OrderStep
from domain.orders.stated_settlement import is_as_stated
from tests.builders import NOW, accepted_order, at, part


def one(quantity: str, price: str = "100", trade_id: int | None = None) -> StatedFill:
    return StatedFill(
        price=Decimal(price), quantity=Decimal(quantity), trade_id=trade_id
    )


def settle(*fills: StatedFill) -> tuple[ChildHistory, SettleChild]:
    """Settle a child of 3 by hand, of an order of 3; return what is on disk then."""
    order = accepted_order(quantity="3")
    child = lifecycle.child_of(order, (part("101", "3"),), now=NOW)
    order, _ = lifecycle.intend_child(order, child, now=NOW)
    command = SettleChild(
        order_id=order.order_id,
        symbol=order.symbol,
        child_id=child.child_id,
        fills=fills,
        note="seen on the venue's page",
    )
    order, events, result, booked = child_settlement.settle_by_hand(
        order, child, command, now=at(1)
    )
    (told,) = (event for event in events if event.step is OrderStep.SETTLED_BY_HAND)
    history = ChildHistory(
        order=order,
        child=child,
        status=result.status,
        fills=booked,
        holds=(),
        stated=told.detail,
    )
    return history, command


def again(command: SettleChild, *fills: StatedFill) -> SettleChild:
    return replace(command, fills=fills, note="in other words")


@pytest.mark.parametrize(
    "fills",
    [
        (),
        (one("2"),),
        (one("1", trade_id=7), one("1", "100.1", 8)),
        (one("4"),),
        (one("2", trade_id=7), one("2", trade_id=8)),
        (one("3", trade_id=7), one("1", trade_id=8)),
    ],
)
def test_the_same_is_the_same_whether_it_was_cut_to_the_order_or_not(
    fills: tuple[StatedFill, ...],
) -> None:
    history, command = settle(*fills)

    assert is_as_stated(history, again(command, *fills))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((one("4"),), (one("3"),)),
        ((one("4"),), (one("5"),)),
        ((one("4"),), (one("4", "100.1"),)),
        ((one("2"),), ()),
        ((one("2"),), (one("1"), one("1"))),
        ((one("2", trade_id=7),), (one("2", trade_id=8),)),
        ((), (one("1"),)),
    ],
)
def test_what_differs_from_what_was_stated_is_not_the_same(
    first: tuple[StatedFill, ...], second: tuple[StatedFill, ...]
) -> None:
    history, command = settle(*first)

    assert not is_as_stated(history, again(command, *second))


def test_the_same_stays_the_same_when_more_was_found_at_the_venue() -> None:
    history, command = settle(one("1"))
    assert history.child is not None
    found = VenueFill(
        price=Decimal(100),
        quantity=Decimal(1),
        fee=Decimal(0),
        fee_asset=None,
        trade_id=9,
        update_id=None,
        executed_at=NOW,
    )
    order, _, late = child_settlement.late_fill(
        history.order, history.child, found, 2, now=at(2)
    )
    later = replace(history, order=order, fills=(*history.fills, late))
    assert order.status is OrderStatus.PARTIALLY_FILLED

    assert is_as_stated(later, command)
    assert not is_as_stated(later, again(command, one("2")))


def test_what_has_ended_by_the_venues_word_was_not_stated() -> None:
    history, command = settle(one("1"))

    assert not is_as_stated(replace(history, status=ChildStatus.DONE), command)
