from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import parse_amount
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT


RULES = SymbolRules(
    symbol=BTCUSDT,
    base_asset="BTC",
    quote_asset="USDT",
    tick_size=Decimal("0.01"),
    min_price=Decimal("1.00"),
    max_price=Decimal(1000000),
    step_size=Decimal("0.00001"),
    min_quantity=Decimal("0.00010"),
    max_quantity=Decimal(9000),
    min_notional=Decimal(5),
    max_notional=Decimal(9000000),
)
NO_RULES = SymbolRules(symbol=BTCUSDT)
LARGEST = parse_amount("9999999999999999.999999999999")
SMALLEST = parse_amount("0.000000000001")


def test_order_within_all_rules_is_not_refused() -> None:
    assert RULES.check(price=Decimal("60000.01"), quantity=Decimal("0.12345")) is None


@pytest.mark.parametrize(
    ("price", "quantity", "code", "field", "detail"),
    [
        (
            "0.99",
            "10",
            RefusalCode.PRICE_BELOW_MINIMUM,
            "price",
            "price must be at least 1",
        ),
        (
            "1000000.01",
            "1",
            RefusalCode.PRICE_ABOVE_MAXIMUM,
            "price",
            "price must be at most 1000000",
        ),
        (
            "100.005",
            "1",
            RefusalCode.PRICE_OFF_TICK,
            "price",
            "price must be a multiple of 0.01",
        ),
        (
            "100",
            "0.00009",
            RefusalCode.QUANTITY_BELOW_MINIMUM,
            "quantity",
            "quantity must be at least 0.0001",
        ),
        (
            "100",
            "9000.00001",
            RefusalCode.QUANTITY_ABOVE_MAXIMUM,
            "quantity",
            "quantity must be at most 9000",
        ),
        (
            "100",
            "0.100001",
            RefusalCode.QUANTITY_OFF_LOT,
            "quantity",
            "quantity must be a multiple of 0.00001",
        ),
        (
            "100",
            "0.04999",
            RefusalCode.NOTIONAL_BELOW_MINIMUM,
            "quantity",
            "price x quantity must be at least 5",
        ),
        (
            "1000.01",
            "9000",
            RefusalCode.NOTIONAL_ABOVE_MAXIMUM,
            "quantity",
            "price x quantity must be at most 9000000",
        ),
    ],
)
def test_refusal_names_the_field_and_the_limit(
    price: str, quantity: str, code: RefusalCode, field: str, detail: str
) -> None:
    refusal = RULES.check(price=Decimal(price), quantity=Decimal(quantity))

    assert refusal == Refusal(code=code, field=field, detail=detail)


@pytest.mark.parametrize(
    ("price", "quantity"),
    [
        ("1", "5"),  # least price, least notional
        ("1000000", "9"),  # greatest price, greatest notional
        ("50000", "0.0001"),  # least quantity
        ("1000", "9000"),  # greatest quantity
    ],
)
def test_limits_themselves_are_allowed(price: str, quantity: str) -> None:
    assert RULES.check(price=Decimal(price), quantity=Decimal(quantity)) is None
    assert RULES.is_tradeable(price=Decimal(price), quantity=Decimal(quantity))


@pytest.mark.parametrize("status", ["BREAK", "HALT", ""])
def test_symbol_that_does_not_trade_refuses_before_all_else(status: str) -> None:
    rules = replace(RULES, status=status)

    refusal = rules.check(price=Decimal("0.001"), quantity=Decimal("0.001"))

    assert refusal == Refusal(
        code=RefusalCode.SYMBOL_NOT_TRADING,
        field="symbol",
        detail=f"BTCUSDT is in status {status} at the venue",
    )


@pytest.mark.parametrize("price", [SMALLEST, Decimal(1), LARGEST])
@pytest.mark.parametrize("quantity", [SMALLEST, Decimal(1), LARGEST])
def test_rules_at_zero_refuse_nothing(price: Decimal, quantity: Decimal) -> None:
    assert NO_RULES.check(price=price, quantity=quantity) is None
    assert NO_RULES.is_tradeable(price=price, quantity=quantity)


def test_largest_amounts_are_checked_without_rounding() -> None:
    whole = "99999999999999999999999999980000"
    product = Decimal(f"{whole}.000000000000000000000001")
    just_enough = replace(NO_RULES, max_notional=product)
    just_too_little = replace(NO_RULES, max_notional=Decimal(whole))

    assert just_enough.check(price=LARGEST, quantity=LARGEST) is None
    refusal = just_too_little.check(price=LARGEST, quantity=LARGEST)
    assert refusal is not None
    assert refusal.code is RefusalCode.NOTIONAL_ABOVE_MAXIMUM


def test_largest_amount_is_held_against_the_smallest_step() -> None:
    fine = replace(NO_RULES, tick_size=SMALLEST, step_size=SMALLEST)
    coarse = replace(NO_RULES, step_size=Decimal(2))

    assert fine.check(price=LARGEST, quantity=LARGEST) is None
    refusal = coarse.check(price=LARGEST, quantity=LARGEST)
    assert refusal is not None
    assert refusal.code is RefusalCode.QUANTITY_OFF_LOT


amounts = st.builds(
    lambda units, decimals: Decimal(units).scaleb(-decimals),
    st.integers(min_value=1, max_value=10**9),
    st.integers(min_value=0, max_value=8),
)


@given(amounts, amounts)
def test_too_small_to_trade_means_refused_for_a_minimum(
    price: Decimal, quantity: Decimal
) -> None:
    minimums = replace(
        NO_RULES, min_quantity=RULES.min_quantity, min_notional=RULES.min_notional
    )

    refusal = minimums.check(price=price, quantity=quantity)

    assert (refusal is None) is minimums.is_tradeable(price=price, quantity=quantity)


@given(amounts, amounts)
def test_order_that_passes_holds_every_rule(price: Decimal, quantity: Decimal) -> None:
    refusal = RULES.check(price=price, quantity=quantity)

    holds = (
        RULES.min_price <= price <= RULES.max_price
        and price % RULES.tick_size == 0
        and RULES.min_quantity <= quantity <= RULES.max_quantity
        and quantity % RULES.step_size == 0
        and RULES.min_notional <= price * quantity <= RULES.max_notional
    )
    assert (refusal is None) is holds
