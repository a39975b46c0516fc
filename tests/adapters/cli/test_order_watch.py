import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api.order_now import OrderNowAnswer
from adapters.api.orders import OrderAnswer, SummaryAnswer
from adapters.cli.answers import ReceivedEvent, read_event, read_now, read_order
from adapters.cli.failures import ExitCode, NotReachableError
from adapters.cli.followed_stream import Arrived, Connected, Happened, Heard, Lost
from adapters.cli.order_watch import OrderWatch
from adapters.cli.reason_words import reason_words
from adapters.cli.service_client import Reply
from adapters.http.server import HttpServer
from tests.adapters.cli.test_followed_stream import EVENT
from tests.adapters.cli.test_service_client import ORDER, client_of


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BEGUN = Connected(is_anew=True)
GONE = Lost(error=NotReachableError("gone"))


NOW: dict[str, Any] = {
    "obstacle": "LIMIT_NOT_REACHED",
    "distance": "0.4",
    "touch": {
        "bid": "60999.6",
        "bid_quantity": "1",
        "ask": None,
        "ask_quantity": None,
        "update_id": 7,
        "as_of": "2026-11-30T18:56:14.705000Z",
    },
    "available": "0",
    "book_state": "SYNCED",
    "detail": None,
    "pause": None,
    "next_try_at": None,
    "child": None,
    "hold": None,
    "last_reached": {"at": "2026-11-30T18:55:01.000000Z", "update_id": 5},
}


class Service:
    """Answers with what is on its disk; what it does not have is 503 or 404."""

    def __init__(self) -> None:
        self.order: dict[str, Any] | None = ORDER
        self.events: list[dict[str, Any]] | None = []
        self.asked: list[str] = []
        self.now: dict[str, Any] | None = NOW
        self.server = HttpServer(self, "127.0.0.1", 0)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        path = environ["PATH_INFO"].removeprefix("/api/v1/orders/A1")
        self.asked.append(path)
        answers = {"": self.order, "/events": self._page(), "/now": self.now}
        found = answers.get(path)
        problem = {"title": "X", "status": 503, "code": "STORE_UNAVAILABLE"}
        body = json.dumps(found or {**problem, "detail": "because"}).encode()
        length = [("Content-Length", str(len(body)))]
        start_response("200 OK" if found else "503 Service Unavailable", length)
        return [body]

    def _page(self) -> dict[str, Any] | None:
        if self.events is None:
            return None
        return {"items": self.events, "next_cursor": None}

    def commit(self, *numbers: int, status: str = "PARTIALLY_FILLED") -> None:
        """Put events on the disk, the last with this status, and the order's."""
        assert self.events is not None
        self.events += [event(number) for number in numbers]
        self.events[-1]["status"] = status
        self.order = {**ORDER, "status": status}


