// Keeps the store true to the service: the stream says what has changed, and what has changed is read
// again, never computed. Books, readiness and the halt switch are not in the stream; they are asked
// for, and only while somebody looks at the page.

import * as api from './api.js';
import * as clock from './clock.js';
import {
  addToHistory, forgetAll, isStale, link, Market, store, takeEndedOrders, takeEvent, takeHalt,
  takeOpenOrders, takeOrder, takeReadiness,
} from './store.js';
import { Stream } from './stream.js';
import { ui, update } from './ui.js';

const BOOK_PAUSE = 500; // milliseconds
const STATE_PAUSE = 2000;
const CHANGES_PAUSE = 200;
const TOGETHER_MAX = 8; // orders that are read at the same time
const LIST_FROM = 60; // so many changed orders are read as a list
const TOUCHES_MAX = 4; // other symbols' books a round
const DEPTH_LEVELS = 500;

const changed = new Set(); // ids of orders that are to be read again
let isReading = false;
let nextTouch = 0;
let endedCursor = null;
let isReadingEnded = false;

// ---- the stream -----------------------------------------------------------------------------------

const stream = new Stream({
  onUp() {
    Object.assign(link, { state: 'live', downSince: null, retryAt: null, heardAt: clock.now() });
    if (!store.isLoaded) load();
    lookAround();
    update();
  },
  onDown() {
    if (link.state !== 'lost') link.downSince = clock.ticks();
    Object.assign(link, { state: 'lost', retryAt: stream.retryAt });
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
    link.heardAt = clock.now();
    if (type !== 'order') return;
    takeEvent(body, position);
    changed.add(body.order_id);
  },
});

export function start() {
  api.whenUnauthorized(() => update({ dialog: 'token' }));
  readState();
  stream.start();
  setInterval(readChanged, CHANGES_PAUSE);
  setInterval(readBooks, BOOK_PAUSE);
  setInterval(readState, STATE_PAUSE);
  setInterval(() => isSeen() && update(), 1000); // ages
  document.addEventListener('visibilitychange', lookAround);
  addEventListener('online', comeBack);
}

export function comeBack() {
  stream.hurry();
  lookAround();
}

function lookAround() {
  if (!isSeen()) return;
  readState();
  readBooks();
  update();
}

const isSeen = () => !document.hidden;

// ---- at the beginning -------------------------------------------------------------------------------

async function load() {
  const isRead = await readSymbols() && await readOpenOrders();
  if (!isRead) {
    if (!isStale()) setTimeout(load, STATE_PAUSE);
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
  if (store.readiness) takeReadiness(store.readiness);
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
  for (const order of takeOpenOrders(orders)) changed.add(order.id);
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

// ---- what has changed ---------------------------------------------------------------------------------

async function readChanged() {
  if (isReading || changed.size === 0 || !store.isLoaded || isStale()) return;
  isReading = true;
  try {
    if (changed.size >= LIST_FROM) await readAsList();
    else await readFew();
  } finally {
    isReading = false;
  }
}

async function readAsList() {
  const before = [...changed];
  changed.clear();
  if (!(await readOpenOrders())) {
    for (const id of before) changed.add(id);
    return;
  }
  const open = new Set(store.open.map((order) => order.id));
  for (const id of before) if (!open.has(id)) changed.add(id);
  await readFew();
}

async function readFew() {
  const few = [...changed].sort(lookedAtFirst).slice(0, TOGETHER_MAX);
  for (const id of few) changed.delete(id);
  await Promise.all(few.map(readOrder));
}

const lookedAtFirst = (a, b) => Number(b === ui.story) - Number(a === ui.story);

export async function readOrder(id) {
  const answer = await api.readOrder(id);
  if (id === ui.story) readChildren(id);
  if (answer.isOk) takeOrder(answer.body);
  else if (answer.status !== 404) changed.add(id);
}

// ---- one order's story --------------------------------------------------------------------------------

const HISTORY_MAX = 10000;

// Reads an order, its history and its child orders; what comes later is in the stream.
export async function readStory(id) {
  await readOrder(id);
  if (store.events.has(id) || !store.orders.has(id)) return;
  const history = [];
  store.events.set(id, history);
  store.children.set(id, new Map());
  const isRead = await readPages(api.readEvents, id, (items) => {
    addToHistory(history, items);
    return history.length < HISTORY_MAX;
  });
  if (!isRead) store.events.delete(id); // read anew when it is opened again
  await readChildren(id);
}

// Where the last page of child orders began: new ones are there.
const lastPages = new Map();

async function readChildren(id) {
  const children = store.children.get(id);
  if (!children) return;
  await readPages(api.readChildren, id, (items, cursor) => {
    lastPages.set(id, cursor);
    for (const child of items) children.set(child.child_id, child);
    return children.size < HISTORY_MAX;
  }, lastPages.get(id) ?? null);
}

// Gives each page to `take`, until there is no other one or `take` wants no more.
async function readPages(read, id, take, from = null) {
  let cursor = from;
  do {
    const answer = await read(id, cursor);
    if (!answer.isOk) return false;
    const wantsMore = take(answer.body.items, cursor);
    cursor = wantsMore ? answer.body.next_cursor : null;
    update();
  } while (cursor !== null);
  return true;
}

// ---- what is asked for ----------------------------------------------------------------------------------

async function readState() {
  if (!isSeen() && store.readiness) return;
  const [readiness, halt] = await Promise.all([api.readReadiness(), api.readHalt()]);
  if (readiness.body?.symbols) takeReadiness(readiness.body);
  if (halt.isOk) takeHalt(halt.body);
}

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
