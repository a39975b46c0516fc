import json
from pathlib import Path
from typing import Any

import pytest

from adapters.simulated_exchange.clock import wall_ms
from tests.adapters.simulated_exchange.trading.traders import (
    Trader,
    best,
    running,
)


RECORDED = (
    Path(__file__).parents[5] / "shared" / "market-data/order_responses/errors.jsonl"
)
LOCKED_OUT = (401, -2015, "Invalid API-key, IP, or permissions for action.")


@pytest.mark.parametrize(
    ("order", "code", "text"),
    [
        ({"symbol": "NOPE"}, -1121, "Invalid symbol."),
        ({"symbol": None}, -1102, "'symbol'"),
        ({"symbol": "btcusdt"}, -1100, "'symbol'"),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"type": "STRANGE"}, -1116, "Invalid orderType."),
        ({"timeInForce": "GTX"}, -1115, "Invalid timeInForce."),
        ({"timeInForce": None}, -1102, "'timeInForce'"),
        ({"quantity": None}, -1102, "'quantity'"),
        ({"price": None}, -1102, "'price'"),
        ({"price": ""}, -1102, "'price'"),
        ({"quantity": "1e-05"}, -1100, "'quantity'"),
        ({"quantity": "-1"}, -1100, "'quantity'"),
        ({"quantity": "0.000000001"}, -1111, "'quantity' has too much precision."),
        ({"newClientOrderId": "no spaces"}, -1100, "'newClientOrderId'"),
        ({"newClientOrderId": "x" * 37}, -1100, "'newClientOrderId'"),
        ({"newClientOrderId": ""}, -1118, "New client order ID was empty."),
        ({"type": "MARKET", "price": None}, -1106, "'timeInForce' sent when not"),
        ({"quoteOrderQty": "10"}, -1106, "'quoteOrderQty' sent when not required."),
        ({"stopPrice": "10"}, -1106, "'stopPrice' sent when not required."),
        ({"newOrderRespType": "LONG"}, -1130, "'newOrderRespType'"),
        ({"selfTradePreventionMode": "TRANSFER"}, -1013, "self-trade prevention"),
        ({"selfTradePreventionMode": "SOMETIMES"}, -1130, "PreventionMode"),
        ({"strategyType": "5"}, -1130, "'strategyType'"),
        ({"colour": "red"}, -1104, "read '8' parameter(s) but was sent '9'"),
        ({"icebergQty": "0.001"}, -2010, "Iceberg orders are not supported"),
        ({"type": "STOP_LOSS", "stopPrice": "1"}, -2010, "Stop loss orders are not"),
        ({"price": "90000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "0.01"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        ({"quantity": "5000", "side": "BUY"}, -1013, "Filter failure: NOTIONAL"),
    ],
)
def test_a_bad_order_gets_the_venues_code_and_leaves_no_trace(
    trader: Trader, order: dict[str, Any], code: int, text: str
) -> None:
    reply = trader.place(**order)

    assert (reply.status, reply.json()["code"]) == (400, code)
    assert text in reply.json()["msg"]
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert trader.audit("orders") == []


def test_a_repeated_parameter_is_refused(trader: Trader) -> None:
    query = f"symbol=BTCUSDT&symbol=ETHBTC&timestamp={wall_ms()}"
    url = f"{trader.exchange.url}/api/v3/order?{query}&signature={trader.sign(query)}"

    reply = trader.pool.request("GET", url, headers={"X-MBX-APIKEY": trader.key})

    assert reply.json()["code"] == -1101


def test_an_account_cannot_spend_what_it_has_not(market: Any) -> None:
    trader = Trader(market, balances={"BTC": "0.015"})

    trader.placed(quantity="0.01")
    refusal = trader.refused(quantity="0.01")
    buying = trader.refused(side="BUY", price="50000", quantity="0.001")

    text = "Account has insufficient balance for requested action."
    assert refusal == buying == (400, -2010, text)
    assert trader.balance("BTC") == ("0.00500000", "0.01000000")


def test_a_post_only_order_that_would_take_is_refused(trader: Trader) -> None:
    bid, _ask = best(trader.exchange)

    refusal = trader.refused(type="LIMIT_MAKER", timeInForce=None, price=bid)

    assert refusal == (400, -2010, "Order would immediately match and take.")


def test_a_final_order_cannot_be_canceled(trader: Trader) -> None:
    order = trader.placed(timeInForce="IOC", price="60000")

    replies = [
        trader.cancel(orderId=order["orderId"]).json(),
        trader.cancel(origClientOrderId="never there").json(),
    ]

    assert replies == [{"code": -2011, "msg": "Unknown order sent."}] * 2


