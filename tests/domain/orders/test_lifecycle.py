import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.orders.amendment import Terms
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    FollowUp,
    VenueFill,
)
from domain.orders.child_settlement import settle_child
from domain.orders.lifecycle import (
    accept,
    amend,
    cancel,
    child_of,
    doubt_child,
    end,
    expire,
    intend_child,
    never_sent,
    release,
    request_cancel,
)
from domain.orders.order import Order, OrderStatus, OrderStep, StepDetail
from domain.orders.transitions import Step, hold
from domain.reasons import EndReason, WaitReason
from domain.values import Side, Symbol, TimeInForce
from tests.builders import NOW, accepted_order, at, part, pending_order, touch_at


def fill(quantity: str, price: str = "101") -> VenueFill:
    return VenueFill(
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal("0.001"),
        fee_asset="BNB",
        trade_id=77,
        executed_at=at(3),
    )


def answer(
    child: ChildOrder,
    *fills: VenueFill,
    status: ChildStatus = ChildStatus.DONE,
    reason: str = "",
) -> ChildResult:
    return ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=status,
        fills=fills,
        reason=reason,
    )


def with_child(order: Order, *quantities: str) -> tuple[Order, ChildOrder]:
    slices = tuple(
        part(str(110 - number), quantity, update_id=number)
        for number, quantity in enumerate(quantities)
    )
    child = child_of(order, slices, now=NOW)
    intended, _ = intend_child(order, child, now=at(1))
    return intended, child


def test_accepting_opens_the_order_with_its_first_event() -> None:
    order, event = accept(pending_order(quantity="3", price="100"), now=at(1))

    assert (order.status, order.version) == (OrderStatus.NEW, 1)
    assert (event.number, event.step) == (1, OrderStep.ACCEPTED)
    assert (event.detail.quantity, event.detail.price) == (Decimal(3), Decimal(100))
    assert order.updated_at == event.occurred_at == at(1)


def test_child_order_sums_its_slices_at_the_limit_of_the_order() -> None:
    order = accepted_order(quantity="3", price="100")

    child = child_of(order, (part("102", "0.5"), part("101", "0.25")), now=NOW)

    assert child.child_id == f"{order.order_id}-1"
    assert (child.price, child.quantity) == (Decimal(100), Decimal("0.75"))
    assert (child.side, child.symbol) == (order.side, order.symbol)


def test_child_ids_never_repeat_within_an_order() -> None:
    order = accepted_order(quantity="3")
    ids = []

    for _ in range(3):
        order, child = with_child(order, "1")
        ids.append(child.child_id)
        order, _, _ = settle_child(order, child, answer(child), now=at(2))

    assert len(set(ids)) == 3


def test_intended_child_is_set_aside_as_being_at_the_venue() -> None:
    order = accepted_order(quantity="3")
    child = child_of(order, (part("102", "0.5", 8), part("101", "0.25", 9)), now=NOW)

    intended, event = intend_child(order, child, now=at(1))

    assert intended.at_venue == Decimal("0.75")
    assert intended.waiting == Decimal("2.25")
    assert event.detail == StepDetail(
        quantity=Decimal("0.75"),
        price=Decimal(102),
        update_id=8,
        child_id=child.child_id,
    )


def test_second_child_cannot_leave_while_one_is_in_flight() -> None:
    order, child = with_child(accepted_order(quantity="3"), "1")

    with pytest.raises(AssertionError, match=r"^one child in flight per order$"):
        intend_child(order, child, now=at(2))


def test_child_cannot_be_larger_than_what_waits() -> None:
    order = accepted_order(quantity="3")
    child = child_of(order, (part("102", "3.1"),), now=NOW)

    with pytest.raises(AssertionError):
        intend_child(order, child, now=at(1))


