// Beside the form of a new order: what would become of it now, and then what became of it.

import { html, useEffect, useRef } from '../../vendor/htm-preact/standalone.mjs';
import { basisPoints, Decimal } from '../decimal.js';
import { readStory } from '../reading.js';
import { marketOf, store } from '../store.js';
import { openStory } from '../story.js';
import { closeDialog } from '../ui.js';
import { why } from '../why.js';
import { amount, clockOf, farWord, gainOf, NONE, plain, REASONS, signed, whole } from '../words.js';
import { Bar, Dialog, Head, Progress } from './parts.js';

const LEVELS = 9;

// The levels that it would take, as the dry run has them, and then what stands behind them in the book.
// The two are a moment apart: a level of the one need not be in the other.
function rowsOf(form, market, run) {
  const side = form.side === 'SELL' ? market.book?.bids : market.book?.asks;
  const book = side ?? [];
  const stated = new Map(book.map((level) => [String(level.price), level.quantity]));
  const taken = (run?.levels ?? []).map(([price, quantity]) => ({ price: Decimal.of(price), got: Decimal.of(quantity), stated: stated.get(String(Decimal.of(price))) ?? null }));
  const last = taken.length ? taken[taken.length - 1].price : null;
  const isBehind = ({ price }) => last === null || (form.side === 'SELL' ? price.isBelow(last) : price.isAbove(last));
  const behind = book.filter(isBehind).map((level) => ({ price: level.price, got: null, stated: level.quantity }));
  return [...taken, ...behind].slice(0, LEVELS);
}

function Ladder({ form, market, run }) {
  const far = farWord(form.side);
  const limit = Decimal.read(form.price);
  const rows = rowsOf(form, market, run);
  const sizeOf = ({ stated, got }) => (stated ?? got).toNumber();
  const most = Math.max(...rows.map(sizeOf), 0);
  return html`<table class="ladder"><thead><tr><th scope="col">${far[0].toUpperCase()}${far.slice(1)}</th><th scope="col" class="right">Stated</th><th scope="col" class="right">It takes</th><th scope="col"><span class="hidden">share</span></th></tr></thead>
    <tbody>${rows.map((row) => {
      const { price, got, stated } = row;
      const isPast = !got && limit && (form.side === 'SELL' ? price.isBelow(limit) : price.isAbove(limit));
      return html`<tr key=${String(price)} class=${got ? 'taken' : isPast ? 'past' : ''}>
        <td>${price.grouped(market.priceDigits)}</td><td class="right">${stated ? stated.grouped(market.quantityDigits) : NONE}</td>
        <td class="right">${got ? got.grouped(market.quantityDigits) : isPast ? 'past limit' : ''}</td>
        <td class="share"><${Bar} side=${form.side} pale=${sizeOf(row) / most} share=${got ? Math.min(1, got.toNumber() / most) : 0} /></td></tr>`;
    })}</tbody></table>`;
}

// How much worse than the touch it would be, on average: above zero is a cost.
function slippageOf(form, run) {
  if (run.average_price === null || run.best_price === null) return null;
  const past = basisPoints(Decimal.of(run.average_price), Decimal.of(run.best_price));
  return form.side === 'SELL' ? past.negated() : past;
}

function Headline({ form, market, run }) {
  if (run === null) return html`<span class="quiet">Say how much, and at which limit.</span>`;
  if (!run.accepted) return html`<span class="quiet">It would be refused.</span>`;
  const average = run.average_price === null ? '' : html` at <b>${amount(run.average_price, market.priceDigits)}</b>`;
  return html`takes <b>${plain(run.taken)}</b> of ${plain(form.quantity)} ${market.base}${average}${run.may_take_more ? ' and more' : ''}`;
}

// Why it would do less than it could.
function Hindrance({ run }) {
  const { child_refusal: refusal, pause, book_state: state } = run;
  if (refusal) return html`<p class="hindrance"><code>${refusal.code}</code> ${refusal.detail}</p>`;
  if (pause) return html`<p class="hindrance"><code>${pause}</code> nothing is taken while this lasts</p>`;
  if (state !== 'SYNCED') return html`<p class="hindrance"><code>${state}</code> nothing is taken until the book is in step</p>`;
  if (run.reason && run.reason !== 'COMPLETED') return html`<p class="hindrance"><code>${run.reason}</code> ${REASONS[run.reason] ?? ''}</p>`;
  return null;
}

export function DryRun({ form, market, run }) {
  const isKnown = run?.accepted ?? false;
  const taken = isKnown ? Decimal.of(run.taken) : null;
  const wanted = Decimal.read(form.quantity);
  const value = isKnown && run.average_price !== null ? taken.times(Decimal.of(run.average_price)) : null;
  const slippage = isKnown ? slippageOf(form, run) : null;
  const ends = form.timeInForce === 'IOC' || form.timeInForce === 'FOK';
  const pair = (name, text) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`;
  return html`<section class="dry" aria-label="Dry run" aria-live="off">
    <h3>If it arrived now <span class="keyline">dry run by the service, nothing is kept</span></h3>
    <p class="headline"><${Headline} form=${form} market=${market} run=${run} /></p>
    <${Bar} side=${form.side} share=${isKnown && wanted?.sign ? Math.min(1, taken.dividedBy(wanted, 4).toNumber()) : 0} className="big" />
    <dl class="pairs">
      ${pair(form.side === 'SELL' ? 'Brings' : 'Costs', value ? `${value.grouped(Math.min(8, market.priceDigits))} ${market.quote}` : NONE)}
      ${pair('Past the touch', slippage === null ? NONE : `${signed(slippage)} bps`)}
      ${pair(ends ? 'Expires' : 'Waits', isKnown ? `${plain(ends ? wanted.minus(taken) : run.waiting)} ${market.base}` : NONE)}
      ${pair('Worst price', isKnown && run.worst_price !== null ? amount(run.worst_price, market.priceDigits) : NONE)}
    </dl>
    ${isKnown ? html`<${Hindrance} run=${run} />` : null}
    <${Ladder} form=${form} market=${market} run=${isKnown ? run : null} />
    <p class="quiet foot-note">${isKnown && run.update_id !== null ? `worked out with book update ${whole(run.update_id)}; fees are not in it` : ''}</p>
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
