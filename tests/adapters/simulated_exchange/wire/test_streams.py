import contextlib
import json
from itertools import pairwise

import pytest
import websocket

from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import Message, depth, stream


EVENT_FIELDS = {
    "btcusdt@depth": {"e", "E", "s", "U", "u", "b", "a"},
    "btcusdt@depth@100ms": {"e", "E", "s", "U", "u", "b", "a"},
    "btcusdt@depth5": {"lastUpdateId", "bids", "asks"},
    "btcusdt@depth20@100ms": {"lastUpdateId", "bids", "asks"},
    "btcusdt@bookTicker": {"u", "s", "b", "B", "a", "A"},
    "btcusdt@trade": {"e", "E", "s", "t", "p", "q", "T", "m", "M"},
    "btcusdt@aggTrade": {"e", "E", "s", "a", "p", "q", "f", "l", "T", "m", "M"},
    "btcusdt@avgPrice": {"e", "E", "s", "i", "w", "T"},
}


@pytest.mark.parametrize(("name", "fields"), EVENT_FIELDS.items())
def test_every_kind_of_stream_has_the_venues_fields(
    exchange: ThreadedExchange, name: str, fields: set[str]
) -> None:
    with stream(exchange, f"/ws/{name}") as client:
        payload = client.next()

    assert set(payload) == fields
    assert payload.get("s", "BTCUSDT") == "BTCUSDT"


def test_combined_frames_name_their_stream(exchange: ThreadedExchange) -> None:
    names = {"btcusdt@bookTicker", "ethbtc@depth@100ms"}
    seen: set[str] = set()
    with stream(exchange, "/stream?streams=" + "/".join(names)) as client:
        while seen != names:
            message = client.next()
            assert set(message) == {"stream", "data"}
            seen.add(message["stream"])


