import pytest
import urllib3

from adapters.simulated_exchange.clock import wall_ms
from tests.adapters.simulated_exchange.trading.traders import Trader


def throw(trader: Trader, fault: str, **parameters: object) -> None:
    assert trader.exchange.control(fault, **parameters) == {"fault": fault}


@pytest.mark.parametrize(("when", "status"), [("before", None), ("after", "FILLED")])
def test_no_answer_cuts_the_connection_before_or_after_the_engine(
    lone_trader: Trader, when: str, status: str | None
) -> None:
    throw(lone_trader, "no_answer", when=when, seconds=0)

    with pytest.raises(urllib3.exceptions.ProtocolError):
        lone_trader.place(newClientOrderId="x", timeInForce="IOC", price="60000")

    found = [order["status"] for order in lone_trader.audit("orders")]
    assert found == ([status] if status else [])
    assert lone_trader.place().status == 200


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize(
    ("status", "code"), [(500, -1000), (502, -1006), (503, -1008), (504, -1007)]
)
def test_order_error_says_nothing_about_the_order(
    lone_trader: Trader, status: int, code: int, *, executed: bool
) -> None:
    throw(lone_trader, "order_error", status=status, code=code, executed=executed)

    reply = lone_trader.place(newClientOrderId="x")

    assert (reply.status, reply.json()["code"]) == (status, code)
    assert len(lone_trader.audit("orders")) == executed


def test_order_error_can_have_an_empty_body(lone_trader: Trader) -> None:
    throw(lone_trader, "order_error", status=504, code=None)

    reply = lone_trader.place()

    assert (reply.status, reply.data) == (504, b"")


def test_query_lag_hides_an_order_for_a_while(lone_trader: Trader) -> None:
    before = lone_trader.balance("BTC")
    throw(lone_trader, "query_lag", seconds=3600)
    order = lone_trader.placed(timeInForce="IOC", price="60000")

    reply = lone_trader.send("GET", "order", symbol="BTCUSDT", orderId=order["orderId"])

    assert (reply.status, reply.json()["code"]) == (400, -2013)
    assert lone_trader.get("myTrades", symbol="BTCUSDT") == []
    assert lone_trader.balance("BTC") == before


def test_query_lag_ends(lone_trader: Trader) -> None:
    throw(lone_trader, "query_lag", seconds=0.05)
    order = lone_trader.placed()
    ids = {"symbol": "BTCUSDT", "orderId": order["orderId"]}

    replies = [lone_trader.send("GET", "order", **ids).status]
    while replies[-1] != 200:
        replies.append(lone_trader.send("GET", "order", **ids).status)

    assert replies[0] == 400


def test_a_fault_by_probability_draws_the_same_from_the_same_seed(
    lone_trader: Trader,
) -> None:
    rounds = []
    for _ in range(2):
        throw(lone_trader, "order_error", probability=0.5, seed=7)
        rounds.append([lone_trader.place().status for _ in range(12)])
        throw(lone_trader, "clear")

    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 500}
    assert lone_trader.place().status == 200


def test_a_counted_fault_hits_as_many_requests_and_no_other_symbol(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "duplicate_id", count=2, symbol="BTCUSDT")

    other = lone_trader.place(symbol="ETHBTC", price="0.06", quantity="1").status
    codes = [lone_trader.place().json().get("code") for _ in range(3)]

    assert other == 200
    assert codes == [-2010, -2010, None]
    assert lone_trader.exchange.state()["applied"] == {"duplicate_id": 2}


def test_a_late_order_enters_the_engine_after_its_client_gave_up(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "late_arrival", seconds=0.05)

    with pytest.raises(urllib3.exceptions.ProtocolError):
        lone_trader.place(newClientOrderId="late")
    at_once = lone_trader.audit("orders")
    while not lone_trader.audit("orders"):
        pass

    assert at_once == []
    assert lone_trader.order(origClientOrderId="late")["status"] == "NEW"