def test_an_order_is_found_by_either_id_but_not_by_two_that_disagree(
    trader: Trader,
) -> None:
    first, second = trader.placed(), trader.placed()
    both = {"orderId": first["orderId"], "origClientOrderId": second["clientOrderId"]}

    codes = [
        trader.send("GET", "order", symbol="BTCUSDT", **ids).json().get("code")
        for ids in (both, {}, {"orderId": 1}, {"origClientOrderId": "other"})
    ]

    assert codes == [-2039, -1102, -2013, -2013]


def test_a_cancel_can_be_restricted(trader: Trader) -> None:
    order = trader.placed()
    ids = {"orderId": order["orderId"]}

    restricted = trader.cancel(cancelRestrictions="ONLY_PARTIALLY_FILLED", **ids)
    unknown = trader.cancel(cancelRestrictions="ONLY_SOMETIMES", **ids)
    fine = trader.cancel(cancelRestrictions="ONLY_NEW", **ids)

    assert restricted.json()["code"] == -2011
    assert unknown.json()["code"] == -1145
    assert fine.status == 200


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", (401, -2014, "API-key format invalid.")),
        ("unknown", LOCKED_OUT),
    ],
)
def test_a_key_that_is_none_is_locked_out(
    trader: Trader, key: str, expected: tuple[int, int, str]
) -> None:
    trader.key = key
    assert trader.refused() == expected


def test_a_revoked_key_is_locked_out_until_it_is_restored(trader: Trader) -> None:
    trader.control("accounts/revoke", {"api_key": trader.key})
    refusal = trader.refused()
    trader.control("accounts/restore", {"api_key": trader.key})

    assert refusal == LOCKED_OUT
    assert trader.place().status == 200


def test_a_wrong_or_missing_signature_is_refused(trader: Trader) -> None:
    query = f"timestamp={wall_ms()}"
    url = f"{trader.exchange.url}/api/v3/account?{query}"
    headers = {"X-MBX-APIKEY": trader.key}

    codes = [
        trader.pool.request("GET", url + end, headers=headers).json()["code"]
        for end in ("", "&signature=", "&signature=00")
    ]

    assert codes == [-1102, -1102, -1022]


FROZEN_MS = 1_800_000_000_500


@pytest.mark.parametrize(
    ("behind_ms", "window", "accepted"),
    [
        (0, None, True),
        (-999, None, True),
        (-1000, None, False),
        (5000, None, True),
        (5001, None, False),
        (100, "100", True),
        (101, "100", False),
        (60_000, "60000", True),
        (0, "0.5", True),
    ],
)
def test_a_request_must_come_within_its_window(
    behind_ms: int, window: str | None, *, accepted: bool
) -> None:
    with running(clock=lambda: FROZEN_MS) as exchange:
        trader = Trader(exchange)
        extra = {} if window is None else {"recvWindow": window}
        replies = [
            trader.send("GET", "account", timestamp=stamp, **extra)
            for stamp in (FROZEN_MS - behind_ms, (FROZEN_MS - behind_ms) * 1000)
        ]

    codes = [reply.json().get("code") for reply in replies]
    assert codes == [None if accepted else -1021] * 2


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"timestamp": "soon"}, -1100),
        ({"timestamp": ""}, -1102),
        ({"recvWindow": "60001"}, -1131),
        ({"recvWindow": "wide"}, -1100),
        ({"recvWindow": "1.2345"}, -1111),
    ],
)
def test_times_that_cannot_be_read_are_refused(
    trader: Trader, parameters: dict[str, str], code: int
) -> None:
    assert trader.send("GET", "account", **parameters).json()["code"] == code


@pytest.mark.skipif(not RECORDED.exists(), reason="needs ../shared/market-data")
def test_refusals_read_as_those_on_record(trader: Trader) -> None:
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    recorded = {case["case"]: case["body"] for case in map(json.loads, lines)}
    order = trader.placed(timeInForce="IOC", price="60000")

    bodies = {
        "filter_lot_size": trader.place(quantity="0.000001"),
        "filter_notional": trader.place(quantity="0.00001"),
        "filter_price": trader.place(price="90000.001"),
        "filter_percent_price_by_side": trader.place(price="0.01"),
        "order_does_not_exist": trader.send(
            "GET", "order", symbol="BTCUSDT", orderId=1
        ),
        "unknown_order_on_cancel": trader.cancel(orderId=order["orderId"]),
        "invalid_symbol": trader.place(symbol="NOPE"),
        "too_much_precision": trader.place(quantity="0.000000001"),
        "mandatory_parameter_missing": trader.place(quantity=None),
        "timestamp_outside_recv_window": trader.place(timestamp=wall_ms() - 9000),
        "timestamp_ahead_of_server": trader.place(timestamp=wall_ms() + 9000),
    }
    trader.control("accounts", {"api_key": trader.key, "balances": {"BTC": "1"}})
    bodies["insufficient_balance"] = trader.place(quantity="9")

    said = {case: reply.data.decode() for case, reply in bodies.items()}
    assert said == {case: recorded[case] for case in said}
