"""What binance-sdk-spot does on the exchange; prints one JSON object.

`use_official_sdk.py HTTP-URL WS-URL KEY SECRET ED25519-KEY PRIVATE-KEY-FILE`.
"""

import asyncio
import json
import sys
from itertools import pairwise
from typing import Any

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError
from binance_sdk_spot.spot import Spot


LIMIT: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": "0.01",
    "price": "90000",
}


def trade(rest: Any) -> dict[str, Any]:
    placed = rest.new_order(**LIMIT).data()
    ids = {"symbol": "BTCUSDT", "order_id": placed.order_id}
    queried = rest.get_order(**ids).data()
    opened = rest.get_open_orders(symbol="BTCUSDT").data()
    canceled = rest.delete_order(**ids).data()
    sold = rest.new_order(
        symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01"
    ).data()
    trades = rest.my_trades(symbol="BTCUSDT").data()
    account = rest.get_account().data()
    try:
        rest.delete_order(**ids)
        refusal: int | None = 0
    except BadRequestError as error:
        refusal = error.status_code
    return {
        "placed": placed.status,
        "queried": queried.status,
        "open": [order.order_id for order in opened] == [placed.order_id],
        "canceled": canceled.status,
        "sold": sold.status,
        "fills": [fill.trade_id for fill in sold.fills] == [one.id for one in trades],
        "balances": len(account.balances),
        "refusal": refusal,
    }


def look(rest: Any) -> list[Any]:
    """Return whether the market shows what its users ask for first."""
    ticker = rest.ticker24hr(symbol="BTCUSDT").data()
    klines = rest.klines(symbol="BTCUSDT", interval="1m").data()
    aggregates = rest.agg_trades(symbol="BTCUSDT", limit=2).data()
    trades = rest.historical_trades(symbol="BTCUSDT", limit=2).data()
    filters = rest.my_filters(symbol="BTCUSDT").data()
    return [
        type(ticker.actual_instance).__name__,
        len(klines) > 0,
        len(aggregates),
        len(trades),
        len(filters.symbol_filters) > 0,
    ]


async def follow_book(spot: Any) -> dict[str, Any]:
    """Return what three depth events say about their sequence."""
    queue: asyncio.Queue[Any] = asyncio.Queue()
    connection = await spot.websocket_streams.create_connection()
    stream = await connection.diff_book_depth(symbol="btcusdt", update_speed="100ms")
    stream.on("message", queue.put_nowait)
    events = [await queue.get() for _ in range(3)]
    await connection.close_connection()
    return {
        "symbol": events[0].s,
        "gapless": all(earlier.u + 1 == later.U for earlier, later in pairwise(events)),
    }


async def trade_over_websocket(spot: Any) -> dict[str, Any]:
    """Return the replies and events of an order that is placed and canceled."""
    queue: asyncio.Queue[Any] = asyncio.Queue()
    connection = await spot.websocket_api.create_connection()
    await connection.session_logon()
    subscribed = await connection.user_data_stream_subscribe()
    subscribed.stream.on("message", queue.put_nowait)
    placed = (await connection.order_place(**LIMIT)).data()
    ids = {"symbol": "BTCUSDT", "order_id": placed.result.order_id}
    queried = (await connection.order_status(**ids)).data()
    canceled = (await connection.order_cancel(**ids)).data()
    heard: list[str] = []
    while "CANCELED" not in heard:
        event = (await queue.get()).actual_instance
        if type(event).__name__ == "ExecutionReport":
            heard.append(event.x)
    await connection.close_connection()
    return {
        "placed": placed.result.status,
        "queried": queried.result.status,
        "canceled": canceled.result.status,
        "limits": len(placed.rate_limits),
        "events": heard,
    }


async def main(arguments: list[str]) -> None:
    url, stream_url, key, secret, signing_key, key_file = arguments
    spot = Spot(
        config_rest_api=ConfigurationRestAPI(key, secret, base_path=url, timeout=5000),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=stream_url),
        config_ws_api=ConfigurationWebSocketAPI(
            api_key=signing_key,
            private_key=key_file,
            stream_url=f"{stream_url}/ws-api/v3",
        ),
    )
    found = {
        "rest": trade(spot.rest_api),
        "market": look(spot.rest_api),
        "book": await follow_book(spot),
        "ws": await trade_over_websocket(spot),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
