// Keeps the store true to the service. The push stream tells everything that is committed, each order
// as it is after that, and how symbols, halt switch and service are. Only books are asked for, and
// only while somebody looks at the page.

import * as api from './api.js';
import * as clock from './clock.js';
import {
  addToHistory, forgetAll, isOpen, isStale, link, Market, store, takeEndedOrders, takeEvent, takeHalt,
  takeOpenOrders, takeOrder, takeService, takeSymbol, takeUnanswered,
} from './store.js';
import { Stream } from './stream.js';
import { ui, update } from './ui.js';

const BOOK_PAUSE = 500; // milliseconds
const STATE_PAUSE = 2000;
const TOUCHES_MAX = 4; // other symbols' books a round
const DEPTH_LEVELS = 500;
const REST_AFTER = 30000;

let nextTouch = 0;
let endedCursor = null;
let isReadingEnded = false;

// ---- the stream -----------------------------------------------------------------------------------

const TAKE = {
  order(event, position) {
    takeEvent(event, position);
    if (event.order) takeOrder(event.order);
    if (event.order_id === ui.story) readChildren(event.order_id);
  },
  symbol: takeSymbol,
  halt: takeHalt,
  service: takeService,
  unanswered: takeUnanswered,
};

const stream = new Stream({
  onUp() {
    Object.assign(link, { state: 'live', downSince: null, retryAt: null, heardAt: clock.ticks() });
    if (!store.isLoaded) load();
    lookAround();
    update();
  },
  onDown() {
    if (link.state !== 'lost') link.downSince = clock.ticks();
    Object.assign(link, { state: 'lost', retryAt: stream.retryAt });
    update();
  },
  onRest() {
    Object.assign(link, { state: 'starting', downSince: null, retryAt: null });
    update();
  },
  onAnew() {
    lastPages.clear();
    forgetAll();
  },
  onUnauthorized() {
    update({ dialog: 'token' });
  },
  onEvent(type, body, position) {
    link.heardAt = clock.ticks();
    TAKE[type]?.(body, position);
  },
});

export function start() {
  api.whenUnauthorized(() => update({ dialog: 'token' }));
  if (isSeen()) stream.start();
  setInterval(readBooks, BOOK_PAUSE);
  setInterval(readState, STATE_PAUSE);
  setInterval(() => isSeen() && update(), 1000); // ages
  document.addEventListener('visibilitychange', watchSight);
  addEventListener('pagehide', () => stream.rest()); // a browser keeps pages it has left, with what is open
  addEventListener('pageshow', () => isSeen() && stream.wake());
  addEventListener('online', comeBack);
}

// A page that nobody sees lets its stream go, and is told what it has missed when it is seen again.
let restTimer = null;

function watchSight() {
  clearTimeout(restTimer);
  if (!isSeen()) {
    restTimer = setTimeout(() => stream.rest(), REST_AFTER);
    return;
  }
  stream.wake();
  lookAround();
}

export function comeBack() {
  stream.hurry();
  lookAround();
}

function lookAround() {
  if (!isSeen()) return;
  readBooks();
  update();
}

const isSeen = () => !document.hidden;

// While there is no stream, halt and money are asked for: they must be known to steer by.
async function readState() {
  if (!isSeen() || !isStale()) return;
  const [readiness, halt] = await Promise.all([api.readReadiness(), api.readHalt()]);
  if (!isStale()) return; // the stream has said something newer
  if (readiness.body?.symbols) {
    takeService(readiness.body);
    readiness.body.symbols.forEach(takeSymbol);
  }
  if (halt.isOk) takeHalt(halt.body);
}

// ---- at the beginning -------------------------------------------------------------------------------

async function load() {
  const isRead = await readSymbols() && await readOpenOrders();
  if (!isRead) {
    setTimeout(() => isStale() || load(), STATE_PAUSE); // else when the stream is there again
    return;
  }
  store.isLoaded = true;
  endedCursor = null;
  await readMoreEnded();
  readBooks();
  update();
}

async function readSymbols() {
  const answer = await api.readSymbols();
  if (!answer.isOk) return false;
  for (const rules of answer.body.items) {
    const known = store.markets.get(rules.symbol);
    if (known) known.take(rules);
    else store.markets.set(rules.symbol, new Market(rules));
  }
  if (!store.markets.has(ui.symbol)) ui.symbol = store.markets.keys().next().value ?? null;
  return true;
}

