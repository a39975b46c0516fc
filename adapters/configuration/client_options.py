"""The options of the commands that speak to a running service about its orders."""

from typing import Final

from adapters.configuration.option_values import (
    amount_text_of,
    number_of,
    order_id_of,
    order_status_of,
    side_of,
    switch_of,
    symbol_of,
    time_in_force_of,
)
from adapters.configuration.options import Option
from adapters.configuration.switch_settings import JSON, PLACE_OPTIONS
from domain.pages import PAGE_MAX


BOOK_LEVELS_MAX: Final = 5000

_COMMON: Final = (JSON, *PLACE_OPTIONS)

_ORDER: Final = Option(
    name="order",
    read=order_id_of,
    metavar="ID",
    help="The order's id.",
    required=True,
    is_argument=True,
    command_line_only=True,
)
_SYMBOL: Final = Option(
    name="symbol",
    read=symbol_of,
    metavar="SYMBOL",
    help="Pair, such as BTCUSDT.",
    required=True,
    is_argument=True,
    command_line_only=True,
)
_CURSOR: Final = Option(
    name="cursor",
    read=str,
    metavar="TEXT",
    help="Begin after the page that named it as its next_cursor.",
    command_line_only=True,
)


_OPTIONAL_ORDER: Final = Option(
    name="order",
    read=order_id_of,
    metavar="[ID]",
    help="The order's id; all orders when not given.",
    is_argument=True,
    is_optional=True,
    command_line_only=True,
)
_ONLY_SYMBOL: Final = Option(
    name="symbol",
    read=symbol_of,
    metavar="SYMBOL",
    help="Only those of this pair.",
    command_line_only=True,
)
_CLIENT_ORDER_ID: Final = Option(
    name="client-order-id",
    read=str,
    metavar="TEXT",
    help="Only the order of this name.",
    command_line_only=True,
)


def _span(what: str) -> tuple[Option, Option]:
    since = f"Only those {what} from then on, such as 2031-05-01T00:00:00Z."
    return (
        Option(
            name="since",
            read=str,
            metavar="TIME",
            help=since,
            command_line_only=True,
        ),
        Option(
            name="until",
            read=str,
            metavar="TIME",
            help=f"Only those {what} before.",
            command_line_only=True,
        ),
    )


def _switch(name: str, words: str) -> Option:
    return Option(
        name=name,
        read=switch_of,
        default="false",
        is_flag=True,
        help=words,
        command_line_only=True,
    )


_ALL: Final = _switch("all", "Read on to the end, page by page.")


def _limit(default: int) -> Option:
    return Option(
        name="limit",
        read=number_of(1, PAGE_MAX),
        default=str(default),
        metavar="NUMBER",
        help=f"How many at most, up to {PAGE_MAX}.",
        command_line_only=True,
    )


PLACE_ORDER_OPTIONS: Final = (
    Option(
        name="side",
        read=side_of,
        metavar="sell|buy",
        help="What to do.",
        required=True,
        is_argument=True,
        command_line_only=True,
    ),
    _SYMBOL,
    Option(
        name="quantity",
        read=amount_text_of,
        metavar="QUANTITY",
        help="How much, in the base asset.",
        required=True,
        is_argument=True,
        command_line_only=True,
    ),
    Option(
        name="price",
        read=amount_text_of,
        metavar="PRICE",
        help="The limit: sell at this or higher, buy at this or lower.",
        required=True,
        command_line_only=True,
    ),
    Option(
        name="time-in-force",
        read=time_in_force_of,
        metavar="GTC|GTD|IOC|FOK",
        help="How long it works. Default: GTC; GTD with --expires-at.",
        command_line_only=True,
    ),
    Option(
        name="expires-at",
        read=str,
        metavar="TIME",
        help="When a GTD order ends, such as 2031-05-01T12:00:00Z.",
        command_line_only=True,
    ),
    Option(
        name="client-order-id",
        read=str,
        metavar="TEXT",
        help="Your own name for it, 1 to 36 of A-Z a-z 0-9 - _.",
        command_line_only=True,
    ),
    Option(
        name="idempotency-key",
        read=str,
        metavar="TEXT",
        help="A call with the same key places nothing twice. Default: a new one.",
        command_line_only=True,
    ),
    _switch("watch", "Follow it to its end."),
    _switch("dry-run", "Say what would become of it now, and place nothing."),
    *_COMMON,
)

