from collections import defaultdict
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from adapters.simulated_exchange.clock import wall_ms
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from tests.adapters.simulated_exchange.clients import get, stream


RUN = 4
FIELDS_OF_A_TICKER = {
    "symbol",
    "priceChange",
    "priceChangePercent",
    "weightedAvgPrice",
    "prevClosePrice",
    "lastPrice",
    "lastQty",
    "bidPrice",
    "bidQty",
    "askPrice",
    "askQty",
    "openPrice",
    "highPrice",
    "lowPrice",
    "volume",
    "quoteVolume",
    "openTime",
    "closeTime",
    "firstId",
    "lastId",
    "count",
}


def ask(exchange: ThreadedExchange, path: str) -> Any:
    reply = get(exchange, f"/api/v3/{path}")
    assert reply.status == 200, reply.data
    return reply.json()


def after_trades(exchange: ThreadedExchange, symbol: str = "BTCUSDT") -> None:
    """Wait until the tape has a few trades more."""
    with stream(exchange, f"/ws/{symbol.lower()}@trade") as client:
        for _ in range(5):
            client.next()


def test_older_trades_begin_with_an_id(exchange: ThreadedExchange) -> None:
    after_trades(exchange)
    latest = ask(exchange, "trades?symbol=BTCUSDT&limit=4")
    from_id = latest[1]["id"]

    found = ask(exchange, f"historicalTrades?symbol=BTCUSDT&fromId={from_id}&limit=3")

    assert found == latest[1:4]


def test_aggregates_are_the_trades_of_one_taker_at_one_price(
    exchange: ThreadedExchange,
) -> None:
    after_trades(exchange)
    aggregates = ask(exchange, "aggTrades?symbol=BTCUSDT&limit=5")
    first = aggregates[0]["f"]
    trades = ask(exchange, f"historicalTrades?symbol=BTCUSDT&fromId={first}&limit=1000")

    ids = [one["a"] for one in aggregates]
    assert ids == list(range(ids[0], ids[0] + 5))
    for one in aggregates:
        own = [trade for trade in trades if one["f"] <= trade["id"] <= one["l"]]
        assert {trade["price"] for trade in own} == {one["p"]}
        assert sum(Decimal(trade["qty"]) for trade in own) == Decimal(one["q"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fromId={a1}&limit=2", [1, 2]),
        ("startTime={t1}&limit=1", [1]),
        ("endTime={t3}&limit=1", [3]),
        ("startTime={t1}&endTime={t2}", [1, 2]),
    ],
)
def test_aggregates_of_a_range_can_be_asked_for(
    query: str, expected: list[int]
) -> None:
    settings = SimulatorSettings(symbols=("BTCUSDT",))
    with ThreadedExchange(settings) as exchange:
        known: list[Any] = []
        while len(known) < RUN:
            after_trades(exchange)
            known = _with_times_of_their_own(ask(exchange, "aggTrades?symbol=BTCUSDT"))
        names = {f"t{n}": one["T"] for n, one in enumerate(known)}
        names |= {f"a{n}": one["a"] for n, one in enumerate(known)}
        found = ask(exchange, f"aggTrades?symbol=BTCUSDT&{query.format(**names)}")

    assert found == [known[number] for number in expected]


def _with_times_of_their_own(aggregates: list[Any]) -> list[Any]:
    """Return a run of aggregates in which no two came at the same time."""
    run: list[Any] = []
    for one in aggregates:
        run = [*run, one] if not run or run[-1]["T"] < one["T"] else [one]
        if len(run) > RUN:
            return run[:RUN]
    return []


