"""The calls about many orders at once."""

from http import HTTPStatus
from typing import Final

from adapters.api.calls import DISK, Answer, Call, Parameter
from adapters.api.many_orders import CancelAllAnswer
from adapters.api.order_calls import ORDERS
from adapters.api.request_fields import SymbolName
from domain.reasons import RefusalCode


CANCEL_ALL: Final = Call(
    name="cancelAll",
    method="DELETE",
    path=ORDERS,
    topic="Orders",
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
MANY_ORDER_CALLS: Final = (CANCEL_ALL,)
