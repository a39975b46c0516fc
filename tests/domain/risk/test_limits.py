"""The operator's limits, and what the account holds."""

from decimal import Decimal

import pytest

from domain.orders.child_order import ChildOrder
from domain.orders.lifecycle import child_of
from domain.reasons import RefusalCode
from domain.risk.limits import (
    RiskLimits,
    assets_without_symbol,
    check_balance,
    check_child_risk,
    check_open_risk,
    check_order_risk,
)
from domain.values import Side, Symbol, TimeInForce
from domain.venue.answers import Account, Balance
from domain.venue.symbol_rules import SymbolRules
from tests.builders import NOW, accepted_order, part


RULES = SymbolRules(symbol=Symbol("BNBUSDT"), base_asset="BNB", quote_asset="USDT")
ACCOUNT = Account(
    can_trade=True,
    balances={
        "BNB": Balance(free=Decimal(5), locked=Decimal(1)),
        "USDT": Balance(free=Decimal(1000), locked=Decimal(0)),
    },
    as_of=NOW,
)


def usdt(amount: int) -> dict[str, Decimal]:
    return {"USDT": Decimal(amount)}


def child(price: str, touch: str, side: Side = Side.SELL) -> ChildOrder:
    order = accepted_order(price=price, side=side)
    return child_of(order, (part(touch, "1"),), now=NOW, touch=Decimal(touch))


@pytest.mark.parametrize(
    ("limits", "open_notional", "code"),
    [
        (RiskLimits(), "999999", None),
        (RiskLimits(max_order_notional=usdt(500)), "0", None),
        (
            RiskLimits(max_order_notional=usdt(499)),
            "0",
            RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT,
        ),
        (RiskLimits(max_order_notional={"BTC": Decimal(1)}), "0", None),
        (RiskLimits(max_open_notional=usdt(800)), "300", None),
        (
            RiskLimits(max_open_notional=usdt(800)),
            "301",
            RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT,
        ),
    ],
)
def test_an_order_above_a_limit_of_its_quote_asset_is_refused(
    limits: RiskLimits, open_notional: str, code: RefusalCode | None
) -> None:
    refusal = check_order_risk(
        limits,
        RULES,
        price=Decimal(100),
        quantity=Decimal(5),
        time_in_force=TimeInForce.GTC,
    ) or check_open_risk(limits, RULES, own=Decimal(500), others=Decimal(open_notional))

    assert (refusal and refusal.code) == code


def test_a_refusal_says_the_limit_and_its_value() -> None:
    refusal = check_order_risk(
        RiskLimits(max_order_notional=usdt(499)),
        RULES,
        price=Decimal(100),
        quantity=Decimal(5),
        time_in_force=TimeInForce.GTC,
    )

    assert refusal is not None
    assert refusal.detail == ("price x quantity is 500 USDT, the limit is 499 USDT")


@pytest.mark.parametrize(
    ("time_in_force", "most", "is_fine"),
    [
        (TimeInForce.GTC, 499, True),
        (TimeInForce.GTD, 499, True),
        (TimeInForce.IOC, 500, True),
        (TimeInForce.FOK, 500, True),
        (TimeInForce.IOC, 499, False),
        (TimeInForce.FOK, 499, False),
    ],
)
def test_an_order_that_lives_for_one_child_is_no_larger_than_that_may_be(
    time_in_force: TimeInForce, most: int, *, is_fine: bool
) -> None:
    refusal = check_order_risk(
        RiskLimits(max_child_notional=usdt(most)),
        RULES,
        price=Decimal(100),
        quantity=Decimal(5),
        time_in_force=time_in_force,
    )

    assert (refusal is None) is is_fine
    if refusal is not None:
        assert refusal.detail == (
            f"the only child of {time_in_force} is 500 USDT, the limit is 499 USDT"
        )


@pytest.mark.parametrize(
    ("side", "price", "is_fine"),
    [
        (Side.SELL, "98", True),
        (Side.SELL, "97.99", False),
        (Side.SELL, "150", True),
        (Side.BUY, "102", True),
        (Side.BUY, "102.01", False),
        (Side.BUY, "50", True),
    ],
)
def test_a_limit_far_beyond_the_touch_is_outside_the_collar(
    side: Side, price: str, *, is_fine: bool
) -> None:
    limits = RiskLimits(price_collar=Decimal("0.02"))

    refusal = check_child_risk(limits, RULES, child(price, "100", side))

    assert (refusal is None) is is_fine
    if refusal is not None:
        assert refusal.code is RefusalCode.PRICE_OUTSIDE_COLLAR
        assert "the touch 100" in refusal.detail


def test_a_child_above_its_limit_is_refused() -> None:
    limits = RiskLimits(max_child_notional=usdt(99))

    refusal = check_child_risk(limits, RULES, child("100", "100"))

    assert refusal is not None
    assert refusal.code is RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT


@pytest.mark.parametrize(
    ("side", "quantity", "is_fine"),
    [
        (Side.SELL, "5", True),
        (Side.SELL, "5.001", False),
        (Side.BUY, "10", True),
        (Side.BUY, "10.001", False),
    ],
)
def test_nobody_gives_away_what_the_account_does_not_have_free(
    side: Side, quantity: str, *, is_fine: bool
) -> None:
    refusal = check_balance(
        ACCOUNT, RULES, side=side, price=Decimal(100), quantity=Decimal(quantity)
    )

    assert (refusal is None) is is_fine


def test_an_account_that_is_not_known_refuses_nothing() -> None:
    million = Decimal(1_000_000)

    assert (
        check_balance(None, RULES, side=Side.SELL, price=million, quantity=million)
        is None
    )


def test_a_limit_in_an_asset_that_nothing_is_traded_in_limits_nothing() -> None:
    limits = RiskLimits(
        max_order_notional=usdt(1),
        max_child_notional={"usdt": Decimal(1)},
        max_open_notional={"USTD": Decimal(1), "usdt": Decimal(2)},
    )

    assert assets_without_symbol(limits, [RULES]) == ("USTD", "usdt")
    assert assets_without_symbol(RiskLimits(max_order_notional=usdt(1)), [RULES]) == ()