def test_a_late_order_whose_window_has_passed_never_enters(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "late_arrival", seconds=0.05, answer="timeout")
    throw(lone_trader, "late_arrival", seconds=0.1, answer="timeout")

    void = lone_trader.place(newClientOrderId="void", recvWindow=20)
    lone_trader.place(newClientOrderId="valid")
    while not lone_trader.audit("orders"):
        pass

    assert (void.status, void.json()["code"]) == (504, -1007)
    ids = [order["clientOrderId"] for order in lone_trader.audit("orders")]
    assert ids == ["valid"]


def test_an_order_can_be_filled_just_before_its_cancel(lone_trader: Trader) -> None:
    order = lone_trader.placed(quantity="0.02")
    throw(lone_trader, "fill_before_cancel")

    reply = lone_trader.cancel(orderId=order["orderId"])

    assert reply.json() == {"code": -2011, "msg": "Unknown order sent."}
    assert lone_trader.order(orderId=order["orderId"])["status"] == "FILLED"
    trades = lone_trader.get("myTrades", symbol="BTCUSDT")
    assert [(one["price"], one["qty"]) for one in trades] == [
        ("90000.00000000", "0.02000000")
    ]
    assert lone_trader.balance("BTC")[1] == "0.00000000"


@pytest.mark.parametrize(
    ("fraction", "executed"), [(0.5, "0.01000000"), (0, "0.00000000")]
)
def test_an_order_that_fills_at_once_can_get_only_a_part(
    lone_trader: Trader, fraction: float, executed: str
) -> None:
    throw(lone_trader, "partial_fill", fraction=fraction)

    body = lone_trader.placed(timeInForce="IOC", price="60000", quantity="0.02")

    assert (body["status"], body["executedQty"]) == ("EXPIRED", executed)
    assert lone_trader.balance("BTC")[1] == "0.00000000"


@pytest.mark.parametrize(
    ("side", "price"), [("SELL", "30000.00000000"), ("BUY", "120000.00000000")]
)
def test_an_order_that_fills_at_once_can_get_a_worse_price_than_its_limit(
    lone_trader: Trader, side: str, price: str
) -> None:
    limit = "60000" if side == "SELL" else "80000"
    terms = {"side": side, "timeInForce": "IOC", "price": limit, "quantity": "0.02"}
    throw(lone_trader, "worse_price", fraction=0.5)

    body = lone_trader.placed(**terms)
    usual = lone_trader.placed(**terms)

    assert body["status"] == "FILLED"
    assert {fill["price"] for fill in body["fills"]} == {price}
    assert {fill["price"] for fill in usual["fills"]}.isdisjoint({price})


def test_trades_can_have_numbers_beyond_64_bits(lone_trader: Trader) -> None:
    throw(lone_trader, "huge_trade_ids")

    body = lone_trader.placed(timeInForce="IOC", price="60000", quantity="0.02")

    ids = [fill["tradeId"] for fill in body["fills"]]
    assert min(ids) >= 2**63
    trades = lone_trader.get("myTrades", symbol="BTCUSDT")
    assert [trade["id"] for trade in trades] == ids


@pytest.mark.parametrize(("status", "code"), [(429, -1003), (429, -1015), (418, -1003)])
def test_rate_limited_tells_how_long_to_wait(
    lone_trader: Trader, status: int, code: int
) -> None:
    throw(lone_trader, "rate_limited", status=status, code=code, retry_after=9)

    reply = lone_trader.place()

    assert (reply.status, reply.json()["code"]) == (status, code)
    assert reply.headers["Retry-After"] == "9"
    assert lone_trader.place().status == 200


def test_the_firewall_answers_with_a_page(lone_trader: Trader) -> None:
    throw(lone_trader, "waf")

    reply = lone_trader.place()

    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html")
    assert lone_trader.audit("orders") == []


