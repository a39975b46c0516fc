import json

import pytest

from adapters.simulated_exchange.clock import wall_ms
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import depth, get, stream


JSON_TYPE = "application/json;charset=UTF-8"


def test_ping_answers_an_empty_object(exchange: ThreadedExchange) -> None:
    reply = get(exchange, "/api/v3/ping")

    assert (reply.status, reply.data) == (200, b"{}")
    assert reply.headers["Content-Type"] == JSON_TYPE


def test_time_is_the_wall_clock_in_either_unit(exchange: ThreadedExchange) -> None:
    before = wall_ms()

    in_ms = get(exchange, "/api/v3/time").json()["serverTime"]
    header = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    in_us = get(exchange, "/api/v3/time", header).json()["serverTime"]

    assert before <= in_ms <= in_us // 1000 <= wall_ms()


def test_exchange_info_lists_every_symbol_with_its_rules(
    exchange: ThreadedExchange,
) -> None:
    body = get(exchange, "/api/v3/exchangeInfo").json()

    assert [one["symbol"] for one in body["symbols"]] == [
        "BTCUSDT",
        "BNBUSDT",
        "ETHBTC",
    ]
    first = body["symbols"][0]
    assert (first["baseAsset"], first["quoteAsset"]) == ("BTC", "USDT")
    assert "LIMIT" in first["orderTypes"]
    assert first["permissionSets"] == [["SPOT"]]
    filters = {one["filterType"]: one for one in first["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert filters["LOT_SIZE"]["stepSize"] == "0.00001000"
    assert filters["NOTIONAL"]["minNotional"] == "5.00000000"


@pytest.mark.parametrize(("limits", "stated"), [(True, 6000), (False, 10**9)])
def test_exchange_info_states_the_limits_that_hold(
    *, limits: bool, stated: int
) -> None:
    settings = SimulatorSettings(symbols=("ETHBTC",), limits=limits)
    with ThreadedExchange(settings) as exchange:
        body = get(exchange, "/api/v3/exchangeInfo").json()

    assert body["rateLimits"][0] == {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": stated,
    }


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ("symbol=ETHBTC", ["ETHBTC"]),
        ("symbols=%5B%22ETHBTC%22,%22BTCUSDT%22%5D", ["ETHBTC", "BTCUSDT"]),
    ],
)
def test_exchange_info_of_chosen_symbols(
    exchange: ThreadedExchange, query: str, symbols: list[str]
) -> None:
    body = get(exchange, f"/api/v3/exchangeInfo?{query}").json()

    assert [one["symbol"] for one in body["symbols"]] == symbols


def test_depth_shows_sorted_levels_with_eight_decimals(
    exchange: ThreadedExchange,
) -> None:
    body = depth(exchange, "BTCUSDT", 50)

    assert len(body["bids"]) == len(body["asks"]) == 50
    prices = [float(price) for price, _quantity in body["bids"]]
    assert prices == sorted(prices, reverse=True)
    assert float(body["bids"][0][0]) < float(body["asks"][0][0])
    for price, quantity in body["bids"] + body["asks"]:
        assert len(price.partition(".")[2]) == len(quantity.partition(".")[2]) == 8


def test_depth_above_the_maximum_is_cut_not_refused(exchange: ThreadedExchange) -> None:
    assert get(exchange, "/api/v3/depth?symbol=BTCUSDT&limit=9999").status == 200


def test_trades_are_the_latest_oldest_first(exchange: ThreadedExchange) -> None:
    with stream(exchange, "/ws/btcusdt@trade") as client:
        for _ in range(6):
            client.next()

    trades = get(exchange, "/api/v3/trades?symbol=BTCUSDT&limit=5").json()

    ids = [trade["id"] for trade in trades]
    assert ids == list(range(ids[0], ids[0] + 5))
    assert set(trades[0]) == {
        "id",
        "price",
        "qty",
        "quoteQty",
        "time",
        "isBuyerMaker",
        "isBestMatch",
    }


