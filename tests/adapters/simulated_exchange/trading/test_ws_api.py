import base64
import json

import pytest
import websocket
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.simulated_exchange.clock import wall_ms
from tests.adapters.simulated_exchange.trading.traders import Trader
from tests.adapters.simulated_exchange.trading.ws_traders import (
    ORDER,
    WsTrader,
    connected,
)


def log_on(client: WsTrader) -> dict[str, object]:
    """Give the trader an Ed25519 key, too, and log on with it; return the reply."""
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    trader = client.trader
    key = f"ed of {trader.key}"
    trader.control(
        "accounts",
        {"api_key": key, "public_key": pem.decode(), "account": trader.key},
    )
    stamp = wall_ms()
    signature = private.sign(f"apiKey={key}&timestamp={stamp}".encode())
    return client.ask(
        "session.logon",
        apiKey=key,
        timestamp=stamp,
        signature=base64.b64encode(signature).decode(),
    )


@pytest.mark.parametrize("request_id", ["a-b", 7, None])
def test_every_reply_echoes_its_id_and_shows_the_limits(
    trader: Trader, request_id: object
) -> None:
    with connected(trader) as client:
        client.socket.send(json.dumps({"id": request_id, "method": "ping"}))
        reply = client.next()

    assert (reply["id"], reply["status"], reply["result"]) == (request_id, 200, {})
    assert reply["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"


def test_market_data_answers_as_over_rest(trader: Trader) -> None:
    with connected(trader) as client:
        info = client.ask("exchangeInfo", symbols=["BTCUSDT"])["result"]
        depth = client.ask("depth", symbol="BTCUSDT", limit=5)["result"]
        ticker = client.ask("ticker.book", symbol="ETHBTC")["result"]

    assert [one["symbol"] for one in info["symbols"]] == ["BTCUSDT"]
    assert len(depth["bids"]) == 5
    assert ticker["symbol"] == "ETHBTC"


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("klines", {"interval": "1m"}),
        ("uiKlines", {"interval": "1m"}),
        ("ticker.24hr", {}),
        ("trades.recent", {}),
        ("trades.aggregate", {"limit": 5}),
        ("trades.historical", {"fromId": 1}),
    ],
)
def test_the_past_answers_as_over_rest(
    trader: Trader, method: str, parameters: dict[str, object]
) -> None:
    with connected(trader) as client:
        reply = client.ask(method, symbol="BTCUSDT", **parameters)

    assert (reply["status"], bool(reply["result"])) == (200, True)


def test_filters_and_amendments_are_told_to_whoever_signs(trader: Trader) -> None:
    with connected(trader) as client:
        placed = client.ask_signed("order.place", **ORDER)
        ids = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
        client.ask_signed("order.amend.keepPriority", newQty="0.005", **ids)
        told = client.ask_signed("order.amendments", **ids)
        filters = client.ask_signed("myFilters", symbol="BTCUSDT")

    assert [one["newQty"] for one in told["result"]] == ["0.00500000"]
    assert filters["result"]["symbolFilters"]


def test_an_order_is_placed_queried_and_canceled(trader: Trader) -> None:
    with connected(trader) as client:
        placed = client.ask_signed("order.place", newClientOrderId="w", **ORDER)
        ids = {"symbol": "BTCUSDT", "origClientOrderId": "w"}
        shown = client.ask_signed("order.status", **ids)
        opened = client.ask_signed("openOrders.status")
        canceled = client.ask_signed("order.cancel", **ids)
        trades = client.ask_signed("myTrades", symbol="BTCUSDT")
        account = client.ask_signed("account.status")

    assert placed["result"]["status"] == shown["result"]["status"] == "NEW"
    assert [one["clientOrderId"] for one in opened["result"]] == ["w"]
    assert canceled["result"]["status"] == "CANCELED"
    assert trades["result"] == []
    assert account["result"]["accountType"] == "SPOT"
    kinds = [limit["rateLimitType"] for limit in placed["rateLimits"]]
    assert kinds == ["ORDERS", "ORDERS", "REQUEST_WEIGHT"]