def test_klines_add_up_to_the_trades() -> None:
    with ThreadedExchange(SimulatorSettings(symbols=("ETHBTC",))) as exchange:
        after_trades(exchange, "ETHBTC")
        klines = ask(exchange, "klines?symbol=ETHBTC&interval=1s")[:-1]
        trades = ask(exchange, "trades?symbol=ETHBTC&limit=1000")

    by_second: dict[int, list[Any]] = defaultdict(list)
    for trade in trades:
        by_second[trade["time"] // 1000 * 1000].append(trade)
    for row in klines:
        own = by_second[row[0]]
        assert (len(row), row[6], row[8]) == (12, row[0] + 999, len(own))
        assert Decimal(row[5]) == sum(Decimal(one["qty"]) for one in own)
        assert Decimal(row[7]) == sum(Decimal(one["quoteQty"]) for one in own)
        if own:
            assert (row[1], row[4]) == (own[0]["price"], own[-1]["price"])


def test_klines_end_with_the_present_one(exchange: ThreadedExchange) -> None:
    last = ask(exchange, "klines?symbol=ETHBTC&interval=1d")[-1]

    assert last[0] <= wall_ms() <= last[6]
    assert last[0] % 86_400_000 == 0
    assert ask(exchange, "uiKlines?symbol=ETHBTC&interval=1d")[-1][:2] == last[:2]


def test_a_kline_in_microseconds_still_ends_just_before_the_next(
    exchange: ThreadedExchange,
) -> None:
    header = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    path = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1"

    row = get(exchange, path, header).json()[0]

    assert row[6] - row[0] == 60_000_000 - 1


def test_the_day_adds_up_to_the_trades() -> None:
    with ThreadedExchange(SimulatorSettings(symbols=("ETHBTC",))) as exchange:
        after_trades(exchange, "ETHBTC")
        ticker = ask(exchange, "ticker/24hr?symbol=ETHBTC")
        trades = ask(exchange, "trades?symbol=ETHBTC&limit=1000")

    own = [trade for trade in trades if trade["id"] <= ticker["lastId"]]
    assert set(ticker) == FIELDS_OF_A_TICKER
    assert (ticker["firstId"], ticker["count"]) == (own[0]["id"], len(own))
    assert Decimal(ticker["volume"]) == sum(Decimal(one["qty"]) for one in own)
    assert (ticker["openPrice"], ticker["lastPrice"]) == (
        own[0]["price"],
        own[-1]["price"],
    )
    assert ticker["closeTime"] - ticker["openTime"] == 86_400_000
    change = Decimal(ticker["lastPrice"]) - Decimal(ticker["openPrice"])
    assert Decimal(ticker["priceChange"]) == change
    percent = change / Decimal(ticker["openPrice"]) * 100
    assert abs(Decimal(ticker["priceChangePercent"]) - percent) <= Decimal("0.0005")


def test_a_short_ticker_leaves_the_book_out(exchange: ThreadedExchange) -> None:
    found = ask(exchange, "ticker/24hr?type=MINI")

    assert len(found) == 3
    assert set(found[0]) < FIELDS_OF_A_TICKER
    assert "bidPrice" not in found[0]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("klines?interval=1m", -1102),
        ("klines?symbol=BTCUSDT", -1102),
        ("klines?symbol=BTCUSDT&interval=7m", -1120),
        ("klines?symbol=NOPE&interval=1m", -1121),
        ("klines?symbol=BTCUSDT&interval=1m&timeZone=25", -1130),
        ("klines?symbol=BTCUSDT&interval=1m&startTime=soon", -1100),
        ("klines?symbol=BTCUSDT&interval=1m&limit=0", -1130),
        ("aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", -1128),
        ("aggTrades?symbol=BTCUSDT&fromId=x", -1100),
        ("historicalTrades", -1102),
        ("ticker/24hr?type=HUGE", -1130),
        ("ticker/24hr?symbol=BTCUSDT&symbolStatus=HALT", -1220),
    ],
)
def test_bad_requests_get_the_venues_code(
    exchange: ThreadedExchange, path: str, code: int
) -> None:
    reply = get(exchange, f"/api/v3/{path}")

    assert (reply.status, reply.json()["code"]) == (400, code)


def test_symbols_of_another_status_are_left_out_of_a_list(
    exchange: ThreadedExchange,
) -> None:
    assert ask(exchange, "ticker/price?symbolStatus=HALT") == []


def test_what_the_past_weighs() -> None:
    frozen = 1_700_000_080_000
    settings = SimulatorSettings(symbols=("BTCUSDT", "ETHBTC"))
    with ThreadedExchange(settings, clock=lambda: frozen) as limited:
        used = [
            int(get(limited, f"/api/v3/{path}").headers["X-MBX-USED-WEIGHT-1M"])
            for path in (
                "klines?symbol=BTCUSDT&interval=1m",
                "aggTrades?symbol=BTCUSDT",
                "historicalTrades?symbol=BTCUSDT",
                "ticker/24hr?symbol=BTCUSDT",
                "ticker/24hr?symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D",
                "ticker/24hr",
            )
        ]

    assert used == [2, 6, 31, 33, 35, 115]


@pytest.mark.parametrize(("call", "name"), [("trades", "id"), ("aggTrades", "a")])
def test_a_later_process_repeats_no_ids(call: str, name: str) -> None:
    begun_ms = wall_ms()
    settings = SimulatorSettings(symbols=("BTCUSDT",))
    told = []
    for opened_ms in (begun_ms, begun_ms + 60_000):
        with ThreadedExchange(settings, clock=partial(int, opened_ms)) as exchange:
            told.append(ask(exchange, f"{call}?symbol=BTCUSDT&limit=1000"))

    earlier, later = told
    assert earlier[-1][name] < later[0][name]
