// What the page knows of the service. Everything in here was said by the service; nothing is guessed
// ahead of its answer. Orders are kept as the API writes them, amounts as text.

import * as clock from './clock.js';
import { Decimal } from './decimal.js';
import { update } from './ui.js';

const TAPE_MAX = 300;
const NOTICES_MAX = 60;
const PATH_MAX = 900;

export const link = {
  state: 'starting', // 'live' or 'lost'
  downSince: null, // ticks
  retryAt: null, // ticks
  heardAt: null, // the service's time when it last said something
};

export const store = {
  readiness: null, // /readyz
  halt: null, // /api/v1/halt
  markets: new Map(), // by symbol
  orders: new Map(), // by id
  open: [], // newest first
  ended: [], // newest first, as far as they were read
  hasMoreEnded: true,
  fills: [], // newest first
  notices: [], // newest first
  events: new Map(), // the history of orders whose story was opened, by order id
  children: new Map(), // the child orders of those stories, by order id and then by their own id
  isLoaded: false,
};

export const isStale = () => link.state !== 'live';
export const isOpen = (order) => OPEN.has(order.status);
const OPEN = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL']);

export class Market {
  constructor(rules) {
    this.symbol = rules.symbol;
    this.readiness = null; // its part of /readyz
    this.book = null; // { updateId, state, bids, asks } with exact levels
    this.touch = null; // { bid, ask, updateId, at } when the book is in step
    this.path = []; // the touch as this page saw it: { at, bid, ask }, for drawing
    this.changedAt = null; // when the page last saw its state change
    this.take(rules);
  }

  take(rules) {
    this.rules = rules;
    this.tick = Decimal.of(rules.tick_size);
    this.step = Decimal.of(rules.step_size);
    this.priceDigits = this.tick.sign ? this.tick.placesNeeded : 8;
    this.quantityDigits = this.step.sign ? this.step.placesNeeded : 8;
    this.base = rules.base_asset;
    this.quote = rules.quote_asset;
  }

  get canTrade() {
    return this.readiness?.can_trade ?? false;
  }

  // The code that says why it does not trade; null if it does.
  get trouble() {
    const { readiness } = this;
    if (!readiness || readiness.can_trade) return null;
    return readiness.pause ?? (readiness.state === 'SYNCED' ? this.rules.status : readiness.state);
  }

  touchFor(side) {
    return this.touch ? (side === 'SELL' ? this.touch.bid : this.touch.ask) : null;
  }

  takeBook(book) {
    const levels = (list) => list.map(([price, quantity]) => ({ price: Decimal.of(price), quantity: Decimal.of(quantity) }));
    const read = { updateId: book.update_id, state: book.state, bids: levels(book.bids), asks: levels(book.asks) };
    if (read.bids.length > 1 || read.asks.length > 1) this.book = read;
    const [bid] = read.bids;
    const [ask] = read.asks;
    const isUsable = book.state === 'SYNCED' && bid && ask;
    this.touch = isUsable ? { bid: bid.price, ask: ask.price, updateId: read.updateId } : null;
    this.note();
  }

  // The path has at most a point a second.
  note() {
    const at = Math.floor(clock.now() / 1000) * 1000;
    const last = this.path[this.path.length - 1];
    if (last && last.at >= at) return;
    const { touch } = this;
    this.path.push({ at, bid: touch ? touch.bid.toNumber() : null, ask: touch ? touch.ask.toNumber() : null });
    if (this.path.length > PATH_MAX) this.path.shift();
  }
}

export const marketOf = (order) => store.markets.get(order.symbol) ?? null;

// ---- orders ---------------------------------------------------------------------------------------

// Takes an order as it was read. One that was read earlier never replaces a later one: two answers
// may overtake each other.
export function takeOrder(order) {
  const old = store.orders.get(order.id);
  if (old && old.updated_at > order.updated_at) return;
  store.orders.set(order.id, order);
  if (old && isOpen(old) === isOpen(order)) replaceIn(isOpen(order) ? store.open : store.ended, order);
  else if (isOpen(order)) insert(store.open, order);
  else {
    if (old) remove(store.open, order.id);
    insert(store.ended, order);
  }
  update();
}

