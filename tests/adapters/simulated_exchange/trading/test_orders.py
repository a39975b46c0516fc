from decimal import Decimal

import pytest

from tests.adapters.simulated_exchange.trading.traders import Trader, best


def test_an_order_that_crosses_is_filled_from_the_markets_own_levels(
    trader: Trader,
) -> None:
    bid, _ask = best(trader.exchange)

    body = trader.placed(timeInForce="IOC", price="60000", quantity="0.02")

    assert (body["status"], body["executedQty"]) == ("FILLED", "0.02000000")
    assert Decimal(body["fills"][0]["price"]) >= Decimal(bid) - 100
    assert sum(Decimal(fill["qty"]) for fill in body["fills"]) == Decimal("0.02")


def test_what_is_bought_costs_commission_in_the_received_asset(trader: Trader) -> None:
    before = trader.balance("BTC")[0]

    body = trader.placed(side="BUY", timeInForce="IOC", price="70000")

    fills = body["fills"]
    assert {fill["commissionAsset"] for fill in fills} == {"BTC"}
    paid = sum(Decimal(fill["commission"]) for fill in fills)
    gained = Decimal(trader.balance("BTC")[0]) - Decimal(before)
    assert gained == Decimal("0.01") - paid
    assert 0 < paid <= Decimal("0.00001")


def test_a_resting_order_locks_what_it_may_spend_until_it_is_canceled(
    trader: Trader,
) -> None:
    order = trader.placed(side="BUY", price="50000", quantity="0.1")

    locked = trader.balance("USDT")[1]
    trader.cancel(orderId=order["orderId"])

    assert locked == "5000.00000000"
    assert trader.balance("USDT") == ("1000000000.00000000", "0.00000000")


def test_a_cancel_names_the_order_and_the_cancel(trader: Trader) -> None:
    trader.placed(newClientOrderId="mine")

    reply = trader.cancel(origClientOrderId="mine", newClientOrderId="my-cancel")

    body = reply.json()
    assert (reply.status, body["status"]) == (200, "CANCELED")
    assert (body["origClientOrderId"], body["clientOrderId"]) == ("mine", "my-cancel")


def test_a_client_id_is_unique_among_open_orders_only(trader: Trader) -> None:
    first = trader.placed(newClientOrderId="once")
    while_open = trader.refused(newClientOrderId="once")
    trader.cancel(orderId=first["orderId"])

    trader.placed(newClientOrderId="once", timeInForce="IOC", price="60000")
    again = trader.placed(newClientOrderId="once", timeInForce="IOC", price="60000")

    assert while_open == (400, -2010, "Duplicate order sent.")
    assert again["status"] == "FILLED"
    assert trader.order(origClientOrderId="once")["orderId"] == again["orderId"]


@pytest.mark.parametrize("time_in_force", ["IOC", "FOK"])
def test_an_order_that_cannot_fill_at_once_expires(
    trader: Trader, time_in_force: str
) -> None:
    body = trader.placed(timeInForce=time_in_force)

    assert (body["status"], body["executedQty"]) == ("EXPIRED", "0.00000000")
    assert trader.balance("BTC")[1] == "0.00000000"


def test_open_orders_and_trades_tell_what_was_placed(trader: Trader) -> None:
    resting = trader.placed()
    filled = trader.placed(timeInForce="IOC", price="60000")

    open_ids = [order["orderId"] for order in trader.get("openOrders")]
    trades = trader.get("myTrades", symbol="BTCUSDT")

    assert open_ids == [resting["orderId"]]
    assert {trade["orderId"] for trade in trades} == {filled["orderId"]}
    assert [trade["id"] for trade in trades] == [
        fill["tradeId"] for fill in filled["fills"]
    ]


def test_the_audit_shows_every_order_and_trade_of_an_account(trader: Trader) -> None:
    trader.placed(newClientOrderId="a")
    filled = trader.placed(newClientOrderId="b", timeInForce="IOC", price="60000")

    orders, trades = trader.audit("orders"), trader.audit("trades")

    shown = [(order["clientOrderId"], order["status"]) for order in orders]
    assert shown == [("a", "NEW"), ("b", "FILLED")]
    assert [trade["id"] for trade in trades] == [
        fill["tradeId"] for fill in filled["fills"]
    ]
    assert {trade["clientOrderId"] for trade in trades} == {"b"}
