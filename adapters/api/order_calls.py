"""The calls about orders."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import (
    CURSOR,
    DISK,
    IDEMPOTENCY_KEY,
    ONE_ORDER,
    Answer,
    Call,
    Parameter,
    limit,
    span,
)
from adapters.api.dry_run import DryRunAnswer
from adapters.api.order_requests import (
    AmendOrderRequest,
    PauseOrderRequest,
    PlaceOrderRequest,
    SellOrderRequest,
)
from adapters.api.orders import (
    BookedFillAnswer,
    FillAnswer,
    OrderAnswer,
    OrderEventAnswer,
    SummaryAnswer,
)
from adapters.api.request_fields import ClientOrderId, SymbolName
from domain.orders.order import OrderStatus
from domain.pages import PAGE_MAX
from domain.reasons import RefusalCode
from domain.values import Side


ORDERS: Final = "/api/v1/orders"
ONE: Final = f"{ORDERS}/{{order_id}}"
ORDERS_DEFAULT: Final = 50
STATUS_FILTERS: Final = (*(status.value for status in OrderStatus), "open", "ended")

_TOPIC: Final = "Orders"
_RULES: Final = frozenset(
    {
        RefusalCode.SYMBOL_NOT_TRADING,
        RefusalCode.PRICE_OFF_TICK,
        RefusalCode.PRICE_BELOW_MINIMUM,
        RefusalCode.PRICE_ABOVE_MAXIMUM,
        RefusalCode.QUANTITY_OFF_LOT,
        RefusalCode.QUANTITY_BELOW_MINIMUM,
        RefusalCode.QUANTITY_ABOVE_MAXIMUM,
        RefusalCode.NOTIONAL_BELOW_MINIMUM,
        RefusalCode.NOTIONAL_ABOVE_MAXIMUM,
        RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT,
        RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT,
        RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT,
        RefusalCode.INSUFFICIENT_BALANCE,
    }
)
_INTAKE: Final = (
    DISK
    | _RULES
    | {
        RefusalCode.UNKNOWN_SYMBOL,
        RefusalCode.IDEMPOTENCY_KEY_REUSED,
        RefusalCode.ORDER_UNREADABLE,
    }
)
_CREATED: Final = Answer(
    status=HTTPStatus.CREATED,
    description="The order is on disk.",
    body=OrderAnswer,
    headers={"Location": "The path of the order."},
)
_REPEATED: Final = Answer(
    status=HTTPStatus.OK,
    description="The request is a repeated one; this is the first order.",
    body=OrderAnswer,
    headers={"Location": "The path of the order."},
)

VALIDATE_ONLY: Final = Parameter(
    name="validate_only",
    description=(
        "A dry run: say what would become of the order now, and place nothing. "
        "Answered with 200, also if the order would be refused."
    ),
    schema={"type": "string", "enum": ["true", "false"], "default": "false"},
)

PLACE_ORDER: Final = Call(
    name="placeOrder",
    method="POST",
    path=ORDERS,
    topic=_TOPIC,
    summary="Place an order",
    description=(
        "The order works until it is filled, cancelled or expired, as `time_in_force` "
        "says. After a 503, repeat the request with the same `Idempotency-Key`."
    ),
    query=(VALIDATE_ONLY,),
    headers=(IDEMPOTENCY_KEY,),
    bodies=(PlaceOrderRequest,),
    example={"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "price": "70000"},
    answers=(
        _CREATED,
        Answer(
            status=HTTPStatus.OK,
            description=(
                "The request is a repeated one; this is the first order, whose path is "
                "in `Location`. Or the dry run that was asked for."
            ),
            body=OrderAnswer,
            other_body=DryRunAnswer,
        ),
    ),
    codes=_INTAKE
    | {
        RefusalCode.EXPIRES_AT_MISSING,
        RefusalCode.EXPIRES_AT_UNEXPECTED,
        RefusalCode.EXPIRES_AT_IN_THE_PAST,
        RefusalCode.CLIENT_ORDER_ID_REUSED,
    },
)
SELL: Final = Call(
    name="placeSellOrder",
    method="POST",
    path="/SellOrder",
    topic=_TOPIC,
    summary="Place an order to sell, good till cancelled",
    description="The original call.",
    headers=(IDEMPOTENCY_KEY,),
    bodies=(SellOrderRequest,),
    example={"symbol": "BTCUSDT", "quantity": "0.01", "price": "70000"},
    answers=(_CREATED, _REPEATED),
    codes=_INTAKE,
)
LIST_ORDERS: Final = Call(
    name="listOrders",
    method="GET",
    path=ORDERS,
    topic=_TOPIC,
    summary="List orders, newest first",
    query=(
        Parameter(
            name="status",
            description="Only these; `open` and `ended` are groups of statuses.",
            schema={"type": "string", "enum": list(STATUS_FILTERS)},
        ),
        Parameter(
            name="symbol", description="Only its orders.", schema=SymbolName.SCHEMA
        ),
        Parameter(
            name="client_order_id",
            description="Only the order of this name; there is one at most.",
            schema=ClientOrderId.SCHEMA,
        ),
        Parameter(
            name="side",
            description="Only these.",
            schema={"type": "string", "enum": list(Side)},
        ),
        *span(
            "Only orders accepted at this time or later.",
            "Only orders accepted before this time.",
        ),
        limit(ORDERS_DEFAULT),
        CURSOR,
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK, description="A page.", body=ListAnswer[OrderAnswer]
        ),
    ),
    codes=DISK | {RefusalCode.ORDER_UNREADABLE},
)
LIST_FILLS: Final = Call(
    name="listFills",
    method="GET",
    path="/api/v1/fills",
    topic=_TOPIC,
    summary="List the fills of all orders, those executed last first",
    query=(
        Parameter(
            name="symbol", description="Only its fills.", schema=SymbolName.SCHEMA
        ),
        *span(
            "Only fills executed at this time or later.",
            "Only fills executed before this time.",
        ),
        limit(ORDERS_DEFAULT),
        CURSOR,
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="A page.",
            body=ListAnswer[BookedFillAnswer],
        ),
    ),
    codes=DISK | {RefusalCode.ORDER_UNREADABLE},
)
READ_ORDER: Final = Call(
    name="readOrder",
    method="GET",
    path=ONE,
    topic=_TOPIC,
    summary="Read an order",
    answers=(Answer(status=HTTPStatus.OK, description="The order.", body=OrderAnswer),),
    codes=ONE_ORDER,
)
READ_FILLS: Final = Call(
    name="readFills",
    method="GET",
    path=f"{ONE}/fills",
    topic=_TOPIC,
    summary="List the fills of an order, oldest first",
    query=(limit(PAGE_MAX), CURSOR),
    answers=(
        Answer(
            status=HTTPStatus.OK, description="A page.", body=ListAnswer[FillAnswer]
        ),
    ),
    codes=ONE_ORDER,
)
READ_EVENTS: Final = Call(
    name="readEvents",
    method="GET",
    path=f"{ONE}/events",
    topic=_TOPIC,
    summary="List the history of an order, oldest first",
    query=(limit(PAGE_MAX), CURSOR),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="A page.",
            body=ListAnswer[OrderEventAnswer],
        ),
    ),
    codes=ONE_ORDER,
)
READ_SUMMARY: Final = Call(
    name="readSummary",
    method="GET",
    path=f"{ONE}/summary",
    topic=_TOPIC,
    summary="Read what came of an order",
    answers=(Answer(status=HTTPStatus.OK, description="So far.", body=SummaryAnswer),),
    codes=ONE_ORDER,
)
AMEND: Final = Call(
    name="amendOrder",
    method="PATCH",
    path=ONE,
    topic=_TOPIC,
    summary="Amend the price of an order, its quantity, or both",
    description=(
        "Only what changes is checked; for a quantity, what it would leave to trade. "
        "Answered with `TIMEOUT`, it may still be done: read the order."
    ),
    bodies=(AmendOrderRequest,),
    example={"price": "71000"},
    answers=(
        Answer(status=HTTPStatus.OK, description="It is amended.", body=OrderAnswer),
    ),
    codes=ONE_ORDER
    | _RULES
    | {
        RefusalCode.QUANTITY_NOT_ABOVE_FILLED,
        RefusalCode.ORDER_ENDED,
        RefusalCode.ORDER_NOT_WORKED,
        RefusalCode.CHILD_NOT_SETTLED,
    },
)
CANCEL: Final = Call(
    name="cancelOrder",
    method="DELETE",
    path=ONE,
    topic=_TOPIC,
    is_limited=False,
    summary="Cancel an order",
    description=(
        "Cancelling a cancelled order again is no error. Answered with `TIMEOUT`, it "
        "may still be done: read the order."
    ),
    answers=(
        Answer(status=HTTPStatus.OK, description="It is cancelled.", body=OrderAnswer),
        Answer(
            status=HTTPStatus.ACCEPTED,
            description="It is being cancelled; a child order may still fill.",
            body=OrderAnswer,
        ),
    ),
    codes=ONE_ORDER | {RefusalCode.ORDER_ENDED, RefusalCode.CHILD_NOT_SETTLED},
)
_OF_PAUSE: Final = ONE_ORDER | {RefusalCode.ORDER_ENDED}
PAUSE: Final = Call(
    name="pauseOrder",
    method="POST",
    path=f"{ONE}/pause",
    topic=_TOPIC,
    is_limited=False,
    summary="Let an order take nothing until it is resumed",
    description=(
        "It is on disk with the answer, and survives restarts. A child order in flight "
        "may still fill. A paused order can be amended and cancelled, and a `GTD` "
        "order expires. Pausing it again changes nothing."
    ),
    bodies=(PauseOrderRequest,),
    is_body_required=False,
    answers=(Answer(status=HTTPStatus.OK, description="The order.", body=OrderAnswer),),
    codes=_OF_PAUSE | {RefusalCode.ORDER_NEVER_WAITS},
)
RESUME_ORDER: Final = Call(
    name="resumeOrder",
    method="POST",
    path=f"{ONE}/resume",
    topic=_TOPIC,
    summary="Let a paused order go on",
    description="An order that is not paused stays as it is.",
    bodies=(PauseOrderRequest,),
    is_body_required=False,
    answers=(Answer(status=HTTPStatus.OK, description="The order.", body=OrderAnswer),),
    codes=_OF_PAUSE,
)
ORDER_CALLS: Final = (
    PLACE_ORDER,
    LIST_ORDERS,
    LIST_FILLS,
    READ_ORDER,
    AMEND,
    CANCEL,
    PAUSE,
    RESUME_ORDER,
    READ_FILLS,
    READ_EVENTS,
    READ_SUMMARY,
    SELL,
)
