"""Which orders a period has, and how they are added up."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from domain.market.touch import Touch
from domain.orders.order import OrderStatus
from domain.orders.stored_orders import OrderTouches
from domain.reports.figures import Measure, Missing
from domain.reports.order_report import Evidence, OrderReport, report_on
from domain.reports.period_report import Period, by_symbol
from domain.values import Side, Symbol
from tests.builders import accepted_order, at, touch_at


BNBUSDT = Symbol("BNBUSDT")
NO_TOUCH = OrderTouches(arrival=None, end=None)


def missed(
    quantity: str, end: Touch | None, symbol: Symbol | None = None
) -> OrderReport:
    """Report an order to buy at a mid of 100 that was not filled."""
    order = accepted_order(side=Side.BUY, quantity=quantity, price="100")
    return report_on(
        Evidence(
            order=replace(
                order, status=OrderStatus.CANCELED, symbol=symbol or order.symbol
            ),
            touches=OrderTouches(arrival=touch_at("99", "101"), end=end),
            fills=(),
            offers=MappingProxyType({}),
            mids=MappingProxyType({}),
            traded=Missing.TRADES_NOT_RECORDED,
            rules=None,
        )
    )


def test_orders_of_a_symbol_are_added_up_by_their_weight() -> None:
    reports = [
        missed("1", touch_at("100", "102")),  # 1 x (101 - 100) = 1 of 100
        missed("3", touch_at("97", "99")),  # 3 x (98 - 100) = -6 of 300
        missed("1", touch_at("100", "102"), BNBUSDT),
    ]

    bnb, btc = by_symbol(reports)

    assert (bnb.symbol, bnb.order_count) == (BNBUSDT, 1)
    assert bnb.figures[Measure.SHORTFALL].bps == 100
    assert (btc.symbol, btc.order_count, btc.fill_count) == ("BTCUSDT", 2, 0)
    assert btc.figures[Measure.SHORTFALL].bps == -125  # -5 of 400
    assert btc.figures[Measure.SHORTFALL].quantity == Decimal(4)
    assert btc.figures[Measure.ARRIVAL].missing is Missing.NOTHING_FILLED


def test_a_sum_says_that_some_orders_are_not_in_it() -> None:
    (total,) = by_symbol([missed("1", touch_at("100", "102")), missed("3", None)])

    assert total.figures[Measure.SHORTFALL].bps == 100
    assert total.figures[Measure.SHORTFALL].quantity == 1
    assert total.figures[Measure.SHORTFALL].missing is Missing.NO_END_MID


@pytest.mark.parametrize(
    ("since", "until", "is_in_it"),
    [
        (None, None, True),
        (at(0), at(1), True),
        (at(-1), at(0), False),
        (at(1), None, False),
    ],
)
def test_a_period_has_its_beginning_and_not_its_end(
    *, since: datetime | None, until: datetime | None, is_in_it: bool
) -> None:
    assert Period(since=since, until=until).includes(at(0)) is is_in_it
