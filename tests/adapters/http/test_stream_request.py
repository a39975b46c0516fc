"""What a client of the push stream asks for, and what nobody can mean."""

from collections.abc import Sequence

import pytest

from adapters.api.stream import BOOKS_MAX
from adapters.http.problems import ProblemError
from adapters.http.request_reading import Request
from adapters.http.state_names import (
    HALT,
    SERVICE,
    StateName,
    book_state,
    symbol_state,
)
from adapters.http.stream_request import StreamRequest, read_stream_request
from adapters.http.stream_selection import EVERYTHING, Selection
from domain.orders.committed import BEGINNING, Position
from domain.values import OrderId, Symbol
from tests.adapters.http.fakes import BNBUSDT, ETHBTC


def read(
    last_event_id: str | None,
    query: str,
    traded: Sequence[Symbol] = (BNBUSDT, ETHBTC),
) -> StreamRequest:
    headers = {} if last_event_id is None else {"HTTP_LAST_EVENT_ID": last_event_id}
    request = Request({"REQUEST_METHOD": "GET", "QUERY_STRING": query, **headers})
    return read_stream_request(request, traded)


@pytest.mark.parametrize(
    ("last_event_id", "query", "start"),
    [
        (None, "", None),
        ("", "", None),
        ("0-4711", "", Position(transaction=0, number=4711)),
        (None, "after=812-3", Position(transaction=812, number=3)),
        (None, "after=0%2D0", BEGINNING),
        ("0-9", "after=0-3", Position(transaction=0, number=9)),
    ],
)
def test_a_header_is_newer_than_the_query_of_the_first_call(
    last_event_id: str | None, query: str, start: Position | None
) -> None:
    assert read(last_event_id, query).start == start


@pytest.mark.parametrize(
    ("last_event_id", "query", "code", "field"),
    [
        ("4711", "", "HEADER_INVALID", "Last-Event-ID"),
        ("0-1 ", "", "HEADER_INVALID", "Last-Event-ID"),
        ("0-٣", "", "HEADER_INVALID", "Last-Event-ID"),
        ("0-" + "9" * 19, "", "HEADER_INVALID", "Last-Event-ID"),
        (None, "after=", "PARAMETER_INVALID", "after"),
        (None, "after=now", "PARAMETER_INVALID", "after"),
        (None, "after=%FF", "PARAMETER_INVALID", "after"),
        (None, "after=0-1&after=0-2", "PARAMETER_INVALID", "after"),
        (None, "since=0-1", "PARAMETER_UNKNOWN", "since"),
        ("0-1", "after", "PARAMETER_INVALID", "after"),
    ],
)
def test_what_is_no_position_is_refused_by_name(
    last_event_id: str | None, query: str, code: str, field: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        read(last_event_id, query)

    problem = caught.value.problem
    assert (problem.status, problem.code, problem.field) == (400, code, field)


@pytest.mark.parametrize(
    ("query", "selection", "states"),
    [
        ("", EVERYTHING, set()),
        ("symbol=DOGEUSDT", Selection(symbol=Symbol("DOGEUSDT")), set()),
        ("order=01ABC", Selection(order_id=OrderId("01ABC")), set()),
        ("topics=orders", Selection(with_order=True), set()),
        ("topics=fills,halt", Selection(with_fill=True), {HALT}),
        (
            "topics=book:ETHBTC,book:BNBUSDT,book:ETHBTC&levels=100&symbol=BTCUSDT",
            Selection(is_any=False, symbol=Symbol("BTCUSDT")),
            {book_state(ETHBTC, 100), book_state(BNBUSDT, 100)},
        ),
        (
            "topics=book:ETHBTC",
            Selection(is_any=False),
            {book_state(ETHBTC, 20)},
        ),
        ("topics=fills,orders", Selection(with_order=True, with_fill=True), set()),
        (
            "topics=symbols,orders,halt&symbol=ETHBTC",
            Selection(with_order=True, symbol=ETHBTC),
            {symbol_state(ETHBTC), HALT},
        ),
        (
            "topics=service,symbols,service",
            Selection(is_any=False),
            {symbol_state(BNBUSDT), symbol_state(ETHBTC), SERVICE},
        ),
    ],
)
def test_topics_and_filters_say_what_is_sent(
    query: str, selection: Selection, states: set[StateName]
) -> None:
    wanted = read(None, query)

    assert wanted.selection == selection
    assert set(wanted.states) == states


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("topics=", 400, "PARAMETER_INVALID", "topics"),
        ("topics=orders,", 400, "PARAMETER_INVALID", "topics"),
        ("topics=book", 400, "PARAMETER_INVALID", "topics"),
        ("topics=book:DOGEUSDT", 404, "UNKNOWN_SYMBOL", "symbol"),
        ("topics=book:ETHBTC&levels=7", 400, "PARAMETER_INVALID", "levels"),
        ("topics=trades", 400, "PARAMETER_INVALID", "topics"),
        ("symbol=", 400, "PARAMETER_INVALID", "symbol"),
        ("topics=symbols&symbol=DOGEUSDT", 404, "UNKNOWN_SYMBOL", "symbol"),
        ("order=no%20id", 404, "UNKNOWN_ORDER", None),
    ],
)
def test_what_nobody_can_be_sent_is_refused(
    query: str, status: int, code: str, field: str | None
) -> None:
    with pytest.raises(ProblemError) as caught:
        read(None, query)

    problem = caught.value.problem
    assert (problem.status, problem.code, problem.field) == (status, code, field)


def test_one_client_can_have_so_many_books_and_no_more() -> None:
    symbols = [Symbol(f"S{number}") for number in range(BOOKS_MAX + 1)]
    topics = [f"book:{symbol}" for symbol in symbols]

    read(None, f"topics={','.join(topics[:-1])}", symbols)
    with pytest.raises(ProblemError) as caught:
        read(None, f"topics={','.join(topics)}", symbols)

    assert caught.value.problem.field == "topics"
