import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import websocket

from adapters.replay.recordings import Recording, split_frame
from adapters.simulated_exchange.market.recorded_events import (
    DepthEvent,
    TickerEvent,
    read_event,
)
from adapters.simulated_exchange.market.recording_survey import survey
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import depth, get, stream


NO_DELAY = Decimal(0)
SNAPSHOT = (
    b'{"lastUpdateId":10,"bids":[["5.10000000","1.00000000"],'
    b'["5.00000000","2.00000000"]],"asks":[["5.20000000","3.00000000"]]}'
)


def depth_frame(first: int, last: int, bids: str = "", asks: str = "") -> str:
    return (
        '{"stream":"foousdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"FOOUSDT",'
        f'"U":{first},"u":{last},"b":[{bids}],"a":[{asks}]}}}}'
    )


def ticker_frame(update_id: int, bid: str, ask: str) -> str:
    return (
        f'{{"stream":"foousdt@bookTicker","data":{{"u":{update_id},"s":"FOOUSDT",'
        f'"b":"{bid}","B":"7.00000000","a":"{ask}","A":"8.00000000"}}}}'
    )


TRADE_FRAME = (
    '{"stream":"foousdt@trade","data":{"e":"trade","E":1700000000001,"s":"FOOUSDT",'
    '"t":77,"p":"5.15000000","q":"1.00000000","T":1700000000000,"m":false,"M":true}}'
)
FRAMES = [
    depth_frame(8, 10, '["5.00000000","2.00000000"]'),
    ticker_frame(11, "5.10000000", "5.20000000"),
    depth_frame(11, 12, '["5.10000000","0.00000000"]', '["5.15000000","4.00000000"]'),
    TRADE_FRAME,
    '{"stream":"foousdt@kline_1m","data":{"e":"kline","s":"FOOUSDT","k":{}}}',
]
STREAMS = "foousdt@depth@100ms/foousdt@bookTicker/foousdt@trade/foousdt@kline_1m"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [f"{number * 10_000_000}\t{text}\n" for number, text in enumerate(FRAMES)]
    (tmp_path / "frames.tsv").write_text("".join(lines))
    (tmp_path / "FOOUSDT.snapshot.json").write_bytes(SNAPSHOT)
    return tmp_path


def queued_bytes(exchange: ThreadedExchange) -> int:
    connections = exchange.state()["connections"]
    assert isinstance(connections, list)
    return int(connections[0]["queued_bytes"])


def play(folder: Path, **fields: Any) -> SimulatorSettings:
    fields = {"speed": None, "start_delay_seconds": NO_DELAY, **fields}
    return SimulatorSettings(recording=folder, **fields)


@pytest.mark.parametrize("speed", [None, Decimal(1), Decimal("2.5")])
def test_frames_are_sent_byte_for_byte_at_any_speed(
    folder: Path, speed: Decimal | None
) -> None:
    with (
        ThreadedExchange(play(folder, speed=speed)) as exchange,
        stream(exchange, f"/stream?streams={STREAMS}") as client,
    ):
        received = [client.text() for _ in FRAMES]

    assert received == FRAMES


def test_raw_connection_gets_the_inner_object(folder: Path) -> None:
    with (
        ThreadedExchange(play(folder)) as exchange,
        stream(exchange, "/ws/foousdt@kline_1m") as client,
    ):
        assert client.text() == '{"e":"kline","s":"FOOUSDT","k":{}}'


def test_nothing_is_sent_before_the_first_subscription(folder: Path) -> None:
    with (
        ThreadedExchange(play(folder)) as exchange,
        stream(exchange, "/stream") as client,
    ):
        market = exchange.state()["market"]
        request = {"method": "SUBSCRIBE", "params": STREAMS.split("/"), "id": 1}
        client.socket.send(json.dumps(request))
        texts = [client.text() for _ in range(len(FRAMES) + 1)]

    assert isinstance(market, dict)
    assert (market["state"], market["frames"]) == ("waiting", 0)
    assert [text for text in texts if "stream" in text] == FRAMES


def test_depth_is_the_recorded_body_until_the_stream_overtakes_it(folder: Path) -> None:
    with ThreadedExchange(play(folder)) as exchange:
        before = get(exchange, "/api/v3/depth?symbol=FOOUSDT&limit=1000").data
        cut = depth(exchange, "FOOUSDT", 1)
        with stream(exchange, "/ws/foousdt@kline_1m") as client:
            client.next()
        after = depth(exchange, "FOOUSDT")

    assert before == SNAPSHOT
    assert cut["bids"] == [["5.10000000", "1.00000000"]]
    assert after == {
        "lastUpdateId": 12,
        "bids": [["5.00000000", "2.00000000"]],
        "asks": [["5.15000000", "4.00000000"], ["5.20000000", "3.00000000"]],
    }


def test_rest_answers_follow_the_recording(folder: Path) -> None:
    with ThreadedExchange(play(folder)) as exchange:
        opening = get(exchange, "/api/v3/ticker/bookTicker?symbol=FOOUSDT").json()
        with stream(exchange, "/ws/foousdt@kline_1m") as client:
            client.next()
        trades = get(exchange, "/api/v3/trades?symbol=FOOUSDT").json()
        price = get(exchange, "/api/v3/ticker/price?symbol=FOOUSDT").json()
        average = get(exchange, "/api/v3/avgPrice?symbol=FOOUSDT").json()

    assert (opening["bidPrice"], opening["askQty"]) == ("5.10000000", "3.00000000")
    assert [trade["id"] for trade in trades] == [77]
    assert price["price"] == average["price"] == "5.15000000"
    assert average["closeTime"] == 1700000000000


