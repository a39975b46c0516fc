"""The push stream, as a call."""

from http import HTTPStatus
from typing import Final

from adapters.api.calls import ONE_ORDER, Answer, Call, Parameter
from adapters.api.codes import Code
from adapters.api.request_fields import SymbolName
from adapters.api.stream import BOOK, BOOKS_MAX, LEVELS, LEVELS_DEFAULT, Topic
from domain.reasons import RefusalCode


FOLLOW_EVENTS: Final = Call(
    name="followEvents",
    method="GET",
    path="/api/v1/stream",
    topic="Push stream",
    summary="Follow the events of all orders as they are committed, and how things are",
    description=(
        "[Server-Sent Events](https://html.spec.whatwg.org/#server-sent-events). "
        "`order` (`PushedEvent`) says what has happened. Its `id` is its position: who "
        "comes back with the last one misses nothing and gets nothing twice. "
        "`position` (`Position`) says where the stream begins and, now and then, how "
        "far it has come without anything to send; `heartbeat` (`Heartbeat`) that "
        "nothing was sent for 15 s. What has no `id` says how something is now: "
        "`symbol` (`SymbolReadiness`), `halt` (`Halt`), `service` (`Service`), "
        "`book` (`Book`), or `unanswered` (`Unanswered`) that nobody could say. It is "
        "sent at the start and when it has changed."
    ),
    query=(
        Parameter(
            name="topics",
            description=(
                "What to send, with commas between the topics. `orders`: each event of "
                "an order with the order after it; `fills`: those that book a fill, "
                "with it; `symbols`, `halt`, `service`: how these are; `book:BTCUSDT`: "
                f"the best levels of its book, of {BOOKS_MAX} books at most. Without "
                "it, the events of orders alone."
            ),
            schema={
                "type": "string",
                "pattern": "^({0})(,({0}))*$".format("|".join((*Topic, f"{BOOK}:.+"))),
                "example": "orders,symbols,halt",
            },
        ),
        Parameter(
            name="levels",
            description="Of the books, on each side.",
            schema={
                "type": "integer",
                "enum": list(LEVELS),
                "default": LEVELS_DEFAULT,
            },
        ),
        Parameter(
            name="symbol",
            description="Leave out what is of other symbols.",
            schema=SymbolName.SCHEMA,
        ),
        Parameter(name="order", description="Leave out the events of other orders."),
        Parameter(
            name="after",
            description=(
                "Begin with the event behind this position; `0-0` is before the first "
                "of all. Without it, with what is committed from now on."
            ),
            schema={
                "type": "string",
                "pattern": r"^(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})$",
            },
        ),
    ),
    headers=(
        Parameter(
            name="Last-Event-ID",
            description="The same as `after`; it counts if both are there.",
        ),
    ),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="It goes on until either side ends it.",
            body={"type": "string"},
            content_type="text/event-stream",
        ),
    ),
    codes=ONE_ORDER
    | {
        Code.TOO_MANY_LISTENERS,
        Code.POSITION_BEYOND_END,
        RefusalCode.UNKNOWN_SYMBOL,
    },
    other_status={RefusalCode.UNKNOWN_SYMBOL: HTTPStatus.NOT_FOUND},
)
