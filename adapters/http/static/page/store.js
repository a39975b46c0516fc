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
  heardAt: null, // ticks, when the stream last said something
};

export const store = {
  readiness: null, // of the service
  states: new Map(), // of each symbol
  changes: new Map(), // when the page saw a symbol begin or stop trading, by the service's time
  halt: null, // the switch
  markets: new Map(), // by symbol
  orders: new Map(), // by id
  open: [], // newest first
  ended: [], // newest first, as far as they were read
  hasMoreEnded: true,
  fills: [], // newest first
  notices: [], // newest first
  events: new Map(), // the history of orders whose story was opened, by order id
  children: new Map(), // the child orders of those, by order id and then by their own id
  prices: new Map(), // the best prices while those were open, for drawing
  isLoaded: false,
};

export const isStale = () => link.state !== 'live';
export const isOpen = (order) => OPEN.has(order.status);
const OPEN = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL']);

export class Market {
  constructor(rules) {
    this.symbol = rules.symbol;
    this.book = null; // { updateId, state, bids, asks } with exact levels
    this.touch = null; // { bid, ask, updateId, at } when the book is in step
    this.path = []; // the touch as this page saw it: { at, bid, ask }, for drawing
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

  get readiness() {
    return store.states.get(this.symbol) ?? null;
  }

  get changedAt() {
    return store.changes.get(this.symbol) ?? null;
  }

  get canTrade() {
    return this.readiness?.can_trade ?? false;
  }

  get trouble() {
    return troubleOf(this.readiness);
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

// Takes the whole list of open orders at once. What the stream has said meanwhile is newer.
export function takeOpenOrders(orders) {
  const read = new Map(store.open.map((order) => [order.id, order]));
  for (const order of orders) {
    const old = store.orders.get(order.id);
    const latest = old && old.updated_at > order.updated_at ? old : order;
    store.orders.set(order.id, latest);
    read.set(order.id, latest);
  }
  store.open = [...read.values()].filter(isOpen).sort(newestFirst);
  update();
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
  store.prices.clear();
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
    store.fills.unshift({ ...event, update_id: event.fill?.update_id ?? event.update_id, position });
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

export function takeService(service) {
  store.readiness = service;
  if (service.time) clock.hearTime(service.time);
  update();
}

// How a symbol is. The stream may say it before the rules have been read, so it is kept apart.
export function takeSymbol(state) {
  const before = store.states.get(state.symbol);
  const trouble = troubleOf(before);
  store.states.set(state.symbol, state);
  if (!before || troubleOf(state) !== trouble) {
    store.changes.set(state.symbol, clock.now());
    const isByHalt = trouble === 'HALTED' || troubleOf(state) === 'HALTED'; // the switch tells that
    if (before && !isByHalt) tellOfState(state);
  }
  update();
}

// The code that says why a symbol does not trade; null if it does, or if nothing is known.
export function troubleOf(state) {
  if (!state || state.can_trade) return null;
  return state.pause ?? (state.state === 'SYNCED' ? 'CANNOT_TRADE' : state.state);
}

function tellOfState(state) {
  const trouble = troubleOf(state);
  const text = trouble ? `${state.symbol} cannot trade: ${trouble}. ${state.detail}` : `${state.symbol} trades again.`;
  tell(trouble ? 'warn' : 'info', new Date(clock.now()).toISOString(), text);
}

// Nobody could say in time how something is: what was said of a symbol may be wrong by now.
export function takeUnanswered({ topic, detail }) {
  const [kind, symbol] = topic.split(':');
  if (kind === 'symbols' && store.states.has(symbol)) {
    takeSymbol({ ...store.states.get(symbol), can_trade: false, pause: null, state: 'NO_ANSWER', detail });
  } else tell('warn', new Date(clock.now()).toISOString(), `Not known now: ${topic}, ${detail}.`);
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
