// Beside the form of a new order: what the book holds for it now, and then what became of it.

import { html, useEffect, useRef } from '../../vendor/htm-preact/standalone.mjs';
import { Decimal } from '../decimal.js';
import { readStory } from '../reading.js';
import { marketOf, store } from '../store.js';
import { openStory } from '../story.js';
import { closeDialog } from '../ui.js';
import { why } from '../why.js';
import { amount, clockOf, farWord, gainOf, NONE, plain, signed, whole } from '../words.js';
import { Bar, Dialog, Head, Progress } from './parts.js';

const LEVELS = 9;

function Ladder({ form, market, reach }) {
  const far = farWord(form.side);
  const levels = market.book ? (form.side === 'SELL' ? market.book.bids : market.book.asks).slice(0, LEVELS) : [];
  const most = Math.max(...levels.map((level) => level.quantity.toNumber()), 0);
  const taken = new Map(reach.takes.map((one) => [one.level, one.taken]));
  return html`<table class="ladder"><thead><tr><th scope="col">${far[0].toUpperCase()}${far.slice(1)}</th><th scope="col" class="right">Stated</th><th scope="col" class="right">For it</th><th scope="col"><span class="hidden">share</span></th></tr></thead>
    <tbody>${levels.map((level) => {
      const got = taken.get(level) ?? null;
      const share = level.quantity.toNumber() / most;
      return html`<tr key=${String(level.price)} class=${got ? 'taken' : 'past'}>
        <td>${level.price.grouped(market.priceDigits)}</td><td class="right">${level.quantity.grouped(market.quantityDigits)}</td>
        <td class="right">${got ? got.grouped(market.quantityDigits) : ''}</td>
        <td class="share"><${Bar} side=${form.side} pale=${share} share=${got ? got.toNumber() / most : 0} /></td></tr>`;
    })}</tbody></table>`;
}

export function BookNow({ form, market, reach }) {
  const wanted = Decimal.read(form.quantity);
  const isAsked = wanted !== null && wanted.sign > 0;
  const share = isAsked ? reach.quantity.dividedBy(wanted, 4).toNumber() : 0;
  const limit = Decimal.read(form.price);
  const headline = isAsked && limit
    ? html`<b>${plain(reach.quantity)}</b> of ${plain(wanted)} ${market.base}${reach.average ? html` at <b>${reach.average.grouped(market.priceDigits)}</b>` : ''}`
    : html`<span class="quiet">Say how much, and at which limit.</span>`;
  return html`<section class="dry" aria-label="The book for it now" aria-live="off">
    <h3>In the book within its limit <span class="keyline">now, as stated; our orders before it come first</span></h3>
    <p class="headline">${headline}</p>
    <${Bar} side=${form.side} share=${share} className="big" />
    <dl class="pairs">
      <div><dt>${form.side === 'SELL' ? 'Would bring' : 'Would cost'}</dt><dd>${isAsked && reach.quantity.sign ? `${reach.value.grouped(Math.min(8, market.priceDigits + 2))} ${market.quote}` : NONE}</dd></div>
      <div><dt>Would wait</dt><dd>${isAsked ? `${plain(wanted.minus(reach.quantity))} ${market.base}` : NONE}</dd></div>
    </dl>
    <${Ladder} form=${form} market=${market} reach=${isAsked ? reach : { takes: [] }} />
    <p class="quiet foot-note">${market.book ? `book update ${whole(market.book.updateId)}` : 'no book yet'}</p>
  </section>`;
}

function Outcome({ order }) {
  const market = marketOf(order);
  const history = store.events.get(order.id) ?? [];
  const gain = gainOf(order.side, order.average_price, order.price);
  const pair = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section class="dry whole" aria-label="What became of it">
    <p class="headline"><b>${plain(order.filled)}</b> of ${plain(order.quantity)} ${market.base}${order.average_price === null ? ' filled' : html` at <b>${amount(order.average_price, market.priceDigits)}</b>`}</p>
    <${Progress} order=${order} />
    <dl class="pairs">${pair('Status', order.status)}${pair('Limit', amount(order.price, market.priceDigits))}${pair('Left', `${plain(order.remaining)} ${market.base}`)}${pair('Better than limit', gain === null ? NONE : `${signed(gain)} bps`)}</dl>
    <p class="said-so">${why(order).sentence}</p>
    <ol class="latest-events">${history.slice(-7).reverse().map((event) => html`<li key=${event.number}><time>${clockOf(event.occurred_at, true)}</time><code>${event.kind}</code>${event.price === null || event.quantity === null ? null : html`<span>${plain(event.quantity)} at ${amount(event.price, market.priceDigits)}</span>`}</li>`)}</ol>
  </section>`;
}

// The order is on disk: the dialog shows live what becomes of it.
export function Placed({ id, money }) {
  const order = store.orders.get(id);
  const button = useRef(null);
  useEffect(() => {
    readStory(id);
    button.current?.focus();
  }, []);
  const open = () => {
    closeDialog();
    openStory(id);
  };
  return html`<${Dialog} label="New order" className=${`place money-${money.kind}`}>
    <${Head} title="What became of it"><span class="money"><b>${money.chip}</b></span></${Head}>
    <${Outcome} order=${order} />
    <footer><p role="status"><b>Accepted and on disk.</b> <span class="mono">${id}</span></p><button class="solid" type="button" ref=${button} onClick=${open}>Open its story</button></footer>
  </${Dialog}>`;
}
