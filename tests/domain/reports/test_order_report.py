"""Every figure against one worked out by hand, in the comment beside it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.market.touch import Touch
from domain.orders.child_order import Fill
from domain.orders.order import OrderStatus
from domain.orders.stored_orders import OrderTouches
from domain.reports.figures import Figure, Measure, Missing, added, word_for
from domain.reports.order_report import Evidence, OrderReport, report_on, second_of
from domain.values import ChildId, Side
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, NOW, accepted_order, at, touch_at, traded_second


RULES = SymbolRules(symbol=BTCUSDT, base_asset="BTC", quote_asset="USDT")
CHILD = ChildId("A-1")
SECOND = int(NOW.timestamp())


def fill(price: str, quantity: str = "1", fee: str = "0", asset: str = "USDT") -> Fill:
    return Fill(
        order_id=accepted_order().order_id,
        child_id=CHILD,
        number=1,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=asset,
        trade_id=None,
        update_id=None,
        executed_at=NOW,
    )


FILLS = (fill("100.1", fee="0.1"), fill("100.4", fee="0.001", asset="BTC"))
ARRIVAL, END = touch_at("99.9", "100.1"), touch_at("100.9", "101.1")
TOUCHES = OrderTouches(arrival=ARRIVAL, end=END)
OFFER = touch_at("100", "100.2")
MIDS = {SECOND + 1: "100.2", SECOND + 10: "100.25", SECOND + 60: "100.5"}
TRADED = [
    traded_second(SECOND - 1, {"100": "5"}, first_id=1),
    traded_second(SECOND, {"101": "4", "102": "1"}, first_id=2),
]


def evidence(side: Side, **changes: object) -> Evidence:
    """Three were wanted at a mid of 100; two were filled, and then it was canceled."""
    order = replace(
        accepted_order(side=side, quantity="3", price="100"),
        status=OrderStatus.CANCELED,
    )
    found = Evidence(
        order=order,
        touches=TOUCHES,
        fills=FILLS,
        offers={CHILD: OFFER},
        mids={second: Decimal(mid) for second, mid in MIDS.items()},
        traded=TRADED,
        rules=RULES,
    )
    return replace(found, **changes)  # type: ignore[arg-type] # any field, in tests


def bps(report: OrderReport) -> dict[Measure, str | None]:
    return {
        measure: None if figure.bps is None else str(figure.bps)
        for measure, figure in report.figures.items()
    }


def test_every_measure_of_a_buy_order() -> None:
    report = report_on(evidence(Side.BUY))

    assert report.arrival_mid == 100
    assert report.end_mid == 101
    assert (report.fill_count, report.filled) == (2, Decimal(2))
    assert bps(report) == {
        # (100.1 - 100) + (100.4 - 100) = 0.5 of 2 x 100
        Measure.ARRIVAL: "25.0000",
        # 0.5 + 1 + 0.2004 = 1.7004 of 3 x 100
        Measure.SHORTFALL: "56.6800",
        # 0.5 of 3 x 100
        Measure.EXECUTION: "16.6667",
        # one at 101 - 100, of 3 x 100
        Measure.UNFILLED: "33.3333",
        # 0.1 USDT, and 0.001 BTC at 100.4, of 3 x 100
        Measure.FEES: "6.6800",
        # (100.2 - 100.1) + (100.2 - 100.4) = -0.1 of 2 x 100.2
        Measure.PRICE_IMPROVEMENT: "-4.9900",
        # 2 x ((100.1 - 100.1) + (100.4 - 100.1)) = 0.6 of 2 x 100.1
        Measure.EFFECTIVE_SPREAD: "29.9700",
        # (100.2 - 100.1) + (100.2 - 100.4) = -0.1 of 200.5
        Measure.MARKOUT_1S: "-4.9875",
        # (100.25 - 100.1) + (100.25 - 100.4) = 0
        Measure.MARKOUT_10S: "0.0000",
        # (100.5 - 100.1) + (100.5 - 100.4) = 0.5 of 200.5
        Measure.MARKOUT_60S: "24.9377",
        # (100.1 - 100.6) + (100.4 - 100.6) = -0.7 of 2 x 100.6
        Measure.INTERVAL_VWAP: "-34.7913",
        # only 5 at 100 were at the limit: 0.1 + 0.4 = 0.5 of 2 x 100
        Measure.LIMIT_VWAP: "25.0000",
        # 200.5 of 1006
        Measure.PARTICIPATION: "1993.0417",
    }


def test_every_measure_of_a_sell_order() -> None:
    report = report_on(evidence(Side.SELL))

    assert bps(report) == {
        # received 0.5 more than 2 x 100
        Measure.ARRIVAL: "-25.0000",
        # -0.5 - 1 + 0.2004 = -1.2996 of 3 x 100
        Measure.SHORTFALL: "-43.3200",
        Measure.EXECUTION: "-16.6667",
        # what was not sold is worth 1 more at the end
        Measure.UNFILLED: "-33.3333",
        Measure.FEES: "6.6800",
        # over the best bid of 100: 0.1 + 0.4 = 0.5 of 2 x 100
        Measure.PRICE_IMPROVEMENT: "25.0000",
        # 2 x ((100.1 - 100.1) + (100.1 - 100.4)) = -0.6 of 2 x 100.1
        Measure.EFFECTIVE_SPREAD: "-29.9700",
        Measure.MARKOUT_1S: "4.9875",
        Measure.MARKOUT_10S: "0.0000",
        Measure.MARKOUT_60S: "-24.9377",
        Measure.INTERVAL_VWAP: "34.7913",
        # all of them were at 100 or better
        Measure.LIMIT_VWAP: "34.7913",
        Measure.PARTICIPATION: "1993.0417",
    }


def test_each_figure_says_of_how_much_it_is() -> None:
    figures = report_on(evidence(Side.BUY)).figures

    assert figures[Measure.SHORTFALL] == Figure(
        amount=Decimal("1.7004"), reference=Decimal(300), quantity=Decimal(3)
    )
    assert figures[Measure.UNFILLED].quantity == 1
    assert figures[Measure.ARRIVAL].quantity == 2
    assert all(figure.missing is None for figure in figures.values())


def words(report: OrderReport) -> dict[Measure, str | None]:
    return {one: word_for(one, found.bps) for one, found in report.figures.items()}


def test_a_word_says_whether_it_is_good_or_bad() -> None:
    bought = words(report_on(evidence(Side.BUY)))
    sold = words(report_on(evidence(Side.SELL)))

    assert (bought[Measure.ARRIVAL], sold[Measure.ARRIVAL]) == ("a cost", "a gain")
    assert bought[Measure.PRICE_IMPROVEMENT] == "a cost"
    assert sold[Measure.PRICE_IMPROVEMENT] == "a gain"
    assert (bought[Measure.FEES], sold[Measure.FEES]) == ("a cost", "a cost")
    assert bought[Measure.MARKOUT_10S] == "no difference"
    assert bought[Measure.MARKOUT_60S] == "a gain"
    assert bought[Measure.INTERVAL_VWAP] == "a gain"
    assert bought[Measure.PARTICIPATION] is None


AGAINST_TRADES = (Measure.INTERVAL_VWAP, Measure.LIMIT_VWAP, Measure.PARTICIPATION)


def test_what_is_not_known_of_public_trades_is_not_guessed() -> None:
    missing = Missing.TRADES_NOT_RECORDED
    figures = report_on(evidence(Side.BUY, traded=missing)).figures

    assert [figures[one] for one in AGAINST_TRADES] == [Figure(missing=missing)] * 3


def test_an_order_beside_which_nobody_traded_is_compared_with_nothing() -> None:
    figures = report_on(evidence(Side.BUY, traded=[])).figures
    above = [traded_second(SECOND, {"101": "1"}, first_id=1)]
    limited = report_on(evidence(Side.BUY, traded=above)).figures

    nothing = Figure(missing=Missing.NO_TRADES)
    assert [figures[one] for one in AGAINST_TRADES] == [nothing] * 3
    assert limited[Measure.LIMIT_VWAP] == nothing
    assert limited[Measure.INTERVAL_VWAP].bps is not None


def test_an_order_that_got_nothing_took_no_part() -> None:
    figures = report_on(evidence(Side.BUY, fills=())).figures

    assert figures[Measure.INTERVAL_VWAP].missing is Missing.NOTHING_FILLED
    assert figures[Measure.PARTICIPATION].bps == 0


ONE_SIDED = touch_at("99.9", None)


@pytest.mark.parametrize("touch", [None, ONE_SIDED])
def test_without_a_mid_at_arrival_nothing_is_compared_with_it(
    touch: Touch | None,
) -> None:
    report = report_on(
        evidence(Side.BUY, touches=OrderTouches(arrival=touch, end=TOUCHES.end))
    )

    assert report.arrival_mid is None
    for measure in (
        Measure.ARRIVAL,
        Measure.SHORTFALL,
        Measure.EXECUTION,
        Measure.UNFILLED,
        Measure.FEES,
    ):
        assert report.figures[measure] == Figure(missing=Missing.NO_ARRIVAL_MID)
        assert report.figures[measure].bps is None
    assert report.figures[Measure.EFFECTIVE_SPREAD].bps is not None


def test_unfilled_part_needs_a_mid_at_the_end() -> None:
    touches = OrderTouches(arrival=TOUCHES.arrival, end=ONE_SIDED)
    figures = report_on(evidence(Side.BUY, touches=touches)).figures

    assert figures[Measure.UNFILLED] == Figure(missing=Missing.NO_END_MID)
    assert figures[Measure.SHORTFALL] == Figure(missing=Missing.NO_END_MID)
    assert figures[Measure.EXECUTION].bps == Decimal("16.6667")


def test_shortfall_of_an_open_order_is_not_known_yet() -> None:
    found = evidence(Side.BUY)
    order = replace(found.order, status=OrderStatus.PARTIALLY_FILLED)
    figures = report_on(replace(found, order=order)).figures

    assert figures[Measure.UNFILLED].missing is Missing.ORDER_OPEN
    assert figures[Measure.SHORTFALL].missing is Missing.ORDER_OPEN
    assert figures[Measure.ARRIVAL].bps == 25


def test_shortfall_of_a_filled_order_needs_no_end() -> None:
    fills = (fill("100.1", "3"),)
    touches = OrderTouches(arrival=TOUCHES.arrival, end=None)
    figures = report_on(evidence(Side.BUY, fills=fills, touches=touches)).figures

    assert figures[Measure.UNFILLED].bps == 0
    assert figures[Measure.SHORTFALL].bps == figures[Measure.ARRIVAL].bps == 10


def test_order_without_fills_costs_what_it_missed() -> None:
    figures = report_on(evidence(Side.BUY, fills=())).figures

    # three at 101 - 100, of 3 x 100
    assert figures[Measure.SHORTFALL].bps == figures[Measure.UNFILLED].bps == 100
    assert figures[Measure.EXECUTION].bps == figures[Measure.FEES].bps == 0
    for measure in (
        Measure.ARRIVAL,
        Measure.PRICE_IMPROVEMENT,
        Measure.EFFECTIVE_SPREAD,
        Measure.MARKOUT_1S,
    ):
        assert figures[measure] == Figure(missing=Missing.NOTHING_FILLED)


@pytest.mark.parametrize(
    ("asset", "rules"), [("BNB", RULES), ("BTC", None), ("USDT", None)]
)
def test_fee_in_an_asset_that_is_not_known_to_be_the_pairs_has_no_value(
    asset: str, rules: SymbolRules | None
) -> None:
    fills = (fill("100.1", fee="0.1", asset=asset), fill("100.4"))
    figures = report_on(evidence(Side.BUY, fills=fills, rules=rules)).figures

    assert figures[Measure.FEES] == Figure(missing=Missing.FEE_NOT_VALUED)
    assert figures[Measure.SHORTFALL] == Figure(missing=Missing.FEE_NOT_VALUED)
    assert figures[Measure.EXECUTION].bps == Decimal("16.6667")


def test_trades_without_fees_need_no_rules() -> None:
    fills = (fill("100.1"), fill("100.4"))

    assert report_on(evidence(Side.BUY, fills=fills, rules=None)).figures[
        Measure.FEES
    ] == Figure(reference=Decimal(300), quantity=Decimal(2))


def test_a_figure_of_a_part_says_of_which_and_why() -> None:
    later = replace(fill("100.4"), child_id=ChildId("A-2"), executed_at=at(100))
    figures = report_on(evidence(Side.BUY, fills=(fill("100.1"), later))).figures

    improvement = figures[Measure.PRICE_IMPROVEMENT]
    assert improvement.missing is Missing.NO_OFFER_TOUCH
    assert improvement.quantity == 1
    assert improvement.bps == Decimal("9.9800")  # 0.1 of 100.2
    assert figures[Measure.EFFECTIVE_SPREAD].missing is Missing.NO_OFFER_TOUCH
    markout = figures[Measure.MARKOUT_1S]
    assert markout.missing is Missing.NO_PRICE_THEN
    assert markout.bps == Decimal("9.9900")  # 100.2 - 100.1 of 100.1


def test_a_touch_with_one_side_has_a_far_touch_but_no_mid() -> None:
    offers = {CHILD: touch_at(None, "100.2")}
    figures = report_on(evidence(Side.BUY, offers=offers)).figures

    assert figures[Measure.PRICE_IMPROVEMENT].bps == Decimal("-4.9900")
    assert figures[Measure.EFFECTIVE_SPREAD] == Figure(missing=Missing.NO_OFFER_TOUCH)


def test_seconds_are_those_of_the_execution() -> None:
    assert second_of(fill("1")) == SECOND
    late = NOW.replace(microsecond=999_999)
    assert second_of(replace(fill("1"), executed_at=late)) == SECOND


def test_figures_of_orders_add_up_by_their_weight() -> None:
    small = Figure(amount=Decimal(1), reference=Decimal(100), quantity=Decimal(1))
    large = Figure(amount=Decimal(-3), reference=Decimal(900), quantity=Decimal(9))
    nothing = Figure(missing=Missing.NOTHING_FILLED)

    assert added([nothing, small, nothing, large]) == Figure(
        amount=Decimal(-2), reference=Decimal(1000), quantity=Decimal(10)
    )
    assert added([nothing, nothing]) == nothing
    partly = added([nothing, Figure(missing=Missing.ORDER_OPEN), small])
    assert (partly.missing, partly.bps) == (Missing.ORDER_OPEN, Decimal(100))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
        ("0.00025", "0.0002"),
        ("-0.00015", "-0.0002"),
        ("0.000250000000001", "0.0003"),
    ],
)
def test_half_of_the_last_place_goes_to_the_even_one(amount: str, rounded: str) -> None:
    figure = Figure(amount=Decimal(amount), reference=Decimal(10_000))

    assert str(figure.bps) == rounded


amounts = st.decimals("0.000000000001", "9999999999999999", places=12)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=5), amounts)
def test_sums_are_exact_however_many_digits(
    parts: list[tuple[Decimal, Decimal]], mid: Decimal
) -> None:
    fills = tuple(fill(format(p, "f"), format(q, "f")) for p, q in parts)
    arrival = touch_at(format(mid, "f"), format(mid, "f"))
    touches = OrderTouches(arrival=arrival, end=None)
    found = report_on(evidence(Side.SELL, fills=fills, touches=touches)).figures

    quantity = sum((Fraction(q) for _, q in parts), Fraction(0))
    value = sum((Fraction(p) * Fraction(q) for p, q in parts), Fraction(0))
    figure = found[Measure.ARRIVAL]
    assert Fraction(figure.amount) == Fraction(mid) * quantity - value
    assert Fraction(figure.reference) == Fraction(mid) * quantity
    assert figure.bps is not None
    exact = Fraction(figure.amount) / Fraction(figure.reference) * 10_000
    assert abs(Fraction(figure.bps) - exact) <= Fraction(1, 20_000)
