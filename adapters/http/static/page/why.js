// Why an order does less than it could: a code (the API's own), a few words for its row, and sentences
// for its story: what holds it back, what will end that by itself, and what a person has to do.
// level: 'quiet' nothing to see, 'go' it trades, 'warn' it waits for somebody else, 'alarm' it wants a person.

import { Decimal, sum } from './decimal.js';
import { isOpen, marketOf, store } from './store.js';
import {
  amount, awayOf, betterWord, clockOf, farWord, millis, plain, REASONS, since, span, STATES,
} from './words.js';
import * as clock from './clock.js';

export function why(order) {
  if (!isOpen(order)) return ended(order);
  return ownTrouble(order) ?? commonTrouble(order) ?? reach(order);
}

export const wantsLook = (order) => order.status === 'PENDING_CANCEL' || LOOKS.has(order.reason);
const LOOKS = new Set(['CHILD_UNKNOWN', 'ON_HOLD', 'CHILD_REFUSED']);

function ended(order) {
  const words = REASONS[order.reason] ?? order.reason;
  return {
    level: 'quiet',
    chip: order.reason === 'COMPLETED' ? null : order.reason,
    text: words,
    sentence: `${order.status} at ${clockOf(order.updated_at, true)} UTC: ${words}.`,
  };
}

function lastWords(order, kind) {
  const history = store.events.get(order.id) ?? [];
  return history.findLast((event) => event.kind === kind)?.reason ?? null;
}

function ownTrouble(order) {
  if (order.status === 'PENDING_CANCEL') {
    return {
      level: 'warn', chip: 'PENDING_CANCEL', text: 'its child may still fill',
      sentence: 'A cancel was asked for. A child order is at the venue and may still fill; nothing follows it.',
    };
  }
  if (order.reason === 'CHILD_UNKNOWN') {
    return {
      level: 'alarm', chip: 'CHILD_UNKNOWN', text: 'the venue is asked',
      sentence: 'The venue has not said what became of the last child order. Nothing is sent again; it is asked until it is known.',
      act: 'Do not cancel and place again to hurry it: a cancel waits for the same answer.',
    };
  }
  if (order.reason === 'ON_HOLD') {
    const words = lastWords(order, 'HELD');
    return {
      level: 'alarm', chip: 'ON_HOLD', text: 'needs you',
      sentence: `On hold${words ? `: ${words}` : ''}. Nothing is sent for this order until a person has looked.`,
      act: 'Compare with the venue, then release it to let it go on, or cancel it.',
    };
  }
  if (order.reason === 'CHILD_REFUSED') {
    const words = lastWords(order, 'CHILD_ENDED');
    return {
      level: 'warn', chip: 'CHILD_REFUSED', text: 'tries again by itself',
      sentence: `The last child order was refused${words ? `: ${words}` : ''}. The next one waits 5 to 60 s and goes by itself.`,
    };
  }
  return null;
}

function commonTrouble(order) {
  if (order.paused) {
    return {
      level: 'warn', chip: 'PAUSED', text: 'until somebody resumes it',
      sentence: 'Somebody has paused it. It takes nothing until it is resumed.',
    };
  }
  const { halt } = store;
  if (halt?.halted) {
    const words = halt.reason ? ` (“${halt.reason}”)` : '';
    return {
      level: 'alarm', chip: 'HALTED', text: 'waits for the resume',
      sentence: `Trading is halted since ${clockOf(halt.since)} UTC${words}. No child order may leave, of any symbol.`,
    };
  }
  const market = marketOf(order);
  if (!market) {
    return {
      level: 'warn', chip: 'NOT_TRADED', text: 'not traded by this run',
      sentence: `This run of the service does not trade ${order.symbol}. The order waits for one that does; it can be cancelled.`,
    };
  }
  if (!market.readiness || !market.trouble) return null;
  const { pause, state, detail } = market.readiness;
  const text = pause ? 'waits' : STATES[state] ?? 'waits';
  return {
    level: 'warn', chip: market.trouble, text,
    sentence: `${market.symbol} cannot trade now${detail ? `: ${detail}` : ''}. Nothing is executed; the order waits and goes on by itself.`,
  };
}

function reach(order) {
  const market = marketOf(order);
  const touch = market.touchFor(order.side);
  const far = farWord(order.side);
  const until = order.expires_at ? `expires in ${span(millis(order.expires_at) - clock.now())}, ` : '';
  if (!touch) return { level: 'quiet', chip: null, text: `${until}no book yet`, sentence: 'The book has not been read yet.' };
  const away = awayOf(order);
  const limit = Decimal.of(order.price);
  const price = (value) => value.grouped(market.priceDigits);
  if (away.sign > 0) {
    const distance = limit.minus(touch).absolute();
    return {
      level: 'quiet', chip: null, text: `${until}waits for its price`,
      sentence: `The best ${far} ${price(touch)} is ${away.grouped(1)} bps (${price(distance)} ${market.quote}) short of the limit ${price(limit)}. `
        + `It fills as soon as the venue states ${far === 'ask' ? 'an' : 'a'} ${far} at ${price(limit)} ${betterWord(order.side)}.`,
    };
  }
  return {
    level: 'go', chip: null, text: `${until}takes fresh ${far}s`,
    sentence: `The ${far}s reach the limit. What was there is taken or offered to orders before it; the next child order leaves as soon as the venue states a level anew.`,
  };
}

// What the book holds for an order up to its limit, best level first: the quantity, the value and the
// average. It is the book as stated: our own orders that come before it take from it first.
export function inReach(market, side, limit, quantity = null) {
  const levels = market.book ? (side === 'SELL' ? market.book.bids : market.book.asks) : [];
  const takes = [];
  let left = quantity;
  for (const level of levels) {
    const isPast = limit && (side === 'SELL' ? level.price.isBelow(limit) : level.price.isAbove(limit));
    if (isPast || (left && left.sign <= 0)) break;
    const taken = left && left.isBelow(level.quantity) ? left : level.quantity;
    takes.push({ level, taken });
    if (left) left = left.minus(taken);
  }
  const total = sum(takes.map(({ taken }) => taken));
  const value = sum(takes.map(({ level, taken }) => level.price.times(taken)));
  const average = total.sign > 0 ? value.dividedBy(total, market.priceDigits + 2) : null;
  return { takes, quantity: total, value, average };
}

export const describe = (order) => `${order.side} ${plain(order.quantity)} ${marketOf(order)?.base ?? order.symbol} at ${amount(order.price, marketOf(order)?.priceDigits ?? 8)}`;
