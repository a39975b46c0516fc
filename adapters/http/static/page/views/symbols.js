// The strip of symbols: the touch of each, whether it trades and why not.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { store } from '../store.js';
import { ui, update } from '../ui.js';
import { NONE, span, STATES, whole } from '../words.js';
import { Chip, Spark } from './parts.js';

const SPARK_POINTS = 120;
const LATE = 1; // seconds of silence that are worth a word

function Touch({ market }) {
  const { touch, priceDigits } = market;
  if (!touch) return html`<span class="s-touch quiet">no usable book</span>`;
  return html`<span class="s-touch"><span class="buy">${touch.bid.grouped(priceDigits)}</span><span class="quiet">/</span><span class="sell">${touch.ask.grouped(priceDigits)}</span></span>`;
}

function State({ market }) {
  if (!market.readiness) return html`<span class="quiet">${NONE}</span>`;
  if (market.canTrade) {
    const lag = market.readiness.lag_seconds;
    const late = lag !== null && lag >= LATE ? ` · last heard ${Math.round(lag)} s ago` : '';
    return html`<span class="quiet">${STATES.SYNCED}${late}</span>`;
  }
  const level = market.trouble === 'HALTED' ? 'alarm' : 'warn';
  return html`<${Chip} level=${level} title=${market.readiness.detail}>${market.trouble}</${Chip}>`;
}

function More({ market, count }) {
  const { touch, readiness } = market;
  const spread = touch ? `spread ${touch.ask.minus(touch.bid).grouped(market.priceDigits)}` : null;
  const told = readiness && !readiness.can_trade && market.changedAt !== null ? `since ${span(clock.now() - market.changedAt)}` : null;
  const parts = [told ?? spread, `${whole(count)} open`].filter(Boolean);
  return html`<span class="s-more">${parts.map((part, i) => html`${i ? html`<i>·</i>` : null}${part}`)}</span>`;
}

export function Symbols() {
  const counts = new Map();
  for (const order of store.open) counts.set(order.symbol, (counts.get(order.symbol) ?? 0) + 1);
  return html`<section class="symbols" aria-label="Symbols"><ul role="list">${[...store.markets.values()].map((market) => html`
    <li key=${market.symbol} class=${`symbol ${market.canTrade ? '' : 'bad'}`}>
      <button type="button" aria-pressed=${ui.symbol === market.symbol} onClick=${() => update({ symbol: market.symbol })}>
        <span class="s-name"><b>${market.symbol}</b><${State} market=${market} /></span>
        <${Touch} market=${market} />
        <${Spark} values=${market.path.slice(-SPARK_POINTS).map(({ bid, ask }) => (bid === null ? null : bid + ask))} />
        <${More} market=${market} count=${counts.get(market.symbol) ?? 0} />
      </button>
    </li>`)}</ul></section>`;
}
