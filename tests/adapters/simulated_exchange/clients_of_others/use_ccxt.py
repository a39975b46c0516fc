"""What ccxt does on the exchange; prints one JSON object.

Run with the interpreter of an environment that holds it:
`use_ccxt.py HTTP-URL WS-URL KEY SECRET`.
"""

import asyncio
import json
import sys
from typing import Any

import ccxt.pro  # type: ignore[import-not-found] # in its own environment


def configured(url: str, stream_url: str, key: str, secret: str) -> Any:
    """Return a client that talks to the exchange only."""
    dead = "http://127.0.0.1:9"
    client = ccxt.pro.binance(
        {
            "apiKey": key,
            "secret": secret,
            "options": {
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
            },
        }
    )
    api = client.urls["api"]
    api.update(public=f"{url}/api/v3", private=f"{url}/api/v3", sapi=dead)
    api["ws"]["spot"] = f"{stream_url}/stream/ws"
    api["ws"]["ws-api"]["spot"] = f"{stream_url}/ws-api/v3"
    return client


async def trade(client: Any) -> dict[str, Any]:
    markets = await client.load_markets()
    placed = await client.create_order("BTC/USDT", "limit", "sell", 0.01, 90000)
    queried = await client.fetch_order(placed["id"], "BTC/USDT")
    opened = await client.fetch_open_orders("BTC/USDT")
    canceled = await client.cancel_order(placed["id"], "BTC/USDT")
    sold = await client.create_order("BTC/USDT", "market", "sell", 0.01)
    trades = await client.fetch_my_trades("BTC/USDT")
    balance = await client.fetch_balance()
    try:
        await client.cancel_order(placed["id"], "BTC/USDT")
        refusal = ""
    except ccxt.BaseError as error:
        refusal = type(error).__name__
    return {
        "markets": sorted(markets),
        "placed": placed["status"],
        "queried": queried["status"],
        "open": [order["id"] for order in opened] == [placed["id"]],
        "canceled": canceled["status"],
        "sold": [sold["status"], sold["filled"]],
        "trades": round(sum(one["amount"] for one in trades), 8),
        "usdt": balance["USDT"]["free"] > 0,
        "refusal": refusal,
    }


async def trade_over_websocket(client: Any) -> list[Any]:
    """Return the states of an order, and how many balances there are."""
    placed = await client.create_order_ws("BTC/USDT", "limit", "sell", 0.01, 90000)
    queried = await client.fetch_order_ws(placed["id"], "BTC/USDT")
    canceled = await client.cancel_order_ws(placed["id"], "BTC/USDT")
    balance = await client.fetch_balance_ws()
    states = [order["status"] for order in (placed, queried, canceled)]
    return [*states, len(balance["info"]["balances"])]


async def look(client: Any) -> dict[str, bool]:
    """Return whether the market shows what its users ask for first."""
    ticker = await client.fetch_ticker("BTC/USDT")
    candles = await client.fetch_ohlcv("BTC/USDT", "1m")
    trades = await client.fetch_trades("BTC/USDT")
    watched = await client.watch_ticker("BTC/USDT")
    candle = (await client.watch_ohlcv("BTC/USDT", "1m"))[-1]
    return {
        "ticker": ticker["bid"] < ticker["ask"] and ticker["baseVolume"] > 0,
        "candles": candles[-1][5] > 0,
        "trades": bool(trades),
        "watched": watched["last"] > 0,
        "candle": candle[5] > 0,
    }


async def subscribed(client: Any, url: str) -> None:
    """Wait until the exchange says that it tells user data."""
    while not (await client.fetch(f"{url}/control/state"))["user_data_subscriptions"]:
        pass


async def listen(client: Any, url: str) -> list[str]:
    """Return the states of an order that is placed and canceled."""
    task = asyncio.create_task(client.watch_orders("BTC/USDT"))
    heard: list[str] = []
    await subscribed(client, url)
    placed = await client.create_order("BTC/USDT", "limit", "sell", 0.01, 90000)
    heard += [order["status"] for order in await task]
    task = asyncio.create_task(client.watch_orders("BTC/USDT"))
    await client.cancel_order(placed["id"], "BTC/USDT")
    heard += [order["status"] for order in await task]
    return heard


async def main(url: str, stream_url: str, key: str, secret: str) -> None:
    client = configured(url, stream_url, key, secret)
    try:
        found = await trade(client)
        book = await client.watch_order_book("BTC/USDT")
        found["book"] = book["bids"][0][0] < book["asks"][0][0]
        found["events"] = await listen(client, url)
        found["over_ws"] = await trade_over_websocket(client)
        found["market"] = await look(client)
    finally:
        await client.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
