// The service's own state: whether it takes orders, and each symbol's, as /readyz says it.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { isStale, store } from '../store.js';
import { clockOf, moneyOf, NONE, placeName, STATES, since, whole } from '../words.js';
import { Notifications } from './notifications.js';
import { Age, Chip } from './parts.js';

function Intake({ readiness }) {
  const { intake, orders_on_hold: onHold } = readiness;
  const money = moneyOf(readiness);
  return html`<section class="card"><h2>Service <${Age} /></h2>
    <dl class="pairs">
      <div><dt>State</dt><dd>${readiness.status}</dd></div>
      <div><dt>Intake</dt><dd>${intake.ok ? 'takes orders' : html`<${Chip} level="alarm">${intake.problem}</${Chip}>`}</dd></div>
      <div><dt>Prices</dt><dd>${placeName(readiness.market)}</dd></div>
      <div><dt>Child orders</dt><dd>${placeName(readiness.venue)}, ${money.chip.toLowerCase()}</dd></div>
      <div><dt>Open orders</dt><dd>${whole(store.open.length)}</dd></div>
      <div><dt>On hold</dt><dd>${onHold === null ? 'not known now' : onHold ? html`<${Chip} level="alarm">${whole(onHold)}</${Chip}>` : '0'}</dd></div>
    </dl></section>`;
}

function Switch() {
  const { halt } = store;
  if (!halt) return null;
  const text = halt.halted
    ? html`<b>Halted since ${clockOf(halt.since)} UTC</b>${halt.reason ? `: “${halt.reason}”` : ''}. No child order leaves.`
    : halt.since ? `Off; last used at ${halt.since.slice(0, 10)} ${clockOf(halt.since)} UTC.` : 'Off; never used.';
  return html`<section class="card"><h2>Halt switch</h2><p>${text}</p>
    ${halt.halted && halt.children_in_flight ? html`<p class="quiet">${whole(halt.children_in_flight)} child orders left before and may still fill.</p>` : null}</section>`;
}

function records(one) {
  const { reconciliation } = one;
  if (!reconciliation) return NONE;
  if (reconciliation.problem) return html`<${Chip} level="warn">not compared</${Chip}> ${reconciliation.problem}`;
  if (reconciliation.differences.length) {
    return html`<${Chip} level="alarm">${reconciliation.differences.length} differ</${Chip}> ${reconciliation.differences.join('; ')}`;
  }
  return reconciliation.matched_at ? `match, ${since(reconciliation.matched_at)} ago` : 'not compared yet';
}

function SymbolRow({ one }) {
  const market = store.markets.get(one.symbol);
  const state = one.can_trade ? STATES.SYNCED : html`<${Chip} level=${one.pause === 'HALTED' ? 'alarm' : 'warn'}>${market?.trouble ?? one.state}</${Chip}> ${one.detail}`;
  return html`<tr><th scope="row">${one.symbol}</th><td class="wrap">${state}</td><td class="right">${whole(one.waiting_orders)}</td><td class="wrap">${records(one)}</td></tr>`;
}

export function Service() {
  const { readiness } = store;
  if (!readiness) return html`<main class="service" aria-label="Service"><section class="card"><p>The service has not answered yet.</p></section></main>`;
  return html`<main class=${`service ${isStale() ? 'stale' : ''}`} aria-label="Service" tabindex="0">
    <${Intake} readiness=${readiness} /><${Switch} />
    <section class="card wide-card"><h2>Symbols</h2><table>
      <thead><tr><th scope="col">Symbol</th><th scope="col">State</th><th scope="col" class="right">Waiting</th><th scope="col">Records against the venue’s</th></tr></thead>
      <tbody>${[...store.states.values()].map((one) => html`<${SymbolRow} key=${one.symbol} one=${one} />`)}</tbody>
    </table></section>
    <${Notifications} />
    <section class="card wide-card"><p class="quiet">More: <a href="#/reports">execution reports</a>; for on-call <a href="/metrics">metrics</a>, <a href="/readyz">readiness as JSON</a>.</p></section>
  </main>`;
}
