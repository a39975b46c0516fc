// The panel with the depth of the chosen symbol.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { DepthPlot, openQuantity } from '../charts/depth_plot.js';
import { isOpen, isStale, store } from '../store.js';
import { ui, update } from '../ui.js';
import { plain, whole } from '../words.js';
import { Age } from './parts.js';

const ZOOMS = [5, 20, 60]; // basis points each way

export function Depth() {
  const market = store.markets.get(ui.symbol);
  if (!market) return html`<section class="panel depth" aria-label="Depth"></section>`;
  const chosen = store.orders.get(ui.cursor);
  const order = chosen && chosen.symbol === market.symbol && isOpen(chosen) ? chosen : null;
  const orders = store.open.filter((one) => one.symbol === market.symbol);
  const ours = (side) => `${whole(orders.filter((one) => one.side === side).length)} ${side.toLowerCase()} ${plain(openQuantity(orders, side))} ${market.base}`;
  return html`<section class=${`panel depth ${isStale() ? 'stale' : ''}`} aria-label=${`Depth of ${market.symbol}`}>
    <div class="head"><h2>${market.symbol}</h2><span class="quiet">depth in ${market.base}</span><${Age} /><span class="gap"></span>
      <div class="steps" role="group" aria-label="Range">${ZOOMS.map((zoom) => html`<button key=${zoom} type="button" aria-pressed=${ui.zoom === zoom} onClick=${() => update({ zoom })}>±${zoom}</button>`)}<span class="quiet">bps</span></div>
    </div>
    <${DepthPlot} market=${market} order=${order} />
    <p class="lane"><span class="quiet">Our limits:</span><span class="buy">▲ ${ours('BUY')}</span><span class="sell">▼ ${ours('SELL')}</span><span class="gap"></span>
      ${orders.length ? html`<button class="plain danger" type="button" onClick=${() => update({ dialog: 'cancel-all' })}>Cancel all…</button>` : null}</p>
  </section>`;
}
