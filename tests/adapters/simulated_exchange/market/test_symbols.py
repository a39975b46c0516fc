"""Symbols of more than ASCII, as the venue lists them, through everything."""

import json
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from adapters.simulated_exchange.clock import wall_ms
from adapters.simulated_exchange.market.symbols import (
    in_stream,
    may_be_listed,
    may_be_sent,
    of_stream,
)
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import depth, get, stream
from tests.adapters.simulated_exchange.trading.traders import Trader, running
from tests.adapters.simulated_exchange.trading.ws_traders import connected


HAN, MIXED, CYRILLIC = "币安人生USDT", "这是测试币456", "ЖЩЮUSDT"
SYMBOLS = (HAN, MIXED, CYRILLIC)


@pytest.mark.parametrize(
    "symbol", [*SYMBOLS, "BTCUSDT", "1000SATS_X", "A-B.C", "٣ЯUSDT"]
)
def test_a_name_of_any_script_is_found_again_from_its_streams(symbol: str) -> None:
    assert may_be_listed(symbol)
    assert may_be_sent(symbol)
    assert of_stream(f"{in_stream(symbol)}@depth@100ms") == symbol


@pytest.mark.parametrize(
    "name",
    [
        "btcusdt",
        "币安a",
        "жщю",
        "STRAßE",
        "ßUSDT",
        "A B",
        "A/B",
        'A"B',
        "A@B",
        "币",
        "",
    ],
)
def test_a_name_that_would_not_be_found_again_is_not_listed(name: str) -> None:
    assert not may_be_listed(name)
    with pytest.raises(SimulatorError):
        SimulatorSettings(symbols=(name,))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_rest_takes_a_symbol_percent_encoded(symbol: str) -> None:
    with running(symbols=SYMBOLS) as exchange:
        encoded = quote(symbol)
        named = quote(json.dumps([symbol], ensure_ascii=False))
        book = depth(exchange, encoded)
        ticker = get(exchange, f"/api/v3/ticker/24hr?symbol={encoded}").json()
        info = get(exchange, f"/api/v3/exchangeInfo?symbols={named}").json()
        unknown = get(exchange, f"/api/v3/depth?symbol={encoded}X").json()
        illegal = get(exchange, f"/api/v3/depth?symbol={encoded}x").json()

    assert book["bids"]
    assert ticker["symbol"] == symbol
    assert [one["symbol"] for one in info["symbols"]] == [symbol]
    assert (unknown["code"], illegal["code"]) == (-1121, -1100)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_signature_covers_the_encoded_symbol(symbol: str) -> None:
    with running(symbols=SYMBOLS) as exchange:
        trader = Trader(exchange)
        bid = Decimal(depth(exchange, quote(symbol))["bids"][0][0])
        placed = trader.placed(symbol=symbol, quantity="1000", price=f"{bid * 2:f}")
        shown = trader.get("order", symbol=symbol, orderId=placed["orderId"])
        plain = f"symbol={symbol}&timestamp={wall_ms()}"
        refused = trader.pool.request(
            "GET",
            f"{exchange.url}/api/v3/myTrades?"
            + urlencode({"symbol": symbol})
            + f"&{plain.partition('&')[2]}&signature={trader.sign(plain)}",
            headers={"X-MBX-APIKEY": trader.key},
        )

    assert placed["symbol"] == shown["symbol"] == symbol
    assert refused.json()["code"] == -1022


def test_the_websocket_api_signs_a_symbol_as_it_is() -> None:
    with running(symbols=SYMBOLS) as exchange, connected(Trader(exchange)) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        sold = client.ask_signed(
            "order.place", symbol=HAN, side="SELL", type="MARKET", quantity="3"
        )
        trade = client.report("TRADE")
        info = client.ask("exchangeInfo", symbols=[HAN, MIXED])

    assert sold["result"]["symbol"] == trade["s"] == HAN
    assert [one["symbol"] for one in info["result"]["symbols"]] == [HAN, MIXED]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_streams_have_a_symbol_in_lower_case(symbol: str) -> None:
    name = f"{symbol.lower()}@depth@100ms"
    with running(symbols=SYMBOLS) as exchange:
        with stream(exchange, f"/stream?streams={quote(name)}") as client:
            by_url = client.next()
        with stream(exchange, f"/ws/{quote(name)}") as client:
            raw = client.next()
        with stream(exchange, "/stream") as client:
            client.ask({"method": "SUBSCRIBE", "params": [name], "id": 1})
            listed = client.ask({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            subscribed = client.next()

    assert by_url["stream"] == subscribed["stream"] == name
    assert (raw["s"], by_url["data"]["s"]) == (symbol, symbol)
    assert listed["result"] == [name]


def test_a_fault_can_be_of_one_such_symbol() -> None:
    with running(symbols=SYMBOLS) as exchange:
        done = exchange.control("gap", symbol=HAN, count=2)
        with pytest.raises(SimulatorError, match="not listed"):
            exchange.control("gap", symbol="币USDT")
        armed = exchange.state()["armed"]

    assert done == {"fault": "gap"}
    assert HAN in str(armed)


def test_a_recording_may_be_of_such_a_symbol(tmp_path: Path) -> None:
    name = f"{HAN.lower()}@depth@100ms"
    frame = (
        f'{{"stream":"{name}","data":{{"e":"depthUpdate","E":1,"s":"{HAN}",'
        '"U":11,"u":12,"b":[["5.10000000","1.00000000"]],"a":[]}}'
    )
    lines = f"1\t{frame}\n2\t{frame}\n"
    (tmp_path / "frames.tsv").write_text(lines, encoding="utf-8")
    snapshot = '{"lastUpdateId":10,"bids":[],"asks":[["5.20000000","3.00000000"]]}'
    (tmp_path / f"{HAN}.snapshot.json").write_text(snapshot, encoding="utf-8")
    settings = SimulatorSettings(
        symbols=(HAN,), recording=tmp_path, start_delay_seconds=Decimal(0)
    )
    with ThreadedExchange(settings) as exchange:
        body = get(exchange, f"/api/v3/depth?symbol={quote(HAN)}").data.decode()
        with stream(exchange, f"/stream?streams={quote(name)}") as client:
            text = client.text()

    assert body == snapshot
    assert text == frame
