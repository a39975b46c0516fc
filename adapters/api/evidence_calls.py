"""The calls about what the book showed to an order."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import CURSOR, ONE_ORDER, Answer, Call, Parameter, limit
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer, PricePointAnswer
from adapters.api.order_calls import ONE
from domain.pages import PAGE_MAX


STEP_MAX: Final = 86_400
"""Seconds between two points of a price path."""

_TOPIC: Final = "Evidence"

READ_CHILDREN: Final = Call(
    name="listChildren",
    method="GET",
    path=f"{ONE}/children",
    topic=_TOPIC,
    summary="List the child orders of an order, oldest first",
    description="With what the book offered for each, and what became of it.",
    query=(limit(PAGE_MAX), CURSOR),
    answers=(
        Answer(
            status=HTTPStatus.OK, description="A page.", body=ListAnswer[ChildAnswer]
        ),
    ),
    codes=ONE_ORDER,
)
READ_TOUCHES: Final = Call(
    name="readTouches",
    method="GET",
    path=f"{ONE}/touches",
    topic=_TOPIC,
    summary="Read best bid and ask when an order came and when it ended",
    answers=(
        Answer(
            status=HTTPStatus.OK, description="The touches.", body=OrderTouchesAnswer
        ),
    ),
    codes=ONE_ORDER,
)
READ_PRICES: Final = Call(
    name="listPrices",
    method="GET",
    path=f"{ONE}/prices",
    topic=_TOPIC,
    summary="List best bid and ask, second by second, since an order came",
    description="Until a minute after its end; oldest first. A second without a usable "
    "book is missing.",
    query=(
        Parameter(
            name="step",
            description="Seconds from one to the next.",
            schema={
                "type": "integer",
                "minimum": 1,
                "maximum": STEP_MAX,
                "default": 1,
            },
        ),
        limit(PAGE_MAX),
        CURSOR,
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="A page.",
            body=ListAnswer[PricePointAnswer],
        ),
    ),
    codes=ONE_ORDER,
)
EVIDENCE_CALLS: Final = (READ_CHILDREN, READ_TOUCHES, READ_PRICES)
