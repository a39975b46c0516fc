from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders.amendment import Terms, amended_terms, check_amendment, is_more
from domain.orders.commands import AmendOrder
from domain.orders.order import Order
from domain.reasons import RefusalCode
from domain.venue.symbol_rules import DELISTED, SymbolRules
from tests.builders import BTCUSDT, accepted_order


ORDER = accepted_order(7, quantity="3", price="100")


def wish(
    order: Order, *, price: str | None = None, quantity: str | None = None
) -> AmendOrder:
    return AmendOrder(
        order_id=order.order_id,
        symbol=order.symbol,
        price=None if price is None else Decimal(price),
        quantity=None if quantity is None else Decimal(quantity),
    )


def terms(price: str, quantity: str, sequence: int = 7) -> Terms:
    return Terms(price=Decimal(price), quantity=Decimal(quantity), sequence=sequence)


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        (None, None, terms("100", "3", 7)),
        (None, "2", terms("100", "2", 7)),
        (None, "3", terms("100", "3", 7)),
        ("100.00", "1", terms("100", "1", 7)),
        (None, "3.1", terms("100", "3.1", 42)),
        ("99", None, terms("99", "3", 42)),
        ("101", "2", terms("101", "2", 42)),
    ],
)
def test_only_asking_for_less_keeps_the_place_in_line(
    price: str | None, quantity: str | None, expected: Terms
) -> None:
    command = wish(ORDER, price=price, quantity=quantity)

    assert amended_terms(ORDER, command, 42) == expected


@pytest.mark.parametrize("quantity", ["0.5", "1"])
def test_quantity_must_stay_above_what_is_filled(quantity: str) -> None:
    order = replace(ORDER, filled=Decimal(1))
    rules = SymbolRules(symbol=BTCUSDT)

    refusal = check_amendment(order, terms("100", quantity), rules)

    assert refusal is not None
    assert refusal.code is RefusalCode.QUANTITY_NOT_ABOVE_FILLED
    assert refusal.field == "quantity"
    assert "1 is filled" in refusal.detail


def test_new_terms_must_keep_the_rules_of_the_venue() -> None:
    rules = SymbolRules(symbol=BTCUSDT, tick_size=Decimal("0.5"))

    refusal = check_amendment(ORDER, terms("100.25", "3"), rules)

    assert refusal is not None
    assert refusal.code is RefusalCode.PRICE_OFF_TICK


def test_terms_that_can_be_are_not_refused() -> None:
    rules = SymbolRules(symbol=BTCUSDT, tick_size=Decimal("0.5"))

    assert check_amendment(ORDER, terms("100.5", "0.1"), rules) is None


LOT = SymbolRules(
    symbol=BTCUSDT,
    tick_size=Decimal("0.5"),
    step_size=Decimal(1),
    min_quantity=Decimal(1),
    max_quantity=Decimal(50),
    min_notional=Decimal(100),
    max_notional=Decimal(10_000),
)
"""The lot has grown to 1 since the order below was taken in, and 0.5 of it filled."""

ODD = replace(ORDER, quantity=Decimal(10), filled=Decimal("0.5"))


@pytest.mark.parametrize(
    ("price", "quantity", "code"),
    [
        ("101", "10", None),
        ("100", "10", None),
        ("100", "10.5", None),
        ("100", "9.5", None),
        ("101", "10.5", None),
        ("100", "50.5", None),
        ("100", "9", RefusalCode.QUANTITY_OFF_LOT),
        ("100", "11", RefusalCode.QUANTITY_OFF_LOT),
        ("100", "1", RefusalCode.QUANTITY_BELOW_MINIMUM),
        ("100", "51.5", RefusalCode.QUANTITY_ABOVE_MAXIMUM),
        ("50", "1.5", RefusalCode.NOTIONAL_BELOW_MINIMUM),
        ("500", "40.5", RefusalCode.NOTIONAL_ABOVE_MAXIMUM),
        ("100.25", "10", RefusalCode.PRICE_OFF_TICK),
        ("5", "10", RefusalCode.NOTIONAL_BELOW_MINIMUM),
        ("2000", "10", RefusalCode.NOTIONAL_ABOVE_MAXIMUM),
    ],
)
def test_what_changes_is_judged_and_of_a_quantity_what_is_left(
    price: str, quantity: str, code: RefusalCode | None
) -> None:
    refusal = check_amendment(ODD, terms(price, quantity), LOT)

    assert (None if refusal is None else refusal.code) == code


def test_a_price_alone_is_blamed_for_what_is_left_at_it() -> None:
    refusal = check_amendment(ODD, terms("5", "10"), LOT)

    assert refusal is not None
    assert refusal.field == "price"


def test_a_price_is_no_reason_to_refuse_what_was_too_much_before() -> None:
    rules = replace(LOT, max_notional=Decimal(500))

    assert check_amendment(ODD, terms("101", "10"), rules) is None
    assert check_amendment(ODD, terms("99", "10"), rules) is None


def test_a_refused_rest_is_named() -> None:
    refusal = check_amendment(ODD, terms("100", "11"), LOT)

    assert refusal is not None
    assert refusal.detail.endswith(": 10.5 would be left to trade, 0.5 is filled")


def test_terms_as_they_are_break_no_rule() -> None:
    rules = replace(LOT, tick_size=Decimal(3), min_notional=Decimal(1_000_000))

    assert check_amendment(ODD, terms("100", "10"), rules) is None


@pytest.mark.parametrize("status", ["BREAK", "HALT"])
def test_a_halted_symbol_does_not_keep_terms_from_changing(status: str) -> None:
    assert check_amendment(ODD, terms("101", "10"), replace(LOT, status=status)) is None


def test_terms_of_a_symbol_that_the_venue_has_forgotten_stay() -> None:
    forgotten = SymbolRules(symbol=BTCUSDT, status=DELISTED)

    assert check_amendment(ODD, terms("100", "10"), forgotten) is None
    refusal = check_amendment(ODD, terms("101", "10"), forgotten)

    assert refusal is not None
    assert refusal.code is RefusalCode.SYMBOL_NOT_TRADING


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("100", "3", False),
        ("100", "3.01", True),
        ("100.01", "3", True),
        ("150", "2", False),
        ("150", "2.01", True),
        ("99", "3", False),
    ],
)
def test_terms_ask_for_more_when_price_times_quantity_is_more(
    price: str, quantity: str, *, expected: bool
) -> None:
    assert is_more(ORDER, terms(price, quantity)) is expected