// Takes the whole list of open orders at once.
export function takeOpenOrders(orders) {
  const read = new Map();
  for (const order of orders) {
    const old = store.orders.get(order.id);
    read.set(order.id, old && old.updated_at > order.updated_at ? old : order);
  }
  const newer = store.open.filter((order) => !read.has(order.id));
  for (const [id, order] of read) store.orders.set(id, order);
  store.open = [...newer, ...read.values()].filter(isOpen).sort(newestFirst);
  update();
  return newer; // they have ended, or have just come: read each
}

export function takeEndedOrders(orders, isLast) {
  for (const order of orders) if (!store.orders.has(order.id)) store.orders.set(order.id, order);
  const known = new Set(store.ended.map((order) => order.id));
  const fresh = orders.map((order) => store.orders.get(order.id));
  store.ended = [...store.ended, ...fresh.filter((order) => !isOpen(order) && !known.has(order.id))];
  store.ended.sort(newestFirst);
  store.hasMoreEnded = !isLast;
  update();
}

export function forgetAll() {
  Object.assign(store, { open: [], ended: [], hasMoreEnded: true, fills: [], notices: [], isLoaded: false });
  store.orders.clear();
  store.events.clear();
  store.children.clear();
  update();
}

const newestFirst = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);

function insert(list, order) {
  const at = list.findIndex((one) => newestFirst(order, one) <= 0);
  if (at < 0) list.push(order);
  else list.splice(at, 0, order);
}

function remove(list, id) {
  const at = list.findIndex((one) => one.id === id);
  if (at >= 0) list.splice(at, 1);
}

function replaceIn(list, order) {
  const at = list.findIndex((one) => one.id === order.id);
  if (at >= 0) list[at] = order;
  else insert(list, order);
}

// ---- what is told ---------------------------------------------------------------------------------

const FILLS = new Set(['PART_FILLED', 'FILLED']);

export function takeEvent(event, position) {
  if (FILLS.has(event.kind)) {
    store.fills.unshift({ ...event, position });
    if (store.fills.length > TAPE_MAX) store.fills.pop();
  }
  const history = store.events.get(event.order_id);
  if (history) addToHistory(history, [event]);
  const notice = NOTICES[event.kind];
  if (notice) tell(notice.level, event.occurred_at, notice.text(event), event.order_id);
  update();
}

export function addToHistory(history, events) {
  const known = new Set(history.map((one) => one.number));
  history.push(...events.filter((one) => !known.has(one.number)));
  history.sort((a, b) => a.number - b.number);
}

const NOTICES = {
  CHILD_UNKNOWN: { level: 'alarm', text: (event) => `In doubt: ${event.symbol}. The venue has not said what became of ${event.child_id}.` },
  HELD: { level: 'alarm', text: (event) => `On hold: ${event.symbol}. ${event.reason ?? 'A person has to look.'}` },
  REJECTED: { level: 'warn', text: (event) => `Rejected: ${event.symbol}. ${event.reason ?? ''}` },
};

export function tell(level, at, text, orderId = null) {
  store.notices.unshift({ level, at, text, orderId, id: `${at}-${text}` });
  if (store.notices.length > NOTICES_MAX) store.notices.pop();
}

export function takeReadiness(readiness) {
  store.readiness = readiness;
  for (const one of readiness.symbols) {
    const market = store.markets.get(one.symbol);
    if (!market) continue;
    const before = market.readiness;
    const trouble = market.trouble;
    market.readiness = one;
    if (market.trouble === trouble && before) continue;
    market.changedAt = clock.now();
    if (before) tellOfState(market);
  }
  update();
}

function tellOfState(market) {
  const text = market.trouble
    ? `${market.symbol} cannot trade: ${market.trouble}. ${market.readiness.detail}`
    : `${market.symbol} trades again.`;
  tell(market.trouble ? 'warn' : 'info', new Date(clock.now()).toISOString(), text);
}

export function takeHalt(halt) {
  const before = store.halt;
  store.halt = halt;
  if (before && before.halted !== halt.halted) {
    const text = halt.halted ? `Trading is halted${halt.reason ? `: ${halt.reason}` : '.'}` : 'Trading goes on.';
    tell(halt.halted ? 'alarm' : 'info', halt.since, text);
  }
  update();
}