def test_a_test_order_is_checked_and_not_placed(trader: Trader) -> None:
    with connected(trader) as client:
        fine = client.ask_signed("order.test", **ORDER)
        bad = client.ask_signed("order.test", **{**ORDER, "quantity": "0.000001"})

    assert fine["result"] == {}
    assert bad["error"] == {"code": -1013, "msg": "Filter failure: LOT_SIZE"}
    assert trader.audit("orders") == []


def test_a_subscription_hears_every_step_of_an_order(trader: Trader) -> None:
    with connected(trader) as client:
        number = client.ask_signed("userDataStream.subscribe.signature")["result"]
        trader.placed(newClientOrderId="e1", timeInForce="IOC", price="60000")
        new, trade = client.report("NEW"), client.report("TRADE")
        while trade["X"] != "FILLED":
            trade = client.report("TRADE")
        position = client.event(lambda event: event["e"] == "outboundAccountPosition")

    assert number == {"subscriptionId": 0}
    assert (new["c"], new["X"], new["t"], new["N"]) == ("e1", "NEW", -1, None)
    assert (trade["z"], trade["N"], trade["m"]) == ("0.01000000", "USDT", False)
    assert position["subscriptionId"] == 0
    assert {one["a"] for one in position["event"]["B"]} == {"BTC", "USDT"}


def test_a_cancel_is_reported_under_its_own_id_and_the_orders(trader: Trader) -> None:
    with connected(trader) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        trader.placed(newClientOrderId="e2")
        trader.cancel(origClientOrderId="e2", newClientOrderId="end")
        report = client.report("CANCELED")

    assert (report["c"], report["C"], report["X"]) == ("end", "e2", "CANCELED")


def test_an_ed25519_key_logs_on_and_needs_no_signature_any_more(
    trader: Trader,
) -> None:
    with connected(trader) as client:
        reply = log_on(client)
        subscribed = client.ask("userDataStream.subscribe")
        placed = client.ask("order.place", timestamp=wall_ms(), **ORDER)
        without_stamp = client.ask("order.place", **ORDER)
        client.ask("session.logout")
        after = client.ask("order.place", timestamp=wall_ms(), **ORDER)

    assert reply["status"] == 200
    assert subscribed["result"] == {"subscriptionId": 0}
    assert placed["result"]["status"] == "NEW"
    assert without_stamp["error"]["code"] == -1102
    assert after["error"]["code"] == -2014


def test_an_hmac_key_cannot_log_on(trader: Trader) -> None:
    with connected(trader) as client:
        reply = client.ask_signed("session.logon")

    assert (reply["status"], reply["error"]["code"]) == (400, -1022)


def test_a_revoked_key_loses_logon_and_subscription(trader: Trader) -> None:
    with connected(trader) as client:
        log_on(client)
        client.ask("userDataStream.subscribe")
        trader.control("accounts/revoke", {"api_key": f"ed of {trader.key}"})
        client.event(lambda event: event["e"] == "eventStreamTerminated")
        client.socket.send(json.dumps({"id": 9, "method": "order.place", "params": {}}))
        reply = client.next()

    assert (reply["id"], reply["status"]) == (None, 401)
    assert reply["error"]["code"] == -2015


def test_one_account_is_subscribed_once_per_connection(trader: Trader) -> None:
    with connected(trader) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        again = client.ask_signed("userDataStream.subscribe.signature")
        client.ask("userDataStream.unsubscribe", subscriptionId=0)
        anew = client.ask_signed("userDataStream.subscribe.signature")

    assert again["error"]["code"] == -2035
    assert anew["result"] == {"subscriptionId": 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", -1135), ("[]", -1135), ('{"id":1,"method":"nothing"}', -1020)],
)
def test_what_is_no_request_is_refused(trader: Trader, text: str, code: int) -> None:
    with connected(trader) as client:
        client.socket.send(text)
        reply = client.next()

    assert (reply["status"], reply["error"]["code"]) == (400, code)


def test_limits_are_left_out_where_nobody_wants_them(trader: Trader) -> None:
    with connected(trader, "?returnRateLimits=false") as client:
        hidden = client.ask("ping")
        shown = client.ask("ping", returnRateLimits=True)

    assert "rateLimits" not in hidden
    assert "rateLimits" in shown