async function readOpenOrders() {
  const orders = [];
  let cursor = null;
  do {
    const answer = await api.readOrders('open', cursor);
    if (!answer.isOk) return false;
    orders.push(...answer.body.items);
    cursor = answer.body.next_cursor;
  } while (cursor !== null);
  takeOpenOrders(orders);
  return true;
}

export async function readMoreEnded() {
  if (isReadingEnded || !store.hasMoreEnded) return;
  isReadingEnded = true;
  const answer = await api.readOrders('ended', endedCursor, 100);
  isReadingEnded = false;
  if (!answer.isOk) return;
  endedCursor = answer.body.next_cursor;
  takeEndedOrders(answer.body.items, endedCursor === null);
}

export async function readOrder(id) {
  const answer = await api.readOrder(id);
  if (answer.isOk) takeOrder(answer.body);
}

// ---- one order's story --------------------------------------------------------------------------------

const HISTORY_MAX = 10000;
const POINTS = 900; // of a price path: more than a chart has pixels for

// Reads an order, its history, child orders and prices; what comes later is in the stream.
export async function readStory(id) {
  await readOrder(id);
  const order = store.orders.get(id);
  if (!order || store.events.has(id)) return;
  const history = [];
  store.events.set(id, history);
  store.children.set(id, new Map());
  const isRead = await readPages((cursor) => api.readEvents(id, cursor), (items) => {
    addToHistory(history, items);
    return history.length < HISTORY_MAX;
  });
  if (!isRead) store.events.delete(id); // read anew when it is opened again
  await Promise.all([readChildren(id), readPrices(order)]);
}

// Where the last page of child orders began: new ones are there.
const lastPages = new Map();

async function readChildren(id) {
  const children = store.children.get(id);
  if (!children) return;
  await readPages((cursor) => api.readChildren(id, cursor), (items, cursor) => {
    lastPages.set(id, cursor);
    for (const child of items) children.set(child.child_id, child);
    return children.size < HISTORY_MAX;
  }, lastPages.get(id) ?? null);
}

// The best prices while it was open, in steps so wide that a chart can show them; what comes after
// that, the page sees itself.
async function readPrices(order) {
  const until = isOpen(order) ? clock.now() : Date.parse(order.updated_at);
  const seconds = (until - Date.parse(order.created_at)) / 1000 + 60;
  const step = Math.max(1, Math.ceil(seconds / POINTS));
  const points = [];
  await readPages((cursor) => api.readPrices(order.id, step, cursor), (items) => {
    points.push(...items);
    return points.length < 2 * POINTS;
  });
  store.prices.set(order.id, points.map(({ at, bid, ask }) => ({ at: Date.parse(at), bid: numberOf(bid), ask: numberOf(ask) })));
  update();
}

const numberOf = (text) => (text === null ? null : Number(text)); // for drawing

// Gives each page to `take`, until there is no other one or `take` wants no more.
async function readPages(read, take, from = null) {
  let cursor = from;
  do {
    const answer = await read(cursor);
    if (!answer.isOk) return false;
    const wantsMore = take(answer.body.items, cursor);
    cursor = wantsMore ? answer.body.next_cursor : null;
    update();
  } while (cursor !== null);
  return true;
}

// ---- books ----------------------------------------------------------------------------------------------

let isReadingBooks = false;

async function readBooks() {
  if (!isSeen() || isStale() || !ui.symbol || isReadingBooks) return;
  isReadingBooks = true;
  await Promise.all([readBook(ui.symbol, DEPTH_LEVELS), ...othersInTurn().map((one) => readBook(one, 1))]);
  isReadingBooks = false;
  update();
}

function othersInTurn() {
  const others = [...store.markets.keys()].filter((symbol) => symbol !== ui.symbol);
  const count = Math.min(TOUCHES_MAX, others.length);
  const turn = Array.from({ length: count }, (_, i) => others[(nextTouch + i) % others.length]);
  nextTouch = others.length ? (nextTouch + count) % others.length : 0;
  return turn;
}

async function readBook(symbol, limit) {
  const answer = await api.readBook(symbol, limit);
  if (answer.isOk) store.markets.get(symbol)?.takeBook(answer.body);
}
