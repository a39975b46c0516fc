"""The calls about execution reports."""

from http import HTTPStatus
from typing import Final

from adapters.api.calls import ONE_ORDER, Answer, Call, Parameter
from adapters.api.order_calls import ONE
from adapters.api.report_csv import CSV_TYPE
from adapters.api.reports import OrderReportAnswer


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
REPORT_CALLS: Final = (READ_ORDER_REPORT,)
