import time
from itertools import pairwise

import pytest
import urllib3
import websocket

from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import (
    StreamClient,
    depth,
    get,
    stream,
)


DEPTH_PATH = "/stream?streams=btcusdt@depth@100ms"


def ids(client: StreamClient, count: int) -> list[tuple[int, int]]:
    """Return (U, u) of the next depth events."""
    return [(event["U"], event["u"]) for event in client.data(count)]


def armed_count(exchange: ThreadedExchange) -> int:
    armed = exchange.state()["armed"]
    assert isinstance(armed, list)
    return len(armed)


def test_cut_drops_every_connection(own_exchange: ThreadedExchange) -> None:
    with stream(own_exchange, "/ws") as one, stream(own_exchange, "/stream") as two:
        done = own_exchange.control("cut")

        assert done == {"fault": "cut", "connections": 2}
        assert one.is_cut()
        assert two.is_cut()


def test_cut_of_a_fraction_drops_the_oldest(own_exchange: ThreadedExchange) -> None:
    with stream(own_exchange, "/ws") as old, stream(own_exchange, DEPTH_PATH) as new:
        done = own_exchange.control("cut", fraction=0.5)

        assert done["connections"] == 1
        assert old.is_cut()
        assert new.next()["stream"] == "btcusdt@depth@100ms"


def test_cut_of_a_symbol_spares_the_others(own_exchange: ThreadedExchange) -> None:
    with (
        stream(own_exchange, "/stream?streams=ethbtc@depth@100ms") as other,
        stream(own_exchange, DEPTH_PATH) as concerned,
    ):
        own_exchange.control("cut", symbol="BTCUSDT")

        assert concerned.is_cut()
        assert other.next()["stream"] == "ethbtc@depth@100ms"


def test_gap_leaves_out_as_many_events_as_asked(own_exchange: ThreadedExchange) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        first = ids(client, 1)
        own_exchange.control("gap", symbol="BTCUSDT", count=2)
        events = first + ids(client, 10)

    holes = [
        later[0] - earlier[1] - 1
        for earlier, later in pairwise(events)
        if later[0] != earlier[1] + 1
    ]
    assert len(holes) == 1
    assert own_exchange.state()["applied"] == {"gap": 2}


def test_gap_of_another_symbol_changes_nothing(own_exchange: ThreadedExchange) -> None:
    own_exchange.control("gap", symbol="ETHBTC")
    with stream(own_exchange, DEPTH_PATH) as client:
        events = ids(client, 10)

    for earlier, later in pairwise(events):
        assert later[0] == earlier[1] + 1


def test_duplicate_sends_the_next_event_twice(own_exchange: ThreadedExchange) -> None:
    own_exchange.control("duplicate")
    with stream(own_exchange, DEPTH_PATH) as client:
        first, second, third = ids(client, 3)

    assert first == second
    assert third[0] == second[1] + 1


def test_reorder_swaps_the_next_two_events(own_exchange: ThreadedExchange) -> None:
    own_exchange.control("reorder", symbol="BTCUSDT")
    with stream(own_exchange, DEPTH_PATH) as client:
        later, earlier, after = ids(client, 3)

    assert later[0] == earlier[1] + 1
    assert after[0] == later[1] + 1


def test_stale_snapshot_is_dated_back_for_as_many_answers_as_asked(
    own_exchange: ThreadedExchange,
) -> None:
    now = depth(own_exchange, "BTCUSDT")["lastUpdateId"]
    own_exchange.control("stale_snapshot", symbol="BTCUSDT", count=2, behind=500)

    answers = [depth(own_exchange, "BTCUSDT", 5) for _ in range(3)]

    assert answers[0] == answers[1]
    assert answers[0]["lastUpdateId"] < now
    assert len(answers[0]["bids"]) == 5
    assert answers[2]["lastUpdateId"] >= now


