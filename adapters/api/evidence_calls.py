"""The calls about what the book showed to an order."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import CURSOR, ONE_ORDER, Answer, Call, Parameter, limit
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer, PricePointAnswer
from adapters.api.order_calls import ONE
from adapters.api.order_now import OpenLimitsAnswer, OrderNowAnswer
from domain.pages import PAGE_MAX
from domain.reasons import RefusalCode


LIMITS_DEFAULT: Final = 500
LIMITS_MAX: Final = 5000
"""Open limits of each side in one answer."""

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
READ_NOW: Final = Call(
    name="readNow",
    method="GET",
    path=f"{ONE}/now",
    topic=_TOPIC,
    summary="Ask why an order does not fill now",
    description="Asks those who work it; what nobody says within a second is null.",
    answers=(Answer(status=HTTPStatus.OK, description="Why.", body=OrderNowAnswer),),
    codes=ONE_ORDER,
)
READ_OPEN_LIMITS: Final = Call(
    name="readOpenLimits",
    method="GET",
    path="/api/v1/symbols/{symbol}/open-limits",
    topic=_TOPIC,
    summary="List the limits at which orders of a symbol wait, added up by price",
    description="Without orders that have a child order in flight, are on hold, or "
    "wait after a refusal.",
    query=(limit(LIMITS_DEFAULT, LIMITS_MAX),),
    answers=(
        Answer(status=HTTPStatus.OK, description="The limits.", body=OpenLimitsAnswer),
    ),
    codes=frozenset({RefusalCode.UNKNOWN_SYMBOL}),
    other_status={RefusalCode.UNKNOWN_SYMBOL: HTTPStatus.NOT_FOUND},
)
EVIDENCE_CALLS: Final = (
    READ_CHILDREN,
    READ_TOUCHES,
    READ_PRICES,
    READ_NOW,
    READ_OPEN_LIMITS,
)
