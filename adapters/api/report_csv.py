"""Execution reports as CSV (RFC 4180): a heading, and one line for each order.

What is null is empty. The order of the columns stays; new ones come at the end.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final

from adapters.api.reports import OrderReportAnswer
from domain.reports.figures import Measure


CSV_TYPE: Final = "text/csv"
CSV_BEGIN: Final = "id,client_order_id,"

_PARTS: Final = ("bps", "word", "amount", "quantity", "missing")
"""Of each figure."""


def report_csv(reports: Iterable[OrderReportAnswer]) -> bytes:
    """Write reports."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    for report in reports:
        cells = _cells(report)
        writer.writerow([cells[heading] for heading in _HEADINGS])
    return text.getvalue().encode()


def _cells(report: OrderReportAnswer) -> Mapping[str, object]:
    order = report.order
    cells: dict[str, object] = {name: getattr(order, name) for name in _OF_ORDER}
    cells |= {name: getattr(report, name) for name in _OF_REPORT}
    for measure in Measure:
        figure = getattr(report.figures, measure)
        for part in _PARTS:
            cells[f"{measure}_{part}"] = getattr(figure, part)
    return cells


_OF_ORDER: Final = (
    "id",
    "client_order_id",
    "symbol",
    "side",
    "quantity",
    "price",
    "time_in_force",
    "status",
    "reason",
    "filled",
    "average_price",
    "created_at",
    "updated_at",
)
_OF_REPORT: Final = ("arrival_mid", "end_mid", "fill_count")
_HEADINGS: Final = (
    *_OF_ORDER,
    *_OF_REPORT,
    *(f"{measure}_{part}" for measure in Measure for part in _PARTS),
)
