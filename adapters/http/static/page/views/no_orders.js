// What stands in the place of an empty table: why it is empty, and how to begin.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { isStale, store } from '../store.js';
import { ui, update } from '../ui.js';
import { Copy, Key } from './parts.js';

const MAKE = 'make sell-order-example-BNBUSDT';

function Begin() {
  const market = store.markets.get(ui.symbol);
  const price = market?.touch ? market.touch.bid.toFixed(market.priceDigits) : null;
  const body = price && JSON.stringify({ symbol: market.symbol, side: 'SELL', quantity: '0.5', price });
  const curl = `curl ${location.origin}/api/v1/orders \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
  return html`<ol>
    <li><span>Here</span><button class="primary" type="button" disabled=${isStale()} onClick=${() => update({ dialog: 'place' })}>New order<${Key}>n</${Key}></button></li>
    <li><span>From a terminal, ready to try</span><code>${MAKE}</code><${Copy} text=${MAKE} /></li>
    ${price ? html`<li><span>Over HTTP</span><code class="block" tabindex="0">${curl}</code><${Copy} text=${curl} /></li>` : null}
  </ol>`;
}

export function NoOrders() {
  if (!store.isLoaded) return html`<div class="empty"><h3>Reading orders…</h3></div>`;
  if (ui.filter.trim()) {
    return html`<div class="empty"><h3>No ${ui.tab} order matches “${ui.filter.trim()}”</h3>
      <p>Words are looked for in symbol, side, status, reason, client order id and id. <button class="plain" type="button" onClick=${() => update({ filter: '' })}>Show all</button></p></div>`;
  }
  if (ui.tab === 'look') {
    return html`<div class="empty"><h3>No order needs a look</h3>
      <p>Here stand orders in doubt (CHILD_UNKNOWN), on hold (ON_HOLD), refused for now (CHILD_REFUSED), and those whose cancel waits for a child order in flight.</p></div>`;
  }
  if (ui.tab === 'ended') return html`<div class="empty"><h3>No order has ended yet</h3></div>`;
  return html`<div class="empty"><h3>No order is open</h3>
    <p>An order says “sell 0.5 BTC at this price or higher”. The service waits for bids that good, takes them slice by slice, and keeps every fill.</p>
    <${Begin} /></div>`;
}
