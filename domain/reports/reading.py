"""Reads what a report needs from the disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from domain.market.price_path import PathWanted
from domain.market.public_trades import TradedSecond, is_unbroken
from domain.orders.child_order import Fill
from domain.orders.order import Order
from domain.pages import PAGE_MAX, every_entry
from domain.ports.queries import OrderQueries
from domain.reports.figures import HORIZONS, Missing
from domain.reports.order_report import (
    Evidence,
    OrderReport,
    middle,
    report_on,
    second_of,
)
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


_STRETCH_MAX: Final = PAGE_MAX
"""Seconds between two prices that are wanted; those between are read with them."""

TRADED_SECONDS_MAX: Final = 100_000
"""Seconds with public trades that one answer adds up: more than a day of them."""


class SecondsLeft:
    """How many seconds of public trades may still be read for one answer."""

    def __init__(self) -> None:
        """Begin with all of them."""
        self.count = TRADED_SECONDS_MAX


def read_report(
    queries: OrderQueries,
    order: Order,
    rules: SymbolRules | None,
    left: SecondsLeft | None = None,
) -> OrderReport:
    """Read what was recorded of an order, and work out its report.

    Args:
        queries: reads the disk.
        order: open or ended.
        rules: of its symbol; None if it is not traded any more.
        left: shared by the reports of one answer.

    Raises:
        StoreUnavailableError: the database is out of reach.
    """
    fills = tuple(every_entry(partial(queries.fill_page, order.order_id)))
    children = every_entry(partial(queries.child_page, order.order_id)) if fills else ()
    return report_on(
        Evidence(
            order=order,
            touches=queries.touches(order.order_id),
            fills=fills,
            offers={
                stored.child.child_id: stored.child.touch
                for stored in children
                if stored.child.touch is not None
            },
            mids=_mids(queries, order.symbol, fills),
            traded=_traded(queries, order, left or SecondsLeft()),
            rules=rules,
        )
    )


def _mids(
    queries: OrderQueries, symbol: Symbol, fills: Iterable[Fill]
) -> Mapping[int, Decimal]:
    found = {}
    executed = {second_of(fill) for fill in fills}
    wanted = {second + later for second in executed for later in HORIZONS.values()}
    for first, last in _stretches(sorted(wanted)):
        path = PathWanted(symbol=symbol, since=first, until=last)
        for point in every_entry(partial(queries.price_path, path)):
            mid = middle(point.bid, point.ask)
            if mid is not None and point.second in wanted:
                found[point.second] = mid
    return found


def _traded(
    queries: OrderQueries, order: Order, left: SecondsLeft
) -> Sequence[TradedSecond] | Missing:
    if not order.status.is_final:
        return Missing.ORDER_OPEN
    since, until = (
        int(time.timestamp()) for time in (order.created_at, order.updated_at)
    )
    wanted = PathWanted(symbol=order.symbol, since=since, until=until)
    seconds = queries.traded_seconds(wanted, left.count + 1)
    if len(seconds) > left.count:
        return Missing.TOO_MANY_SECONDS
    left.count -= len(seconds)
    if not is_unbroken(seconds, since, until):
        return Missing.TRADES_NOT_RECORDED
    return [one for one in seconds if since <= one.second <= until]


def _stretches(seconds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Join seconds that are close to each other: first and last of each stretch."""
    begin = 0
    for index, second in enumerate(seconds):
        following = seconds[index + 1] if index + 1 < len(seconds) else None
        if following is None or following - second > _STRETCH_MAX:
            yield seconds[begin], second
            begin = index + 1
