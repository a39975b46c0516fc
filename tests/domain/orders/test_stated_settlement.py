"""What an operator has stated, and whether they state the same again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders import child_settlement, lifecycle
from domain.orders.child_order import ChildStatus, VenueFill
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.order import OrderStatus, OrderStep
from domain.orders.stated_settlement import is_as_stated, why_not_the_price
from domain.orders.stored_orders import ChildHistory
from domain.reconciliation.comparison import BreakKind, ReconciliationBreak
from domain.values import ChildId, Side
from domain.venue.answers import VenueTrade
from tests.builders import BTCUSDT, NOW, accepted_order, at, part


CHILD = ChildId("ORDER0000000001-1")


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
        executed_at=NOW,
    )
    order, _, late = child_settlement.late_fill(
        history.order, history.child, found, history.fills, now=at(2)
    )
    later = replace(history, order=order, fills=(*history.fills, late))
    assert order.status is OrderStatus.PARTIALLY_FILLED

    assert is_as_stated(later, command)
    assert not is_as_stated(later, again(command, one("2")))


def test_what_has_ended_by_the_venues_word_was_not_stated() -> None:
    history, command = settle(one("1"))

    assert not is_as_stated(replace(history, status=ChildStatus.DONE), command)


def listed(*trades: tuple[str, str]) -> tuple[VenueTrade, ...]:
    """What the venue lists of the child: (quantity, price), numbered from 1."""
    return tuple(
        VenueTrade(
            symbol=BTCUSDT,
            side=Side.SELL,
            child_id=CHILD,
            trade=VenueFill(
                price=Decimal(price),
                quantity=Decimal(quantity),
                fee=Decimal(0),
                fee_asset=None,
                trade_id=number,
                executed_at=NOW,
            ),
        )
        for number, (quantity, price) in enumerate(trades, start=1)
    )


def of_last(*trades: tuple[str, str]) -> ReconciliationBreak:
    """What is missing with the last trade."""
    unmatched = listed(*trades)
    return ReconciliationBreak(
        kind=BreakKind.MISSING_FILL,
        symbol=BTCUSDT,
        child_id=CHILD,
        trade=unmatched[-1],
        unmatched=unmatched,
    )


@pytest.mark.parametrize(
    ("fills", "trades", "said"),
    [
        # An average may be off by less than one unit of its last digit.
        ([one("2", "100")], [("1", "100"), ("1", "101.99")], None),
        ([one("2", "100")], [("1", "100"), ("1", "102")], ("100", "101")),
        ([one("2", "100")], [("1", "100"), ("1", "98.01")], None),
        ([one("2", "100")], [("1", "100"), ("1", "98")], ("100", "99")),
        ([one("2", "100.5")], [("2", "100.41")], None),
        ([one("2", "100.5")], [("2", "100.4")], ("100.5", "100.4")),
        ([one("2", "100.50")], [("2", "100.4")], ("100.5", "100.4")),
        # Several are added up; those that were named are not part of the average.
        ([one("1", "100"), one("1", "102")], [("2", "101")], None),
        ([one("1", "100"), one("1", "102")], [("2", "102")], ("101", "102")),
        ([one("1", "50", 9), one("1", "100")], [("1", "100")], None),
        ([one("1", "50", 9), one("1", "100")], [("1", "101")], ("100", "101")),
        # The trades do not cover the sum yet.
        ([one("2", "100")], [("1", "102")], None),
        # What went beyond the order has no price on disk.
        ([one("4", "100")], [("3", "102"), ("1", "102")], None),
    ],
)
def test_an_average_that_was_stated_is_held_against_the_trades_that_it_covers(
    fills: list[StatedFill],
    trades: list[tuple[str, str]],
    said: tuple[str, str] | None,
) -> None:
    history, _ = settle(*fills)

    words = why_not_the_price(of_last(*trades), history)

    assert words == (
        f"stated by hand at {said[0]} on average, but executed at {said[1]}"
        if said
        else ""
    )


def test_a_wrong_average_is_said_of_the_last_trade_only() -> None:
    history, _ = settle(one("2", "100"))
    last = of_last(("1", "100"), ("1", "105"))

    assert why_not_the_price(last, history)
    first = replace(last, trade=last.unmatched[0])
    assert why_not_the_price(first, history) == ""


def test_a_trade_that_the_sum_does_not_cover_says_nothing_of_the_average() -> None:
    history, _ = settle(one("1", "100"))

    assert why_not_the_price(of_last(("1", "105")), history)
    assert why_not_the_price(of_last(("1", "105"), ("1", "105")), history) == ""
