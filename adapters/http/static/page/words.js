// How the page says things: numbers, times, names of states.

import { basisPoints, Decimal } from './decimal.js';
import * as clock from './clock.js';
import { marketOf } from './store.js';

export const NONE = '–';

const pad = (value) => String(value).padStart(2, '0');

export const amount = (text, digits) => (text === null || text === undefined ? NONE : Decimal.of(text).grouped(digits));
export const whole = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

// With no more places than it needs: 24, not 24.00000.
export function plain(value) {
  const exact = value instanceof Decimal ? value : Decimal.of(value);
  return exact.grouped(exact.placesNeeded);
}

export function signed(value, digits = 1) {
  if (value === null) return NONE;
  const { sign } = value.rounded(digits);
  return `${sign > 0 ? '+' : ''}${value.grouped(digits)}`;
}

// Times: the service's RFC 3339 text or its milliseconds.
export function clockOf(time, withMs = false) {
  const text = typeof time === 'string' ? time : new Date(time).toISOString();
  return text.slice(11, withMs ? 23 : 19);
}

export const millis = (text) => Date.parse(text);
export const since = (text) => span((clock.now() ?? millis(text)) - millis(text));

export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))}`;
  return `${Math.floor(seconds / 86400)} d`;
}

export const short = (id) => `…${id.slice(-6)}`;
export const GLYPH = { SELL: '▼', BUY: '▲' };
export const betterWord = (side) => (side === 'SELL' ? 'or higher' : 'or lower');
export const farWord = (side) => (side === 'SELL' ? 'bid' : 'ask');

const MONEY = {
  real: { kind: 'real', chip: 'REAL MONEY', confirm: (where) => `This moves real money at ${where}.` },
  paper: { kind: 'paper', chip: 'PAPER', confirm: () => 'Paper: no order leaves this machine.' },
  play: { kind: 'play', chip: 'PLAY MONEY', confirm: (where) => `Play money at ${where}.` },
  unknown: { kind: 'unknown', chip: 'NOT KNOWN YET', confirm: () => '' },
};
const PLACES = {
  simulated: 'the simulated exchange', binance: 'Binance', testnet: 'Binance’s testnet', paper: 'the paper venue',
};
export const placeName = (name) => PLACES[name] ?? name;

// What an order moves here: the service says it, and nothing is assumed before it did.
export function moneyOf(readiness) {
  if (!readiness) return { ...MONEY.unknown, text: 'asking the service' };
  const where = placeName(readiness.venue);
  if (readiness.real_money) return { ...MONEY.real, text: `orders go to ${where}`, where };
  if (readiness.venue === 'paper') return { ...MONEY.paper, text: `prices of ${placeName(readiness.market)}, imagined fills`, where };
  return { ...MONEY.play, text: `orders go to ${where}`, where };
}

export const STATES = {
  SYNCED: 'in step', CONNECTING: 'no stream yet', SYNCING: 'waits for a snapshot', GAP: 'an update was missed',
  CROSSED: 'the book was wrong', STALE: 'the stream is silent', RESTARTING: 'restarting', DEGRADED: 'rests after failures',
};

export const REASONS = {
  COMPLETED: 'all of it was filled',
  CANCELED_BY_CLIENT: 'cancelled by a client',
  CANCELED_AT_STOP: 'cancelled when the service stopped',
  EXPIRED_AT_TIME: 'its time was over',
  IOC_REMAINDER: 'the rest was not there at once',
  FOK_NOT_FILLABLE: 'too little was there; nothing was traded',
  BOOK_UNUSABLE: 'it came while the book was out of step',
  REMAINDER_BELOW_MINIMUM: 'the rest is too small for the venue’s rules',
  TRADING_PAUSED: 'it came while no child order may leave',
  REFUSED_FOR_NOW: 'its only child order was refused',
  REJECTED_BY_VENUE: 'the venue will accept no child order of it',
};

export const TIMES_IN_FORCE = {
  GTC: 'works until it is filled or cancelled',
  GTD: 'works until a time, then the rest expires',
  IOC: 'takes what is there now, the rest expires',
  FOK: 'all of it now, or nothing',
};

// ---- figures of an order ------------------------------------------------------------------------------

// How far the touch is from the limit, in basis points of the touch: above zero is still to go.
export function awayOf(order) {
  const touch = marketOf(order)?.touchFor(order.side);
  if (!touch) return null;
  const away = basisPoints(Decimal.of(order.price), touch);
  return order.side === 'SELL' ? away : away.negated();
}

// How much better than its limit it was filled, in basis points of the limit.
export function gainOf(side, price, limit) {
  if (price === null) return null;
  const gain = basisPoints(Decimal.of(price), Decimal.of(limit));
  return side === 'SELL' ? gain : gain.negated();
}

// The share that is filled, for bars and for "61 %": 0 to 1.
export const shareOf = (order) => Decimal.of(order.filled).dividedBy(Decimal.of(order.quantity), 6).toNumber();

export function percent(share) {
  if (share === 0) return '';
  return share < 0.01 ? '<1 %' : `${Math.floor(share * 100)} %`;
}
