// What @binance/spot does on the exchange; prints one JSON object.
// `use_binance_spot.mjs FOLDER HTTP-URL WS-URL KEY SECRET`; the folder holds its
// node_modules.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, url, streamUrl, apiKey, apiSecret] = process.argv.slice(2);
const entry = createRequire(`${folder}/`).resolve("@binance/spot");
const { Spot } = await import(pathToFileURL(entry));

const spot = new Spot({
  configurationRestAPI: { apiKey, apiSecret, basePath: url, timeout: 5000 },
  configurationWebsocketAPI: {
    apiKey,
    apiSecret,
    wsURL: `${streamUrl}/ws-api/v3`,
    timeout: 5000,
  },
  configurationWebsocketStreams: { wsURL: streamUrl },
});
const symbol = "BTCUSDT";
const order = {
  symbol,
  side: "SELL",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: 0.01,
  price: 90000,
};
const data = async (reply) => (await reply).data();

async function trade(rest) {
  const placed = await data(rest.newOrder(order));
  const ids = { symbol, orderId: placed.orderId };
  const queried = await data(rest.getOrder(ids));
  await data(rest.orderAmendKeepPriority({ ...ids, newQty: 0.005 }));
  const amendments = await data(rest.orderAmendments(ids));
  const filters = await data(rest.myFilters({ symbol }));
  const canceled = await data(rest.deleteOrder(ids));
  const refusal = await rest.deleteOrder(ids).catch((error) => error.name);
  return {
    placed: placed.status,
    queried: queried.status,
    amended: amendments.map((one) => one.newQty),
    filters: filters.symbolFilters.length > 0,
    canceled: canceled.status,
    refusal,
  };
}

async function look(rest) {
  const ticker = await data(rest.ticker24hr({ symbol }));
  const klines = await data(rest.klines({ symbol, interval: "1m" }));
  const aggregates = await data(rest.aggTrades({ symbol, limit: 2 }));
  const trades = await data(rest.historicalTrades({ symbol, limit: 2 }));
  return [ticker.count > 0, klines.length > 0, aggregates.length, trades.length];
}

async function tradeOverWebsocket() {
  const connection = await spot.websocketAPI.connect();
  const subscribed = await connection.userDataStreamSubscribeSignature();
  const heard = [];
  const ended = new Promise((resolve) => {
    subscribed.stream.on("message", (event) => {
      if (event.e !== "executionReport") return;
      heard.push(event.x);
      if (event.x === "CANCELED") resolve();
    });
  });
  const placed = (await connection.orderPlace(order)).data;
  const ids = { symbol, orderId: placed.orderId };
  const queried = (await connection.orderStatus(ids)).data;
  const canceled = (await connection.orderCancel(ids)).data;
  const klines = (await connection.klines({ symbol, interval: "1m" })).data;
  await ended;
  await connection.disconnect();
  return {
    states: [placed.status, queried.status, canceled.status],
    klines: klines.length > 0,
    heard,
  };
}

async function follow() {
  const connection = await spot.websocketStreams.connect();
  const stream = connection.kline({ symbol: "btcusdt", interval: "1s" });
  const event = await new Promise((resolve) => stream.on("message", resolve));
  await connection.disconnect();
  return event.k.s;
}

const found = {
  rest: await trade(spot.restAPI),
  market: await look(spot.restAPI),
  ws: await tradeOverWebsocket(),
  kline: await follow(),
};
process.stdout.write(`${JSON.stringify(found)}\n`);
process.exit(0);