def test_partial_depth_shows_the_best_levels(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws/btcusdt@depth10@100ms") as client:
        payload = client.next()

    assert len(payload["bids"]) == len(payload["asks"]) == 10
    assert float(payload["bids"][0][0]) < float(payload["asks"][0][0])


def test_depth_events_follow_each_other_without_a_hole(
    exchange: ThreadedExchange,
) -> None:
    with stream(exchange, "/stream?streams=bnbusdt@depth@100ms") as client:
        events = client.data(20)

    for earlier, later in pairwise(events):
        assert later["U"] == earlier["u"] + 1


def test_snapshot_and_events_rebuild_the_book_that_book_ticker_shows(
    exchange: ThreadedExchange,
) -> None:
    path = "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker"
    with stream(exchange, path) as client:
        client.until(lambda message: message["stream"].endswith("100ms"))
        snapshot = depth(exchange, "BTCUSDT", 5000)
        book = {side: dict(snapshot[side]) for side in ("bids", "asks")}
        update_id, ticker, agreements = snapshot["lastUpdateId"], None, 0
        while agreements < 20:
            message = client.next()
            data = message["data"]
            if message["stream"].endswith("bookTicker"):
                ticker = data if data["u"] > snapshot["lastUpdateId"] else None
                continue
            if data["u"] <= update_id:
                continue
            assert data["U"] <= update_id + 1
            _apply(book, data)
            update_id = data["u"]
            if ticker is not None:
                bid, ask = max(book["bids"], key=float), min(book["asks"], key=float)
                assert (bid, book["bids"][bid]) == (ticker["b"], ticker["B"])
                assert (ask, book["asks"][ask]) == (ticker["a"], ticker["A"])
                agreements += 1


def _apply(book: dict[str, dict[str, str]], event: Message) -> None:
    for side, key in (("bids", "b"), ("asks", "a")):
        for price, quantity in event[key]:
            if float(quantity):
                book[side][price] = quantity
            else:
                book[side].pop(price, None)


def test_microseconds_are_asked_for_by_the_url(exchange: ThreadedExchange) -> None:
    path = "/stream?streams=btcusdt@trade&timeUnit=MICROSECOND"
    with stream(exchange, path) as client:
        payload = client.next()["data"]

    assert len(str(payload["E"])) == len(str(payload["T"])) == 16


def test_unknown_time_unit_is_refused(exchange: ThreadedExchange) -> None:
    with (
        pytest.raises(websocket.WebSocketBadStatusException),
        stream(exchange, "/ws/btcusdt@trade?timeUnit=FORTNIGHT"),
    ):
        pass


@pytest.mark.parametrize("path", ["/ws", "/stream", "/ws/0"])
def test_bare_connection_gets_data_after_subscribing(
    exchange: ThreadedExchange, path: str
) -> None:
    with stream(exchange, path) as client:
        request = {"method": "SUBSCRIBE", "params": ["ethbtc@depth@100ms"], "id": "q"}
        reply = client.ask(request)
        message = client.next()

    assert reply == {"result": None, "id": "q"}
    assert ("stream" in message) == (path == "/stream")


def test_framing_can_be_changed_while_connected(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws/btcusdt@bookTicker") as client:
        client.ask({"method": "SET_PROPERTY", "params": ["combined", True], "id": 1})
        message = client.until(lambda message: "stream" in message)

    assert message["stream"] == "btcusdt@bookTicker"


def test_unsubscribed_stream_falls_silent(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/stream?streams=btcusdt@trade/ethbtc@depth@100ms") as client:
        client.ask({"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": 1})
        streams = {client.next()["stream"] for _ in range(10)}

    assert streams == {"ethbtc@depth@100ms"}


def test_client_ping_is_answered_with_its_payload(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws") as client:
        client.socket.ping("hello")
        opcode, payload = client.socket.recv_data(control_frame=True)

    assert (opcode, payload) == (websocket.ABNF.OPCODE_PONG, b"hello")


def test_sixth_message_within_a_second_cuts_the_connection() -> None:
    with (
        ThreadedExchange(SimulatorSettings()) as limited,
        stream(limited, "/ws") as client,
    ):
        for number in range(5):
            client.ask({"method": "LIST_SUBSCRIPTIONS", "id": number})
        client.socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 6}))

        assert client.is_cut()


def test_connects_are_limited_to_300_in_five_minutes() -> None:
    with ThreadedExchange(SimulatorSettings()) as limited:
        refused = None
        for _ in range(301):
            try:
                with stream(limited, "/ws"):
                    pass
            except websocket.WebSocketBadStatusException as error:
                refused = error.status_code

    assert refused == 429


def test_server_pings_and_cuts_whoever_never_answers() -> None:
    settings = SimulatorSettings(ping_interval_seconds=0.05, pong_timeout_seconds=0.2)
    with ThreadedExchange(settings) as hasty, stream(hasty, "/ws") as client:
        opcode, _payload = client.socket.recv_data(control_frame=True)
        cut = False
        with contextlib.suppress(websocket.WebSocketTimeoutException):
            try:
                # Reading frames rather than messages leaves the pings unanswered.
                while client.socket.frame_buffer.recv_strict(1):
                    pass
            except (websocket.WebSocketException, OSError):
                cut = True

    assert opcode == websocket.ABNF.OPCODE_PING
    assert cut


def test_pongs_keep_the_connection_alive() -> None:
    settings = SimulatorSettings(
        ping_interval_seconds=0.05, pong_timeout_seconds=0.1, limits=False
    )
    with ThreadedExchange(settings) as hasty, stream(hasty, "/ws") as client:
        for _ in range(6):
            opcode, _payload = client.socket.recv_data(control_frame=True)
            assert opcode == websocket.ABNF.OPCODE_PING

        assert len(hasty.state()["connections"]) == 1  # type: ignore[arg-type] # a list


def test_connection_ends_with_its_lifetime() -> None:
    settings = SimulatorSettings(connection_lifetime_seconds=0.1)
    with ThreadedExchange(settings) as brief, stream(brief, "/ws") as client:
        assert client.is_cut()


def test_consumer_that_does_not_read_is_cut_when_its_queue_is_full() -> None:
    settings = SimulatorSettings(queue_bytes_max=200)
    with (
        ThreadedExchange(settings) as narrow,
        stream(narrow, "/ws/btcusdt@depth20@100ms") as client,
    ):
        assert client.is_cut()