def test_exchange_info_follows_from_the_amounts_seen(folder: Path) -> None:
    with ThreadedExchange(play(folder)) as exchange:
        body = get(exchange, "/api/v3/exchangeInfo?symbol=FOOUSDT").json()

    filters = {one["filterType"]: one for one in body["symbols"][0]["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert filters["LOT_SIZE"]["stepSize"] == "1.00000000"


def test_exchange_info_comes_from_a_file_where_one_is_given(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "info.json"
    path.write_text('{"symbols":[{"symbol":"FOOUSDT","status":"BREAK"}]}')
    with ThreadedExchange(play(folder, exchange_info=path)) as exchange:
        body = get(exchange, "/api/v3/exchangeInfo").json()

    assert body["symbols"] == [{"symbol": "FOOUSDT", "status": "BREAK"}]


def test_book_without_a_snapshot_holds_what_the_touch_proves(folder: Path) -> None:
    (folder / "FOOUSDT.snapshot.json").unlink()
    (folder / "frames.tsv").write_text(
        "1\t" + ticker_frame(20, "5.10000000", "5.20000000") + "\n"
        "2\t" + depth_frame(21, 22, '["5.10000000","9.00000000"]') + "\n"
    )

    with ThreadedExchange(play(folder)) as exchange:
        body = depth(exchange, "FOOUSDT")

    assert body == {
        "lastUpdateId": 20,
        "bids": [],
        "asks": [["5.20000000", "8.00000000"]],
    }


def test_proven_book_agrees_with_the_touch_of_a_real_session(
    shared_market_data: Path,
) -> None:
    folder = shared_market_data / "sessions" / "multi-20260808"
    recording = Recording(folder)
    books = {
        symbol: found.initial_book(None)
        for symbol, found in survey(recording, ()).items()
    }
    tickers: dict[str, TickerEvent] = {}
    agreed = differed = 0
    for _receipt, frame in recording.frames():
        event = read_event(*split_frame(frame))
        if isinstance(event, TickerEvent):
            tickers[event.s] = event
        elif isinstance(event, DepthEvent):
            books[event.s].apply_depth(event)
            shown = tickers.get(event.s)
            # A ticker ahead of the depth events says nothing about this moment.
            if shown is not None and shown.u <= event.u:
                view = books[event.s].view(1)
                same = (view.bids, view.asks) == (
                    [(shown.b, shown.B)],
                    [(shown.a, shown.A)],
                )
                agreed, differed = agreed + same, differed + (not same)

    # The few that differ are the recording's own stall: tickers that came late.
    assert agreed > 5000
    assert differed < agreed / 200


def test_at_the_end_the_exchange_is_silent_but_alive(folder: Path) -> None:
    with (
        ThreadedExchange(play(folder)) as exchange,
        stream(exchange, f"/stream?streams={STREAMS}") as client,
    ):
        for _ in FRAMES:
            client.next()
        client.socket.settimeout(0.1)
        with pytest.raises(websocket.WebSocketTimeoutException):
            client.next()

        assert get(exchange, "/api/v3/ping").status == 200


def test_loop_cuts_everybody_and_begins_anew(folder: Path) -> None:
    with ThreadedExchange(play(folder, loop=True)) as exchange:
        for _ in range(2):
            with stream(exchange, f"/stream?streams={STREAMS}") as client:
                received = [client.text() for _ in FRAMES]
                assert client.is_cut()
            assert received == FRAMES


def test_symbols_that_the_recording_lacks_are_refused(folder: Path) -> None:
    with (
        pytest.raises(SimulatorError, match="holds no symbol BARUSDT"),
        ThreadedExchange(play(folder, symbols=("BARUSDT",))),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("frames.tsv", "1\tnonsense\n"),
        ("frames.tsv", '1\t{"stream":"foousdt@depth","data":{"U":"x"}}\n'),
        ("FOOUSDT.snapshot.json", "{}"),
        ("info.json", "[]"),
        ("info.json", "nonsense"),
    ],
)
def test_malformed_input_is_refused_in_one_line(
    folder: Path, name: str, content: str
) -> None:
    (folder / "info.json").write_text('{"symbols":[]}')
    (folder / name).write_text(content)

    with (
        pytest.raises(SimulatorError) as refusal,
        ThreadedExchange(play(folder, exchange_info=folder / "info.json")),
    ):
        pass

    assert "\n" not in str(refusal.value)


def test_real_session_arrives_whole_at_full_speed(shared_market_data: Path) -> None:
    folder = shared_market_data / "sessions" / "small-20211012"
    frames = [frame.decode() for _receipt, frame in Recording(folder).frames()]
    names = sorted({split_frame(frame.encode())[0] for frame in frames})
    with ThreadedExchange(play(folder)) as exchange:
        snapshot = get(exchange, "/api/v3/depth?symbol=NKNUSDT&limit=5000").data
        with stream(exchange, "/stream?streams=" + "/".join(names)) as client:
            received = [client.text() for _ in frames]

    assert snapshot == Recording(folder).snapshot("NKNUSDT")
    assert received == frames


def test_slow_consumer_holds_a_full_speed_recording_back(
    shared_market_data: Path,
) -> None:
    folder = shared_market_data / "sessions" / "btcusdt-20240808"
    settings = play(folder, queue_bytes_max=200_000)
    names = "btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"
    with (
        ThreadedExchange(settings) as exchange,
        stream(exchange, f"/stream?streams={names}") as client,
    ):
        # Nothing is read until the exchange has filled what may wait for this client.
        while queued_bytes(exchange) < 90_000:
            pass
        received = [client.text() for _ in range(41_248)]

    recorded = (frame.decode() for _receipt, frame in Recording(folder).frames())
    assert all(map(str.__eq__, received, recorded))
