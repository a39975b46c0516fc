"""Where a client wants to begin, what nobody can mean, and how old events are."""

import json
from datetime import timedelta

import pytest

from adapters.http.problems import ProblemError
from adapters.http.request_reading import Request
from adapters.http.server_sent_events import heartbeat_frame, read_start
from domain.orders.committed import BEGINNING, Position
from tests.adapters.persistence.builders import NOW


def request(last_event_id: str | None, query: str) -> Request:
    headers = {} if last_event_id is None else {"HTTP_LAST_EVENT_ID": last_event_id}
    return Request({"REQUEST_METHOD": "GET", "QUERY_STRING": query, **headers})


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
    assert read_start(request(last_event_id, query)) == start


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
        read_start(request(last_event_id, query))

    problem = caught.value.problem
    assert (problem.status, problem.code, problem.field) == (400, code, field)


@pytest.mark.parametrize(("seconds", "age"), [(15, 15.0), (0, 0.0), (-3600, 0.0)])
def test_an_event_is_never_younger_than_now_though_the_clock_was_set_back(
    seconds: int, age: float
) -> None:
    frame = heartbeat_frame(NOW + timedelta(seconds=seconds), NOW)

    assert json.loads(frame.partition(b"data: ")[2])["age_seconds"] == age