def test_silence_holds_data_back_and_ends_in_a_burst(
    own_exchange: ThreadedExchange,
) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        last = ids(client, 1)[0]
        own_exchange.control("silence", seconds=0.3)
        began = time.monotonic()
        events = ids(client, 12)

    assert time.monotonic() - began >= 0.25
    for event in events:
        assert event[0] == last[1] + 1
        last = event


def test_silence_with_a_gap_loses_what_happened_meanwhile(
    own_exchange: ThreadedExchange,
) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        last = ids(client, 1)[0]
        own_exchange.control("silence", seconds=0.2, after="gap")
        events = ids(client, 10)

    sequence = [last, *events]
    assert any(later[0] > earlier[1] + 1 for earlier, later in pairwise(sequence))


@pytest.mark.parametrize("answered", [True, False])
def test_silence_answers_pings_unless_told_otherwise(
    own_exchange: ThreadedExchange, *, answered: bool
) -> None:
    with stream(own_exchange, "/ws") as client:
        own_exchange.control("silence", seconds=60, answer_pings=answered)
        client.socket.settimeout(5 if answered else 0.1)
        client.socket.ping("x")
        try:
            opcode, _payload = client.socket.recv_data(control_frame=True)
        except websocket.WebSocketTimeoutException:
            opcode = None

    assert opcode == (websocket.ABNF.OPCODE_PONG if answered else None)


@pytest.mark.parametrize(("path", "combined"), [("/ws", False), ("/stream", True)])
def test_server_shutdown_is_said_before_the_cut(
    own_exchange: ThreadedExchange, path: str, *, combined: bool
) -> None:
    with stream(own_exchange, path) as client:
        own_exchange.control("server_shutdown", after_seconds=0.05)
        message = client.next()

        assert client.is_cut()

    if combined:
        assert message["stream"] == "!serverShutdown"
        message = message["data"]
    assert message["e"] == "serverShutdown"


@pytest.mark.parametrize(
    ("kind", "is_json"),
    [("not_json", False), ("truncated", False), ("unknown_event", True)],
)
def test_garbage_comes_beside_the_real_events(
    own_exchange: ThreadedExchange, kind: str, *, is_json: bool
) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        client.next()
        own_exchange.control("garbage", kind=kind, symbol="BTCUSDT")
        while _is_whole(odd := client.text()):
            pass
        following = [client.text() for _ in range(5)]

    assert odd.endswith("}") == is_json
    assert all(map(_is_whole, following))


def _is_whole(text: str) -> bool:
    return text.endswith("}}") and "depthUpdate" in text


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, -1000), (503, -1008), (504, -1007), (429, -1003), (451, 0)],
)
def test_http_error_refuses_as_many_requests_as_asked(
    own_exchange: ThreadedExchange, status: int, code: int
) -> None:
    own_exchange.control("http_error", status=status, count=1, retry_after=7)

    refused = get(own_exchange, "/api/v3/ping")

    assert (refused.status, refused.json()["code"]) == (status, code)
    assert refused.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert get(own_exchange, "/api/v3/ping").status == 200


def test_http_error_can_concern_one_call_of_one_symbol(
    own_exchange: ThreadedExchange,
) -> None:
    own_exchange.control("http_error", status=418, path="depth", symbol="ETHBTC")

    assert get(own_exchange, "/api/v3/depth?symbol=BTCUSDT").status == 200
    assert get(own_exchange, "/api/v3/avgPrice?symbol=ETHBTC").status == 200
    assert get(own_exchange, "/api/v3/depth?symbol=ETHBTC").status == 418


def test_http_error_of_the_firewall_is_a_web_page(
    own_exchange: ThreadedExchange,
) -> None:
    own_exchange.control("http_error", status=403)

    reply = get(own_exchange, "/api/v3/ping")

    assert reply.headers["Content-Type"] == "text/html"