@pytest.mark.parametrize(
    ("side", "change", "words"),
    [
        (Side.SELL, {"symbol": Symbol("BNBUSDT")}, "another market's"),
        (Side.SELL, {"side": Side.BUY}, "another market's"),
        (Side.SELL, {"quantity": Decimal(0), "slices": ()}, "0 is not waiting"),
        (Side.SELL, {"quantity": Decimal(2)}, "2, and 1 was offered"),
        (Side.SELL, {"price": Decimal("99.99")}, "99.99 is below 100"),
        (Side.BUY, {"price": Decimal("100.01")}, "100.01 is above 100"),
    ],
)
def test_child_that_is_not_its_orders_is_never_intended(
    side: Side, change: dict[str, Any], words: str
) -> None:
    """Once it is on disk it may leave, and what it does there is never undone."""
    order = accepted_order(side=side, price="100")
    child = child_of(order, (part("100", "1"),), now=NOW)

    with pytest.raises(AssertionError, match=f"^{re.escape(words)}$"):
        intend_child(order, replace(child, **change), now=at(1))


def test_part_fill_leaves_the_rest_waiting_once_the_child_has_ended() -> None:
    order, child = with_child(accepted_order(quantity="3"), "2")
    result = answer(child, fill("0.5"), fill("1"), reason="EXPIRED")

    after, events, fills = settle_child(order, child, result, now=at(4))

    assert (after.filled, after.at_venue, after.waiting) == (
        Decimal("1.5"),
        Decimal(0),
        Decimal("1.5"),
    )
    assert after.status is OrderStatus.PARTIALLY_FILLED
    assert [event.step for event in events] == [
        OrderStep.PART_FILLED,
        OrderStep.PART_FILLED,
        OrderStep.CHILD_ENDED,
    ]
    assert [event.number for event in events] == [3, 4, 5]
    assert (events[-1].detail.quantity, events[-1].detail.reason) == (
        Decimal("0.5"),
        "EXPIRED",
    )
    assert [one.number for one in fills] == [1, 2]


def test_last_fill_completes_the_order_without_an_end_of_the_child() -> None:
    order, child = with_child(accepted_order(quantity="3"), "3")

    after, events, _ = settle_child(order, child, answer(child, fill("3")), now=at(4))

    assert (after.status, after.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)
    assert [event.step for event in events] == [OrderStep.FILLED]


def test_child_that_was_never_sent_gives_everything_back() -> None:
    order, child = with_child(accepted_order(quantity="3"), "2")
    result = answer(child, status=ChildStatus.NEVER_SENT)

    after, events, fills = settle_child(order, child, result, now=at(4))

    assert (after.waiting, after.status) == (Decimal(3), OrderStatus.NEW)
    assert [event.detail.reason for event in events] == ["NEVER_SENT"]
    assert fills == ()


def test_fill_is_kept_with_all_that_the_venue_said() -> None:
    order, child = with_child(accepted_order(quantity="3"), "2")
    reported = fill("0.5", price="101.5")

    _, _, (kept,) = settle_child(order, child, answer(child, reported), now=at(4))

    assert kept == Fill(
        order_id=order.order_id,
        child_id=child.child_id,
        number=1,
        price=reported.price,
        quantity=reported.quantity,
        fee=reported.fee,
        fee_asset=reported.fee_asset,
        trade_id=reported.trade_id,
        update_id=None,  # no slice is of that price
        executed_at=reported.executed_at,
    )


def test_quote_amount_of_the_fills_is_summed_without_rounding() -> None:
    price = "9999999999999999.999999999999"
    order, child = with_child(
        accepted_order(quantity="0.000000000003"), "0.000000000003"
    )
    result = answer(
        child, fill("0.000000000001", price=price), fill("0.000000000002", price="1")
    )

    after, _, _ = settle_child(order, child, result, now=at(4))

    assert after.filled_quote == Decimal("10000.000000000001999999999999")


def test_venue_that_fills_more_than_was_sent_is_a_bug() -> None:
    order, child = with_child(accepted_order(quantity="3"), "1")

    with pytest.raises(AssertionError, match=r"^the venue filled more than was sent$"):
        settle_child(order, child, answer(child, fill("0.6"), fill("0.5")), now=at(4))


