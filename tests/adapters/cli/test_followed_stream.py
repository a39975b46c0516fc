import json
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from adapters.cli.failures import (
    NotAllowedError,
    NotReachableError,
    RefusedError,
    UnreadableAnswerError,
)
from adapters.cli.followed_stream import (
    GIVE_UP_SECONDS,
    Arrived,
    Connected,
    FollowedStream,
    Happened,
    Heard,
    Lost,
)
from tests.adapters.cli.scripted_server import (
    ScriptedServer,
    answer,
    problem,
    stream,
)
from tests.adapters.cli.test_service_client import client_of


EVENT = {
    "order_id": "A1",
    "symbol": "BTCUSDT",
    "kind": "PART_FILLED",
    "status": "PARTIALLY_FILLED",
    "occurred_at": "2026-11-30T18:56:14.705000Z",
    "quantity": "0.5",
    "price": "61000",
    "update_id": None,
    "child_id": "A1-1",
    "reason": None,
}
HEARTBEAT = b'event: heartbeat\ndata: {"age_seconds":15.0}\n\n'


def position(number: int) -> bytes:
    return b'id: 0-%d\nevent: position\ndata: {"position":"0-%d"}\n\n' % (
        number,
        number,
    )


def event(number: int) -> bytes:
    members = json.dumps({**EVENT, "number": number}).encode()
    return b"id: 0-%d\nevent: order\ndata: %b\n\n" % (number, members)


class Clock:
    """Goes on while somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def follow(url: str, clock: Clock | None = None) -> Iterator[Happened]:
    clock = clock or Clock()
    followed = FollowedStream(
        client_of(url), pause=clock.pause, now_seconds=lambda: clock.now
    )
    return (one for one in followed if not isinstance(one, Heard))


def numbers(happened: list[Happened]) -> list[int]:
    return [
        event.read.number
        for one in happened
        if isinstance(one, Arrived)
        for event in one.events
    ]


def kinds(happened: list[Happened]) -> list[type[Happened]]:
    return [type(one) for one in happened]


def test_a_stream_that_is_cut_goes_on_after_its_last_whole_event() -> None:
    cut = event(9)[:-3]
    with ScriptedServer(
        stream(position(7), event(8), HEARTBEAT, cut), stream(position(8), event(9))
    ) as server:
        happened = list(islice(follow(server.url), 4))

    assert kinds(happened) == [Connected, Arrived, Connected, Arrived]
    assert numbers(happened) == [8, 9]
    asked = [one.headers.get("last-event-id") for one in server.asked]
    assert asked == [None, "0-8"]


def test_a_stream_without_events_goes_on_from_where_it_began() -> None:
    with ScriptedServer(stream(position(7)), stream(position(7))) as server:
        first, second = islice(follow(server.url), 2)

    assert first == Connected(is_anew=True)
    assert second == Connected(is_anew=False)
    assert server.asked[1].headers["last-event-id"] == "0-7"


def test_a_heartbeat_is_heard() -> None:
    with ScriptedServer(stream(HEARTBEAT)) as server:
        happened = list(islice(FollowedStream(client_of(server.url)), 2))

    assert happened == [Connected(is_anew=True), Heard()]


def test_only_a_part_of_the_stream_can_be_asked_for() -> None:
    query = {"order": "A1", "topics": "orders,book:BTCUSDT"}
    with ScriptedServer(stream()) as server:
        next(iter(FollowedStream(client_of(server.url), query)))

    assert server.asked[0].path.endswith("?order=A1&topics=orders%2Cbook%3ABTCUSDT")


def test_a_stream_that_never_said_where_it_begins_begins_anew() -> None:
    with ScriptedServer(stream(), stream()) as server:
        happened = list(islice(follow(server.url), 2))

    assert happened == [Connected(is_anew=True)] * 2


@pytest.mark.parametrize(
    "reply",
    [
        None,
        problem(503, "TOO_MANY_LISTENERS"),
        problem(500, "INTERNAL_ERROR"),
        answer(502, b"<html>"),
        answer(200, {"items": []}),
    ],
)
def test_what_may_pass_is_tried_again_later_and_later(reply: bytes | None) -> None:
    clock = Clock()
    script = (stream(position(7)), *(reply,) * 6, stream(event(8)))
    with ScriptedServer(*script) as server:
        happened = list(islice(follow(server.url, clock), 9))

    assert kinds(happened) == [Connected, *(Lost,) * 6, Connected, Arrived]
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]
    assert server.asked[-1].headers["last-event-id"] == "0-7"


def test_a_connection_that_has_lived_for_a_while_is_taken_up_at_once() -> None:
    clock = Clock()
    with ScriptedServer(stream(position(7), event(8)), stream(event(9))) as server:
        following = follow(server.url, clock)
        happened = [next(following), next(following)]
        clock.now += 60
        happened += islice(following, 2)

    assert numbers(happened) == [8, 9]
    assert clock.pauses == []


def test_a_service_that_stays_away_is_given_up() -> None:
    clock = Clock()
    with ScriptedServer(stream(position(7))) as server:
        following = follow(server.url, clock)
        with pytest.raises(NotReachableError, match="no service answers"):
            list(following)

    assert GIVE_UP_SECONDS < clock.now < GIVE_UP_SECONDS + 10


def test_a_replaced_database_is_followed_from_its_own_end() -> None:
    script = (
        stream(position(7), event(8)),
        problem(409, "POSITION_BEYOND_END"),
        stream(position(2), event(3)),
    )
    with ScriptedServer(*script) as server:
        happened = list(islice(follow(server.url), 4))

    assert happened[2] == Connected(is_anew=True)
    assert numbers(happened) == [8, 3]
    assert "last-event-id" not in server.asked[2].headers


def test_an_event_that_cannot_be_read_ends_it() -> None:
    unknown = b"id: 0-8\nevent: order\ndata: {}\n\n"
    with (
        ScriptedServer(stream(position(7), unknown)) as server,
        pytest.raises(UnreadableAnswerError, match="another version of the service"),
    ):
        list(follow(server.url))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (problem(401, "TOKEN_REVOKED"), NotAllowedError),
        (problem(404, "UNKNOWN_PATH"), RefusedError),
    ],
)
def test_what_cannot_pass_ends_it(reply: bytes, error: Callable[[], Exception]) -> None:
    with (
        ScriptedServer(stream(position(7)), reply) as server,
        pytest.raises(error),  # type: ignore[call-overload] # a class of ours
    ):
        list(follow(server.url))
