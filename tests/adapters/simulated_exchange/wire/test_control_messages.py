import json
from typing import Any

import pytest

from adapters.simulated_exchange.wire.connection import StreamConnection
from adapters.simulated_exchange.wire.control_messages import answer
from adapters.simulated_exchange.wire.hub import Hub


class Asker:
    """A hub with one connection that nobody reads."""

    def __init__(self) -> None:
        self.hub = Hub()
        # Neither socket nor transport is touched by control messages.
        self.connection = StreamConnection(
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            combined=True,
            microseconds=False,
            queue_bytes_max=1000,
        )
        self.hub.add(self.connection)

    def ask(self, request: object) -> dict[str, Any]:
        text = request if isinstance(request, str) else json.dumps(request)
        reply: dict[str, Any] = json.loads(answer(self.hub, self.connection, text))
        return reply


@pytest.fixture
def asker() -> Asker:
    return Asker()


@pytest.mark.parametrize(
    "request_id",
    [
        1,
        -(2**63),
        2**63 - 1,
        "a1",
        "5494febb-d167-46a2-996d-70533eb4d976",
        None,
    ],
)
def test_reply_echoes_an_id_of_any_kind(asker: Asker, request_id: object) -> None:
    reply = asker.ask({"method": "LIST_SUBSCRIPTIONS", "id": request_id})

    assert reply == {"result": [], "id": request_id}


def test_subscriptions_are_listed_in_order_and_can_be_taken_back(asker: Asker) -> None:
    names = ["btcusdt@depth", "ethbtc@trade"]
    subscribed = asker.ask({"method": "SUBSCRIBE", "params": names, "id": 1})
    listed = asker.ask({"method": "LIST_SUBSCRIPTIONS", "id": 2})
    asker.ask({"method": "UNSUBSCRIBE", "params": [*names[:1], "never@was"], "id": 3})

    assert subscribed == {"result": None, "id": 1}
    assert listed["result"] == names
    assert asker.ask({"method": "LIST_SUBSCRIPTIONS", "id": 4})["result"] == names[1:]
    assert list(asker.hub.subscribers) == names[1:]


def test_property_combined_can_be_set_and_read(asker: Asker) -> None:
    ask = {"method": "GET_PROPERTY", "params": ["combined"], "id": 1}
    before = asker.ask(ask)["result"]
    asker.ask({"method": "SET_PROPERTY", "params": ["combined", False], "id": 2})

    assert [before, asker.ask(ask)["result"]] == [True, False]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("{nonsense", 3),
        ("[1]", 2),
        ("[" * 100_000, 3),
        ({"method": "SUBSCRIBE", "params": ["a@trade"]}, 2),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": 1.5}, 2),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": True}, 2),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": 2**63}, 2),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": "x" * 37}, 2),
        ({"method": "SUBSCRIBE", "params": [], "id": 1}, 2),
        ({"method": "SUBSCRIBE", "params": "a@trade", "id": 1}, 2),
        ({"method": "SUBSCRIBE", "params": [1], "id": 1}, 2),
        ({"method": "EXPLODE", "id": 1}, 2),
        ({"method": "GET_PROPERTY", "params": ["colour"], "id": 1}, 0),
        ({"method": "GET_PROPERTY", "params": [], "id": 1}, 2),
        ({"method": "SET_PROPERTY", "params": ["colour", True], "id": 1}, 0),
        ({"method": "SET_PROPERTY", "params": ["combined"], "id": 1}, 2),
        ({"method": "SET_PROPERTY", "params": ["combined", "yes"], "id": 1}, 1),
    ],
)
def test_request_that_cannot_be_obeyed_gets_an_error_code(
    asker: Asker, request_: object, code: int
) -> None:
    reply = asker.ask(request_)

    assert reply["code"] == code
    assert "result" not in reply


def test_a_connection_holds_at_most_1024_streams(asker: Asker) -> None:
    names = [f"a{number}@trade" for number in range(1024)]
    asker.ask({"method": "SUBSCRIBE", "params": names, "id": 1})

    again = asker.ask({"method": "SUBSCRIBE", "params": names[:3], "id": 2})
    more = asker.ask({"method": "SUBSCRIBE", "params": ["b@trade"], "id": 3})

    assert again["result"] is None
    assert more["code"] == 2
    assert len(asker.connection.streams) == 1024