def test_cancelling_order_can_still_be_filled_by_its_child() -> None:
    order, child = with_child(accepted_order(quantity="3"), "3")
    canceling, _ = request_cancel(order, now=at(2))

    partly, _, _ = settle_child(canceling, child, answer(child, fill("1")), now=at(4))
    wholly, _, _ = settle_child(canceling, child, answer(child, fill("3")), now=at(4))

    assert partly.status is OrderStatus.PENDING_CANCEL
    assert (wholly.status, wholly.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)


@pytest.mark.parametrize(
    ("end", "reason", "status"),
    [
        (cancel, EndReason.CANCELED_BY_CLIENT, OrderStatus.CANCELED),
        (cancel, EndReason.CANCELED_AT_STOP, OrderStatus.CANCELED),
        (expire, EndReason.EXPIRED_AT_TIME, OrderStatus.EXPIRED),
        (expire, EndReason.REMAINDER_BELOW_MINIMUM, OrderStatus.EXPIRED),
    ],
)
def test_end_keeps_its_reason_in_the_order_and_in_the_event(
    end: Callable[..., Step], reason: EndReason, status: OrderStatus
) -> None:
    ended, event = end(accepted_order(quantity="3"), reason=reason, now=at(9))

    assert (ended.status, ended.reason) == (status, reason)
    assert (event.detail.reason, event.detail.quantity) == (reason.value, Decimal(3))


@pytest.mark.parametrize("end", [cancel, expire])
def test_order_cannot_end_while_a_child_is_in_flight(end: Callable[..., Step]) -> None:
    order, _ = with_child(accepted_order(quantity="3"), "1")

    with pytest.raises(AssertionError):
        end(order, reason=EndReason.CANCELED_BY_CLIENT, now=at(9))


def test_amending_replaces_limit_quantity_and_place() -> None:
    terms = Terms(price=Decimal(90), quantity=Decimal(5), sequence=42)

    order, event = amend(accepted_order(quantity="3"), terms, now=at(2))

    assert (order.price, order.quantity, order.sequence) == (
        Decimal(90),
        Decimal(5),
        42,
    )
    assert (event.detail.price, event.detail.quantity) == (Decimal(90), Decimal(5))


def test_order_cannot_be_amended_down_to_what_is_filled() -> None:
    order = replace(accepted_order(quantity="3"), filled=Decimal(1))
    terms = Terms(price=Decimal(90), quantity=Decimal(1), sequence=1)

    with pytest.raises(AssertionError):
        amend(order, terms, now=at(2))


def test_step_that_fails_leaves_the_order_as_it_was() -> None:
    order, child = with_child(accepted_order(quantity="3"), "1")
    before = replace(order)

    with pytest.raises(AssertionError):
        settle_child(order, child, answer(child, fill("0.6"), fill("0.5")), now=at(4))

    assert order == before


def test_times_of_events_are_the_ones_given() -> None:
    later = NOW + timedelta(days=1)

    order, event = request_cancel(accepted_order(), now=later)

    assert order.updated_at == event.occurred_at == later
    assert order.created_at == NOW


@pytest.mark.parametrize("reason", EndReason)
def test_only_what_somebody_wished_is_a_cancel(reason: EndReason) -> None:
    ended, event = end(accepted_order(quantity="3"), reason=reason, now=at(9))

    is_wished = reason in (EndReason.CANCELED_BY_CLIENT, EndReason.CANCELED_AT_STOP)
    status = OrderStatus.CANCELED if is_wished else OrderStatus.EXPIRED
    assert (ended.status, ended.reason) == (status, reason)
    assert ended.updated_at == event.occurred_at == at(9)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, WaitReason.CHILD_UNKNOWN),
        (WaitReason.CHILD_UNKNOWN, WaitReason.CHILD_UNKNOWN),
        (WaitReason.ON_HOLD, WaitReason.ON_HOLD),
    ],
)
def test_order_says_that_the_venue_has_not_said_what_became_of_its_child(
    before: WaitReason | None, after: WaitReason
) -> None:
    order, child = with_child(accepted_order(quantity="3"), "0.5", "0.25")
    order = replace(order, reason=before)

    doubted, event = doubt_child(order, child.child_id, "no answer", now=at(2))

    assert (doubted.reason, doubted.at_venue) == (after, Decimal("0.75"))
    assert (event.step, event.occurred_at) == (OrderStep.CHILD_UNKNOWN, at(2))
    assert event.detail == StepDetail(
        quantity=Decimal("0.75"), child_id=child.child_id, reason="no answer"
    )


