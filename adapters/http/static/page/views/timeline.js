// An order's history, newest first, its child orders as groups: intent, fills, end.

import { html, useState } from '../../vendor/htm-preact/standalone.mjs';
import { Decimal, sum } from '../decimal.js';
import { fillsOf } from '../charts/price_path.js';
import { marketOf, store } from '../store.js';
import { amount, clockOf, NONE, plain, whole } from '../words.js';
import { Bar } from './parts.js';

const SHOWN = 14;

const SAID = {
  ACCEPTED: 'accepted and on disk', AMENDED: 'amended', HELD: 'takes no offers', RELEASED: 'takes offers again',
  SETTLED_BY_HAND: 'a person has stated what became of a child order', CANCEL_REQUESTED: 'a cancel waits for the child order in flight',
  PAUSED: 'takes nothing until it is resumed', RESUMED: 'goes on',
  CANCELED: 'cancelled', EXPIRED: 'expired', REJECTED: 'rejected',
};
const WITH_TERMS = new Set(['ACCEPTED', 'AMENDED']);

// Events of one child order that follow each other are one group.
function groupsOf(history) {
  const groups = [];
  for (const event of history) {
    const last = groups[groups.length - 1];
    if (event.child_id !== null && last?.childId === event.child_id) last.events.push(event);
    else groups.push({ childId: event.child_id, events: [event], key: event.number });
  }
  return groups.reverse();
}

function Event({ event, market }) {
  const terms = WITH_TERMS.has(event.kind) && event.quantity !== null
    ? `${plain(event.quantity)} ${market?.base ?? ''}${event.price === null ? '' : ` at ${amount(event.price, market?.priceDigits ?? 8)}`}` : null;
  const words = [SAID[event.kind] ?? '', terms ?? event.reason].filter(Boolean).join(': ');
  return html`<li class=${`event k-${event.kind.toLowerCase()}`}><time>${clockOf(event.occurred_at, true)}</time><code>${event.kind}</code><p>${words}</p></li>`;
}

function Step({ event, market }) {
  const words = event.kind === 'CHILD_INTENDED'
    ? `${plain(event.quantity)} ${market?.base ?? ''} at ${amount(event.price, market?.priceDigits ?? 8)} or better; on disk before it left`
    : event.reason ?? '';
  return html`<li><code>${event.kind}</code><p>${words}</p></li>`;
}

// The statements of the book that a child order was made of: what was stated at each level, what
// orders before it had taken, and what it got there.
function Statement({ child, fills, market, side }) {
  const got = (price) => sum(fills.filter((fill) => Decimal.of(fill.price).compare(Decimal.of(price)) === 0).map((fill) => Decimal.of(fill.quantity)));
  const stated = child.levels.map((level) => Decimal.of(level.stated).toNumber());
  const most = Math.max(...stated, 0);
  const { touch } = child;
  const price = (text) => amount(text, market?.priceDigits ?? 8);
  const updates = [...new Set(child.levels.map((level) => whole(level.update_id)))];
  return html`<div class="statement">
    <p>The book that it was offered, as stated by ${updates.length === 1 ? 'update' : 'updates'} <span class="mono">${updates.join(', ')}</span>${touch ? html`<br /><span class="quiet">touch ${price(touch.bid)} / ${price(touch.ask)}</span>` : null}</p>
    <table><thead><tr><th scope="col">${side === 'SELL' ? 'Bid' : 'Ask'}</th><th scope="col" class="right">Stated</th><th scope="col" class="right">Before</th><th scope="col" class="right">Got</th><th><span class="hidden">share</span></th></tr></thead>
      <tbody>${child.levels.map((level, i) => {
        const part = got(level.price);
        return html`<tr key=${level.price}><td>${price(level.price)}</td><td class="right quiet">${plain(level.stated)}</td><td class="right quiet">${plain(level.taken_before)}</td><td class="right">${part.sign ? plain(part) : '0'}</td>
          <td><${Bar} side=${side} pale=${stated[i] / most} share=${Math.min(1, part.toNumber() / most)} /></td></tr>`;
      })}</tbody></table></div>`;
}

function FillTable({ fills, market }) {
  return html`<div class="statement">
    <p>${fills.length} ${fills.length === 1 ? 'fill' : 'fills'}</p>
    <table><thead><tr><th scope="col">UTC</th><th scope="col" class="right">Quantity</th><th scope="col" class="right">Price</th></tr></thead>
      <tbody>${fills.map((fill) => html`<tr key=${fill.number}><td class="quiet mono">${clockOf(fill.occurred_at, true)}</td><td class="right">${plain(fill.quantity)}</td><td class="right">${amount(fill.price, market?.priceDigits ?? 8)}</td></tr>`)}</tbody>
    </table></div>`;
}

function Child({ group, order, market, marked, setMarked }) {
  const { events, childId } = group;
  const child = store.children.get(order.id)?.get(childId);
  const fills = fillsOf(events);
  const quantity = sum(fills.map((event) => Decimal.of(event.quantity)));
  const value = sum(fills.map((event) => Decimal.of(event.quantity).times(Decimal.of(event.price))));
  const isDoubtful = events.some((event) => event.kind === 'CHILD_UNKNOWN') && fills.length === 0;
  const ended = events.find((event) => event.kind === 'CHILD_ENDED');
  const isChosen = marked === childId;
  const got = quantity.sign > 0 ? `${plain(quantity)} at ${value.dividedBy(quantity, market?.priceDigits ?? 8).grouped(market?.priceDigits ?? 8)}` : ended ? 'nothing' : NONE;
  const isUnfolded = isChosen || isDoubtful;
  const folded = [fills.length ? `${fills.length} ${fills.length === 1 ? 'fill' : 'fills'}` : null, ended?.reason].filter(Boolean).join(' · ');
  return html`<li class=${`event child ${isDoubtful ? 'doubt' : ''}`}>
    <button type="button" aria-expanded=${isChosen} onClick=${() => setMarked(isChosen ? null : childId)}>
      <time>${clockOf(events[0].occurred_at, true)}</time><b>Child ${childId.split('-').pop()}</b><span class="sum">${got}</span>
    </button>
    ${isUnfolded ? html`<ol class="steps-of">${events.filter((event) => !fills.includes(event)).map((event) => html`<${Step} key=${event.number} event=${event} market=${market} />`)}</ol>
      ${fills.length ? html`<${FillTable} fills=${fills} market=${market} />` : null}
      ${child?.levels.length && child.levels.every((level) => level.stated !== null) ? html`<${Statement} child=${child} fills=${fills} market=${market} side=${order.side} />` : null}` : html`<p class="folded">${folded}</p>`}
  </li>`;
}

export function Timeline({ order, history, marked, setMarked }) {
  const [isAll, setAll] = useState(false);
  const market = marketOf(order);
  const groups = groupsOf(history);
  const shown = isAll ? groups : groups.slice(0, SHOWN);
  const count = `${whole(history.length)} ${history.length === 1 ? 'event' : 'events'}, newest first`;
  return html`<section class="timeline" aria-label="History"><h3>History <span class="keyline">${count}</span></h3>
    <ol>${shown.map((group) => (group.childId === null
      ? html`<${Event} key=${group.key} event=${group.events[0]} market=${market} />`
      : html`<${Child} key=${group.key} group=${group} order=${order} market=${market} marked=${marked} setMarked=${setMarked} />`))}</ol>
    ${groups.length > shown.length ? html`<button class="plain more" type="button" onClick=${() => setAll(true)}>${whole(groups.length - shown.length)} older</button>` : null}
  </section>`;
}
