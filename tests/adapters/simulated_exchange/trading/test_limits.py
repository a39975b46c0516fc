import pytest

from tests.adapters.simulated_exchange.trading.traders import Trader, running
from tests.adapters.simulated_exchange.trading.ws_traders import ORDER, connected


FROZEN_MS = 1_800_000_003_000
"""Three seconds into a minute, and so seven seconds before the next ten begin."""


def test_a_successful_order_is_free_and_a_refused_one_is_not() -> None:
    with running(limits=True, clock=lambda: FROZEN_MS) as exchange:
        trader = Trader(exchange)
        refused = trader.place(quantity="0.000001", timestamp=FROZEN_MS)
        placed = trader.place(timestamp=FROZEN_MS)
        queried = trader.send("GET", "openOrders", timestamp=FROZEN_MS)
        account = trader.send("GET", "account", timestamp=FROZEN_MS)

    used = [
        reply.headers["X-MBX-USED-WEIGHT-1M"]
        for reply in (refused, placed, queried, account)
    ]
    assert used == ["1", "1", "81", "101"]


def test_one_order_too_many_is_refused_until_the_window_ends() -> None:
    with running(limits=True, clock=lambda: FROZEN_MS) as exchange:
        trader, other = Trader(exchange), Trader(exchange)
        replies = [trader.place(timestamp=FROZEN_MS) for _ in range(51)]
        unconcerned = other.place(timestamp=FROZEN_MS).status
        shown = trader.send("GET", "rateLimit/order", timestamp=FROZEN_MS).json()

    last = replies[-1]
    assert [reply.status for reply in replies] == [200] * 50 + [429]
    assert replies[49].headers["X-MBX-ORDER-COUNT-10S"] == "50"
    assert replies[49].headers["X-MBX-ORDER-COUNT-1D"] == "50"
    assert last.json() == {
        "code": -1015,
        "msg": "Too many new orders; current limit is 50 orders per 10 SECOND.",
    }
    assert last.headers["Retry-After"] == "7"
    assert unconcerned == 200
    assert [one["count"] for one in shown] == [50, 50]


def test_an_order_that_fills_does_not_count() -> None:
    with running(limits=True, clock=lambda: FROZEN_MS) as exchange:
        trader = Trader(exchange)
        order = {"timeInForce": "IOC", "price": "60000", "quantity": "0.001"}
        replies = [trader.place(timestamp=FROZEN_MS, **order) for _ in range(60)]

    assert {reply.status for reply in replies} == {200}
    assert replies[-1].headers["X-MBX-ORDER-COUNT-10S"] == "0"


def test_too_much_weight_is_refused_over_the_websocket_api_too() -> None:
    with running(limits=True, clock=lambda: FROZEN_MS) as exchange:
        trader = Trader(exchange)
        with connected(trader) as client:
            for _ in range(24):
                client.ask("depth", symbol="BTCUSDT", limit=5000)
            reply = client.ask("exchangeInfo")

    assert (reply["status"], reply["error"]["code"]) == (429, -1003)
    assert reply["error"]["data"] == {
        "serverTime": FROZEN_MS,
        "retryAfter": FROZEN_MS + 57_000,
    }


def test_without_limits_nothing_is_counted_against_anybody(trader: Trader) -> None:
    for _ in range(3):
        statuses = [trader.place().status for _ in range(30)]
        trader.send("DELETE", "openOrders", symbol="BTCUSDT")

    assert set(statuses) == {200}


@pytest.mark.parametrize("count", [200])
def test_open_orders_of_a_symbol_are_limited(trader: Trader, count: int) -> None:
    with connected(trader) as client:
        for _ in range(count):
            client.ask_signed("order.place", **ORDER)
        reply = client.ask_signed("order.place", **ORDER)

    assert reply["error"]["msg"] == "Filter failure: MAX_NUM_ORDERS"
