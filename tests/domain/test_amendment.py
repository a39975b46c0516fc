from dataclasses import replace
from decimal import Decimal

import pytest

from domain.amendment import Terms, amended_terms, check_amendment
from domain.commands import AmendOrder
from domain.instrument import SymbolRules
from domain.order import Order
from domain.reasons import RefusalCode
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