class Seen:
    """A view that keeps what it was shown."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.statuses: list[str] = []
        self.ended: str | None = None
        self.told: list[str] = []
        self.reasons: list[str] = []

    def event(self, event: ReceivedEvent) -> None:
        self.numbers.append(event.read.number)

    def state(self, order: OrderAnswer) -> None:
        self.statuses.append(order.status)

    def wants_reasons(self) -> bool:
        return True

    def waits(self, now: OrderNowAnswer) -> None:
        self.reasons.append(now.obstacle)

    def connected(self) -> None:
        self.told.append("connected")

    def lost(self, why: str) -> None:
        self.told.append(why)

    def end(self, order: Reply[OrderAnswer], summary: SummaryAnswer | None) -> None:
        assert summary is None
        self.ended = order.answer.status


def event(
    number: int, status: str = "PARTIALLY_FILLED", of: str = "A1"
) -> dict[str, Any]:
    return {**EVENT, "number": number, "status": status, "order_id": of}


def arrived(*events: dict[str, Any]) -> Arrived:
    return Arrived(events=tuple(read_event(json.dumps(one).encode()) for one in events))


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    service.server.start()
    yield service
    service.server.stop(grace_seconds=0)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def watch(
    service: Service,
    seen: Seen,
    stream: Iterator[Happened],
    last_shown: int | None = 0,
    times: Sequence[float] = (),
) -> ExitCode:
    order = read_order(json.dumps(ORDER).encode())
    client = client_of(service.server.url)
    now_seconds = partial(next, iter(times), 0.0)
    return OrderWatch(client, order, seen, last_shown, now_seconds).run(stream)


def test_what_the_history_had_already_is_not_shown_again(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        service.commit(1, 2, 3)
        yield BEGUN
        service.commit(4, status="FILLED")
        yield arrived(event(2), event(3), event(4, "FILLED"))

    assert watch(service, seen, stream()) is ExitCode.DONE
    assert seen.numbers == [1, 2, 3, 4]
    assert seen.ended == "FILLED"


def test_events_of_other_orders_are_none_of_ours_and_no_reason_to_look(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        yield BEGUN
        looks = len(service.asked)
        yield arrived(event(1, of="B2"), event(2, "FILLED", of="B2"))
        assert len(service.asked) == looks
        service.commit(1, status="CANCELED")
        yield arrived(event(1, "CANCELED"))

    assert watch(service, seen, stream()) is ExitCode.UNFILLED
    assert seen.numbers == [1]


def test_the_end_waits_for_the_last_event_that_is_on_its_way(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        yield BEGUN
        service.commit(1, 2, status="FILLED")
        yield arrived(event(1))
        assert (seen.statuses[-1], seen.ended) == ("FILLED", None)
        yield arrived(event(2, "FILLED"))

    assert watch(service, seen, stream()) is ExitCode.DONE
    assert seen.numbers == [1, 2]


def test_an_order_that_ends_while_there_is_no_stream_is_read_to_its_end(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        yield BEGUN
        service.commit(1)
        yield arrived(event(1))
        service.commit(2, 3, status="EXPIRED")
        yield GONE

    assert watch(service, seen, stream()) is ExitCode.UNFILLED
    assert seen.numbers == [1, 2, 3]
    assert seen.told == ["connected", "gone"]


def test_an_order_that_has_ended_before_is_shown_whole(
    service: Service, seen: Seen
) -> None:
    service.commit(1, 2, status="FILLED")

    assert watch(service, seen, iter([BEGUN])) is ExitCode.DONE
    assert seen.numbers == [1, 2]


def test_events_that_could_not_be_read_at_first_are_read_before_the_next(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        service.events = None
        yield BEGUN
        service.events = []
        service.commit(1, 2, 3, status="FILLED")
        yield arrived(event(3, "FILLED"))

    assert watch(service, seen, stream()) is ExitCode.DONE
    assert seen.numbers == [1, 2, 3]


def test_a_person_who_comes_late_sees_what_happens_from_then_on(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        service.commit(1, 2, 3)
        yield BEGUN
        service.commit(4, 5, status="FILLED")
        yield arrived(event(4), event(5, "FILLED"))

    assert watch(service, seen, stream(), last_shown=None) is ExitCode.DONE
    assert seen.numbers == [4, 5]


def test_a_service_that_does_not_answer_is_looked_at_again(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        service.order = None
        yield BEGUN
        yield GONE
        service.commit(1, status="FILLED")
        yield Connected(is_anew=False)

    assert watch(service, seen, stream()) is ExitCode.DONE
    assert (seen.numbers, seen.statuses) == ([1], ["FILLED"])


def test_why_it_waits_is_looked_up_at_most_once_a_second(
    service: Service, seen: Seen
) -> None:
    def stream() -> Iterator[Happened]:
        yield BEGUN
        yield from [Heard()] * 3
        service.now = None  # cannot be said now
        yield Heard()
        service.commit(1, status="CANCELED")
        yield arrived(event(1, "CANCELED"))

    times = (100.0, 100.0, 100.9, 101.0, 101.0, 102.0, 102.0)
    assert watch(service, seen, stream(), times=times) is ExitCode.UNFILLED
    assert seen.reasons == ["LIMIT_NOT_REACHED"] * 2
    assert service.asked.count("/now") == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"last_reached": None},
            "waits: the best bid is 60999.6, 0.4 short of 61000",
        ),
        ({"touch": {**NOW["touch"], "bid": None}}, "waits: there is no bid"),
        ({"obstacle": "PAUSED"}, "paused; unpause lets it go on"),
        ({"obstacle": "ENDED"}, ""),
        (
            {"obstacle": "RETRY_BACKOFF", "next_try_at": "2026-11-30T18:56:20.500000Z"},
            "its last child order was refused; next try at 18:56:20.500 UTC",
        ),
        (
            {"obstacle": "BOOK_UNUSABLE", "book_state": "GAP", "detail": "missed"},
            "the book is GAP: missed",
        ),
        ({"obstacle": "NOT_RELEASED"}, "not filled now: NOT_RELEASED"),
    ],
)
def test_a_person_reads_why_it_waits(changes: dict[str, Any], words: str) -> None:
    order = read_order(json.dumps(ORDER).encode())
    now = read_now(json.dumps({**NOW, **changes}).encode())

    assert reason_words(order, now) == words
