// Cancel all open orders of the chosen symbol.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import { openQuantity } from '../charts/depth_plot.js';
import { store } from '../store.js';
import { closeDialog, ui } from '../ui.js';
import { plain, whole } from '../words.js';
import { Dialog, Head, Refusal, useRequest } from './parts.js';

const count = (number) => `${whole(number)} ${number === 1 ? 'order' : 'orders'}`;

function Answered({ answer }) {
  const { asked, canceled, pending, ended, failed, complete } = answer.body;
  const parts = [
    `${whole(canceled)} of ${count(asked)} cancelled.`,
    pending ? `${count(pending)} may still fill: a child order is at the venue.` : null,
    ended ? `${count(ended)} had just ended.` : null,
    failed ? `${count(failed)} could not be cancelled: look at them.` : null,
    complete ? null : 'There are more: ask again.',
  ];
  return html`<p role="status"><b>${parts[0]}</b> ${parts.slice(1).filter(Boolean).join(' ')}</p>
    <p class="row-of"><button class="solid" type="button" onClick=${closeDialog}>Close</button></p>`;
}

export function CancelAll() {
  const { phase, answer, send } = useRequest();
  const { symbol } = ui;
  const market = store.markets.get(symbol);
  const orders = store.open.filter((order) => order.symbol === symbol);
  const title = `Cancel all of ${symbol}`;
  const rest = (side) => `${plain(openQuantity(orders, side))} ${market.base}`;
  return html`<${Dialog} label=${title} className="sheet"><${Head} title=${title} />
    ${phase === 'sent' ? html`<p role="status">Asked. Waiting for the service…</p>` : null}
    ${phase === 'done' ? html`<${Answered} answer=${answer} />` : null}
    ${phase === 'refused' ? html`<p><${Refusal} answer=${answer} effect="they were cancelled" /></p>` : null}
    ${phase === 'ask' || phase === 'refused' ? html`
      <p><b>Cancel ${count(orders.length)}</b>: ${rest('SELL')} to sell and ${rest('BUY')} to buy. What is filled stays filled; a child order at the venue may still fill.</p>
      <p class="row-of"><button id="cancel-all-go" class="solid-danger" type="button" autofocus onClick=${() => send(() => api.cancelAll(symbol))}>Cancel ${count(orders.length)} of ${symbol}</button><button type="button" onClick=${closeDialog}>Keep them</button></p>` : null}
  </${Dialog}>`;
}
