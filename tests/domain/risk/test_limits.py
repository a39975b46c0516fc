"""The operator's limits, and what the account holds."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders.child_order import ChildOrder
from domain.orders.lifecycle import child_of
from domain.reasons import RefusalCode
from domain.refusals import Refusal
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
from tests.builders import NOW, accepted_order, part, touch_at


RULES = SymbolRules(symbol=Symbol("BNBUSDT"), base_asset="BNB", quote_asset="USDT")
ACCOUNT = Account(
    can_trade=True,
    balances={
        "BNB": Balance(free=Decimal(5), locked=Decimal(1)),
        "USDT": Balance(free=Decimal(1000), locked=Decimal(0)),
    },
    as_of=NOW,
)


OPEN_WITH_IT = "open notional of BNBUSDT with this order"


def usdt(amount: int) -> dict[str, Decimal]:
    return {"USDT": Decimal(amount)}


def child(price: str, touch: str, side: Side = Side.SELL) -> ChildOrder:
    order = accepted_order(price=price, side=side)
    return child_of(order, (part(touch, "1"),), now=NOW, touch=touch_at(touch, touch))


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


def order_risk(
    limits: RiskLimits,
    rules: SymbolRules = RULES,
    time_in_force: TimeInForce = TimeInForce.GTC,
) -> Refusal | None:
    """Of 5 at 100."""
    return check_order_risk(
        limits,
        rules,
        price=Decimal(100),
        quantity=Decimal(5),
        time_in_force=time_in_force,
    )


def child_risk(limits: RiskLimits) -> Refusal | None:
    """Of one unit at 98 that may be executed at the touch of 100."""
    return check_child_risk(limits, RULES, child("98", "100"))


def open_risk(limits: RiskLimits) -> Refusal | None:
    """Of 500 beside 301."""
    return check_open_risk(limits, RULES, own=Decimal(500), others=Decimal(301))


@pytest.mark.parametrize(
    ("check", "limits", "code", "detail"),
    [
        (
            order_risk,
            RiskLimits(max_order_notional=usdt(499)),
            RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT,
            "price x quantity is 500 USDT, the limit is 499 USDT",
        ),
        (
            open_risk,
            RiskLimits(max_open_notional=usdt(800)),
            RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT,
            f"{OPEN_WITH_IT} is 801 USDT, the limit is 800 USDT",
        ),
        (
            child_risk,
            RiskLimits(max_child_notional=usdt(99)),
            RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT,
            "the child at its price or the touch is 100 USDT, the limit is 99 USDT",
        ),
    ],
)
def test_a_refusal_says_the_limit_and_its_value(
    check: Callable[[RiskLimits], Refusal | None],
    limits: RiskLimits,
    code: RefusalCode,
    detail: str,
) -> None:
    assert check(limits) == Refusal(code=code, detail=detail, field="quantity")


@pytest.mark.parametrize(
    ("rules", "most", "smallest"),
    [
        # The minimum notional of 10 is 0.1 at a price of 100.
        ({"min_notional": Decimal(10)}, "10", None),
        ({"min_notional": Decimal(10)}, "9.99", "10"),
        # Two lots of 0.07 are the least that is not below 0.1.
        ({"min_notional": Decimal(10), "step_size": Decimal("0.07")}, "14", None),
        ({"min_notional": Decimal(10), "step_size": Decimal("0.07")}, "13.99", "14"),
        ({"min_quantity": Decimal("0.2")}, "20", None),
        ({"min_quantity": Decimal("0.2")}, "19.99", "20"),
        # Without a minimum it is one lot.
        ({"step_size": Decimal("0.5")}, "50", None),
        ({"step_size": Decimal("0.5")}, "49.99", "50"),
        ({}, "0.00001", None),
    ],
)
def test_a_limit_below_the_smallest_child_that_the_venue_takes_refuses_the_order(
    rules: dict[str, Decimal], most: str, smallest: str | None
) -> None:
    limits = RiskLimits(max_child_notional={"USDT": Decimal(most)})

    refusal = order_risk(limits, replace(RULES, **rules))  # type: ignore[arg-type] # field by name

    detail = f"the smallest child order is {smallest} USDT, the limit is {most} USDT"
    expected = Refusal(
        code=RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT, detail=detail, field="quantity"
    )
    assert refusal == (None if smallest is None else expected)


def test_a_limit_of_another_asset_leaves_the_smallest_child_alone() -> None:
    limits = RiskLimits(max_child_notional={"BTC": Decimal("0.001")})

    assert order_risk(limits, replace(RULES, min_notional=Decimal(10))) is None


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
    limits = RiskLimits(max_child_notional=usdt(most))

    refusal = order_risk(limits, time_in_force=time_in_force)

    expected = Refusal(
        code=RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT,
        detail=f"the only child of {time_in_force} is 500 USDT, the limit is 499 USDT",
        field="quantity",
    )
    assert refusal == (None if is_fine else expected)


@pytest.mark.parametrize(
    ("side", "price", "where"),
    [
        (Side.SELL, "98", None),
        (Side.SELL, "97.99", "below"),
        (Side.SELL, "150", None),
        (Side.BUY, "102", None),
        (Side.BUY, "102.01", "above"),
        (Side.BUY, "50", None),
    ],
)
def test_a_limit_far_beyond_the_touch_is_outside_the_collar(
    side: Side, price: str, where: str | None
) -> None:
    limits = RiskLimits(price_collar=Decimal("0.02"))

    refusal = check_child_risk(limits, RULES, child(price, "100", side))

    expected = Refusal(
        code=RefusalCode.PRICE_OUTSIDE_COLLAR,
        detail=f"limit {price} is more than 2 % {where} the touch 100",
        field="price",
    )
    assert refusal == (None if where is None else expected)


@pytest.mark.parametrize("collar", [None, Decimal("0.02")])
def test_a_collar_needs_a_touch_and_to_be_set(collar: Decimal | None) -> None:
    limits = RiskLimits(price_collar=collar)
    far = child("1", "100")

    touch = far.touch if collar is None else None
    assert check_child_risk(limits, RULES, replace(far, touch=touch)) is None


@pytest.mark.parametrize(
    ("price", "touch", "is_fine"),
    [
        ("100", "98", True),  # the most that it can be executed at is its limit,
        ("98", "100", True),  # or the touch
        ("100.01", "98", False),
        ("98", "100.01", False),
        ("100", None, True),
        ("100.01", None, False),
    ],
)
def test_a_child_may_be_as_large_as_its_limit(
    price: str, touch: str | None, *, is_fine: bool
) -> None:
    at = None if touch is None else touch_at(touch, None)
    one = replace(child(price, "100"), touch=at)

    refusal = check_child_risk(RiskLimits(max_child_notional=usdt(100)), RULES, one)

    assert (refusal is None) is is_fine


@pytest.mark.parametrize(
    ("side", "quantity", "detail"),
    [
        (Side.SELL, "5", None),
        (Side.SELL, "5.001", "needs 5.001 BNB, the account has 5 free"),
        (Side.BUY, "10", None),
        (Side.BUY, "10.001", "needs 1000.1 USDT, the account has 1000 free"),
    ],
)
def test_nobody_gives_away_what_the_account_does_not_have_free(
    side: Side, quantity: str, detail: str | None
) -> None:
    refusal = check_balance(
        ACCOUNT, RULES, side=side, price=Decimal(100), quantity=Decimal(quantity)
    )

    assert refusal == (None if detail is None else too_little(detail))


def too_little(detail: str) -> Refusal:
    code = RefusalCode.INSUFFICIENT_BALANCE
    return Refusal(code=code, detail=detail, field="quantity")


def test_an_account_has_none_of_an_asset_that_it_does_not_name() -> None:
    refusal = check_balance(
        replace(ACCOUNT, balances={}),
        RULES,
        side=Side.SELL,
        price=Decimal(100),
        quantity=Decimal("0.001"),
    )

    assert refusal == too_little("needs 0.001 BNB, the account has 0 free")


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