def test_there_is_no_doubt_without_a_child_in_flight() -> None:
    order = accepted_order(quantity="3")
    child = child_of(order, (part("102", "1"),), now=NOW)

    with pytest.raises(AssertionError):
        doubt_child(order, child.child_id, "no answer", now=at(2))


@pytest.mark.parametrize(
    ("reason", "words"),
    [(None, None), (EndReason.CANCELED_AT_STOP, "CANCELED_AT_STOP")],
)
def test_history_keeps_who_wished_a_cancel_unless_it_was_a_client(
    reason: EndReason | None, words: str | None
) -> None:
    _, event = request_cancel(accepted_order(), reason=reason, now=at(2))

    assert event.detail == StepDetail(reason=words)


def test_order_on_hold_says_why_and_about_which_child() -> None:
    order, child = with_child(accepted_order(quantity="3"), "1")

    held, event = hold(order, child.child_id, "it makes no sense", now=at(2))

    assert (held.reason, held.children) == (WaitReason.ON_HOLD, 1)
    assert event.occurred_at == held.updated_at == at(2)
    assert event.detail == StepDetail(
        quantity=Decimal(3), child_id=child.child_id, reason="it makes no sense"
    )


def test_only_an_order_on_hold_can_be_released() -> None:
    order, child = with_child(accepted_order(quantity="3"), "1")
    held, _ = hold(order, child.child_id, "it makes no sense", now=at(2))

    released, event = release(held, now=at(3))

    assert released.reason is None
    assert released.updated_at == event.occurred_at == at(3)
    assert event.detail == StepDetail()
    with pytest.raises(AssertionError):
        release(released, now=at(4))


def test_next_child_ends_what_the_order_waited_for() -> None:
    order = replace(accepted_order(quantity="3"), reason=WaitReason.CHILD_REFUSED)

    intended, _ = with_child(order, "1")

    assert (intended.reason, intended.children) == (None, 1)
    assert intended.updated_at == at(1)


@pytest.mark.parametrize("time_in_force", TimeInForce)
def test_child_is_all_that_the_venue_and_we_ourselves_need_to_know(
    time_in_force: TimeInForce,
) -> None:
    order = replace(
        accepted_order(quantity="3", time_in_force=time_in_force), children=6
    )
    slices = (part("102", "0.5"),)
    touch = touch_at("102", "103")

    child = child_of(order, slices, now=at(2), price=Decimal("100.5"), touch=touch)

    assert (child.child_id, child.order_id) == (
        f"{order.order_id}-7",
        order.order_id,
    )
    assert (child.price, child.touch) == (Decimal("100.5"), touch)
    assert (child.slices, child.intended_at) == (slices, at(2))
    assert child.is_all_or_nothing is (time_in_force is TimeInForce.FOK)
    assert child_of(order, slices, now=at(2)).touch is None


def test_child_that_was_held_back_ends_with_our_own_words() -> None:
    order = accepted_order(quantity="3")
    child = child_of(order, (part("102", "1"),), now=NOW)

    assert never_sent(child, "STOPPING") == answer(
        child, status=ChildStatus.NEVER_SENT, reason="STOPPING"
    )
    assert never_sent(child, "x", FollowUp.WAIT).follow_up is FollowUp.WAIT


def test_amended_order_keeps_the_time_of_the_amendment() -> None:
    terms = Terms(price=Decimal(90), quantity=Decimal(3), sequence=1)

    order, event = amend(accepted_order(quantity="3"), terms, now=at(2))

    assert order.updated_at == event.occurred_at == at(2)


def test_order_cannot_be_amended_while_a_child_is_in_flight() -> None:
    order, _ = with_child(accepted_order(quantity="3"), "1")
    terms = Terms(price=Decimal(90), quantity=Decimal(3), sequence=1)

    with pytest.raises(AssertionError):
        amend(order, terms, now=at(2))
