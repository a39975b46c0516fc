import json
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.market.seeded_feed import SeededFeed
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from adapters.simulated_exchange.wire.broadcaster import Broadcaster
from adapters.simulated_exchange.wire.hub import Hub
from tests.adapters.simulated_exchange.clients import Message, get, stream


KLINE = set("tTsifLocAhlvnxqVQB") - {"A"}
EVENTS = {
    "btcusdt@kline_1s": {"e", "E", "s", "k"},
    "btcusdt@miniTicker": {"e", "E", "s", "c", "o", "h", "l", "v", "q"},
    "btcusdt@ticker": set("eEspPwxcQbBaAohlvqOCFLn"),
}
NOON_MS = 1_700_049_600_000
"""2023-11-15 12:00:00 UTC."""


@pytest.mark.parametrize(("name", "fields"), EVENTS.items())
def test_every_kind_has_the_venues_fields(
    exchange: ThreadedExchange, name: str, fields: set[str]
) -> None:
    with stream(exchange, f"/ws/{name}") as client:
        payload = client.next()

    assert set(payload) == fields
    assert payload["s"] == "BTCUSDT"
    assert set(payload.get("k", KLINE)) == KLINE


def test_all_mini_tickers_come_in_one_array(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws/!miniTicker@arr") as client:
        payload = json.loads(client.text())

    assert {one["e"] for one in payload} == {"24hrMiniTicker"}
    assert {one["s"] for one in payload} <= {"BTCUSDT", "BNBUSDT", "ETHBTC"}


def test_a_closed_kline_is_what_rest_shows_of_it(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws/btcusdt@kline_1s") as client:
        kline = client.until(lambda message: message["k"]["x"])["k"]
    path = f"/api/v3/klines?symbol=BTCUSDT&interval=1s&startTime={kline['t']}&limit=1"

    row = get(exchange, path).json()[0]

    names = "t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q"
    assert [kline[name] for name in names] == row[:11]


def test_times_of_a_kline_come_in_microseconds(exchange: ThreadedExchange) -> None:
    path = "/ws/btcusdt@kline_1s?timeUnit=MICROSECOND"
    with stream(exchange, path) as client:
        payload = client.next()

    assert len(str(payload["E"])) == 16
    assert payload["k"]["T"] - payload["k"]["t"] == 999_999


class Recorder(Broadcaster):
    """A broadcaster that keeps what would have been sent."""

    def __init__(self, *wanted: str) -> None:
        super().__init__(Hub(), Faults(1))
        self.hub.subscribers = {name: {} for name in wanted}
        self.told: list[Message] = []

    def publish(self, stream: str, data: bytes) -> None:  # noqa: ARG002 - one kind at a time
        self.told.append(json.loads(data))


def lived(recorder: Recorder, milliseconds: int, opens_ms: int) -> None:
    """Let a market live that opens at a moment."""
    settings = SimulatorSettings(symbols=("BTCUSDT",), speed=Decimal(1))
    feed = SeededFeed(settings, recorder, lambda: opens_ms)
    begin = feed.market.now_ms
    for at_ms in range(begin + 100, begin + milliseconds + 1, 100):
        feed.step(at_ms)


def test_klines_are_told_every_two_seconds_and_once_when_they_end() -> None:
    recorder = Recorder("btcusdt@kline_1m")

    lived(recorder, 8_500, NOON_MS - 4_000)

    told = [(one["E"] - NOON_MS, one["k"]["t"] - NOON_MS) for one in recorder.told]
    assert told == [(-2000, -60000), (0, -60000), (2000, 0), (4000, 0)]
    assert [one["k"]["x"] for one in recorder.told] == [False, True, False, False]


def test_klines_of_a_second_are_told_when_they_are_whole() -> None:
    recorder = Recorder("btcusdt@kline_1s")

    lived(recorder, 3_500, NOON_MS)

    assert [one["k"]["x"] for one in recorder.told] == [True, True, True]
    assert [one["k"]["t"] - NOON_MS for one in recorder.told] == [0, 1000, 2000]


def test_days_may_begin_at_midnight_eight_hours_east() -> None:
    recorder = Recorder("btcusdt@kline_1d@+08:00")

    lived(recorder, 2_500, NOON_MS)

    assert [one["k"]["t"] % 86_400_000 for one in recorder.told] == [16 * 3_600_000]


@pytest.mark.parametrize("name", ["btcusdt@kline_7m", "btcusdt@ticker_1h", "x@y"])
def test_a_stream_that_nobody_knows_stays_silent(name: str) -> None:
    recorder = Recorder(name)

    lived(recorder, 3_500, NOON_MS)

    assert recorder.told == []


def recording(folder: Path, frames: list[str]) -> SimulatorSettings:
    begin = NOON_MS * 1_000_000
    lines = [f"{begin + n * 500_000_000}\t{text}\n" for n, text in enumerate(frames)]
    (folder / "frames.tsv").write_text("".join(lines), encoding="utf-8")
    return SimulatorSettings(
        recording=folder, speed=Decimal(100), start_delay_seconds=Decimal(0)
    )


def trade(number: int, price: str) -> str:
    return (
        '{"stream":"foousdt@trade","data":{"e":"trade","E":1,"s":"FOOUSDT",'
        f'"t":{number},"p":"{price}","q":"2.00000000",'
        f'"T":{NOON_MS + 500 * number},"m":false,"M":true}}}}'
    )


def aggregate(number: int, price: str) -> str:
    return (
        '{"stream":"foousdt@aggTrade","data":{"e":"aggTrade","E":1,"s":"FOOUSDT",'
        f'"a":{number},"p":"{price}","q":"2.00000000","f":{2 * number},'
        f'"l":{2 * number + 1},"T":{NOON_MS + 500 * number},"m":false,"M":true}}}}'
    )


def test_a_recordings_past_is_that_of_its_own_clock(tmp_path: Path) -> None:
    frames = [trade(number, f"{number + 5}.00000000") for number in range(6)]
    with (
        ThreadedExchange(recording(tmp_path, frames)) as exchange,
        stream(exchange, "/ws/foousdt@kline_1s") as client,
    ):
        first = client.next()["k"]
        second = client.next()["k"]
        rows = get(exchange, "/api/v3/klines?symbol=FOOUSDT&interval=1s").json()

    assert [(one["t"] - NOON_MS, one["c"]) for one in (first, second)] == [
        (0, "6.00000000"),
        (1000, "8.00000000"),
    ]
    assert [row[4] for row in rows[:2]] == ["6.00000000", "8.00000000"]


def test_klines_follow_from_aggregates_where_no_trades_were_recorded(
    tmp_path: Path,
) -> None:
    frames = [aggregate(number, "5.00000000") for number in range(4)]
    with (
        ThreadedExchange(recording(tmp_path, frames)) as exchange,
        stream(exchange, "/ws/foousdt@kline_1s") as client,
    ):
        kline = client.next()["k"]
        found = get(exchange, "/api/v3/aggTrades?symbol=FOOUSDT&limit=1000").json()

    assert (kline["n"], kline["v"]) == (4, "4.00000000")
    assert [one["a"] for one in found][:2] == [0, 1]


def test_recorded_klines_are_sent_as_they_are_and_none_beside_them(
    tmp_path: Path,
) -> None:
    own = '{"e":"kline","s":"FOOUSDT","k":{"x":true}}'
    frames = [trade(number, "5.00000000") for number in range(8)]
    frames.append(f'{{"stream":"foousdt@kline_1s","data":{own}}}')
    with (
        ThreadedExchange(recording(tmp_path, frames)) as exchange,
        stream(exchange, "/ws/foousdt@kline_1s") as client,
    ):
        assert client.text() == own


def test_a_recorded_stream_of_all_symbols_lists_none_and_is_sent_as_it_is(
    tmp_path: Path,
) -> None:
    own = '[{"e":"24hrMiniTicker","s":"BARUSDT"}]'
    frames = [trade(number, "5.00000000") for number in range(8)]
    frames.append(f'{{"stream":"!miniTicker@arr","data":{own}}}')
    with (
        ThreadedExchange(recording(tmp_path, frames)) as exchange,
        stream(exchange, "/ws/!miniTicker@arr") as client,
    ):
        listed = get(exchange, "/api/v3/exchangeInfo").json()["symbols"]
        assert [one["symbol"] for one in listed] == ["FOOUSDT"]
        assert client.text() == own