def test_a_skewed_clock_shows_in_the_time_and_refuses_honest_stamps(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "clock_skew", milliseconds=60_000)
    ahead = lone_trader.refused()
    shown = lone_trader.pool.request(
        "GET", f"{lone_trader.exchange.url}/api/v3/time"
    ).json()["serverTime"]
    corrected = lone_trader.place(timestamp=shown).status
    throw(lone_trader, "clear")

    assert ahead[1] == -1021
    assert corrected == lone_trader.place().status == 200


def test_a_wipe_leaves_keys_and_nothing_else_and_ids_go_on(
    lone_trader: Trader,
) -> None:
    before = lone_trader.placed(timeInForce="IOC", price="60000")
    lone_trader.placed()
    throw(lone_trader, "wipe")

    ids = {"symbol": "BTCUSDT", "orderId": before["orderId"]}
    code = lone_trader.send("GET", "order", **ids).json()["code"]
    balance = lone_trader.balance("BTC")
    shown = [
        lone_trader.get(call, symbol="BTCUSDT") for call in ("openOrders", "myTrades")
    ]
    after = lone_trader.placed(timeInForce="IOC", price="60000")

    assert code == -2013
    assert balance == ("1000000000.00000000", "0.00000000")
    assert shown == [[], []]
    assert after["orderId"] > before["orderId"]
    assert after["fills"][0]["tradeId"] > before["fills"][-1]["tradeId"]
    assert len(lone_trader.audit("orders")) == 3


@pytest.mark.parametrize("status", ["HALT", "BREAK"])
def test_a_symbol_that_does_not_trade_takes_no_orders(
    lone_trader: Trader, status: str
) -> None:
    order = lone_trader.placed()
    throw(lone_trader, "symbol_status", symbol="BTCUSDT", status=status)
    url = f"{lone_trader.exchange.url}/api/v3/exchangeInfo?symbol=BTCUSDT"
    shown = lone_trader.pool.request("GET", url).json()["symbols"][0]["status"]
    refused = lone_trader.refused()
    other = lone_trader.place(symbol="ETHBTC", price="0.06", quantity="1").status
    canceled = lone_trader.cancel(orderId=order["orderId"]).status
    throw(lone_trader, "clear")

    assert shown == status
    assert refused == (400, -2010, "Market is closed.")
    assert (other, canceled) == (200, 200)
    assert lone_trader.place().status == 200


def test_a_delisted_symbol_is_unknown_to_every_call_until_it_is_restored(
    lone_trader: Trader,
) -> None:
    order = lone_trader.placed()
    throw(lone_trader, "symbol_status", symbol="BTCUSDT", status="DELISTED")
    rest = f"{lone_trader.exchange.url}/api/v3"
    calls = ("exchangeInfo", "depth", "ticker/price")
    unknown = [
        lone_trader.pool.request("GET", f"{rest}/{call}?symbol=BTCUSDT").json()["code"]
        for call in calls
    ]
    listed = lone_trader.pool.request("GET", f"{rest}/exchangeInfo").json()["symbols"]
    refused = lone_trader.refused()
    canceled = lone_trader.cancel(orderId=order["orderId"]).json()["code"]
    other = lone_trader.place(symbol="ETHBTC", price="0.06", quantity="1").status
    throw(lone_trader, "clear")

    assert unknown == [-1121] * 3
    assert "BTCUSDT" not in {one["symbol"] for one in listed}
    assert (refused[:2], canceled, other) == ((400, -1121), -1121, 200)
    assert lone_trader.place().status == 200
    assert lone_trader.cancel(orderId=order["orderId"]).status == 200


