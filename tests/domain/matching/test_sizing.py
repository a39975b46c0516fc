"""How much of an order one child takes."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.matching.sizing import Sizing, child_limit, legal_limit
from domain.values import Side, Symbol, is_multiple, notional
from domain.venue.symbol_rules import SymbolRules


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
    return sold(sizing, Decimal(available), Decimal(waiting))


def sold(
    sizing: Sizing,
    available: Decimal,
    waiting: Decimal,
    price: Decimal = PRICE,
    touch: Decimal | None = None,
    released: Decimal | None = None,
) -> Decimal:
    """Size the child of a SELL, whose limit is the touch when no touch is given."""
    return sizing.size(
        limit=price,
        touch=price if touch is None else touch,
        available=available,
        released=waiting if released is None else released,
        left=waiting,
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
        ("0.15", "0.2", "0.1"),  # the two smallest there can be
        ("500", "300", "100"),  # the venue's largest order
    ],
)
def test_a_child_is_legal_and_leaves_no_dust_where_it_can(
    available: str, waiting: str, expected: str
) -> None:
    assert size(available, waiting) == Decimal(expected)


@pytest.mark.parametrize(
    ("released", "available", "left", "expected"),
    [
        ("2", "5", "5", "2"),
        ("2", "1", "5", "1"),
        ("0.05", "5", "5", "0"),  # too little for the venue
        ("4.95", "5", "5", "4.9"),  # leaves 0.1 of the whole, which can be traded
        ("0.12", "5", "0.21", "0.11"),
        ("0.15", "5", "0.19", "0"),  # cannot be split: all is taken once it is released
        ("0.15", "0.12", "0.19", "0"),
        ("0.19", "5", "0.19", "0.19"),
        ("0.19", "0.15", "0.19", "0.15"),  # no more will be released
    ],
)
def test_a_slice_leaves_no_dust_of_the_whole(
    released: str, available: str, left: str, expected: str
) -> None:
    quantity = sold(
        Sizing(rules=RULES),
        Decimal(available),
        Decimal(left),
        released=Decimal(released),
    )

    assert quantity == Decimal(expected)


def test_a_child_stays_below_our_own_limit() -> None:
    assert size("5", "5", max_notional="250.9") == Decimal("2.5")


def test_rules_that_are_off_do_not_matter() -> None:
    sizing = Sizing(rules=SymbolRules(symbol=Symbol("BNBUSDT")))
    third = Decimal("0.333")

    assert sold(sizing, third, PRICE) == third


amounts = st.decimals("0.01", "300", places=4)
lots = st.decimals("0.01", "300", places=2)


@given(price=st.decimals("0.5", "500", places=2), available=amounts, waiting=lots)
def test_no_child_breaks_a_rule(
    price: Decimal, available: Decimal, waiting: Decimal
) -> None:
    quantity = sold(Sizing(rules=RULES), available, waiting, price)

    assert quantity <= min(available, waiting)
    if quantity:
        assert RULES.check(price=price, quantity=quantity) is None


@given(available=amounts, waiting=lots)
def test_a_rest_is_untradeable_only_where_no_smaller_child_helps(
    available: Decimal, waiting: Decimal
) -> None:
    quantity = sold(Sizing(rules=RULES), available, waiting)
    rest = waiting - quantity

    is_dust = bool(rest) and notional(PRICE, rest) < RULES.min_notional
    both_fit = notional(PRICE, waiting) >= 2 * RULES.min_notional
    assert not (quantity and is_dust and both_fit)


@given(available=amounts, left=lots, share=st.decimals("0.01", "1", places=2))
def test_a_slice_of_what_is_left_never_leaves_dust(
    available: Decimal, left: Decimal, share: Decimal
) -> None:
    released = left * share
    quantity = sold(Sizing(rules=RULES), available, left, released=released)
    rest = left - quantity

    assert quantity <= released
    is_dust = bool(rest) and notional(PRICE, rest) < RULES.min_notional
    assert not (quantity and is_dust and released < left)


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

    quantity = sold(sizing, waiting, waiting, price)

    assert quantity == waiting or is_multiple(quantity, Decimal("1e-8"))
    assert notional(price, quantity) <= most


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (Side.SELL, "0.02943", "0.030"),
        (Side.BUY, "0.02943", "0.029"),
        (Side.SELL, "0.029", "0.029"),
    ],
)
def test_a_limit_off_a_new_tick_becomes_one_on_it_that_is_no_worse(
    side: Side, price: str, expected: str
) -> None:
    rules = SymbolRules(symbol=Symbol("ETHBTC"), tick_size=Decimal("0.001"))

    assert legal_limit(side, Decimal(price), rules) == Decimal(expected)


BANDED = replace(
    RULES,
    tick_size=Decimal("0.1"),
    sell_price_down=Decimal("0.2"),
    buy_price_up=Decimal(5),
)


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (Side.SELL, "1", "60"),  # half of the 80 % that are granted
        (Side.SELL, "60", "60"),
        (Side.SELL, "99", "99"),
        (Side.SELL, "500", "500"),
        (Side.BUY, "900", "300"),  # half of the 400 %
        (Side.BUY, "101", "101"),
    ],
)
def test_a_childs_limit_is_not_farther_beyond_the_touch_than_the_venue_takes(
    side: Side, price: str, expected: str
) -> None:
    limit = child_limit(side, Decimal(price), Decimal(100), BANDED)

    assert limit == Decimal(expected)


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
@given(
    price=st.decimals("0.1", "9999", places=1),
    touch=st.decimals("0.1", "9999", places=1),
    factor=st.decimals("0.01", "9", places=2),
)
def test_a_childs_limit_is_never_worse_and_still_reaches_what_the_order_does(
    side: Side, price: Decimal, touch: Decimal, factor: Decimal
) -> None:
    rules = replace(BANDED, sell_price_down=factor, buy_price_up=factor)

    limit = child_limit(side, price, touch, rules)

    assert is_multiple(limit, rules.tick_size)
    if side is Side.SELL:
        assert limit >= price
        assert (limit <= touch) == (price <= touch)
    else:
        assert limit <= price
        assert (limit >= touch) == (price >= touch)


def test_without_a_touch_a_childs_limit_is_the_orders() -> None:
    assert child_limit(Side.SELL, Decimal(1), None, BANDED) == 1


def test_a_childs_notional_is_that_of_the_touch_where_that_is_more() -> None:
    sizing = Sizing(rules=RULES, max_notional=Decimal(200))
    five = Decimal(5)

    assert sold(sizing, five, five, price=Decimal(20), touch=PRICE) == 2


def test_a_childs_minimum_is_that_of_its_own_limit() -> None:
    sizing = Sizing(rules=BANDED)
    limit = sizing.limit(Side.BUY, Decimal(90_000), touch=PRICE)
    amount = Decimal("0.03")  # 2,700 at the order's limit, 9 at the child's

    size = sold(sizing, amount, amount, price=limit, touch=PRICE)

    assert size == 0


@pytest.mark.parametrize(
    ("side", "price", "factor", "expected"),
    [
        (Side.SELL, "1", "0", "1"),  # a rule of 0 is off
        (Side.SELL, "1", "1", "1"),  # one that grants nothing is nonsense
        (Side.SELL, "1", "1.5", "1"),
        (Side.SELL, "1", "0.99", "99.5"),
        (Side.BUY, "900", "0", "900"),
        (Side.BUY, "900", "1", "900"),
        (Side.BUY, "900", "0.5", "900"),
        (Side.BUY, "900", "1.01", "100.5"),
    ],
)
def test_a_price_rule_that_grants_nothing_moves_no_limit(
    side: Side, price: str, factor: str, expected: str
) -> None:
    granted = Decimal(factor)
    rules = replace(BANDED, sell_price_down=granted, buy_price_up=granted)

    assert child_limit(side, Decimal(price), PRICE, rules) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [(Side.SELL, "1", "60.2"), (Side.BUY, "900", "300.9")],
)
def test_a_limit_off_the_tick_is_put_on_it_for_the_better(
    side: Side, price: str, expected: str
) -> None:
    limit = child_limit(side, Decimal(price), Decimal("100.33"), BANDED)

    assert limit == Decimal(expected)


def test_new_rules_count_where_the_venues_rules_do() -> None:
    ours = Sizing(rules=RULES, max_notional=Decimal(200))
    paper = replace(ours, applies_rules=False)

    assert ours.under(BANDED) == replace(ours, rules=BANDED)
    assert paper.under(BANDED) is paper


@pytest.mark.parametrize(
    ("price", "least"), [("100", "0.1"), ("1000", "0.02"), ("0", "0.02")]
)
def test_the_smallest_child_satisfies_both_minimums(price: str, least: str) -> None:
    """A side without orders may be stated as one at a price of 0."""
    assert Sizing(rules=RULES).least(Decimal(price)) == Decimal(least)
