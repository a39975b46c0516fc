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


_OR_ALL: Final = "The order's id; all orders when not given."


def _optional_order(words: str) -> Option:
    return Option(
        name="order",
        read=order_id_of,
        metavar="[ID]",
        help=words,
        is_argument=True,
        is_optional=True,
        command_line_only=True,
    )


def _of_symbol(words: str, name: str = "symbol") -> Option:
    return Option(
        name=name,
        read=symbol_of,
        metavar="SYMBOL",
        help=words,
        command_line_only=True,
    )


def _text(name: str, metavar: str, words: str) -> Option:
    return Option(
        name=name, read=str, metavar=metavar, help=words, command_line_only=True
    )


def _span(whose: str) -> tuple[Option, Option]:
    since = f"{whose} from then on, such as 2031-05-01T00:00:00Z."
    return (
        _text("since", "TIME", since),
        _text("until", "TIME", f"{whose} before."),
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


_CURSOR: Final = _text(
    "cursor", "TEXT", "Begin after the page that named it as its next_cursor."
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
    _text("expires-at", "TIME", "When a GTD order ends, such as 2031-05-01T12:00:00Z."),
    _text(
        "client-order-id",
        "TEXT",
        "Your own name for it, 1 to 36 of A-Z a-z 0-9 - _.",
    ),
    _text(
        "idempotency-key",
        "TEXT",
        "A call with the same key places nothing twice. Default: a new one.",
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
    _of_symbol("Only those of this pair."),
    Option(
        name="side",
        read=side_of,
        metavar="sell|buy",
        help="Only these.",
        command_line_only=True,
    ),
    _text("client-order-id", "TEXT", "Only the order of this name."),
    *_span("Only those accepted"),
    _limit(50),
    _CURSOR,
    _ALL,
    *_COMMON,
)

ONE_ORDER_OPTIONS: Final = (_ORDER, *_COMMON)

AUDIT_OPTIONS: Final = (_limit(50), _CURSOR, _ALL, *_COMMON)

FILLS_OPTIONS: Final = (
    _optional_order(_OR_ALL),
    _of_symbol("Only those of this pair."),
    *_span("Only those executed"),
    _limit(PAGE_MAX),
    _CURSOR,
    _ALL,
    *_COMMON,
)

CANCEL_OPTIONS: Final = (
    _optional_order("The order's id."),
    _of_symbol("All open orders of this pair.", name="all"),
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
    _optional_order("The order's id; all orders of a period when not given."),
    *_span("Orders that came"),
    _of_symbol("Only orders of this pair."),
    _switch("csv", "Print CSV, a line for each order."),
    *_COMMON,
)

WATCH_OPTIONS: Final = (_optional_order(_OR_ALL), *_COMMON)

WEBHOOKS_OPTIONS: Final = _COMMON
