from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.orders.child_order import FollowUp
from domain.orders.child_settlement import settle_child
from domain.orders.completion import (
    OFFER_AGE_MAX_NS,
    WithheldReason,
    due_end,
    has_ended,
    nothing_found,
    why_withheld,
)
from domain.orders.lifecycle import (
    child_of,
    expire,
    intend_child,
    never_sent,
    request_cancel,
)
from domain.orders.order import Order
from domain.reasons import BookState, EndReason, RefusalCode
from domain.refusals import Refusal
from domain.values import TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, NOW, accepted_order, at, part


RULES = SymbolRules(
    symbol=BTCUSDT, min_quantity=Decimal("0.5"), min_notional=Decimal(60)
)


def reason_for(order: Order, seconds: float = 0) -> EndReason | None:
    return due_end(order, rules=RULES, now=at(seconds))


def with_filled(order: Order, filled: str) -> Order:
    return replace(order, filled=Decimal(filled))


@pytest.mark.parametrize("time_in_force", TimeInForce)
def test_order_that_just_arrived_does_not_end(time_in_force: TimeInForce) -> None:
    assert reason_for(accepted_order(time_in_force=time_in_force)) is None


def test_cancel_that_was_asked_for_ends_the_order() -> None:
    order, _ = request_cancel(accepted_order(), now=at(1))

    assert reason_for(order) is EndReason.CANCELED_BY_CLIENT
    stopped = due_end(order, rules=RULES, now=at(2), at_stop=True)
    assert stopped is EndReason.CANCELED_AT_STOP


@pytest.mark.parametrize(
    ("time_in_force", "reason"),
    [
        (TimeInForce.IOC, EndReason.IOC_REMAINDER),
        (TimeInForce.FOK, EndReason.FOK_NOT_FILLABLE),
    ],
)
def test_order_for_now_ends_after_its_first_child(
    time_in_force: TimeInForce, reason: EndReason
) -> None:
    order = replace(accepted_order(time_in_force=time_in_force), children=1)

    assert reason_for(order) is reason


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_child_that_was_never_sent_is_no_try(time_in_force: TimeInForce) -> None:
    order = replace(accepted_order(time_in_force=time_in_force), children=1)

    assert due_end(order, rules=RULES, now=at(0), never_sent=1) is None
    order = replace(order, children=2)
    assert due_end(order, rules=RULES, now=at(0), never_sent=1) is not None


@pytest.mark.parametrize(
    ("circumstances", "reason"),
    [
        ({}, None),
        ({"offer_age_ns": OFFER_AGE_MAX_NS}, None),
        ({"offer_age_ns": OFFER_AGE_MAX_NS + 1}, WithheldReason.OFFER_TOO_OLD),
        ({"is_cancel_waiting": True}, WithheldReason.CANCEL_REQUESTED),
        ({"is_draining": True}, WithheldReason.STOPPING),
        ({"has_breaks": True}, WithheldReason.RECORDS_DIFFER),
        ({"now": at(9.9)}, None),
        ({"now": at(10)}, WithheldReason.ORDER_EXPIRED),
    ],
)
def test_child_is_held_back_when_it_comes_too_late(
    circumstances: dict[str, Any], reason: WithheldReason | None
) -> None:
    order = accepted_order(time_in_force=TimeInForce.GTD, expires_at=at(10))
    quiet: dict[str, Any] = {
        "is_cancel_waiting": False,
        "is_draining": False,
        "has_breaks": False,
        "offer_age_ns": 0,
        "now": at(0),
    }

    assert why_withheld(order, **(quiet | circumstances)) is reason


def test_child_of_an_order_that_is_being_cancelled_is_held_back() -> None:
    order, _ = request_cancel(accepted_order(), now=at(1))

    reason = why_withheld(
        order,
        is_cancel_waiting=False,
        is_draining=False,
        has_breaks=False,
        offer_age_ns=0,
        now=at(1),
    )

    assert reason is WithheldReason.CANCEL_REQUESTED


@pytest.mark.parametrize("time_in_force", [TimeInForce.GTC, TimeInForce.GTD])
def test_order_that_may_wait_goes_on_after_its_first_child(
    time_in_force: TimeInForce,
) -> None:
    order = replace(accepted_order(time_in_force=time_in_force), children=1)

    assert reason_for(with_filled(order, "1")) is None


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(9.9, None), (10, EndReason.EXPIRED_AT_TIME), (11, EndReason.EXPIRED_AT_TIME)],
)
def test_order_with_a_date_ends_when_it_is_reached(
    seconds: float, reason: EndReason | None
) -> None:
    order = accepted_order(time_in_force=TimeInForce.GTD, expires_at=at(10))

    assert reason_for(order, seconds) is reason


@pytest.mark.parametrize(
    ("filled", "reason"),
    [
        ("2.4", None),  # 0.6 left, worth 60
        ("2.41", EndReason.REMAINDER_BELOW_MINIMUM),  # too little money
        ("2.6", EndReason.REMAINDER_BELOW_MINIMUM),  # too little quantity
        ("0", None),
    ],
)
def test_remainder_that_no_venue_takes_ends_the_order(
    filled: str, reason: EndReason | None
) -> None:
    order = with_filled(accepted_order(quantity="3", price="100"), filled)

    assert reason_for(order) is reason


def test_order_that_new_rules_make_too_small_ends_without_a_fill_too() -> None:
    too_small = accepted_order(quantity="0.01", price="1")

    assert reason_for(too_small) is EndReason.REMAINDER_BELOW_MINIMUM


@pytest.mark.parametrize(
    ("time_in_force", "state", "reason"),
    [
        (TimeInForce.IOC, BookState.SYNCED, EndReason.IOC_REMAINDER),
        (TimeInForce.FOK, BookState.SYNCED, EndReason.FOK_NOT_FILLABLE),
        (TimeInForce.IOC, BookState.GAP, EndReason.BOOK_UNUSABLE),
        (TimeInForce.FOK, BookState.CONNECTING, EndReason.BOOK_UNUSABLE),
    ],
)
def test_order_for_now_says_why_it_was_offered_nothing(
    time_in_force: TimeInForce, state: BookState, reason: EndReason
) -> None:
    order = accepted_order(time_in_force=time_in_force)

    assert nothing_found(order, state, is_paused=False) is reason
    paused = nothing_found(order, state, is_paused=True)
    assert paused is EndReason.TRADING_PAUSED


def test_request_for_an_order_that_has_ended_is_told_how_it_ended() -> None:
    ended, _ = expire(accepted_order(), reason=EndReason.EXPIRED_AT_TIME, now=NOW)

    assert has_ended(ended) == Refusal(
        code=RefusalCode.ORDER_ENDED,
        detail="the order has ended: EXPIRED, EXPIRED_AT_TIME",
    )


@pytest.mark.parametrize(
    ("time_in_force", "reason"),
    [
        (TimeInForce.IOC, EndReason.REFUSED_FOR_NOW),
        (TimeInForce.FOK, EndReason.REFUSED_FOR_NOW),
        (TimeInForce.GTC, None),
    ],
)
def test_an_order_for_now_does_not_wait_after_its_child_was_refused(
    time_in_force: TimeInForce, reason: EndReason | None
) -> None:
    order = accepted_order(time_in_force=time_in_force)
    child = child_of(order, (part("102", "1"),), now=NOW)
    order, _ = intend_child(order, child, now=NOW)
    order, _, _ = settle_child(
        order, child, never_sent(child, "too dear", FollowUp.WAIT), now=NOW
    )

    assert due_end(order, rules=RULES, now=NOW) is reason
