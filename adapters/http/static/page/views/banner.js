// The banner: what is traded with whose money, whether the page is live, halt, and a new order.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { NEXT_THEME, setTheme } from '../ink.js';
import { comeBack } from '../reading.js';
import { isStale, link, store } from '../store.js';
import { ui, update } from '../ui.js';
import { clockOf, moneyOf, placeName, span } from '../words.js';
import { Key } from './parts.js';

const LOST = 'Placing and amending are off; cancel and halt work.';

function Link() {
  if (link.state === 'starting') {
    return html`<div class="link"><i class="dot" aria-hidden="true"></i><span>Connecting…</span></div>`;
  }
  if (link.state === 'live') {
    const { readiness } = store;
    const problem = readiness?.intake.ok === false ? `takes no orders: ${readiness.intake.problem}` : null;
    const text = problem ?? (readiness ? `prices of ${placeName(readiness.market)}` : '');
    return html`<div class=${`link up ${problem ? 'trouble' : ''}`}><i class="dot" aria-hidden="true"></i><span>Live</span><span class="wide">${text}</span></div>`;
  }
  const next = link.retryAt === null ? 'trying now' : `next try in ${span(link.retryAt - clock.ticks())}`;
  return html`<div class="link down">
    <i class="dot" aria-hidden="true"></i><b>Stream lost ${span(clock.ticks() - link.downSince)} ago</b>
    <span class="wide">${next}. ${LOST}</span>
    <button class="plain" type="button" onClick=${comeBack}>Try now</button>
  </div>`;
}

function HaltButton() {
  const { halt } = store;
  const open = () => update({ dialog: 'halt' });
  if (!halt?.halted) return html`<button class="halt" type="button" onClick=${open}>Halt…</button>`;
  const words = halt.reason ? ` “${halt.reason}”` : '';
  return html`<button class="halted" type="button" onClick=${open}><b>HALTED</b> <span class="wide">${clockOf(halt.since)}${words}</span> Resume…</button>`;
}

function Tools() {
  const now = clock.now();
  return html`<div class="tools">
    <time class="utc wide" title="The service’s time">${now === null ? '' : `${clockOf(now)} UTC`}</time>
    <button class="icon" type="button" title=${`Theme: ${ui.theme}`} aria-label=${`Theme: ${ui.theme}. Change`} onClick=${() => setTheme(NEXT_THEME[ui.theme])}>
      <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.5" /><path class="solid" d="M8 2.5a5.5 5.5 0 0 1 0 11z" /></svg>
    </button>
    <button class="icon wide" type="button" title="Keyboard (?)" aria-label="Keyboard" onClick=${() => update({ dialog: 'help' })}>?</button>
    <${HaltButton} />
    <button class="primary" type="button" disabled=${isStale()} title=${isStale() ? 'Off while the stream is lost' : ''} onClick=${() => update({ dialog: 'place' })}>New order<${Key}>n</${Key}></button>
  </div>`;
}

export function Banner() {
  const money = moneyOf(store.readiness);
  const says = link.state === 'lost' ? `Stream is lost: numbers are old. ${LOST}` : link.state === 'live' ? 'Stream is live' : 'Connecting';
  const view = (name) => (ui.view === name ? 'page' : null);
  return html`<header class=${`banner money-${money.kind} ${link.state}`}>
    <a class="mark" href="#/" aria-label="Trade Executor, desk"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 3h12M2 8h8M2 13h4" /></svg><span>Trade Executor</span></a>
    <p class="money"><b>${money.chip}</b><span>${money.text}</span></p>
    <nav class="views" aria-label="Views">
      <a href="#/" aria-current=${view('desk')}>Desk</a><a href="#/reports" aria-current=${view('reports')}>Reports</a><a href="#/service" aria-current=${view('service')}>Service</a><a class="wide" href="/docs">API</a>
    </nav>
    <h1 class="hidden">Trade Executor, ${money.chip.toLowerCase()}</h1>
    <p class="hidden" role="status">${says}</p>
    <${Link} /><${Tools} />
  </header>`;
}
