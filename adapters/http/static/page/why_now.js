// Why the order of an open story does not fill now, as the service says it: asked each second, while the
// story is in sight and the order is open.

import { useEffect, useState } from '../vendor/htm-preact/standalone.mjs';
import * as api from './api.js';
import * as clock from './clock.js';
import { Decimal } from './decimal.js';
import { isOpen, isStale, marketOf } from './store.js';
import { betterWord, clockOf, farWord, millis, plain, since, span, whole } from './words.js';

const PAUSE = 1000; // milliseconds

// Returns the service's latest answer about the order; null if there is none of it.
export function useNow(order) {
  const [told, setTold] = useState({ id: null, now: null });
  const isAsked = isOpen(order);
  useEffect(() => {
    if (!isAsked) return undefined;
    let isOver = false;
    let timer = null;
    const ask = async () => {
      if (!document.hidden && !isStale()) {
        const answer = await api.readNow(order.id);
        if (isOver) return;
        setTold({ id: order.id, now: answer.isOk ? answer.body : null });
      }
      timer = setTimeout(ask, PAUSE);
    };
    ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [order.id, order.updated_at, isAsked]);
  return isAsked && told.id === order.id ? told.now : null;
}

const inTime = (time) => span(millis(time) - clock.now());

function limitNotReached(order, now) {
  const market = marketOf(order);
  const touch = order.side === 'SELL' ? now.touch?.bid : now.touch?.ask;
  if (!market || !touch || now.distance === null) return null;
  const far = farWord(order.side);
  const price = (text) => Decimal.of(text).grouped(market.priceDigits);
  const away = Decimal.of(now.distance).times(Decimal.of('10000')).dividedBy(Decimal.of(touch), 1);
  const seen = now.last_reached
    ? ` ${far === 'ask' ? 'An' : 'A'} ${far} that good was last stated ${since(now.last_reached.at)} ago (book update ${whole(now.last_reached.update_id)}).`
    : ` No ${far} has reached it within a day.`;
  return `The best ${far} ${price(touch)} is ${away.grouped(1)} bps (${price(now.distance)} ${market.quote}) short of the limit ${price(order.price)}. `
    + `It fills as soon as the venue states ${far === 'ask' ? 'an' : 'a'} ${far} at ${price(order.price)} ${betterWord(order.side)}.${seen}`;
}

function childUnknown(order, now) {
  if (!now.child) return null;
  const { child } = now;
  const again = child.asked_again_at ? ` It is asked again in ${inTime(child.asked_again_at)}.` : '';
  const final = child.silence_final_at ? ` Its “no such order” counts from ${clockOf(child.silence_final_at)} UTC on (in ${inTime(child.silence_final_at)}).` : '';
  return `The venue has not said what became of child ${child.child_id.split('-').pop()} (${plain(child.quantity)} ${marketOf(order)?.base ?? ''})${child.problem ? `: ${child.problem}` : ''}. Nothing is sent again.${again}${final}`;
}

function childInFlight(order, now) {
  if (!now.child) return null;
  const where = now.child.sent ? 'is at the venue or on its way there' : 'is on its way to the disk';
  return `Child ${now.child.child_id.split('-').pop()} ${where}: ${plain(now.child.quantity)} ${marketOf(order)?.base ?? ''}, since ${clockOf(now.child.since, true)} UTC.`;
}

const SENTENCES = {
  ON_HOLD: (order, now) => (now.hold ? `On hold: ${now.hold}. Nothing is sent for this order until a person has looked.` : null),
  CHILD_UNKNOWN: childUnknown,
  CHILD_IN_FLIGHT: childInFlight,
  NOT_WORKED: () => 'Nobody works it at the moment: it is being picked up, or rests after failures.',
  RETRY_BACKOFF: (order, now) => (now.next_try_at ? `The last child order was refused. The next one goes by itself in ${inTime(now.next_try_at)}.` : null),
  LIMIT_NOT_REACHED: limitNotReached,
  TAKEN: () => 'What is as good as its limit has been taken, by it or by others. The next child order leaves as soon as the venue states a level anew.',
  BELOW_MINIMUM: (order, now) => `There is ${plain(now.available ?? '0')} ${marketOf(order)?.base ?? ''} for it, less than the venue or a limit of yours allows for one child order.`,
  NOT_RELEASED: () => 'Its algorithm does not release enough of it yet.',
};

// The sentence, or null where the page's own says as much.
export const sentenceOf = (order, now) => (now ? SENTENCES[now.obstacle]?.(order, now) ?? null : null);