ORDERS_OPTIONS: Final = (
    Option(
        name="status",
        read=order_status_of,
        metavar="STATUS",
        help="Only these: open, ended, or a status such as PARTIALLY_FILLED.",
        command_line_only=True,
    ),
    _ONLY_SYMBOL,
    Option(
        name="side",
        read=side_of,
        metavar="sell|buy",
        help="Only these.",
        command_line_only=True,
    ),
    _CLIENT_ORDER_ID,
    *_span("accepted"),
    _limit(50),
    _CURSOR,
    _ALL,
    *_COMMON,
)

ONE_ORDER_OPTIONS: Final = (_ORDER, *_COMMON)

AUDIT_OPTIONS: Final = (_limit(50), _CURSOR, _ALL, *_COMMON)

FILLS_OPTIONS: Final = (
    _OPTIONAL_ORDER,
    _ONLY_SYMBOL,
    *_span("executed"),
    _limit(PAGE_MAX),
    _CURSOR,
    _ALL,
    *_COMMON,
)

CANCEL_OPTIONS: Final = (
    Option(
        name="order",
        read=order_id_of,
        metavar="[ID]",
        help="The order's id.",
        is_argument=True,
        is_optional=True,
        command_line_only=True,
    ),
    Option(
        name="all",
        read=symbol_of,
        metavar="SYMBOL",
        help="All open orders of this pair.",
        command_line_only=True,
    ),
    _switch("all-symbols", "All open orders."),
    _switch("yes", "Do not ask whether all are meant."),
    *_COMMON,
)

ORDER_PAGE_OPTIONS: Final = (_ORDER, _limit(PAGE_MAX), _CURSOR, _ALL, *_COMMON)

AMEND_OPTIONS: Final = (
    _ORDER,
    Option(
        name="price",
        read=amount_text_of,
        metavar="PRICE",
        help="The new limit.",
        command_line_only=True,
    ),
    Option(
        name="quantity",
        read=amount_text_of,
        metavar="QUANTITY",
        help="The new whole quantity, fills included.",
        command_line_only=True,
    ),
    *_COMMON,
)

BOOK_OPTIONS: Final = (
    _SYMBOL,
    Option(
        name="limit",
        read=number_of(1, BOOK_LEVELS_MAX),
        default="10",
        metavar="NUMBER",
        help=f"Levels of each side, up to {BOOK_LEVELS_MAX}.",
        command_line_only=True,
    ),
    *_COMMON,
)

REPORT_OPTIONS: Final = (
    Option(
        name="order",
        read=order_id_of,
        metavar="[ID]",
        help="The order's id; all orders of a period when not given.",
        is_argument=True,
        is_optional=True,
        command_line_only=True,
    ),
    Option(
        name="since",
        read=str,
        metavar="TIME",
        help="Orders that came from then on, such as 2031-05-01T00:00:00Z.",
        command_line_only=True,
    ),
    Option(
        name="until",
        read=str,
        metavar="TIME",
        help="Orders that came before.",
        command_line_only=True,
    ),
    Option(
        name="symbol",
        read=symbol_of,
        metavar="SYMBOL",
        help="Only orders of this pair.",
        command_line_only=True,
    ),
    _switch("csv", "Print CSV, a line for each order."),
    *_COMMON,
)

WATCH_OPTIONS: Final = (_OPTIONAL_ORDER, *_COMMON)

WEBHOOKS_OPTIONS: Final = _COMMON
