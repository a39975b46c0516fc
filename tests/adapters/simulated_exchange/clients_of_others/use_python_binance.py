"""What python-binance does on the exchange; prints one JSON object.

Run with the interpreter of an environment that holds it:
`use_python_binance.py HTTP-URL WS-URL KEY SECRET`.
"""

import asyncio
import json
import sys
from typing import Any

from binance import (  # type: ignore[import-not-found] # in its own environment
    AsyncClient,
    BinanceAPIException,
    BinanceSocketManager,
    DepthCacheManager,
)
from binance.base_client import (  # type: ignore[import-not-found] # see above
    BaseClient,
)


LIMIT = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "90000",
}


async def trade(client: Any) -> dict[str, Any]:
    info = await client.get_exchange_info()
    placed = await client.create_order(**LIMIT)
    ids = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    queried = await client.get_order(**ids)
    opened = await client.get_open_orders(symbol="BTCUSDT")
    canceled = await client.cancel_order(**ids)
    sold = await client.create_order(
        symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01"
    )
    trades = await client.get_my_trades(symbol="BTCUSDT")
    account = await client.get_account()
    try:
        await client.cancel_order(**ids)
        refusal = 0
    except BinanceAPIException as error:
        refusal = error.code
    over_ws = await client.ws_create_order(**LIMIT)
    gone = await client.ws_cancel_order(symbol="BTCUSDT", orderId=over_ws["orderId"])
    return {
        "symbols": len(info["symbols"]),
        "placed": placed["status"],
        "queried": queried["status"],
        "open": [order["orderId"] for order in opened] == [placed["orderId"]],
        "canceled": canceled["status"],
        "sold": sold["status"],
        "fills": [fill["tradeId"] for fill in sold["fills"]]
        == [one["id"] for one in trades],
        "balances": len(account["balances"]),
        "refusal": refusal,
        "over_ws": [over_ws["status"], gone["status"]],
    }


async def look(client: Any) -> dict[str, bool]:
    """Return whether the market shows what its users ask for first."""
    symbol = "BTCUSDT"
    ticker = await client.get_ticker(symbol=symbol)
    klines = await client.get_klines(symbol=symbol, interval="1m")
    aggregates = await client.get_aggregate_trades(symbol=symbol)
    trades = await client.get_historical_trades(symbol=symbol)
    over_ws = await client.ws_get_klines(symbol=symbol, interval="1m")
    async with BinanceSocketManager(client).kline_socket(symbol, "1m") as stream:
        event = await stream.recv()
    return {
        "ticker": int(ticker["count"]) > 0,
        "klines": bool(klines) and bool(over_ws),
        "trades": bool(aggregates) and bool(trades),
        "event": event["k"]["s"] == symbol,
    }


async def listen(client: Any) -> list[str]:
    """Return the execution types of an order that is placed and canceled."""
    heard: list[str] = []
    async with BinanceSocketManager(client).user_socket() as stream:
        placed = await client.create_order(**LIMIT)
        await client.cancel_order(symbol="BTCUSDT", orderId=placed["orderId"])
        while "CANCELED" not in heard:
            event = await stream.recv()
            if event["e"] == "executionReport":
                heard.append(event["x"])
    return heard


async def follow_book(client: Any) -> dict[str, bool]:
    async with DepthCacheManager(client, symbol="BTCUSDT", ws_interval=100) as stream:
        for _ in range(5):
            cache = await stream.recv()
    return {"uncrossed": cache.get_bids()[0][0] < cache.get_asks()[0][0]}


async def main(url: str, stream_url: str, key: str, secret: str) -> None:
    BaseClient.API_URL = f"{url}/api"
    BaseClient.WS_API_URL = f"{stream_url}/ws-api/v3"
    BinanceSocketManager.STREAM_URL = f"{stream_url}/"
    client = await AsyncClient.create(key, secret)
    try:
        found = await trade(client)
        found["events"] = await listen(client)
        found["book"] = await follow_book(client)
        found["market"] = await look(client)
    finally:
        # close_connection() would wait ten seconds for its own reader to give up.
        await client.session.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
