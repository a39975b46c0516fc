"""Execution reports, as answers have them."""

from collections.abc import Mapping
from typing import Annotated, Self

from msgspec import Meta, Struct

from adapters.api.amounts import Amount
from adapters.api.orders import OrderAnswer
from adapters.api.times import Time, time_or_none
from domain.reports.figures import BENCHMARKS, Figure, Measure, Missing, word_for
from domain.reports.order_report import OrderReport
from domain.reports.period_report import PeriodReport, SymbolReport


Word = Annotated[
    str, Meta(extra_json_schema={"enum": ["a cost", "a gain", "no difference"]})
]


class FigureAnswer(Struct, frozen=True, kw_only=True):
    """What one measure says."""

    bps: Amount | None
    """In basis points of the benchmark, to four decimals, half to even; null if it
    cannot be known."""

    word: Word | None
    """What that is for the client."""

    benchmark: str
    """What it is compared with."""

    amount: Amount | None
    """The same in the quote asset, exact."""

    reference: Amount | None
    """What the basis points are of, in the quote asset, exact."""

    quantity: Amount
    """Of how much it is, in the base asset."""

    missing: Missing | None
    """Why it is null, or not of everything."""

    @classmethod
    def of(cls, measure: Measure, figure: Figure) -> Self:
        """Show a figure."""
        bps = figure.bps
        is_known = bps is not None
        return cls(
            bps=Amount.or_none(bps),
            word=word_for(measure, bps),
            benchmark=BENCHMARKS[measure],
            amount=Amount(figure.amount) if is_known else None,
            reference=Amount(figure.reference) if is_known else None,
            quantity=Amount(figure.quantity),
            missing=figure.missing,
        )


class FiguresAnswer(Struct, frozen=True, kw_only=True):
    """All measures; `docs/execution-report.md` has the formulas."""

    arrival: FigureAnswer
    """The average price against the mid at arrival. Above zero: a cost."""

    shortfall: FigureAnswer
    """Implementation shortfall: the sum of the next three. Above zero: a cost."""

    execution: FigureAnswer
    """Of the shortfall, the part that was filled."""

    unfilled: FigureAnswer
    """Of the shortfall, what was not filled, at the mid when the order ended."""

    fees: FigureAnswer
    """Of the shortfall, the fees."""

    price_improvement: FigureAnswer
    """Against the best price of the other side at the offer. Above zero: a gain."""

    effective_spread: FigureAnswer
    """Twice the distance from the mid at the offer. Above zero: a cost."""

    markout_1s: FigureAnswer
    """How far the mid went the client's way in 1 s after the fill. Above zero: a
    gain."""

    markout_10s: FigureAnswer
    """In 10 s."""

    markout_60s: FigureAnswer
    """In 60 s."""

    interval_vwap: FigureAnswer
    """Against the average price of all public trades while the order was open; needs
    `--trades`, like the next two. Above zero: a cost."""

    limit_vwap: FigureAnswer
    """Against the average of those at its limit or better. Above zero: a cost."""

    participation: FigureAnswer
    """What it traded, of all that was traded while it was open: neither a cost nor a
    gain. 100 basis points are one percent."""

    @classmethod
    def of(cls, figures: Mapping[Measure, Figure]) -> Self:
        """Show all figures of a report."""
        return cls(
            **{
                measure.value: FigureAnswer.of(measure, figure)
                for measure, figure in figures.items()
            }
        )


class OrderReportAnswer(Struct, frozen=True, kw_only=True):
    """The execution report of an order, as far as it got."""

    order: OrderAnswer
    arrival_mid: Amount | None
    """Between best bid and best ask when the order came, in the quote asset."""

    end_mid: Amount | None
    """The same when it ended; null while it is open."""

    fill_count: int
    figures: FiguresAnswer

    @classmethod
    def of(cls, report: OrderReport) -> Self:
        """Show a report."""
        return cls(
            order=OrderAnswer.of(report.order),
            arrival_mid=Amount.or_none(report.arrival_mid),
            end_mid=Amount.or_none(report.end_mid),
            fill_count=report.fill_count,
            figures=FiguresAnswer.of(report.figures),
        )


class SymbolReportAnswer(Struct, frozen=True, kw_only=True):
    """What the orders of a symbol cost, added up: both sides, by their weight."""

    symbol: str
    order_count: int
    fill_count: int
    filled: Amount
    """In the base asset."""

    figures: FiguresAnswer

    @classmethod
    def of(cls, report: SymbolReport) -> Self:
        """Show what the orders of a symbol cost."""
        return cls(
            symbol=report.symbol,
            order_count=report.order_count,
            fill_count=report.fill_count,
            filled=Amount(report.filled),
            figures=FiguresAnswer.of(report.figures),
        )


class PeriodReportAnswer(Struct, frozen=True, kw_only=True):
    """The execution report of the orders that came in a period."""

    since: Time | None
    until: Time | None
    """Not in it any more."""

    symbols: list[SymbolReportAnswer]
    """By name; each has a quote asset of its own, so there is no sum of all."""

    orders: list[OrderReportAnswer]
    """Newest first."""

    @classmethod
    def of(cls, report: PeriodReport) -> Self:
        """Show a report."""
        return cls(
            since=time_or_none(report.period.since),
            until=time_or_none(report.period.until),
            symbols=[SymbolReportAnswer.of(one) for one in report.symbols],
            orders=[OrderReportAnswer.of(one) for one in report.orders],
        )