def test_rules_change_while_the_exchange_runs_until_they_are_restored(
    lone_trader: Trader,
) -> None:
    filters = {"NOTIONAL": {"minNotional": "5000"}, "LOT_SIZE": {"stepSize": "0.01"}}
    throw(lone_trader, "rules", symbol="BTCUSDT", filters=filters)
    url = f"{lone_trader.exchange.url}/api/v3/exchangeInfo?symbol=BTCUSDT"
    shown = {
        one["filterType"]: one
        for one in lone_trader.pool.request("GET", url).json()["symbols"][0]["filters"]
    }
    small = lone_trader.refused()
    uneven = lone_trader.refused(quantity="0.105")
    fine = lone_trader.place(quantity="0.1").status
    throw(lone_trader, "clear")

    assert shown["NOTIONAL"]["minNotional"] == "5000"
    assert shown["LOT_SIZE"]["minQty"] == "0.00001000"
    assert small[2] == "Filter failure: NOTIONAL"
    assert uneven[2] == "Filter failure: LOT_SIZE"
    assert fine == lone_trader.place().status == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "order_error", "status": 200},
        {"fault": "no_answer", "probability": 2},
        {"fault": "no_answer", "count": 0},
        {"fault": "no_answer", "symbol": "NOPE"},
        {"fault": "query_lag"},
        {"fault": "rules", "symbol": "BTCUSDT", "filters": {"LOT_SIZE": {"x": "y"}}},
        {"fault": "symbol_status", "symbol": "BTCUSDT", "status": "MAYBE"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    lone_trader: Trader, fault: dict[str, object]
) -> None:
    reply = lone_trader.control("faults", fault)

    assert reply.status == 400
    assert reply.json()["error"].startswith("bad fault: ")


def test_the_state_shows_what_is_armed_and_what_lasts(lone_trader: Trader) -> None:
    throw(lone_trader, "order_error", count=3)
    throw(lone_trader, "clock_skew", milliseconds=5)
    armed = lone_trader.exchange.state()["armed"]
    throw(lone_trader, "clear")

    assert isinstance(armed, list)
    assert [one["fault"] for one in armed] == ["order_error", "clock_skew"]
    assert lone_trader.exchange.state()["armed"] == []


@pytest.mark.parametrize(
    ("call", "hit"), [("cancel", "cancel"), ("query", "query"), ("any", "place")]
)
def test_a_fault_can_be_aimed_at_one_kind_of_call(
    lone_trader: Trader, call: str, hit: str
) -> None:
    throw(lone_trader, "order_error", call=call)

    statuses = {"place": lone_trader.place(newClientOrderId="x").status}
    ids = {"symbol": "BTCUSDT", "origClientOrderId": "x"}
    statuses["query"] = lone_trader.send("GET", "order", **ids).status
    statuses["cancel"] = lone_trader.send("DELETE", "order", **ids).status

    assert [kind for kind, status in statuses.items() if status == 500] == [hit]


def test_a_partial_fill_waits_for_an_order_that_does_not_rest(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "partial_fill")

    resting = lone_trader.placed(price="60000", quantity="0.02")
    at_once = lone_trader.placed(timeInForce="IOC", price="60000", quantity="0.02")

    assert (resting["status"], at_once["status"]) == ("FILLED", "EXPIRED")


def test_a_cancel_of_an_unknown_order_fails_as_ever_while_a_fill_is_armed(
    lone_trader: Trader,
) -> None:
    throw(lone_trader, "fill_before_cancel")

    assert lone_trader.cancel(orderId=1).json()["code"] == -2011


def test_canceling_everything_meets_an_armed_fill_too(lone_trader: Trader) -> None:
    order = lone_trader.placed()
    throw(lone_trader, "fill_before_cancel")

    reply = lone_trader.send("DELETE", "openOrders", symbol="BTCUSDT")

    assert reply.json()["code"] == -2011
    assert lone_trader.order(orderId=order["orderId"])["status"] == "FILLED"


def test_a_lag_is_not_shortened_by_a_skewed_clock(lone_trader: Trader) -> None:
    throw(lone_trader, "clock_skew", milliseconds=-50_000_000)
    throw(lone_trader, "query_lag", seconds=3600)
    stamp = wall_ms() - 50_000_000

    order = lone_trader.placed(timestamp=stamp)
    shown = lone_trader.get("openOrders", timestamp=stamp)

    assert order["status"] == "NEW"
    assert shown == []
