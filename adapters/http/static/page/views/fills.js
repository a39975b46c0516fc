// The tape: fills of all orders as they are committed. It holds still while somebody points at it.

import { html, useState } from '../../vendor/htm-preact/standalone.mjs';
import { isStale, marketOf, store } from '../store.js';
import { openStory } from '../story.js';
import { amount, clockOf, gainOf, NONE, signed } from '../words.js';
import { Age, Side } from './parts.js';

const SHOWN_MAX = 60;

function Fill({ fill }) {
  const order = store.orders.get(fill.order_id);
  const market = marketOf(fill);
  const gain = order ? gainOf(order.side, fill.price, order.price) : null;
  const what = order ? html`<${Side} side=${order.side} symbol=${fill.symbol} />` : html`<b class="sym">${fill.symbol}</b>`;
  const update = fill.update_id === null ? NONE : `…${String(fill.update_id).slice(-6)}`;
  const title = `Order ${fill.order_id}, child ${fill.child_id}`;
  return html`<div role="row" class="fill" onClick=${() => openStory(fill.order_id)}>
    <span role="cell" class="quiet">${clockOf(fill.occurred_at)}</span>
    <span role="cell"><button type="button" title=${title}>${what}</button></span>
    <span role="cell" class="right">${amount(fill.quantity, market?.quantityDigits ?? 8)}</span>
    <span role="cell" class="right strong">${amount(fill.price, market?.priceDigits ?? 8)}</span>
    <span role="cell" class="right quiet">${gain === null ? NONE : signed(gain)}</span>
    <span role="cell" class="right quiet c-update" title=${fill.update_id ?? 'the venue did not say'}>${update}</span>
  </div>`;
}

const Columns = html`<div role="row" class="fill columns">
  <span role="columnheader">UTC</span><span role="columnheader">Order</span>
  <span role="columnheader" class="right">Quantity</span><span role="columnheader" class="right">Price</span>
  <span role="columnheader" class="right" title="Basis points better than the limit">vs limit</span>
  <span role="columnheader" class="right c-update">Update</span>
</div>`;

export function Fills() {
  const [held, setHeld] = useState(null);
  const newer = held ? Math.max(0, store.fills.indexOf(held)) : 0;
  const said = held ? (newer ? `held while you point at it · ${newer} newer` : 'held while you point at it') : 'as they are committed, since this page was opened';
  return html`<section class=${`panel fills ${isStale() ? 'stale' : ''}`} aria-label="Fills"
      onMouseEnter=${() => setHeld(store.fills[0] ?? null)} onMouseLeave=${() => setHeld(null)}>
    <div class="head"><h2>Fills</h2><span class="quiet">${said}</span><${Age} /><span class="gap"></span></div>
    <div class="tape">${store.fills.length === 0
      ? html`<p class="empty small">Each fill appears here once it is on disk.</p>`
      : html`<div class="tape" role="table" aria-label="Fills, newest first">${Columns}
        <div class="reel" role="rowgroup" tabindex="0" aria-label="Fills">${store.fills.slice(newer, newer + SHOWN_MAX).map((fill) => html`<${Fill} key=${fill.position} fill=${fill} />`)}</div>
      </div>`}</div>
  </section>`;
}
