"""The calls of an operator in trouble: the halt switch, and orders on hold."""

from http import HTTPStatus
from typing import Final

from adapters.access.scopes import Scope
from adapters.api.calls import DISK, ONE_ORDER, Answer, Call
from adapters.api.operator_requests import (
    HaltRequest,
    SettleByFillsRequest,
    SettleBySumRequest,
)
from adapters.api.order_calls import ONE
from adapters.api.order_requests import ReleaseRequest
from adapters.api.orders import OrderAnswer
from adapters.api.service import HaltAnswer
from domain.reasons import RefusalCode


_TOPIC: Final = "Operator"

HALT: Final = Call(
    name="halt",
    method="POST",
    path="/api/v1/halt",
    topic=_TOPIC,
    is_limited=False,
    summary="Stop all child orders",
    description=(
        "No child order leaves after the answer. The switch survives restarts. Orders "
        "can still be placed, amended and cancelled."
    ),
    bodies=(HaltRequest,),
    example={"reason": "the book looks wrong"},
    is_body_required=False,
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="It holds, and nothing is in flight.",
            body=HaltAnswer,
        ),
        Answer(
            status=HTTPStatus.ACCEPTED,
            description=(
                "It holds, but child orders that left before are not answered yet, or "
                "it is not on disk yet (`HALT_NOT_ON_DISK`)."
            ),
            body=HaltAnswer,
        ),
    ),
    codes=DISK,
)
RESUME: Final = Call(
    name="resume",
    method="POST",
    path="/api/v1/resume",
    topic=_TOPIC,
    own_scope=Scope.ADMIN,
    summary="Let child orders leave again",
    bodies=(HaltRequest,),
    is_body_required=False,
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="The switch is off, and that is on disk.",
            body=HaltAnswer,
        ),
    ),
    codes=DISK | {RefusalCode.RESUME_NOT_ON_DISK},
)
READ_HALT: Final = Call(
    name="readHalt",
    method="GET",
    path="/api/v1/halt",
    topic=_TOPIC,
    summary="Read the setting of the halt switch",
    answers=(
        Answer(status=HTTPStatus.OK, description="The setting.", body=HaltAnswer),
    ),
    codes=DISK,
)
RELEASE: Final = Call(
    name="releaseOrder",
    method="POST",
    path=f"{ONE}/release",
    topic=_TOPIC,
    own_scope=Scope.ADMIN,
    summary="Let an order on hold take offers again",
    description="An order that is not on hold stays as it is.",
    bodies=(ReleaseRequest,),
    is_body_required=False,
    answers=(Answer(status=HTTPStatus.OK, description="The order.", body=OrderAnswer),),
    codes=ONE_ORDER
    | {
        RefusalCode.ORDER_ENDED,
        RefusalCode.CHILD_NOT_SETTLED,
    },
)
SETTLE: Final = Call(
    name="settleChild",
    method="POST",
    path=f"{ONE}/children/{{child_id}}/settle",
    topic=_TOPIC,
    own_scope=Scope.ADMIN,
    summary="State what became of a child order",
    description=(
        "For a child order whose answer makes no sense or stays away. The order stays "
        "on hold until it is released. Stating the same again changes nothing."
    ),
    bodies=(SettleBySumRequest, SettleByFillsRequest),
    example={"note": "as the venue's page shows it", "quantity": "0"},
    answers=(Answer(status=HTTPStatus.OK, description="The order.", body=OrderAnswer),),
    codes=ONE_ORDER
    | {
        RefusalCode.UNKNOWN_CHILD,
        RefusalCode.CHILD_IN_FLIGHT,
        RefusalCode.CHILD_SETTLED,
        RefusalCode.TRADE_BOOKED,
        RefusalCode.CHILD_NOT_SETTLED,
        RefusalCode.ORDER_ENDED,
    },
)
OPERATOR_CALLS: Final = (HALT, RESUME, READ_HALT, RELEASE, SETTLE)
