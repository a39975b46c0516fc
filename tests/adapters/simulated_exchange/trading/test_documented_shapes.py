import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.simulated_exchange.trading.traders import Trader
from tests.adapters.simulated_exchange.trading.ws_traders import ORDER, connected


DOCS = Path(__file__).parents[5] / "shared" / "market-data/order_responses/docs"
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="needs ../shared/market-data")
OPTIONAL = {"trailingDelta", "trailingTime", "strategyId", "strategyType"} | {
    "preventedMatchId",
    "preventedQuantity",
    "v",
}
NOT_OF_A_CANCEL_HERE = {"stopPrice", "icebergQty"}


def documented(name: str) -> Any:
    return json.loads((DOCS / name).read_text(encoding="utf-8"))


def missing(example: dict[str, Any], seen: dict[str, Any]) -> set[str]:
    """Return fields of an example that were not seen, or are of another kind."""
    return {
        name
        for name, value in example.items()
        if name not in OPTIONAL
        and (
            name not in seen
            or (value is not None and type(value) is not type(seen[name]))
        )
    }


def test_rest_replies_have_the_documented_fields(trader: Trader) -> None:
    sold = {"type": "MARKET", "timeInForce": None, "price": None}
    full = trader.placed(**sold)
    resting = trader.placed()
    seen = {
        "rest_order_ack.json": trader.placed(newOrderRespType="ACK", **sold),
        "rest_order_result.json": trader.placed(newOrderRespType="RESULT", **sold),
        "rest_order_full.json": full,
        "rest_order_query.json": trader.order(orderId=resting["orderId"]),
        "rest_open_orders.json": trader.get("openOrders")[0],
        "rest_order_cancel.json": trader.cancel(orderId=resting["orderId"]).json(),
        "rest_my_trades.json": trader.get("myTrades", symbol="BTCUSDT")[0],
        "rest_account.json": trader.get("account"),
        "rest_commission.json": trader.get("account/commission", symbol="BTCUSDT"),
        "rest_rate_limit_order.json": trader.get("rateLimit/order")[0],
    }

    for name, reply in seen.items():
        example = documented(name)
        example = example[0] if isinstance(example, list) else example
        assert (name, missing(example, reply)) == (name, set())
    fill = documented("rest_order_full.json")["fills"][0]
    assert missing(fill, full["fills"][0]) == set()


def test_websocket_replies_have_the_documented_fields(trader: Trader) -> None:
    with connected(trader) as client:
        placed = client.ask_signed("order.place", newClientOrderId="x", **ORDER)
        ids = {"symbol": "BTCUSDT", "origClientOrderId": "x"}
        shown = client.ask_signed("order.status", **ids)
        canceled = client.ask_signed("order.cancel", **ids)
        refused = client.ask_signed("order.place", **{**ORDER, "quantity": "9" * 11})

    for name, reply in {
        "ws_api_order_place_full.json": placed,
        "ws_api_order_status.json": shown,
        "ws_api_order_cancel.json": canceled,
    }.items():
        example = documented(name)
        assert missing(example, reply) == set()
        absent = missing(example["result"], reply["result"])
        assert (name, absent - NOT_OF_A_CANCEL_HERE) == (name, set())
    assert missing(documented("ws_api_error_2010.json"), refused) == set()


def test_user_data_events_have_the_documented_fields(trader: Trader) -> None:
    lines = (DOCS / "user_data_events.jsonl").read_text(encoding="utf-8").splitlines()
    examples = {one["event"]["e"]: one for one in map(json.loads, lines)}
    with connected(trader) as client:
        client.ask_signed("userDataStream.subscribe.signature")
        trader.placed()
        for kind in ("executionReport", "outboundAccountPosition"):
            seen = client.event_of(kind)
            assert missing(examples[kind], seen) == set()
            assert missing(examples[kind]["event"], seen["event"]) == set()
