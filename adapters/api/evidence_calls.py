"""The calls about what the book showed to an order."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import CURSOR, ONE_ORDER, Answer, Call, limit
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer
from adapters.api.order_calls import ONE
from domain.pages import PAGE_MAX


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
EVIDENCE_CALLS: Final = (READ_CHILDREN, READ_TOUCHES)