@pytest.mark.parametrize("call", ["ticker/bookTicker", "ticker/price"])
def test_ticker_answers_one_some_or_all(exchange: ThreadedExchange, call: str) -> None:
    one = get(exchange, f"/api/v3/{call}?symbol=ETHBTC").json()
    some = get(exchange, f"/api/v3/{call}?symbols=%5B%22BNBUSDT%22%5D").json()
    every = get(exchange, f"/api/v3/{call}").json()

    assert one["symbol"] == "ETHBTC"
    assert [ticker["symbol"] for ticker in some] == ["BNBUSDT"]
    assert len(every) == 3


def test_average_price_tells_minutes_price_and_time(exchange: ThreadedExchange) -> None:
    body = get(exchange, "/api/v3/avgPrice?symbol=BTCUSDT").json()

    assert body["mins"] == 5
    assert 60_000 < float(body["price"]) < 70_000
    assert body["closeTime"] <= wall_ms()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("depth", -1102),
        ("depth?symbol=", -1102),
        ("depth?symbol=btcusdt", -1100),
        ("depth?symbol=NOPE", -1121),
        ("depth?symbol=BTCUSDT&limit=ten", -1100),
        ("depth?symbol=BTCUSDT&limit=-5", -1100),
        ("depth?symbol=BTCUSDT&limit=0", -1130),
        ("depth?symbol=BTCUSDT&symbol=ETHBTC", -1101),
        ("depth?symbol=BTCUSDT&colour=red", -1104),
        ("depth?symbol=BTCUSDT&symbolStatus=HALT", -1220),
        ("depth?symbol=BTCUSDT&symbolStatus=MAYBE", -1122),
        ("trades?symbol=NOPE", -1121),
        ("avgPrice", -1102),
        ("ticker/price?symbol=NOPE", -1121),
        ("ticker/bookTicker?symbols=BTCUSDT", -1100),
        ("ticker/bookTicker?symbols=[]", -1100),
        ("ticker/bookTicker?symbols=%5B%22BTCUSDT%22,%22BTCUSDT%22%5D", -1151),
        ("ticker/bookTicker?symbol=BTCUSDT&symbols=%5B%22ETHBTC%22%5D", -1128),
        ("exchangeInfo?symbol=NOPE", -1121),
        ("exchangeInfo?symbols=%5B%22NOPE%22%5D", -1121),
    ],
)
def test_bad_request_gets_the_venues_code(
    exchange: ThreadedExchange, path: str, code: int
) -> None:
    reply = get(exchange, f"/api/v3/{path}")

    assert (reply.status, reply.json()["code"]) == (400, code)
    assert set(reply.json()) == {"code", "msg"}
    assert reply.headers["Content-Type"] == JSON_TYPE


def test_unknown_path_is_not_found(exchange: ThreadedExchange) -> None:
    assert get(exchange, "/api/v3/nothing").status == 404


def test_weights_are_counted_and_enforced() -> None:
    frozen = 1_700_000_080_000
    with ThreadedExchange(SimulatorSettings(), clock=lambda: frozen) as limited:
        used = [
            get(limited, path).headers["X-MBX-USED-WEIGHT-1M"]
            for path in (
                "/api/v3/ping",
                "/api/v3/exchangeInfo",
                "/api/v3/depth?symbol=BTCUSDT&limit=100",
                "/api/v3/depth?symbol=BTCUSDT&limit=500",
                "/api/v3/depth?symbol=BTCUSDT&limit=1000",
                "/api/v3/trades?symbol=BTCUSDT",
                "/api/v3/ticker/price?symbol=BTCUSDT",
                "/api/v3/ticker/price",
                "/api/v3/avgPrice?symbol=NOPE",
            )
        ]
        for _ in range(23):
            get(limited, "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        over = get(limited, "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        for _ in range(10):
            banned = get(limited, "/api/v3/ping")

    assert used == ["1", "21", "26", "51", "101", "126", "128", "132", "134"]
    assert (over.status, over.headers["Retry-After"]) == (429, "20")
    assert over.json()["code"] == -1003
    assert (banned.status, banned.headers["Retry-After"]) == (418, "120")
    assert "banned until" in banned.json()["msg"]


def test_replies_are_compact_json_as_the_venue_writes(
    exchange: ThreadedExchange,
) -> None:
    body = get(exchange, "/api/v3/exchangeInfo?symbol=BTCUSDT").data

    assert body == json.dumps(json.loads(body), separators=(",", ":")).encode()
