"""Reports of what is on disk."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from domain.market.price_path import PricePoint
from domain.orders.records import NewOrder
from domain.reports.figures import Measure, Missing
from domain.reports.period_report import Period, read_period
from domain.reports.reading import read_report
from tests.adapters.persistence.builders import (
    BTCUSDT,
    NOW,
    amended,
    at,
    canceled,
    intent,
    new_order,
    settled,
)
from tests.builders import touch_at


def test_a_report_is_of_what_was_recorded(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    new = replace(new_order(1), touch=touch_at("271", "273"))
    intended = intent(new.order, "2")
    assert intended.intent is not None
    child = replace(intended.intent, touch=touch_at("271", "272"))
    first = replace(intended, intent=child)
    result = settled(intended, "1", "0.5", trade_ids=(7, 8))
    end = replace(canceled(result.order), touch=touch_at("270", "270.5"))
    for record in (new, first, result, end):
        store.write([record])
    second = int(at(intended.order.version).timestamp())
    point = PricePoint(
        symbol=BTCUSDT, second=second + 10, bid=Decimal(270), ask=None, update_id=1
    )
    store.save_prices(
        [replace(point, second=second + 1, ask=Decimal(271)), point], keep_from=0
    )

    order = queries.order(new.order.order_id)
    assert order is not None
    found = read_report(queries, order, None)

    # 1.5 of 3 were sold at 271.5, at a mid of 272
    assert (found.arrival_mid, found.end_mid) == (Decimal(272), Decimal("270.25"))
    figures = found.figures
    assert (found.fill_count, found.filled) == (2, Decimal("1.5"))
    assert figures[Measure.ARRIVAL].bps == Decimal("18.3824")  # 0.5 of 272
    assert figures[Measure.UNFILLED].bps == Decimal("32.1691")  # 1.5 x 1.75 of 3 x 272
    assert figures[Measure.FEES].missing is Missing.FEE_NOT_VALUED  # in BNB
    assert figures[Measure.PRICE_IMPROVEMENT].bps == Decimal("18.4502")  # 0.5 of 271
    assert figures[Measure.MARKOUT_1S].bps == Decimal("36.8324")  # 1 of 271.5
    assert figures[Measure.MARKOUT_10S].missing is Missing.NO_PRICE_THEN


def came(sequence: int, days: int) -> NewOrder:
    """Return an order that came so many days later."""
    new = new_order(sequence)
    moment = NOW + timedelta(days=days)
    order = replace(new.order, created_at=moment, updated_at=moment)
    return replace(new, order=order, event=replace(new.event, occurred_at=moment))


def test_a_period_has_the_orders_that_came_in_it_wherever_they_rank(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    orders = [came(sequence, days=sequence) for sequence in range(1, 6)]
    for new in orders:
        store.write([new])
    move = amended(orders[0].order, sequence=9)
    later = replace(move.order, updated_at=NOW + timedelta(days=9))
    store.write([replace(move, order=later)])

    def ids(first: int, end: int) -> list[str]:
        period = Period(
            since=NOW + timedelta(days=first), until=NOW + timedelta(days=end)
        )
        found = read_period(queries, period, ())
        return [report.order.order_id for report in found.orders]

    one, two, three, four, five = (new.order.order_id for new in orders)
    assert ids(0, 9) == [one, five, four, three, two]
    assert ids(3, 5) == [four, three]
    assert ids(1, 2) == [one]
    assert ids(6, 9) == []
