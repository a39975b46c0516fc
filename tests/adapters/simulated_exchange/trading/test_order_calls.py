import pytest

from tests.adapters.simulated_exchange.trading.traders import Trader, best, running


def test_a_test_order_is_checked_and_not_placed(trader: Trader) -> None:
    order = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "MARKET",
        "quantity": "0.01",
    }

    fine = trader.send("POST", "order/test", **order)
    bad = trader.send("POST", "order/test", **{**order, "quantity": "0.000001"})
    rates = trader.send("POST", "order/test", computeCommissionRates="true", **order)

    assert (fine.status, fine.json()) == (200, {})
    assert bad.json()["code"] == -1013
    assert rates.json()["standardCommissionForOrder"]["taker"] == "0.00100000"
    assert trader.audit("orders") == []


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        ({}, 17),
        ({"newOrderRespType": "ACK"}, 5),
        ({"newOrderRespType": "RESULT"}, 16),
        ({"type": "LIMIT_MAKER", "timeInForce": None}, 5),
    ],
)
def test_a_placement_answers_as_much_as_was_asked_for(
    trader: Trader, order: dict[str, object], fields: int
) -> None:
    body = trader.placed(**order)

    assert len(body) == fields
    assert ("fills" in body) == (fields == 17)


def test_what_a_client_said_of_its_strategy_comes_back(trader: Trader) -> None:
    body = trader.placed(strategyId=7, strategyType=1_000_001)

    assert (body["strategyId"], body["strategyType"]) == (7, 1_000_001)
    assert trader.order(orderId=body["orderId"])["strategyId"] == 7


def test_all_open_orders_of_a_symbol_are_canceled_at_once(trader: Trader) -> None:
    for _ in range(2):
        trader.placed()
    trader.placed(symbol="ETHBTC", price="0.06", quantity="1")

    replies = trader.send("DELETE", "openOrders", symbol="BTCUSDT").json()
    again = trader.send("DELETE", "openOrders", symbol="BTCUSDT").json()

    assert [one["status"] for one in replies] == ["CANCELED", "CANCELED"]
    assert again["code"] == -2011
    assert [one["symbol"] for one in trader.get("openOrders")] == ["ETHBTC"]


def test_all_orders_and_trades_come_in_pages(trader: Trader) -> None:
    orders = [
        trader.placed(timeInForce="IOC", price="60000", quantity="0.001")
        for _ in range(4)
    ]
    ids = [order["orderId"] for order in orders]

    def listed(**wanted: object) -> list[int]:
        found = trader.get("allOrders", symbol="BTCUSDT", **wanted)
        return [order["orderId"] for order in found]

    trades = trader.get("myTrades", symbol="BTCUSDT")
    from_last = trader.get("myTrades", symbol="BTCUSDT", fromId=trades[-1]["id"])
    of_first = trader.get("myTrades", symbol="BTCUSDT", orderId=ids[0])

    assert listed() == ids
    assert listed(limit=2) == ids[2:]
    assert listed(orderId=ids[1], limit=2) == ids[1:3]
    assert listed(startTime=1, limit=1) == ids[:1]
    assert listed(endTime=1) == []
    assert from_last == trades[-1:]
    assert {trade["orderId"] for trade in of_first} == {ids[0]}


@pytest.mark.parametrize(
    ("call", "wanted", "code"),
    [
        ("allOrders", {"startTime": 2, "endTime": 1}, -1127),
        ("myTrades", {"startTime": 1, "endTime": 86_400_002}, -1127),
        ("myTrades", {"fromId": 1, "startTime": 1}, -1128),
        ("allOrders", {"symbol": "NOPE"}, -1121),
    ],
)
def test_ranges_that_make_no_sense_are_refused(
    trader: Trader, call: str, wanted: dict[str, object], code: int
) -> None:
    reply = trader.send("GET", call, **{"symbol": "BTCUSDT", **wanted})

    assert reply.json()["code"] == code


def test_an_account_shows_rates_and_balances(trader: Trader) -> None:
    account = trader.get("account", omitZeroBalances="true")
    commission = trader.get("account/commission", symbol="BTCUSDT")

    assert account["commissionRates"]["taker"] == "0.00100000"
    assert {one["asset"] for one in account["balances"]} == {"BTC", "ETH", "USDT"}
    assert commission["standardCommission"]["maker"] == "0.00100000"


def replace(trader: Trader, mode: str, cancel_id: int, quantity: str) -> object:
    reply = trader.send(
        "POST",
        "order/cancelReplace",
        symbol="BTCUSDT",
        side="SELL",
        type="LIMIT",
        timeInForce="GTC",
        price="90000",
        quantity=quantity,
        cancelReplaceMode=mode,
        cancelOrderId=cancel_id,
    )
    body = reply.json()
    data = body.get("data", body)
    return reply.status, body.get("code"), data["cancelResult"], data["newOrderResult"]


def test_an_order_is_replaced_wholly_half_or_not_at_all(trader: Trader) -> None:
    first, second = (trader.placed()["orderId"] for _ in range(2))

    wholly = replace(trader, "STOP_ON_FAILURE", first, "0.02")
    half = replace(trader, "ALLOW_FAILURE", first, "0.02")
    stopped = replace(trader, "STOP_ON_FAILURE", first, "0.02")
    canceled_only = replace(trader, "ALLOW_FAILURE", second, "0.000001")

    assert wholly == (200, None, "SUCCESS", "SUCCESS")
    assert half == (409, -2021, "FAILURE", "SUCCESS")
    assert stopped == (400, -2022, "FAILURE", "NOT_ATTEMPTED")
    assert canceled_only == (409, -2021, "SUCCESS", "FAILURE")


