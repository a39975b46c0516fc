"""What an order does next, as a table; the first row that applies counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.algorithms.contract import Algorithm, Want
from domain.algorithms.immediate import IMMEDIATE
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.orders.next_action import (
    Action,
    Asked,
    ChildSituation,
    EndOrder,
    EnlistOrder,
    ForgetEnded,
    JudgeBreaks,
    LeaveOpen,
    RefuseUntilSettled,
    RevokePermit,
    SendChild,
    ServeRequest,
    SettleByHand,
    Situation,
    Stopping,
    Wait,
    WithholdChild,
    decide,
)
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason, WaitReason
from domain.values import Side, TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, accepted_order, at


RULES = SymbolRules(
    symbol=BTCUSDT,
    tick_size=Decimal("0.5"),
    min_quantity=Decimal("0.5"),
    min_notional=Decimal(60),
)
ORDER = accepted_order(quantity="5")  # SELL at 100
IN_FLIGHT = replace(ORDER, at_venue=Decimal(2), children=1)
PAUSED = replace(ORDER, is_paused=True, reason=WaitReason.PAUSED)
ON_HOLD = replace(ORDER, reason=WaitReason.ON_HOLD)
IN_FLIGHT_ON_HOLD = replace(IN_FLIGHT, reason=WaitReason.ON_HOLD)
CANCELLING = replace(IN_FLIGHT, status=OrderStatus.PENDING_CANCEL)
ENDED = replace(ORDER, status=OrderStatus.CANCELED)
IOC = accepted_order(time_in_force=TimeInForce.IOC)
EXPIRES = replace(ORDER, time_in_force=TimeInForce.GTD, expires_at=at(10))

TRIED = replace(IOC, children=1)
CANCELLED = replace(ORDER, status=OrderStatus.PENDING_CANCEL)
EXPIRING = replace(EXPIRES, at_venue=Decimal(2), children=1)

UNSENT = ChildSituation(is_sent=False, offer_age_ns=0)
SENT = ChildSituation(is_sent=True, offer_age_ns=0)
TOO_OLD = ChildSituation(is_sent=False, offer_age_ns=OFFER_AGE_MAX_NS + 1)

REQUEST = Asked(anything=True)
CANCEL = Asked(anything=True, cancel=True)
SETTLEMENT = Asked(anything=True, settlement=True)

ALL_OF_IT = EnlistOrder(released=Decimal(5), left=Decimal(5), limit=Decimal(100))
SOME_OF_IT = replace(ALL_OF_IT, released=Decimal(2))
THREE: dict[str, Any] = {"released": Decimal(3), "left": Decimal(3)}


def action_on(
    order: Order, algorithm: Algorithm = IMMEDIATE, **circumstances: Any
) -> Action:
    known: dict[str, Any] = {"rules": RULES, "now": at(0), **circumstances}
    return decide(Situation(order=order, **known), algorithm)


@pytest.mark.parametrize(
    ("order", "circumstances", "action"),
    [
        (ORDER, {}, ALL_OF_IT),
        (ORDER, {"is_enlisted": True}, Wait()),
        (ORDER, {"is_enlisted": True, "enlisted": ALL_OF_IT}, Wait()),
        (ORDER, {"is_enlisted": True, "enlisted": SOME_OF_IT}, ALL_OF_IT),
        (ORDER, {"is_backing_off": True}, Wait()),
        (ON_HOLD, {}, Wait()),
        (PAUSED, {}, Wait()),
        (PAUSED, {"asked": REQUEST}, ServeRequest()),
        (PAUSED, {"stopping": Stopping.LEAVE_OPEN}, LeaveOpen()),
        (
            replace(EXPIRES, is_paused=True),
            {"now": at(10)},
            EndOrder(reason=EndReason.EXPIRED_AT_TIME),
        ),
        (ORDER, {"is_traded": False}, Wait()),
        (IOC, {"is_traded": False}, EndOrder(reason=EndReason.BOOK_UNUSABLE)),
        (ORDER, {"stopping": Stopping.LEAVE_OPEN}, LeaveOpen()),
        (ORDER, {"stopping": Stopping.LEAVE_OPEN, "is_traded": False}, LeaveOpen()),
        (
            ORDER,
            {"stopping": Stopping.CANCEL},
            EndOrder(reason=EndReason.CANCELED_AT_STOP),
        ),
        (ORDER, {"stopping": Stopping.CANCEL, "asked": REQUEST}, ServeRequest()),
        (ORDER, {"asked": REQUEST, "is_enlisted": True}, ServeRequest()),
        (ON_HOLD, {"asked": REQUEST}, ServeRequest()),
        (
            CANCELLED,
            {"stopping": Stopping.CANCEL},
            EndOrder(reason=EndReason.CANCELED_AT_STOP),
        ),
        (
            CANCELLED,
            {"stopping": Stopping.LEAVE_OPEN},
            EndOrder(reason=EndReason.CANCELED_BY_CLIENT),
        ),
        (CANCELLED, {}, EndOrder(reason=EndReason.CANCELED_BY_CLIENT)),
        (TRIED, {}, EndOrder(reason=EndReason.IOC_REMAINDER)),
        (TRIED, {"never_sent": 1}, replace(ALL_OF_IT, **THREE)),
        (EXPIRES, {"now": at(9.9)}, ALL_OF_IT),
        (
            EXPIRES,
            {"now": at(10), "asked": REQUEST},
            EndOrder(reason=EndReason.EXPIRED_AT_TIME),
        ),
        (ORDER, {"has_breaks": True, "asked": REQUEST}, JudgeBreaks()),
        (EXPIRES, {"has_breaks": True, "now": at(10)}, JudgeBreaks()),
        (ENDED, {}, ForgetEnded()),
        (ENDED, {"has_breaks": True, "asked": REQUEST}, ForgetEnded()),
        (ENDED, {"is_enlisted": True}, Wait()),
    ],
)
def test_an_order_with_nothing_in_flight(
    order: Order, circumstances: dict[str, Any], action: Action
) -> None:
    assert action_on(order, **circumstances) == action


@pytest.mark.parametrize(
    ("order", "circumstances", "action"),
    [
        (IN_FLIGHT, {"child": UNSENT}, SendChild()),
        (IN_FLIGHT, {"child": SENT}, SendChild()),
        (IN_FLIGHT, {"child": SENT, "asked": REQUEST}, SendChild()),
        (
            IN_FLIGHT,
            {"child": TOO_OLD},
            WithholdChild(reason=WithheldReason.OFFER_TOO_OLD),
        ),
        (
            IN_FLIGHT,
            {"child": UNSENT, "asked": CANCEL},
            WithholdChild(reason=WithheldReason.CANCEL_REQUESTED),
        ),
        (
            IN_FLIGHT,
            {"child": SENT, "asked": CANCEL},
            RevokePermit(reason=WithheldReason.CANCEL_REQUESTED),
        ),
        (
            CANCELLING,
            {"child": SENT},
            RevokePermit(reason=WithheldReason.CANCEL_REQUESTED),
        ),
        (
            IN_FLIGHT,
            {"child": SENT, "stopping": Stopping.LEAVE_OPEN},
            RevokePermit(reason=WithheldReason.STOPPING),
        ),
        (
            IN_FLIGHT,
            {"child": UNSENT, "has_breaks": True},
            WithholdChild(reason=WithheldReason.RECORDS_DIFFER),
        ),
        (EXPIRING, {"child": UNSENT, "now": at(9.9)}, SendChild()),
        (
            EXPIRING,
            {"child": UNSENT, "now": at(10)},
            WithholdChild(reason=WithheldReason.ORDER_EXPIRED),
        ),
        (IN_FLIGHT, {"child": SENT, "asked": SETTLEMENT}, SettleByHand()),
        (IN_FLIGHT_ON_HOLD, {"child": SENT, "asked": SETTLEMENT}, SettleByHand()),
        (IN_FLIGHT_ON_HOLD, {"child": SENT}, Wait()),
        (IN_FLIGHT_ON_HOLD, {"child": SENT, "asked": CANCEL}, RefuseUntilSettled()),
        (IN_FLIGHT_ON_HOLD, {"child": SENT, "asked": REQUEST}, RefuseUntilSettled()),
        (
            IN_FLIGHT_ON_HOLD,
            {"child": SENT, "stopping": Stopping.LEAVE_OPEN},
            LeaveOpen(),
        ),
        (
            IN_FLIGHT_ON_HOLD,
            {"child": SENT, "stopping": Stopping.CANCEL},
            RefuseUntilSettled(),
        ),
        (
            replace(CANCELLING, reason=WaitReason.ON_HOLD),
            {"child": SENT, "stopping": Stopping.CANCEL},
            LeaveOpen(),
        ),
    ],
)
def test_an_order_with_a_child_in_flight(
    order: Order, circumstances: dict[str, Any], action: Action
) -> None:
    assert action_on(order, **circumstances) == action


def test_an_order_that_is_partly_filled_takes_what_is_left() -> None:
    order = replace(ORDER, filled=Decimal(3))

    expected = EnlistOrder(released=Decimal(2), left=Decimal(2), limit=Decimal(100))
    assert action_on(order) == expected


def test_a_limit_off_the_tick_is_enlisted_on_it_and_no_worse() -> None:
    order = replace(ORDER, price=Decimal("100.2"))

    assert action_on(order) == replace(ALL_OF_IT, limit=Decimal("100.5"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanting:
    """An algorithm that always wants the same."""

    target: str
    limit: str = "100"
    until: datetime | None = None

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        del order, now, rules
        return Want(
            target=Decimal(self.target),
            limit=Decimal(self.limit),
            ask_again_at=self.until,
        )


@pytest.mark.parametrize(
    ("target", "released"),
    [("2", "2"), ("5", "5"), ("9", "5")],
)
def test_no_more_is_released_than_the_algorithm_wants_and_the_order_has(
    target: str, released: str
) -> None:
    action = action_on(ORDER, Wanting(target=target))

    assert action == replace(ALL_OF_IT, released=Decimal(released))


def test_what_is_filled_counts_towards_the_target() -> None:
    order = replace(ORDER, filled=Decimal(1))

    action = action_on(order, Wanting(target="3"))

    assert action == replace(ALL_OF_IT, released=Decimal(2), left=Decimal(4))


@pytest.mark.parametrize("target", ["0", "0.4", "0.5", "-1"])
def test_an_order_of_which_too_little_is_released_waits(target: str) -> None:
    assert action_on(ORDER, Wanting(target=target)) == Wait()


@pytest.mark.parametrize("released", ["3", "1"])
def test_what_is_released_now_takes_the_place_of_what_is_enlisted(
    released: str,
) -> None:
    action = action_on(
        ORDER, Wanting(target=released), is_enlisted=True, enlisted=SOME_OF_IT
    )

    assert action == replace(ALL_OF_IT, released=Decimal(released))


def test_another_limit_takes_the_place_of_the_one_that_is_enlisted() -> None:
    wants = Wanting(target="5", limit="101")

    action = action_on(ORDER, wants, is_enlisted=True, enlisted=ALL_OF_IT)

    assert action == replace(ALL_OF_IT, limit=Decimal(101))


def test_what_is_enlisted_stays_if_what_is_released_now_is_too_little() -> None:
    wants = Wanting(target="0.1")

    action = action_on(ORDER, wants, is_enlisted=True, enlisted=SOME_OF_IT)

    assert action == Wait()


@pytest.mark.parametrize(
    ("target", "circumstances", "kind"),
    [
        ("0", {}, Wait),
        ("2", {}, EnlistOrder),
        ("2", {"is_enlisted": True, "enlisted": SOME_OF_IT}, Wait),
        ("3", {"is_enlisted": True, "enlisted": SOME_OF_IT}, EnlistOrder),
    ],
)
def test_the_algorithm_says_when_it_wants_to_be_asked_again(
    target: str, circumstances: dict[str, Any], kind: type[Wait | EnlistOrder]
) -> None:
    action = action_on(ORDER, Wanting(target=target, until=at(7)), **circumstances)

    assert isinstance(action, kind)
    assert action.ask_again_at == at(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curious:
    """An algorithm that notes what it is asked."""

    asked: list[tuple[Order, datetime, SymbolRules]]

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        self.asked.append((order, now, rules))
        return Want(target=order.quantity, limit=order.price)


def test_the_algorithm_is_asked_about_the_order_the_time_and_the_rules() -> None:
    curious = Curious(asked=[])

    action_on(ORDER, curious, now=at(3))
    action_on(IN_FLIGHT, curious, child=SENT)
    action_on(ON_HOLD, curious)
    action_on(ORDER, curious, is_backing_off=True)
    action_on(ORDER, curious, is_enlisted=True)

    assert curious.asked == [(ORDER, at(3), RULES)]


@pytest.mark.parametrize(
    ("side", "wanted", "limit"),
    [
        (Side.SELL, "101", "101"),
        (Side.SELL, "99", "100"),
        (Side.BUY, "99", "99"),
        (Side.BUY, "101", "100"),
    ],
)
def test_an_algorithm_cannot_make_the_limit_worse(
    side: Side, wanted: str, limit: str
) -> None:
    order = replace(ORDER, side=side)

    action = action_on(order, Wanting(target="5", limit=wanted))

    assert action == replace(ALL_OF_IT, limit=Decimal(limit))


@pytest.mark.parametrize(
    ("target", "action"),
    [
        ("0", Wait()),
        ("0.00000001", replace(ALL_OF_IT, released=Decimal("0.00000001"))),
    ],
)
def test_anything_above_nothing_is_released_where_the_venue_has_no_minimum(
    target: str, action: Action
) -> None:
    rules = SymbolRules(symbol=BTCUSDT)

    assert action_on(ORDER, Wanting(target=target), rules=rules) == action


@pytest.mark.parametrize(
    ("cancels_orders", "stopping"),
    [(True, Stopping.CANCEL), (False, Stopping.LEAVE_OPEN)],
)
def test_a_stop_cancels_orders_where_it_is_said_to(
    stopping: Stopping, *, cancels_orders: bool
) -> None:
    assert Stopping.by(cancels_orders=cancels_orders) is stopping
