"""What is open, and what amendments on their way would make of it."""

from dataclasses import replace
from decimal import Decimal

from actors.intake.open_notional import OpenNotional
from domain.orders.commands import AmendOrder
from domain.orders.order import Order
from domain.reasons import RefusalCode
from domain.risk.limits import RiskLimits
from tests.actors.builders import RULES, SYMBOL, order, placement


LIMITS = RiskLimits(max_open_notional={"USDT": Decimal(1000)})


def exposure(*orders: Order) -> OpenNotional:
    made = OpenNotional({SYMBOL: RULES}, LIMITS)
    for one in orders:
        made.note(one)
    return made


def amendment(of: Order, quantity: int) -> AmendOrder:
    return AmendOrder(order_id=of.order_id, symbol=SYMBOL, quantity=Decimal(quantity))


def test_amendments_that_come_together_do_not_break_the_limit_together() -> None:
    first, second = order("A"), order("B")  # 500 each
    open_now = exposure(first, second)
    open_now.note(replace(second, quantity=Decimal(2), version=second.version + 1))

    assert open_now.reserve(amendment(first, 8)) is None
    refusal = open_now.reserve(amendment(second, 3))

    assert refusal is not None
    assert refusal.code is RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT


def test_an_amendment_to_less_is_let_through_above_the_limit() -> None:
    first, second, third = order("A"), order("B"), order("C")  # 1,500 together
    open_now = exposure(first, second, third)

    assert open_now.reserve(amendment(first, 4)) is None
    assert open_now.reserve(amendment(first, 6)) is not None


def test_an_amendment_that_was_refused_gives_its_share_back() -> None:
    first = order("A")
    open_now = exposure(first)
    assert open_now.reserve(amendment(first, 10)) is None
    assert open_now.refusal(placement(quantity=Decimal(5))) is not None

    open_now.note(first, is_amendment_refused=True)

    assert open_now.refusal(placement(quantity=Decimal(5))) is None


def test_a_word_from_before_an_amendment_does_not_undo_it() -> None:
    first = order("A")
    open_now = exposure(first)
    assert open_now.reserve(amendment(first, 10)) is None

    open_now.note(replace(first, version=first.version + 1))
    assert open_now.refusal(placement(quantity=Decimal(1))) is not None

    amended = replace(first, quantity=Decimal(10), version=first.version + 2)
    open_now.note(amended)
    open_now.note(replace(amended, filled=Decimal(9), version=first.version + 3))
    assert open_now.refusal(placement(quantity=Decimal(5))) is None


def test_an_order_that_has_ended_is_not_open() -> None:
    first = order("A")
    open_now = exposure(first)

    open_now.forget(first.order_id)

    assert open_now.refusal(placement(quantity=Decimal(10))) is None