def test_whether_to_show_limits_may_be_said_in_words_but_in_no_others(
    trader: Trader,
) -> None:
    with connected(trader) as client:
        hidden = client.ask("ping", returnRateLimits="false")
        shown = client.ask("ping", returnRateLimits="true")
        odd = [client.ask("ping", returnRateLimits=text) for text in ("x", "", "0")]

    assert ["rateLimits" in reply for reply in (hidden, shown)] == [False, True]
    assert [reply["error"]["code"] for reply in odd] == [-1130] * 3
    with (
        pytest.raises(websocket.WebSocketBadStatusException, match="-1130"),
        connected(trader, "?returnRateLimits=x"),
    ):
        pass


@pytest.mark.parametrize("shows", [True, False])
def test_a_signature_covers_whether_limits_are_shown(
    trader: Trader, *, shows: bool
) -> None:
    with connected(trader) as client:
        placed = client.ask_signed("order.place", returnRateLimits=shows, **ORDER)
        ids = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
        canceled = client.ask_signed("order.cancel", returnRateLimits=shows, **ids)
        listening = client.ask_signed(
            "userDataStream.subscribe.signature", returnRateLimits=shows
        )

    replies = (placed, canceled, listening)
    assert [reply["status"] for reply in replies] == [200, 200, 200]
    assert ["rateLimits" in reply for reply in replies] == [shows] * 3


def test_a_parameter_added_after_signing_is_no_part_of_the_signature(
    trader: Trader,
) -> None:
    with connected(trader) as client:
        signed = client.signed(**ORDER)
        reply = client.ask("order.place", returnRateLimits=False, **signed)

    assert reply["error"]["code"] == -1022


def test_times_come_in_microseconds_where_asked_for(trader: Trader) -> None:
    with connected(trader, "?timeUnit=MICROSECOND") as client:
        told = client.ask("time")["result"]["serverTime"]

    assert told > 10**15


@pytest.mark.parametrize(
    ("kind", "expected"), [("lost", ["TRADE"]), ("doubled", ["NEW", "NEW", "TRADE"])]
)
def test_execution_reports_can_be_lost_or_doubled(
    lone_trader: Trader, kind: str, expected: list[str]
) -> None:
    with connected(lone_trader) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        lone_trader.exchange.control("user_events", kind=kind)
        lone_trader.placed(timeInForce="IOC", price="60000", quantity="0.001")
        heard: list[str] = []
        while not heard or heard[-1] != "TRADE":
            message = client.event(lambda event: event["e"] == "executionReport")
            heard.append(message["event"]["x"])

    assert heard == expected


def test_a_late_execution_report_comes_after_what_followed_it(
    lone_trader: Trader,
) -> None:
    with connected(lone_trader) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        lone_trader.exchange.control("user_events", kind="late", seconds=0.05)
        lone_trader.placed(timeInForce="IOC", price="60000", quantity="0.001")
        heard: list[str] = []
        while "NEW" not in heard:
            message = client.event(lambda event: event["e"] == "executionReport")
            heard.append(message["event"]["x"])

    assert heard[0] == "TRADE"


def test_no_answer_cuts_the_connection_here_too(lone_trader: Trader) -> None:
    lone_trader.exchange.control("no_answer", when="after", seconds=0)
    broken = pytest.raises((websocket.WebSocketException, OSError))
    with connected(lone_trader) as client, broken:
        client.ask_signed("order.place", **ORDER)

    assert len(lone_trader.audit("orders")) == 1


def test_a_limit_tells_until_when_in_epoch_milliseconds(lone_trader: Trader) -> None:
    lone_trader.exchange.control("rate_limited", code=-1015, retry_after=7)
    with connected(lone_trader) as client:
        reply = client.ask_signed("order.place", **ORDER)

    data = reply["error"]["data"]
    assert (reply["status"], reply["error"]["code"]) == (429, -1015)
    assert data["retryAfter"] - data["serverTime"] == 7000


def test_shutdown_and_cut_can_be_aimed_at_the_websocket_api(
    lone_trader: Trader,
) -> None:
    with connected(lone_trader) as client:
        client.ask("ping")
        done = lone_trader.exchange.control("server_shutdown", target="ws_api")
        farewell = client.next()
        with pytest.raises((websocket.WebSocketException, OSError)):
            client.next()

    assert done["connections"] == 1
    assert farewell["event"]["e"] == "serverShutdown"