def test_delay_makes_events_late_and_keeps_their_order(
    own_exchange: ThreadedExchange,
) -> None:
    own_exchange.control("delay", seconds=0.2, for_seconds=0.2)
    began = time.monotonic()
    with stream(own_exchange, DEPTH_PATH) as client:
        first = ids(client, 1)[0]
        waited = time.monotonic() - began
        events = [first, *ids(client, 15)]

    assert waited >= 0.19
    for earlier, later in pairwise(events):
        assert later[0] == earlier[1] + 1


def test_delay_can_concern_rest_answers(own_exchange: ThreadedExchange) -> None:
    own_exchange.control("delay", seconds=0.1, for_seconds=5, target="rest")
    began = time.monotonic()

    get(own_exchange, "/api/v3/ping")

    assert time.monotonic() - began >= 0.1


def test_clear_disarms_everything(own_exchange: ThreadedExchange) -> None:
    own_exchange.control("gap", count=1000)
    own_exchange.control("http_error")
    own_exchange.control("silence", seconds=60)
    before = armed_count(own_exchange)

    own_exchange.control("clear")

    assert (before, armed_count(own_exchange)) == (3, 0)
    assert get(own_exchange, "/api/v3/ping").status == 200


@pytest.mark.parametrize(
    ("fault", "parameters", "text"),
    [
        ("explode", {}, "explode"),
        ("gap", {"colour": "red"}, "unknown field `colour`"),
        ("gap", {"count": 0}, "count"),
        ("gap", {"symbol": "NOPE"}, "NOPE is not listed"),
        ("cut", {"fraction": 2}, "fraction"),
        ("silence", {}, "missing required field `seconds`"),
        ("silence", {"seconds": 1, "after": "lunch"}, "lunch"),
        ("http_error", {"status": 200}, "200"),
    ],
)
def test_unknown_fault_or_parameter_is_refused(
    own_exchange: ThreadedExchange,
    fault: str,
    parameters: dict[str, object],
    text: str,
) -> None:
    with pytest.raises(SimulatorError, match=text):
        own_exchange.control(fault, **parameters)


def test_control_endpoint_throws_faults_and_shows_them(
    own_exchange: ThreadedExchange,
) -> None:
    url = own_exchange.url + "/control/faults"
    done = urllib3.request("POST", url, json={"fault": "gap", "count": 3})
    bad = urllib3.request("POST", url, body=b"{nonsense")
    state = get(own_exchange, "/control/state").json()

    assert (done.status, done.json()) == (200, {"fault": "gap"})
    assert bad.status == 400
    assert "error" in bad.json()
    assert [(one["fault"], one["count"]) for one in state["armed"]] == [("gap", 3)]
    assert state["market"]["kind"] == "seeded"


def test_what_is_left_to_chance_repeats_with_the_seed(
    own_exchange: ThreadedExchange,
) -> None:
    rounds = []
    for _ in range(2):
        own_exchange.control("http_error", probability=0.5, seed=3, path="ping")
        rounds.append([get(own_exchange, "/api/v3/ping").status for _ in range(12)])
        own_exchange.control("clear")

    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 500}


def test_gaps_can_come_by_chance_again_and_again(
    own_exchange: ThreadedExchange,
) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        own_exchange.control("gap", probability=0.5)
        events = ids(client, 20)

    holes = [later for earlier, later in pairwise(events) if later[0] != earlier[1] + 1]
    assert len(holes) > 2


def test_renumber_lets_ids_begin_anew_on_an_open_connection(
    own_exchange: ThreadedExchange,
) -> None:
    with stream(own_exchange, DEPTH_PATH) as client:
        ((_, before),) = ids(client, 1)

        own_exchange.control("renumber", symbol="BTCUSDT")

        events = ids(client, 6)
        begins = next(n for n, event in enumerate(events) if event[1] < before)
        anew = events[begins:]
        assert anew[0][0] == 1
        assert all(b[0] == a[1] + 1 for a, b in pairwise(anew))
        assert depth(own_exchange, "BTCUSDT")["lastUpdateId"] < before
