"""What a client's request makes of an order that has no child in flight."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    OrderCommand,
    PauseOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.order import Order, OrderStatus, OrderStep
from domain.orders.records import OrderChange
from domain.orders.requested_change import NONE_IN_FLIGHT, requested_change
from domain.reasons import EndReason, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import ChildId, OrderId, TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, accepted_order, at


RULES = SymbolRules(symbol=BTCUSDT, quote_asset="USDT")
ORDER = accepted_order(quantity="5")  # SELL at 100
ON_HOLD = replace(ORDER, reason=WaitReason.ON_HOLD)
A = OrderId("A")


def answer(
    command: OrderCommand, order: Order = ORDER, limits: RiskLimits = NO_LIMITS
) -> OrderChange | Order | Refusal:
    return requested_change(
        order, command, sequence=42, rules=RULES, limits=limits, now=at(1)
    )


def change(command: OrderCommand, order: Order = ORDER) -> OrderChange:
    changed = answer(command, order)
    assert isinstance(changed, OrderChange)
    return changed


def amend(price: str | None = None, quantity: str | None = None) -> AmendOrder:
    return AmendOrder(
        order_id=A,
        symbol=BTCUSDT,
        price=None if price is None else Decimal(price),
        quantity=None if quantity is None else Decimal(quantity),
    )


def assert_told(changed: OrderChange, *steps: OrderStep) -> None:
    """All of them now, and each with the next number."""
    assert [event.step for event in changed.events] == list(steps)
    assert {event.occurred_at for event in changed.events} == {at(1)}
    assert changed.order.updated_at == at(1)
    assert changed.order.version == changed.events[-1].number
    assert changed.follows == ORDER.version


def test_a_cancel_ends_the_order() -> None:
    changed = change(CancelOrder(order_id=A, symbol=BTCUSDT))

    after = changed.order
    assert_told(changed, OrderStep.CANCELED)
    assert after.status is OrderStatus.CANCELED
    assert after.reason is EndReason.CANCELED_BY_CLIENT


def test_an_amendment_gives_the_order_its_new_terms_and_place() -> None:
    after = change(amend(price="101")).order

    assert (after.price, after.quantity) == (Decimal(101), Decimal(5))
    assert after.sequence == 42


def test_an_amendment_lets_an_order_on_hold_go_on() -> None:
    changed = change(amend(quantity="4"), ON_HOLD)

    assert_told(changed, OrderStep.AMENDED, OrderStep.RELEASED)
    assert not changed.order.is_on_hold


def test_an_amendment_that_the_venue_would_refuse_is_refused() -> None:
    order = replace(ORDER, filled=Decimal(3))

    refused = answer(amend(quantity="3"), order)

    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.QUANTITY_NOT_ABOVE_FILLED


def test_an_amendment_to_more_than_the_operators_limit_is_refused() -> None:
    limits = RiskLimits(max_order_notional={"USDT": Decimal(550)})

    assert isinstance(answer(amend(quantity="6"), limits=limits), Refusal)


@pytest.mark.parametrize(
    ("time_in_force", "is_refused"), [(TimeInForce.GTC, False), (TimeInForce.IOC, True)]
)
def test_an_order_that_lives_for_one_child_is_amended_to_no_more_than_that_may_be(
    time_in_force: TimeInForce, *, is_refused: bool
) -> None:
    limits = RiskLimits(max_child_notional={"USDT": Decimal(550)})
    order = replace(ORDER, time_in_force=time_in_force)

    answered = answer(amend(quantity="6"), order, limits)

    assert isinstance(answered, Refusal) is is_refused


def test_an_amendment_to_less_is_taken_whatever_the_operators_limit() -> None:
    limits = RiskLimits(max_order_notional={"USDT": Decimal(300)})

    assert isinstance(answer(amend(quantity="4"), limits=limits), OrderChange)


def test_a_release_lets_an_order_on_hold_go_on() -> None:
    changed = change(ReleaseOrder(order_id=A, symbol=BTCUSDT), ON_HOLD)

    assert_told(changed, OrderStep.RELEASED)
    assert not changed.order.is_on_hold


def test_an_order_that_is_not_on_hold_needs_no_release() -> None:
    assert answer(ReleaseOrder(order_id=A, symbol=BTCUSDT)) is ORDER


def test_there_is_no_child_to_settle() -> None:
    command = SettleChild(
        order_id=A, symbol=BTCUSDT, child_id=ChildId("A-1"), fills=(), note=""
    )

    assert answer(command) is NONE_IN_FLIGHT


PAUSED = replace(ORDER, is_paused=True, reason=WaitReason.PAUSED)


def pause(*, is_on: bool) -> PauseOrder:
    return PauseOrder(order_id=A, symbol=BTCUSDT, is_on=is_on)


def test_an_order_is_paused_and_resumed() -> None:
    paused, resumed = change(pause(is_on=True)), change(pause(is_on=False), PAUSED)

    assert_told(paused, OrderStep.PAUSED)
    assert (paused.order.is_paused, paused.order.reason) == (True, WaitReason.PAUSED)
    assert_told(resumed, OrderStep.RESUMED)
    assert (resumed.order.is_paused, resumed.order.reason) == (False, None)


@pytest.mark.parametrize("reason", [WaitReason.ON_HOLD, WaitReason.CHILD_UNKNOWN])
def test_a_pause_hides_nothing_that_matters_more(reason: WaitReason) -> None:
    paused = change(pause(is_on=True), replace(ORDER, reason=reason)).order

    assert (paused.is_paused, paused.reason) == (True, reason)
    assert change(pause(is_on=False), paused).order.reason is reason


@pytest.mark.parametrize(
    ("order", "is_on"),
    [
        (ORDER, False),
        (PAUSED, True),
        (replace(ORDER, status=OrderStatus.PENDING_CANCEL), True),
    ],
)
def test_an_order_that_is_as_requested_stays_as_it_is(
    order: Order, *, is_on: bool
) -> None:
    assert answer(pause(is_on=is_on), order) is order


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_order_that_never_waits_cannot_be_paused(time_in_force: TimeInForce) -> None:
    order = accepted_order(time_in_force=time_in_force)

    refusal = answer(pause(is_on=True), order)

    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.ORDER_NEVER_WAITS


def test_an_order_on_hold_that_is_released_is_still_paused() -> None:
    order = replace(ON_HOLD, is_paused=True)

    released = change(ReleaseOrder(order_id=A, symbol=BTCUSDT), order).order

    assert (released.is_paused, released.reason) == (True, WaitReason.PAUSED)


def test_an_amendment_does_not_resume() -> None:
    assert change(amend(price="101"), PAUSED).order.is_paused
