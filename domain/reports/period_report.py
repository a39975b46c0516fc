"""The execution report of a period: of every order that came in it, and by symbol."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from domain.errors import InvalidRequestError
from domain.orders.order import Order
from domain.orders.stored_orders import OrderFilter
from domain.pages import PAGE_MAX
from domain.ports.queries import OrderQueries
from domain.reports.figures import Figure, Measure, added
from domain.reports.order_report import OrderReport
from domain.reports.reading import SecondsLeft, read_report
from domain.values import ZERO, Symbol, total
from domain.venue.symbol_rules import SymbolRules


ORDERS_MAX: Final = 1_000
FILLS_MAX: Final = 100_000
"""Of a report: with more, one call would keep the disk busy for long."""

_CLOCK_SET_BACK_MAX: Final = timedelta(days=1)


class PeriodTooLongError(InvalidRequestError):
    """A period with more than a report can be of."""

    def __init__(self) -> None:
        super().__init__(
            f"the period has more than {ORDERS_MAX} orders or {FILLS_MAX} fills: "
            "ask for a shorter one, or for one symbol"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which orders a report is of: those that came in it."""

    since: datetime | None = None
    """Aware; None: from the first order on."""

    until: datetime | None = None
    """Aware, and not in it any more; None: up to the last one."""

    symbol: Symbol | None = None
    """None: any."""

    def includes(self, moment: datetime) -> bool:
        """Whether it is in the period."""
        is_begun = self.since is None or moment >= self.since
        return is_begun and (self.until is None or moment < self.until)

    def is_long_after(self, moment: datetime) -> bool:
        """Whether it began later by more than a clock may have been set back."""
        return self.since is not None and self.since - moment > _CLOCK_SET_BACK_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolReport:
    """What the orders of a symbol cost, added up: both sides, by their weight."""

    symbol: Symbol
    order_count: int
    fill_count: int
    filled: Decimal
    """In base."""

    figures: Mapping[Measure, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReport:
    """What the orders of a period cost."""

    period: Period
    symbols: tuple[SymbolReport, ...]
    """By name."""

    orders: tuple[OrderReport, ...]
    """Newest first."""


def read_period(
    queries: OrderQueries, period: Period, traded: Iterable[SymbolRules]
) -> PeriodReport:
    """Read the orders of a period, and work out their reports.

    Args:
        queries: reads the disk.
        period: of the orders.
        traded: the rules of all symbols that are traded.

    Raises:
        PeriodTooLongError: the period has too many orders or fills.
        StoreUnavailableError: the database is out of reach.
    """
    rules = {one.symbol: one for one in traded}
    reports: list[OrderReport] = []
    fills, left = 0, SecondsLeft()
    for order in _orders(queries, period):
        if len(reports) == ORDERS_MAX:
            raise PeriodTooLongError
        reports.append(read_report(queries, order, rules.get(order.symbol), left))
        fills += reports[-1].fill_count
        if fills > FILLS_MAX:
            raise PeriodTooLongError
    return PeriodReport(
        period=period, symbols=tuple(by_symbol(reports)), orders=tuple(reports)
    )


def by_symbol(reports: Sequence[OrderReport]) -> Iterator[SymbolReport]:
    """Add reports up, each symbol for itself: others have another quote asset."""
    for symbol in sorted({report.order.symbol for report in reports}):
        own = [report for report in reports if report.order.symbol == symbol]
        figures = {
            measure: added(report.figures[measure] for report in own)
            for measure in Measure
        }
        filled = ZERO
        for report in own:
            filled = total(filled, report.filled)
        yield SymbolReport(
            symbol=symbol,
            order_count=len(own),
            fill_count=sum(report.fill_count for report in own),
            filled=filled,
            figures=MappingProxyType(figures),
        )


def _orders(queries: OrderQueries, period: Period) -> Iterator[Order]:
    """Read the orders of a period, newest first.

    They are listed by rank. An order ranks as of when it came or was amended last, so
    when one has not changed since long before the period, those behind it came before
    it, too.
    """
    cursor: str | None = None
    while True:
        wanted = OrderFilter(symbol=period.symbol, limit=PAGE_MAX, cursor=cursor)
        page = queries.orders(wanted)
        for order in page.orders:
            if period.includes(order.created_at):
                yield order
            elif period.is_long_after(order.updated_at):
                return
        cursor = page.next_cursor
        if cursor is None:
            return
