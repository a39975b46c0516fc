// The foot: what last happened that somebody may want to see, and the parts of the page on a phone.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { isStale, store } from '../store.js';
import { goTo, ui, update } from '../ui.js';
import { clockOf, whole } from '../words.js';

const Mark = ({ level }) => html`<i class=${`mark-${level}`} aria-hidden="true">${level === 'info' ? '·' : '!'}</i>`;

function Notices() {
  return html`<section class="notices" role="log" aria-live="polite" aria-label="Notifications"><h2>Notifications <span class="keyline">since this page was opened</span></h2>
    <ol>${store.notices.map((one) => html`<li key=${one.id}><time>${clockOf(one.at)}</time><${Mark} level=${one.level} /><span>${one.text}${one.orderId ? html` <a href=${`#/orders/${one.orderId}`}>its story</a>` : null}</span></li>`)}</ol>
  </section>`;
}

export function Foot() {
  const [latest] = store.notices;
  const { readiness } = store;
  const onHold = readiness?.orders_on_hold;
  return html`<footer class="foot">
    <button type="button" class="latest" aria-expanded=${ui.hasNotices} onClick=${() => update({ hasNotices: !ui.hasNotices })}>
      <span class="hidden">Notifications</span>
      ${latest ? html`<${Mark} level=${latest.level} /><time>${clockOf(latest.at)}</time><span class="said">${latest.text}</span>` : html`<span class="quiet">No notifications</span>`}
      <i class="count">${store.notices.length}</i>
    </button>
    <a class="vitals" href="#/service">
      <span>service <b>${readiness?.status ?? 'unknown'}</b></span>
      <span>open <b>${whole(store.open.length)}</b></span>
      <span>on hold <b>${onHold ?? '?'}</b></span>
    </a>
  </footer>${ui.hasNotices ? html`<${Notices} />` : null}`;
}

export function PhoneBar() {
  const parts = [['orders', 'Orders', store.open.length], ['depth', 'Depth', null], ['fills', 'Fills', null], ['service', 'Service', null]];
  const current = ui.view === 'desk' ? ui.part : 'service'; // reports are reached from there
  const show = (name) => {
    if (name === 'service') goTo('#/service');
    else {
      update({ part: name, view: 'desk', story: null, action: null });
      goTo('#/');
    }
  };
  return html`<nav class="phone-bar" aria-label="Parts">
    ${parts.map(([name, text, count]) => html`<button key=${name} type="button" aria-current=${current === name ? 'page' : null} onClick=${() => show(name)}>${text}${count === null ? null : html`<i>${whole(count)}</i>`}</button>`)}
    <button type="button" class="go" disabled=${isStale()} onClick=${() => update({ dialog: 'place' })}>New order</button>
  </nav>`;
}
