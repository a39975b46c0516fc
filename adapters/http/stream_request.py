"""Reads what a client of the push stream asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from adapters.api.codes import Code
from adapters.api.stream import BOOK, BOOKS_MAX, LEVELS, LEVELS_DEFAULT, Topic
from adapters.api.stream_calls import FOLLOW_EVENTS
from adapters.http.problems import (
    ProblemError,
    malformed,
    unknown_order,
    unsupported_symbol,
)
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_parameters,
    read_symbol,
)
from adapters.http.state_names import (
    HALT,
    SERVICE,
    StateName,
    book_state,
    symbol_state,
)
from adapters.http.stream_selection import EVERYTHING, Selection
from domain.orders.committed import Position, read_position
from domain.values import OrderId, Symbol, read_order_id


_AFTER: Final = "after"
_TOPICS: Final = "topics"
_ORDER: Final = "order"
_LEVELS: Final = "levels"
_BOOK: Final = f"{BOOK}:"
_LAST_EVENT_ID: Final = "Last-Event-ID"
_POSITION_WORDS: Final = "must be a position that the stream gave, such as 0-4711"

_OF_EVENTS: Final = frozenset({Topic.ORDERS, Topic.FILLS})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """What a client wants."""

    start: Position | None = None
    """After which position it wants the events; None: only what is committed from now
    on."""

    selection: Selection = EVERYTHING
    """Which events it wants."""

    states: frozenset[StateName] = frozenset()
    """The names of the states that it wants."""


def read_stream_request(request: Request, traded: Sequence[Symbol]) -> StreamRequest:
    """Read the query, and the header ``Last-Event-ID``.

    Args:
        request: of a client.
        traded: the symbols that have a state.

    Raises:
        ProblemError: 400 for a bad parameter; 404 for a symbol that is not traded, if
            its state is wanted, and for an impossible order id.
    """
    parameters = read_parameters(request, FOLLOW_EVENTS)
    symbol, asked = read_symbol(parameters), parameters.get(_TOPICS)
    names = [] if asked is None else asked.split(",")
    topics = _read_topics(names)
    states = {
        *_states(topics, symbol, traded),
        *_read_books(names, _read_levels(parameters.get(_LEVELS)), traded),
    }
    return StreamRequest(
        start=_read_start(request, parameters.get(_AFTER)),
        selection=Selection(
            is_any=asked is None or bool(topics & _OF_EVENTS),
            with_order=Topic.ORDERS in topics,
            with_fill=Topic.FILLS in topics,
            symbol=symbol,
            order_id=_read_order(parameters.get(_ORDER)),
        ),
        states=frozenset(states),
    )


def _read_topics(names: Iterable[str]) -> frozenset[Topic]:
    try:
        return frozenset(Topic(one) for one in names if not one.startswith(_BOOK))
    except ValueError:
        possible = ", ".join((*Topic, f"{_BOOK}SYMBOL"))
        words = f"must be some of {possible}, with commas between them"
        raise bad_parameter(_TOPICS, words) from None


def _read_levels(text: str | None) -> int:
    if text is None:
        return LEVELS_DEFAULT
    if text not in map(str, LEVELS):
        raise bad_parameter(_LEVELS, f"must be one of {', '.join(map(str, LEVELS))}")
    return int(text)


def _read_books(
    names: Iterable[str], levels: int, traded: Sequence[Symbol]
) -> frozenset[StateName]:
    found = frozenset(
        book_state(_traded(Symbol(name.removeprefix(_BOOK)), traded), levels)
        for name in names
        if name.startswith(_BOOK)
    )
    if len(found) > BOOKS_MAX:
        raise bad_parameter(_TOPICS, f"may have {BOOKS_MAX} books at most")
    return found


def _states(
    topics: Iterable[Topic], symbol: Symbol | None, traded: Sequence[Symbol]
) -> Iterable[StateName]:
    for topic in topics:
        if topic is Topic.HALT:
            yield HALT
        elif topic is Topic.SERVICE:
            yield SERVICE
        elif topic is Topic.SYMBOLS and symbol is None:
            yield from map(symbol_state, traded)
        elif topic is Topic.SYMBOLS and symbol is not None:
            yield symbol_state(_traded(symbol, traded))


def _traded(symbol: Symbol, traded: Sequence[Symbol]) -> Symbol:
    if symbol not in traded:
        raise ProblemError(unsupported_symbol(HTTPStatus.NOT_FOUND, symbol, traded))
    return symbol


def _read_order(text: str | None) -> OrderId | None:
    if text is None:
        return None
    order_id = read_order_id(text)
    if order_id is None:
        raise unknown_order(text)
    return order_id


def _read_start(request: Request, after: str | None) -> Position | None:
    """Read after which position a client wants the events.

    It says so by ``Last-Event-ID``, or by ``after`` in the query if it cannot set
    headers, such as a new ``EventSource``. The header is newer when a browser comes
    back with the URL that it began with.
    """
    start = None
    if after is not None:
        try:
            start = read_position(after)
        except ValueError:
            raise bad_parameter(_AFTER, _POSITION_WORDS) from None
    last_event_id: str | None = request.environ.get("HTTP_LAST_EVENT_ID")
    if not last_event_id:
        return start
    try:
        return read_position(last_event_id)
    except ValueError:
        detail = f"{_LAST_EVENT_ID} {_POSITION_WORDS}"
        raise malformed(Code.HEADER_INVALID, detail, _LAST_EVENT_ID) from None
