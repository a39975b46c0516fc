"""The calls about many orders at once."""

from http import HTTPStatus
from typing import Final

from adapters.api.calls import DISK, Answer, Call, Parameter
from adapters.api.codes import Code
from adapters.api.many_orders import BulkAnswer, CancelAllAnswer
from adapters.api.order_calls import ORDERS
from adapters.api.order_requests import BulkRequest
from adapters.api.request_fields import SymbolName
from domain.reasons import RefusalCode


SEQUENCE_MAX: Final = 10**15
"""No service accepts so many orders."""

CANCEL_ALL: Final = Call(
    name="cancelAll",
    method="DELETE",
    path=ORDERS,
    topic="Orders",
    is_limited=False,
    summary="Cancel all open orders of a symbol, or of all symbols",
    description=(
        "Either `symbol` or `all=true` is needed. Orders accepted after the call came "
        "are not touched. It may be repeated: an order that is cancelled stays so."
    ),
    query=(
        Parameter(name="symbol", description="Of this one.", schema=SymbolName.SCHEMA),
        Parameter(
            name="all",
            description="Of all symbols, those that this run does not trade included.",
            schema={"type": "string", "enum": ["true", "false"], "default": "false"},
        ),
        Parameter(
            name="before_sequence",
            description=(
                "Only orders that rank before this one: the last answer's "
                "`next_before_sequence`, when one call was not enough."
            ),
            schema={"type": "integer", "minimum": 1, "maximum": SEQUENCE_MAX},
        ),
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="All of them are over.",
            body=CancelAllAnswer,
        ),
        Answer(
            status=HTTPStatus.ACCEPTED,
            description="Child orders may still fill, or not all are cancelled.",
            body=CancelAllAnswer,
        ),
    ),
    codes=DISK | {RefusalCode.UNKNOWN_SYMBOL},
)
PLACE_ORDERS: Final = Call(
    name="placeOrders",
    method="POST",
    path=f"{ORDERS}/bulk",
    topic="Orders",
    summary="Place up to 100 orders",
    description=(
        "Each is placed, refused or recognised for itself, and needs a "
        "`client_order_id` or an `idempotency_key` of its own. So the whole call may "
        "be repeated: after no answer, or for those that were answered with 503."
    ),
    bodies=(BulkRequest,),
    example={
        "orders": [
            {
                "symbol": "BTCUSDT",
                "side": "SELL",
                "quantity": "0.01",
                "price": "70000",
                "client_order_id": "my-2",
            }
        ]
    },
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="What became of each, also if all were refused.",
            body=BulkAnswer,
        ),
    ),
    codes=frozenset({Code.HEADER_INVALID}),
)
MANY_ORDER_CALLS: Final = (PLACE_ORDERS, CANCEL_ALL)