def test_an_amendment_answers_in_its_own_words(trader: Trader) -> None:
    order = trader.placed(quantity="0.03")
    ids = {"symbol": "BTCUSDT", "orderId": order["orderId"]}

    done = trader.send("PUT", "order/amend/keepPriority", newQty="0.02", **ids)
    grown = trader.send("PUT", "order/amend/keepPriority", newQty="0.04", **ids)

    amended = done.json()["amendedOrder"]
    assert (done.status, amended["qty"]) == (200, "0.02000000")
    assert amended["origClientOrderId"] == order["clientOrderId"]
    assert grown.json()["code"] == -2038
    assert trader.balance("BTC")[1] == "0.02000000"


def test_amendments_are_told_in_order_and_from_an_id_on(trader: Trader) -> None:
    order = trader.placed(quantity="0.03", newClientOrderId="first")
    ids = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    for quantity, name in (("0.02", "second"), ("0.01", "third")):
        trader.send(
            "PUT",
            "order/amend/keepPriority",
            newQty=quantity,
            newClientOrderId=name,
            **ids,
        )

    told = trader.get("order/amendments", **ids)
    later = trader.get(
        "order/amendments", fromExecutionId=told[1]["executionId"], **ids
    )
    unnamed = trader.send("GET", "order/amendments", symbol="BTCUSDT")

    assert [(one["origClientOrderId"], one["newClientOrderId"]) for one in told] == [
        ("first", "second"),
        ("second", "third"),
    ]
    assert [(one["origQty"], one["newQty"]) for one in told] == [
        ("0.03000000", "0.02000000"),
        ("0.02000000", "0.01000000"),
    ]
    assert later == told[1:]
    assert unnamed.json()["code"] == -1102


def test_an_account_meets_the_filters_of_the_symbol(trader: Trader) -> None:
    found = trader.get("myFilters", symbol="BTCUSDT")
    unknown = trader.send("GET", "myFilters", symbol="NOPE")

    assert "LOT_SIZE" in {one["filterType"] for one in found["symbolFilters"]}
    assert (found["exchangeFilters"], found["assetFilters"]) == ([], [])
    assert unknown.json()["code"] == -1121


def test_resting_orders_show_in_the_depth_of_everybody(trader: Trader) -> None:
    trader.placed(side="BUY", price="64000", quantity="7.77")
    trader.placed(side="BUY", price="64000", quantity="1")

    url = f"{trader.exchange.url}/api/v3/depth?symbol=BTCUSDT&limit=5000"
    bids = dict(trader.pool.request("GET", url).json()["bids"])

    assert float(bids["64000.00000000"]) >= 8.77


def test_trades_of_clients_print_on_the_public_tape(trader: Trader) -> None:
    fills = trader.placed(timeInForce="IOC", price="60000", quantity="0.05")["fills"]

    url = f"{trader.exchange.url}/api/v3/trades?symbol=BTCUSDT"
    public = {trade["id"]: trade for trade in trader.pool.request("GET", url).json()}

    for fill in fills:
        trade = public[fill["tradeId"]]
        assert (trade["price"], trade["qty"]) == (fill["price"], fill["qty"])
        assert trade["isBuyerMaker"] is True


def test_two_keys_of_one_account_see_the_same_orders(trader: Trader) -> None:
    other = Trader(trader.exchange, account=trader.key)

    order = trader.placed()

    assert [one["orderId"] for one in other.get("openOrders")] == [order["orderId"]]


def test_posting_a_key_again_changes_only_what_is_given(trader: Trader) -> None:
    trader.placed()
    account = {"api_key": trader.key, "commission": "0"}

    body = trader.control("accounts", account).json()
    filled = trader.placed(timeInForce="IOC", price="60000")

    assert body["balances"]["BTC"]["locked"] == "0.01000000"
    assert {fill["commission"] for fill in filled["fills"]} == {"0.00000000"}
    assert len(trader.get("openOrders")) == 1


@pytest.mark.parametrize(
    "account",
    [
        {"api_key": "new"},
        {"api_key": "", "api_secret": "s"},
        {"api_key": "new", "public_key": "none"},
        {"api_key": "new", "api_secret": "s", "balances": {"BTC": "much"}},
        {"api_key": "new", "api_secret": "s", "balances": {"BTC": "-1"}},
        {"api_key": "new", "api_secret": "s", "commission": "2"},
        {"api_key": "new", "api_secret": "s", "colour": "red"},
    ],
)
def test_an_account_that_makes_no_sense_is_refused(
    trader: Trader, account: dict[str, object]
) -> None:
    reply = trader.control("accounts", account)

    assert reply.status == 400
    assert reply.json()["error"].startswith("bad account: ")


def test_ids_are_not_repeated_by_a_restart_with_the_same_seed() -> None:
    seen: list[int] = []
    for _ in range(2):
        with running(seed=5) as exchange:
            trader = Trader(exchange)
            body = trader.placed(timeInForce="IOC", price="60000", quantity="0.2")
            seen += [fill["tradeId"] for fill in body["fills"]]
            seen.append(body["orderId"])
            bid, ask = best(exchange)
            assert float(bid) < float(ask)

    assert len(set(seen)) == len(seen)
    assert max(seen) < 2**53
