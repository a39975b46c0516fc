"""Execution reports, laid out for people."""

from collections.abc import Sequence
from typing import Final

from adapters.api.reports import FigureAnswer, FiguresAnswer, OrderReportAnswer
from adapters.cli.order_tables import second_of
from adapters.cli.text_table import Column
from domain.reports.figures import Measure


_OF_ORDERS: Final = (
    Measure.ARRIVAL,
    Measure.SHORTFALL,
    Measure.FEES,
    Measure.PRICE_IMPROVEMENT,
    Measure.EFFECTIVE_SPREAD,
    Measure.MARKOUT_10S,
)
"""Measures that are shown of each order, the most important first."""


def figure_columns(figures: FiguresAnswer) -> list[Column]:
    """Lay all figures of a report out, one a row."""
    shown = [_figure(figures, measure) for measure in Measure]
    return [
        Column(title="figure", cells=[_title(measure) for measure in Measure]),
        _amounts("bps", [one.bps for one in shown]),
        Column(title="", cells=[one.word or one.missing or "" for one in shown]),
        Column(title="against", cells=[one.benchmark for one in shown], rank=1),
        _amounts("in quote", [one.amount for one in shown], rank=3),
        _amounts("of quantity", [one.quantity for one in shown], rank=4),
        Column(
            title="not of all, for",
            cells=[one.missing if one.word else "" for one in shown],
            is_code=True,
            rank=2,
        ),
    ]


def order_report_columns(reports: Sequence[OrderReportAnswer]) -> list[Column]:
    """Lay orders out, one a row, with the most important figures in basis points."""
    orders = [one.order for one in reports]
    return [
        Column(title="id", cells=[one.id for one in orders]),
        Column(title="side", cells=[one.side for one in orders]),
        Column(title="symbol", cells=[one.symbol for one in orders]),
        _amounts("filled", [one.filled for one in orders]),
        *(
            _amounts(
                _title(measure),
                [_figure(one.figures, measure).bps for one in reports],
                rank,
            )
            for rank, measure in enumerate(_OF_ORDERS)
        ),
        Column(
            title="status",
            cells=[one.status for one in orders],
            is_code=True,
            rank=len(_OF_ORDERS),
        ),
        Column(
            title="created (UTC)",
            cells=[second_of(one.created_at) for one in orders],
            rank=len(_OF_ORDERS) + 1,
        ),
    ]


def _figure(figures: FiguresAnswer, measure: Measure) -> FigureAnswer:
    found: FigureAnswer = getattr(figures, measure)
    return found


def _title(measure: Measure) -> str:
    return measure.replace("_", " ")


def _amounts(title: str, amounts: Sequence[object | None], rank: int = 0) -> Column:
    cells = [None if one is None else str(one) for one in amounts]
    return Column(title=title, cells=cells, is_amount=True, rank=rank)
