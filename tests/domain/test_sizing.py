"""How much of an order one child takes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instrument import SymbolRules
from domain.sizing import Sizing
from domain.values import Symbol, is_multiple, notional


RULES = SymbolRules(
    symbol=Symbol("BNBUSDT"),
    step_size=Decimal("0.01"),
    min_quantity=Decimal("0.02"),
    max_quantity=Decimal(100),
    min_notional=Decimal(10),
)
PRICE = Decimal(100)


def size(available: str, waiting: str, max_notional: str = "0") -> Decimal:
    sizing = Sizing(rules=RULES, max_notional=Decimal(max_notional))
    return sizing.size(
        price=PRICE, available=Decimal(available), waiting=Decimal(waiting)
    )


@pytest.mark.parametrize(
    ("available", "waiting", "expected"),
    [
        ("5", "5", "5"),
        ("3", "5", "3"),
        ("3.019", "5", "3.01"),  # whole lots only
        ("0.09", "5", "0"),  # below the minimum notional of 10
        ("0.1", "5", "0.1"),
        ("4.95", "5", "4.9"),  # leaves 0.1, which can be traded
        ("0.15", "0.19", "0.15"),  # no way to leave a rest that can be traded
        ("0.12", "0.21", "0.11"),
        ("500", "300", "100"),  # the venue's largest order
    ],
)
def test_a_child_is_legal_and_leaves_no_dust_where_it_can(
    available: str, waiting: str, expected: str
) -> None:
    assert size(available, waiting) == Decimal(expected)


def test_a_child_stays_below_our_own_limit() -> None:
    assert size("5", "5", max_notional="250.9") == Decimal("2.5")


def test_rules_that_are_off_do_not_matter() -> None:
    sizing = Sizing(rules=SymbolRules(symbol=Symbol("BNBUSDT")))
    third = Decimal("0.333")

    assert sizing.size(price=PRICE, available=third, waiting=PRICE) == third


amounts = st.decimals("0.01", "300", places=4)
lots = st.decimals("0.01", "300", places=2)


@given(price=st.decimals("0.5", "500", places=2), available=amounts, waiting=lots)
def test_no_child_breaks_a_rule(
    price: Decimal, available: Decimal, waiting: Decimal
) -> None:
    quantity = Sizing(rules=RULES).size(
        price=price, available=available, waiting=waiting
    )

    assert quantity <= min(available, waiting)
    if quantity:
        assert RULES.check(price=price, quantity=quantity) is None


@given(available=amounts, waiting=lots)
def test_a_rest_is_untradeable_only_where_no_smaller_child_helps(
    available: Decimal, waiting: Decimal
) -> None:
    quantity = Sizing(rules=RULES).size(
        price=PRICE, available=available, waiting=waiting
    )
    rest = waiting - quantity

    is_dust = bool(rest) and notional(PRICE, rest) < RULES.min_notional
    both_fit = notional(PRICE, waiting) >= 2 * RULES.min_notional
    assert not (quantity and is_dust and both_fit)


def test_a_limit_of_ours_below_one_lot_lets_nothing_leave() -> None:
    assert size("5", "5", max_notional="0.5") == 0


@given(
    price=st.decimals("0.01", "99999", places=2),
    most=st.decimals("1", "99999", places=2),
    waiting=st.decimals("0.0001", "999", places=12),
)
def test_a_size_never_has_more_digits_than_an_amount_may_have(
    price: Decimal, most: Decimal, waiting: Decimal
) -> None:
    sizing = Sizing(rules=SymbolRules(symbol=Symbol("BNBUSDT")), max_notional=most)

    quantity = sizing.size(price=price, available=waiting, waiting=waiting)

    assert quantity == waiting or is_multiple(quantity, Decimal("1e-8"))
    assert notional(price, quantity) <= most
