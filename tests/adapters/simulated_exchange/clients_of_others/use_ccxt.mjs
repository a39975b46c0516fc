// What ccxt for JavaScript does on the exchange; prints one JSON object.
// `use_ccxt.mjs FOLDER HTTP-URL WS-URL KEY SECRET`; the folder holds its node_modules.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, url, streamUrl, apiKey, secret] = process.argv.slice(2);
const entry = createRequire(`${folder}/`).resolve("ccxt");
const { default: ccxt } = await import(pathToFileURL(entry));

const client = new ccxt.pro.binance({
  apiKey,
  secret,
  options: {
    fetchMarkets: { types: ["spot"] },
    fetchCurrencies: false,
    fetchMargins: false,
  },
});
const api = client.urls.api;
Object.assign(api, {
  public: `${url}/api/v3`,
  private: `${url}/api/v3`,
  sapi: "http://127.0.0.1:9",
});
api.ws.spot = `${streamUrl}/stream/ws`;
api.ws["ws-api"].spot = `${streamUrl}/ws-api/v3`;
await client.loadHttpProxyAgent(); // it wants one for every address without TLS

const symbol = "BTC/USDT";
const order = [symbol, "limit", "sell", 0.01, 90000];

async function trade() {
  const markets = await client.loadMarkets();
  const placed = await client.createOrder(...order);
  const opened = await client.fetchOpenOrders(symbol);
  const canceled = await client.cancelOrder(placed.id, symbol);
  const sold = await client.createOrder(symbol, "market", "sell", 0.01);
  return {
    markets: Object.keys(markets).sort(),
    placed: placed.status,
    open: opened.map((one) => one.id).includes(placed.id),
    canceled: canceled.status,
    sold: [sold.status, sold.filled],
  };
}

async function tradeOverWebsocket() {
  const placed = await client.createOrderWs(...order);
  const queried = await client.fetchOrderWs(placed.id, symbol);
  const canceled = await client.cancelOrderWs(placed.id, symbol);
  const balance = await client.fetchBalanceWs();
  const { balances } = balance.info;
  return [placed.status, queried.status, canceled.status, balances.length];
}

async function look() {
  const ticker = await client.fetchTicker(symbol);
  const candles = await client.fetchOHLCV(symbol, "1m");
  const trades = await client.fetchTrades(symbol);
  const watched = await client.watchTicker(symbol);
  const candle = (await client.watchOHLCV(symbol, "1m")).at(-1);
  return {
    ticker: ticker.bid < ticker.ask && ticker.baseVolume > 0,
    candles: candles.at(-1)[5] > 0,
    trades: trades.length > 0,
    watched: watched.last > 0,
    candle: candle[5] > 0,
  };
}

async function watchBook() {
  const book = await client.watchOrderBook(symbol);
  return book.bids[0][0] < book.asks[0][0];
}

const found = {
  ...(await trade()),
  over_ws: await tradeOverWebsocket(),
  market: await look(),
  book: await watchBook(),
};
await client.close();
process.stdout.write(`${JSON.stringify(found)}\n`);
process.exit(0);
