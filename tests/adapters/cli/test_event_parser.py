from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.event_parser import EventParser, ServerSentEvent


STREAM = (
    b'retry: 1000\nid: 0-7\nevent: position\ndata: {"position":"0-7"}\n\n'
    b": a comment\nid: 0-8\nevent: order\ndata: {}\n\n"
    b"event: heartbeat\ndata:\n\n"
    b"id: 0-9\r\nevent: order\r\ndata: a\r\ndata:  b\r\n\r\n"
)
EVENTS = [
    ServerSentEvent(kind="position", data=b'{"position":"0-7"}', last_id="0-7"),
    ServerSentEvent(kind="order", data=b"{}", last_id="0-8"),
    ServerSentEvent(kind="heartbeat", data=b"", last_id="0-8"),
    ServerSentEvent(kind="order", data=b"a\n b", last_id="0-9"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_events_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    parser = EventParser()
    places = [0, *sorted(cuts), len(STREAM)]

    found = []
    for begin, end in pairwise(places):
        found += parser.feed(STREAM[begin:end])

    assert found == EVENTS


@given(st.integers(0, len(STREAM)))
def test_an_event_that_was_cut_off_is_none_and_leaves_the_last_id(end: int) -> None:
    found = EventParser("0-6").feed(STREAM[:end])

    assert found == EVENTS[: len(found)]
    assert len(found) == STREAM[:end].replace(b"\r", b"").count(b"\n\n")


def test_an_event_without_an_id_keeps_that_with_which_the_stream_began() -> None:
    (event,) = EventParser("0-6").feed(b"data: x\n\n")

    assert (event.kind, event.last_id) == ("message", "0-6")


def test_an_event_without_data_is_none_but_its_id_counts() -> None:
    (event,) = EventParser("0-6").feed(b"id: 0-7\n\ndata: x\n\n")

    assert event.last_id == "0-7"
