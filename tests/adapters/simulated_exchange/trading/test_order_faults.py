import pytest
import urllib3

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
