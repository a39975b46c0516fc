"""What becomes of an order when its child has ended, by the venue's word or by hand."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.orders import child_settlement
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    FollowUp,
    VenueFill,
)
from domain.orders.child_settlement import (
    TRADE_ID_MAX,
    child_id_of,
    contradiction_of,
    is_worse,
    settle_by_hand,
    settle_child,
    trade_booked,
    why_not_by_hand,
    words_of,
)
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.level_taken import fills_of
from domain.orders.lifecycle import child_of, doubt_child, intend_child, request_cancel
from domain.orders.order import Order, OrderEvent, OrderStatus
from domain.orders.transitions import hold
from domain.reasons import EndReason, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.values import ChildId, Side
from tests.builders import NOW, accepted_order, at, part


CHILD = ChildId("ORDER0000000001-1")


def fill(quantity: str, price: str = "101", trade_id: int | None = 77) -> VenueFill:
    return VenueFill(
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal("0.001"),
        fee_asset="BNB",
        trade_id=trade_id,
        executed_at=at(3),
    )


def in_flight(side: Side = Side.SELL) -> tuple[Order, ChildOrder]:
    """An order of 3 at 100 with a child of 2."""
    order = accepted_order(quantity="3", side=side)
    child = child_of(order, (part("101", "2", 8),), now=NOW)
    order, _ = intend_child(order, child, now=at(1))
    return order, child


def answer(*fills: VenueFill, **changes: Any) -> ChildResult:
    result = ChildResult(
        child_id=CHILD,
        order_id=accepted_order().order_id,
        status=ChildStatus.DONE,
        fills=fills,
    )
    return replace(result, **changes)


def told(events: Sequence[OrderEvent]) -> list[tuple[str, str, str | None]]:
    """(step, quantity, reason) of each; all are of the child, at the same time."""
    assert {one.occurred_at for one in events} <= {at(4)}
    assert {one.detail.child_id for one in events} <= {CHILD}
    return [
        (one.step.value, str(one.detail.quantity), one.detail.reason) for one in events
    ]


# What cannot be true.


BEYOND = "a trade id is beyond 64 bits"
EMPTY = "an execution has no price or no quantity"


@pytest.mark.parametrize(
    "result",
    [
        answer(),
        answer(fill("2")),
        answer(fill("1"), fill("1")),
        answer(fill("1", trade_id=0)),
        answer(fill("1", trade_id=None)),
        answer(fill("1", trade_id=TRADE_ID_MAX)),
        answer(fill("1", price="0.00000001")),
        answer(status=ChildStatus.REJECTED),
        answer(status=ChildStatus.NEVER_SENT),
    ],
)
def test_an_answer_that_can_be_true_is_no_contradiction(result: ChildResult) -> None:
    order, child = in_flight()

    assert contradiction_of(order, child, result) == ""


@pytest.mark.parametrize(
    ("fills", "status", "problem", "words"),
    [
        (
            [fill("2.1")],
            ChildStatus.DONE,
            "2.1 executed of a child of 2",
            "2.1 at 101 (trade 77)",
        ),
        (
            [fill("1.5"), fill("1", trade_id=None)],
            ChildStatus.DONE,
            "2.5 executed of a child of 2",
            "1.5 at 101 (trade 77), 1 at 101",
        ),
        (
            [fill("1")],
            ChildStatus.REJECTED,
            "1 executed of a child REJECTED",
            "1 at 101 (trade 77)",
        ),
        (
            [fill("1", trade_id=TRADE_ID_MAX + 1)],
            ChildStatus.DONE,
            BEYOND,
            "1 at 101 (trade 9223372036854775808)",
        ),
        ([fill("1", trade_id=-1)], ChildStatus.DONE, BEYOND, "1 at 101 (trade -1)"),
        ([fill("1", price="0")], ChildStatus.DONE, EMPTY, "1 at 0 (trade 77)"),
        ([fill("0")], ChildStatus.DONE, EMPTY, "0 at 101 (trade 77)"),
    ],
)
def test_an_answer_that_cannot_be_true_is_told_with_the_venues_words(
    fills: list[VenueFill], status: ChildStatus, problem: str, words: str
) -> None:
    order, child = in_flight()

    told = contradiction_of(order, child, answer(*fills, status=status))

    assert told == f"{problem}; the venue says: {words}"


def test_no_more_can_have_been_executed_than_is_open_at_the_venue() -> None:
    order, child = in_flight()
    less = replace(order, at_venue=Decimal(1))

    assert contradiction_of(less, child, answer(fill("1"))) == ""
    assert contradiction_of(less, child, answer(fill("1.5"))).startswith(
        "1.5 executed of a child of 2"
    )


@pytest.mark.parametrize(
    ("count", "named", "more"), [(1, 1, ""), (5, 5, ""), (6, 5, ", 1 more")]
)
def test_at_most_five_executions_are_named(count: int, named: int, more: str) -> None:
    fills = tuple(fill("1", trade_id=number) for number in range(count))

    words = ", ".join(f"1 at 101 (trade {number})" for number in range(named))
    assert words_of(fills) == words + more


def test_no_execution_is_called_nothing() -> None:
    assert words_of(()) == "nothing"


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (Side.SELL, "99.99", True),
        (Side.SELL, "100", False),
        (Side.BUY, "100", False),
        (Side.BUY, "100.01", True),
    ],
)
def test_only_what_is_beyond_the_limit_is_worse(
    side: Side, price: str, *, expected: bool
) -> None:
    _, child = in_flight(side)

    assert is_worse(Decimal(price), child) is expected


# The venue's word.


@pytest.mark.parametrize(
    ("follow_up", "reason"),
    [
        (FollowUp.GO_ON, None),
        (FollowUp.WAIT, WaitReason.CHILD_REFUSED),
        (FollowUp.WAIT_FOR_RULES, WaitReason.CHILD_REFUSED),
    ],
)
def test_an_order_says_why_it_waits_after_its_child_was_refused(
    follow_up: FollowUp, reason: WaitReason | None
) -> None:
    order, child = in_flight()
    refused = answer(
        status=ChildStatus.REJECTED, reason="too dear", follow_up=follow_up
    )

    after, events, _ = settle_child(order, child, refused, now=at(4))

    assert (after.reason, after.status) == (reason, OrderStatus.NEW)
    assert told(events) == [("CHILD_ENDED", "2", "too dear")]


def test_an_order_ends_when_the_venue_will_accept_no_child_of_it() -> None:
    order, child = in_flight()
    refused = answer(
        status=ChildStatus.REJECTED, reason="never", follow_up=FollowUp.END
    )

    after, (ended, rejected), fills = settle_child(order, child, refused, now=at(4))

    assert (after.status, after.reason) == (
        OrderStatus.REJECTED,
        EndReason.REJECTED_BY_VENUE,
    )
    assert after.updated_at == ended.occurred_at == rejected.occurred_at == at(4)
    assert (rejected.detail.quantity, rejected.detail.reason) == (
        Decimal(3),
        "REJECTED_BY_VENUE",
    )
    assert fills == ()


def test_an_order_that_is_being_cancelled_ends_by_that_instead() -> None:
    order, child = in_flight()
    order, _ = request_cancel(order, now=at(2))
    refused = answer(status=ChildStatus.REJECTED, follow_up=FollowUp.END)

    after, events, _ = settle_child(order, child, refused, now=at(4))

    assert after.status is OrderStatus.PENDING_CANCEL
    assert told(events) == [("CHILD_ENDED", "2", "REJECTED")]


def test_no_word_of_the_venues_ends_a_hold() -> None:
    order, child = in_flight()
    order, _ = hold(order, CHILD, "something makes no sense", now=at(2))

    after, _, _ = settle_child(order, child, answer(fill("1")), now=at(4))

    assert after.reason is WaitReason.ON_HOLD


def test_fills_worse_than_the_limit_are_booked_and_hold_the_order() -> None:
    order, child = in_flight()
    worse = (fill("0.5", "99", 1), fill("0.5", "98", 2))
    result = answer(fill("0.5", "100", 0), *worse)

    after, events, fills = settle_child(order, child, result, now=at(4))

    beyond = f"WORSE_THAN_LIMIT child={CHILD} limit 100:"
    assert (after.filled, after.is_on_hold) == (Decimal("1.5"), True)
    assert len(fills) == 3
    assert told(events) == [
        ("PART_FILLED", "0.5", None),
        ("PART_FILLED", "0.5", "WORSE_THAN_LIMIT"),
        ("PART_FILLED", "0.5", "WORSE_THAN_LIMIT"),
        ("CHILD_ENDED", "0.5", "DONE"),
        ("HELD", "1.5", f"{beyond} 0.5 at 99 (trade 1), 0.5 at 98 (trade 2)"),
    ]


def test_an_order_that_its_worse_fill_has_filled_is_not_held() -> None:
    order = accepted_order(quantity="2")
    child = child_of(order, (part("101", "2"),), now=NOW)
    order, _ = intend_child(order, child, now=at(1))

    after, events, _ = settle_child(order, child, answer(fill("2", "99")), now=at(4))

    assert after.status is OrderStatus.FILLED
    assert told(events) == [("FILLED", "2", "WORSE_THAN_LIMIT")]


def test_a_late_fill_is_kept_with_all_that_the_venue_said() -> None:
    order, child = in_flight()
    first = fill("0.5", "101", 76)
    order, _, (kept,) = settle_child(order, child, answer(first), now=at(2))

    after, events, booked = child_settlement.late_fill(
        order, child, fill("1", "99"), (kept,), now=at(4)
    )

    assert after.updated_at == at(4)
    assert after.filled_quote == Decimal("149.5")
    assert booked == fills_of(child, (fill("1", "99"),), (kept,))[0]
    assert booked.number == 2
    assert told(events) == [
        ("PART_FILLED", "1", "LATE, WORSE_THAN_LIMIT"),
        (
            "HELD",
            "1.5",
            f"WORSE_THAN_LIMIT child={CHILD} limit 100: 1 at 99 (trade 77)",
        ),
    ]
    assert (events[0].detail.price, events[0].detail.update_id) == (Decimal(99), None)


def test_a_late_fill_waits_for_the_child_in_flight() -> None:
    order, child = in_flight()

    with pytest.raises(AssertionError):
        child_settlement.late_fill(order, child, fill("1"), (), now=at(4))


# A person's word.


def stated(*fills: tuple[str, str], child_id: ChildId = CHILD) -> SettleChild:
    """(quantity, price) of each."""
    order = accepted_order()
    return SettleChild(
        order_id=order.order_id,
        symbol=order.symbol,
        child_id=child_id,
        fills=tuple(
            StatedFill(price=Decimal(price), quantity=Decimal(quantity))
            for quantity, price in fills
        ),
        note="seen on the venue's page",
    )


def test_what_a_person_states_is_booked_and_holds_the_order_until_it_is_released() -> (
    None
):
    order, child = in_flight()

    after, events, result, fills = settle_by_hand(
        order, child, stated(("0.5", "100"), ("1", "103")), now=at(4)
    )

    assert (after.filled, after.at_venue) == (Decimal("1.5"), Decimal(0))
    assert after.filled_quote == Decimal(153)
    assert after.is_on_hold
    assert told(events) == [
        ("SETTLED_BY_HAND", "1.5", "seen on the venue's page"),
        ("PART_FILLED", "0.5", None),
        ("PART_FILLED", "1", None),
        ("CHILD_ENDED", "0.5", "seen on the venue's page"),
        (
            "HELD",
            "1.5",
            "stated by hand: see the venue's trades, then release it",
        ),
    ]
    assert events[0].detail.price == Decimal(102)
    booked = [
        VenueFill(
            price=Decimal(price),
            quantity=Decimal(quantity),
            fee=Decimal(0),
            fee_asset=None,
            trade_id=None,
            executed_at=at(4),
        )
        for quantity, price in (("0.5", "100"), ("1", "103"))
    ]
    assert result == answer(
        *booked,
        status=ChildStatus.SETTLED_BY_HAND,
        reason="seen on the venue's page",
    )
    assert fills == fills_of(child, booked)


def test_that_nothing_was_executed_can_be_stated() -> None:
    order, child = in_flight()

    after, events, result, fills = settle_by_hand(order, child, stated(), now=at(4))

    assert (after.waiting, fills, result.fills) == (Decimal(3), (), ())
    assert told(events)[:2] == [
        ("SETTLED_BY_HAND", "0", "seen on the venue's page"),
        ("CHILD_ENDED", "2", "seen on the venue's page"),
    ]


@pytest.mark.parametrize(
    ("fills", "kept", "words"),
    [
        # More than the child, but not more than the order.
        ([("3", "100")], ["3"], ""),
        ([("2", "100"), ("1", "100")], ["2", "1"], ""),
        # More than the order: the last ones are cut off.
        ([("3.5", "100")], ["3"], " (0.5 was executed beyond the order)"),
        (
            [("2", "100"), ("2", "100"), ("1", "100")],
            ["2", "1"],
            " (2 was executed beyond the order)",
        ),
    ],
)
def test_what_is_stated_beyond_the_order_is_said_and_not_booked(
    fills: list[tuple[str, str]], kept: list[str], words: str
) -> None:
    order, child = in_flight()

    after, events, _, booked = settle_by_hand(order, child, stated(*fills), now=at(4))

    assert (after.status, after.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)
    assert [one.quantity for one in booked] == list(map(Decimal, kept))
    all_of_it = sum(Decimal(quantity) for quantity, _ in fills)
    assert told(events)[0] == (
        "SETTLED_BY_HAND",
        str(all_of_it),
        f"seen on the venue's page{words}",
    )
    assert told(events)[-1] == ("FILLED", kept[-1], None)


def test_an_order_that_was_on_hold_already_is_not_held_again() -> None:
    order, child = in_flight()
    order, _ = hold(order, CHILD, "it makes no sense", now=at(2))

    after, events, _, _ = settle_by_hand(order, child, stated(("1", "100")), now=at(4))

    assert after.is_on_hold
    assert [one.step.value for one in events] == [
        "SETTLED_BY_HAND",
        "PART_FILLED",
        "CHILD_ENDED",
    ]


def test_an_order_that_is_being_cancelled_is_not_held() -> None:
    order, child = in_flight()
    order, _ = request_cancel(order, now=at(2))

    after, events, _, _ = settle_by_hand(order, child, stated(("1", "100")), now=at(4))

    assert (after.status, after.reason) == (OrderStatus.PENDING_CANCEL, None)
    assert [one.step.value for one in events] == [
        "SETTLED_BY_HAND",
        "PART_FILLED",
        "CHILD_ENDED",
    ]


def test_a_person_settles_only_the_child_in_flight() -> None:
    order, child = in_flight()
    order, _ = doubt_child(order, CHILD, "no answer", now=at(2))

    other = stated(child_id=ChildId("ORDER0000000001-2"))

    assert why_not_by_hand(order, child, stated()) is None
    assert why_not_by_hand(order, child, other) == Refusal(
        code=RefusalCode.CHILD_SETTLED,
        detail=f"the child order has ended already: in flight is {CHILD}",
    )


@pytest.mark.parametrize(
    ("reason", "is_fine"),
    [
        (WaitReason.ON_HOLD, True),
        (WaitReason.CHILD_UNKNOWN, True),
        (WaitReason.CHILD_REFUSED, False),
        (None, False),
    ],
)
def test_a_person_settles_nothing_while_the_venues_answer_is_awaited(
    reason: WaitReason | None, *, is_fine: bool
) -> None:
    order, child = in_flight()

    refusal = why_not_by_hand(replace(order, reason=reason), child, stated())

    awaited = Refusal(
        code=RefusalCode.CHILD_IN_FLIGHT,
        detail="the venue's answer on the child order is awaited",
    )
    assert refusal == (None if is_fine else awaited)


def test_a_trade_is_not_booked_twice() -> None:
    assert trade_booked(77, CHILD) == Refusal(
        code=RefusalCode.TRADE_BOOKED,
        field="fills",
        detail=(
            "trade 77 is booked already, as a fill of child order ORDER0000000001-1; "
            "was it another trade, as on a testnet that was wiped, then leave its id "
            "out"
        ),
    )


@pytest.mark.parametrize(("children", "number"), [(0, 1), (1, 1), (2, 2), (12, 12)])
def test_the_last_child_is_the_first_one_before_any_was_intended(
    children: int, number: int
) -> None:
    order = replace(accepted_order(), children=children)

    assert child_id_of(order) == f"ORDER0000000001-{number}"


def test_a_fill_is_kept_with_all_that_was_stated() -> None:
    order, child = in_flight()
    one = StatedFill(
        price=Decimal(100),
        quantity=Decimal(1),
        trade_id=9,
        fee=Decimal("0.1"),
        fee_asset="USDT",
        executed_at=at(-5),
    )

    _, _, _, (kept,) = settle_by_hand(
        order, child, replace(stated(), fills=(one,)), now=at(4)
    )

    assert kept == Fill(
        order_id=order.order_id,
        child_id=CHILD,
        number=1,
        price=one.price,
        quantity=one.quantity,
        fee=one.fee,
        fee_asset="USDT",
        trade_id=9,
        update_id=None,
        executed_at=at(-5),
    )


def test_a_pause_outlives_the_child_that_was_in_flight() -> None:
    order, child = in_flight()
    paused = replace(order, is_paused=True, reason=WaitReason.CHILD_UNKNOWN)

    after, _, _ = settle_child(paused, child, answer(fill("1")), now=NOW)

    assert (after.reason, after.filled) == (WaitReason.PAUSED, Decimal(1))
