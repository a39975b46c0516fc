"""The calls about execution reports."""

from http import HTTPStatus
from typing import Final

from adapters.api.calls import DISK, ONE_ORDER, Answer, Call, Parameter, span
from adapters.api.order_calls import ONE
from adapters.api.report_csv import CSV_TYPE
from adapters.api.reports import OrderReportAnswer, PeriodReportAnswer
from adapters.api.request_fields import SymbolName
from domain.reasons import RefusalCode
from domain.reports.period_report import FILLS_MAX, ORDERS_MAX


FORMATS: Final = ("json", "csv")

_TOPIC: Final = "Reports"
_FORMAT: Final = Parameter(
    name="format",
    description="Instead of what `Accept` says.",
    schema={"type": "string", "enum": list(FORMATS)},
)

READ_ORDER_REPORT: Final = Call(
    name="readOrderReport",
    method="GET",
    path=f"{ONE}/report",
    topic=_TOPIC,
    summary="Read the execution report of an order",
    description="What its execution cost, against what the book showed. As JSON or as "
    "CSV, as `Accept` says.",
    query=(_FORMAT,),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="The report; as CSV, a heading and one line.",
            body=OrderReportAnswer,
            text_type=CSV_TYPE,
        ),
    ),
    codes=ONE_ORDER,
)
READ_PERIOD_REPORT: Final = Call(
    name="readPeriodReport",
    method="GET",
    path="/api/v1/report",
    topic=_TOPIC,
    summary="Read the execution report of the orders that came in a period",
    description="Of each order, and added up for each symbol. As JSON, or the orders "
    f"as CSV, as `Accept` says. At most {ORDERS_MAX} orders with {FILLS_MAX} fills: "
    "a period with more is refused.",
    query=(
        *span(
            "When it begins; left out, with the first order.",
            "When it has ended; left out, after the last order.",
        ),
        Parameter(
            name="symbol", description="Only its orders.", schema=SymbolName.SCHEMA
        ),
        _FORMAT,
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="The report; as CSV, a heading and a line for each order.",
            body=PeriodReportAnswer,
            text_type=CSV_TYPE,
        ),
    ),
    codes=DISK | {RefusalCode.ORDER_UNREADABLE},
)
REPORT_CALLS: Final = (READ_ORDER_REPORT, READ_PERIOD_REPORT)
