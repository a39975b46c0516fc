// What the orders of a period cost, by symbol and one by one, and the same as a file.

import { html, useEffect, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import * as clock from '../clock.js';
import { store } from '../store.js';
import { clockOf, plain, whole } from '../words.js';
import { bps, Figures } from './execution_report.js';
import { Refusal, Side } from './parts.js';

const DAY = 86400000; // milliseconds
const PERIODS = [[1, 'Last 24 hours'], [7, 'Last 7 days'], [30, 'Last 30 days'], [null, 'All']];
const SHOWN = ['arrival', 'shortfall', 'fees', 'price_improvement', 'interval_vwap'];
const HEADINGS = ['Arrival', 'Shortfall', 'Fees', 'Improvement', 'vs VWAP'];
const ROWS_MAX = 200;

const counted = (count, name) => `${whole(count)} ${name}${count === 1 ? '' : 's'}`;

function periodOf({ days, symbol }) {
  const now = clock.now() ?? Date.now();
  return { since: days === null ? null : new Date(now - days * DAY).toISOString(), symbol: symbol || null };
}

function useReport(wanted) {
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    let isWanted = true;
    setAnswer(null);
    api.readPeriod(periodOf(wanted)).then((told) => isWanted && setAnswer(told));
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  return answer;
}

// Through the page and not by a link: a token goes into a header only.
async function save(wanted, setProblem) {
  const answer = await api.readPeriodFile(periodOf(wanted));
  setProblem(answer.isOk ? null : answer);
  if (!answer.isOk) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(answer.body);
  link.download = `execution-report-${new Date(clock.now() ?? Date.now()).toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Wanted({ wanted, setWanted }) {
  const [problem, setProblem] = useState(null);
  return html`<section class="card wide-card"><h2>Execution report</h2>
    <p class="row-of">
      <label class="field">Orders that came in <select value=${String(wanted.days)} onChange=${(event) => setWanted({ ...wanted, days: event.target.value === 'null' ? null : Number(event.target.value) })}>
        ${PERIODS.map(([days, text]) => html`<option key=${text} value=${String(days)}>${text}</option>`)}</select></label>
      <label class="field">Symbol <select value=${wanted.symbol} onChange=${(event) => setWanted({ ...wanted, symbol: event.target.value })}>
        <option value="">all</option>${[...store.markets.keys()].map((symbol) => html`<option key=${symbol} value=${symbol}>${symbol}</option>`)}</select></label>
      <button type="button" onClick=${() => setWanted({ ...wanted })}>Read again</button>
      <button type="button" onClick=${() => save(wanted, setProblem)}>Save as CSV</button>
    </p>
    ${problem ? html`<p><${Refusal} answer=${problem} effect="it was read" /></p>` : null}
  </section>`;
}

function OfSymbol({ one }) {
  const base = store.markets.get(one.symbol)?.base ?? '';
  return html`<section class="card report"><h2>${one.symbol} <span class="keyline">${counted(one.order_count, 'order')}, ${counted(one.fill_count, 'fill')}, ${plain(one.filled)} ${base} filled</span></h2>
    <${Figures} figures=${one.figures} /></section>`;
}

function Row({ one }) {
  const { order, figures } = one;
  return html`<tr><th scope="row"><a href=${`#/orders/${order.id}`}><${Side} side=${order.side} symbol=${order.symbol} /></a></th>
    <td>${order.created_at.slice(0, 10)} ${clockOf(order.created_at)}</td><td class="right">${plain(order.filled)}</td>
    ${SHOWN.map((name) => html`<td key=${name} class="right" title=${figures[name].word ?? figures[name].missing}>${bps(figures[name])}</td>`)}
    <td>${order.status}</td></tr>`;
}

function Orders({ orders }) {
  const more = orders.length - ROWS_MAX;
  return html`<section class="card wide-card scrolls"><h2>Orders <span class="keyline">in basis points, newest first</span></h2><table>
    <thead><tr><th scope="col">Order</th><th scope="col">Came (UTC)</th><th scope="col" class="right">Filled</th>
      ${HEADINGS.map((text) => html`<th key=${text} scope="col" class="right">${text}</th>`)}<th scope="col">Status</th></tr></thead>
    <tbody>${orders.slice(0, ROWS_MAX).map((one) => html`<${Row} key=${one.order.id} one=${one} />`)}</tbody>
  </table>${more > 0 ? html`<p class="quiet">${counted(more, 'older order')} are in the sums above and in the file.</p>` : null}</section>`;
}

function Told({ answer }) {
  if (answer === null) return html`<section class="card wide-card"><p role="status">Reading…</p></section>`;
  if (!answer.isOk) return html`<section class="card wide-card"><p><${Refusal} answer=${answer} effect="it was read" /></p></section>`;
  const { symbols, orders } = answer.body;
  if (!orders.length) return html`<section class="card wide-card"><p role="status">No orders came in that time.</p></section>`;
  return html`${symbols.map((one) => html`<${OfSymbol} key=${one.symbol} one=${one} />`)}<${Orders} orders=${orders} />`;
}

export function Reports() {
  const [wanted, setWanted] = useState({ days: 1, symbol: '' });
  const answer = useReport(wanted);
  return html`<main class="service" aria-label="Reports" tabindex="0"><${Wanted} wanted=${wanted} setWanted=${setWanted} /><${Told} answer=${answer} /></main>`;
}
