// The bar under a story's title: amend, cancel or release the order. It says the effect before it is
// done, and the service's answer after it; it never shows a state that the service has not said.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import { readOrder } from '../reading.js';
import { isOpen, isStale, marketOf } from '../store.js';
import { faultOfPrice, faultOfQuantity } from '../rules.js';
import { ui, update } from '../ui.js';
import { Decimal } from '../decimal.js';
import { amount, clockOf, plain } from '../words.js';
import { Refusal, useRequest, WAITING } from './parts.js';

const close = () => update({ action: null });

function Leave({ children }) {
  return html`<button class="small" type="button" onClick=${close}>${children}</button>`;
}

function Result({ children }) {
  return html`<p class="result" role="status">${children}</p><${Leave}>Close</${Leave}>`;
}

function Failed({ answer, effect }) {
  return html`<p class="result"><${Refusal} answer=${answer} effect=${effect} /></p><${Leave}>Close</${Leave}>`;
}

// The first thing to press or fill in, focused once when the bar opens.
function useFirst() {
  const first = useRef(null);
  useEffect(() => first.current?.focus(), []);
  return first;
}

function Cancel({ order }) {
  const { phase, answer, send } = useRequest();
  const first = useFirst();
  const market = marketOf(order);
  const base = market?.base ?? '';
  const price = amount(order.price, market?.priceDigits ?? 8);
  const rest = `${plain(order.remaining)} ${base}`;
  const kept = Number(order.filled) ? `${plain(order.filled)} ${base} stay filled.` : 'Nothing was filled.';
  const cancel = () => send(() => api.cancelOrder(order.id)).then(() => readOrder(order.id));
  if (phase === 'sent') return WAITING;
  if (phase === 'refused') return html`<${Failed} answer=${answer} effect="it was cancelled" />`;
  if (phase === 'done') {
    return html`<${Result}>${answer.status === 202
      ? 'A child order is at the venue and may still fill; nothing follows it.'
      : html`<b>${answer.body.status}</b> at ${clockOf(answer.body.updated_at, true)} UTC. ${kept}`}</${Result}>`;
  }
  return html`<p><b>Cancel ${rest} ${order.side} at ${price}?</b> ${kept} A child order at the venue may still fill.</p>
    <button id="cancel-go" class="solid-danger" ref=${first} type="button" disabled=${!isOpen(order)} onClick=${cancel}>Cancel ${rest} ${order.side} at ${price}</button>
    <${Leave}>Keep it working</${Leave}>`;
}

function Release({ order }) {
  const { phase, answer, send } = useRequest();
  const first = useFirst();
  const release = () => send(() => api.releaseOrder(order.id)).then(() => readOrder(order.id));
  if (phase === 'sent') return WAITING;
  if (phase === 'refused') return html`<${Failed} answer=${answer} effect="it was released" />`;
  if (phase === 'done') return html`<${Result}><b>It takes offers again.</b></${Result}>`;
  return html`<p><b>Release ${order.side} ${plain(order.remaining)} ${marketOf(order)?.base ?? ''} at ${plain(order.price)}?</b> It takes offers again. Compare with the venue first.</p>
    <button class="solid" ref=${first} type="button" disabled=${isStale()} onClick=${release}>Release it</button><${Leave}>Leave it on hold</${Leave}>`;
}

function Pause({ order }) {
  const { phase, answer, send } = useRequest();
  const first = useFirst();
  const isResume = ui.action === 'resume';
  const what = `${order.side} ${plain(order.remaining)} ${marketOf(order)?.base ?? ''} at ${plain(order.price)}`;
  const go = () => send(() => (isResume ? api.resumeOrder(order.id) : api.pauseOrder(order.id))).then(() => readOrder(order.id));
  if (phase === 'sent') return WAITING;
  if (phase === 'refused') return html`<${Failed} answer=${answer} effect=${isResume ? 'it goes on' : 'it is paused'} />`;
  if (phase === 'done') return html`<${Result}><b>${answer.body.paused ? 'Paused.' : 'It goes on.'}</b></${Result}>`;
  const effect = isResume ? 'It takes again what reaches its limit.' : 'It stays open and takes nothing until somebody resumes it. A child order at the venue may still fill.';
  return html`<p><b>${isResume ? 'Resume' : 'Pause'} ${what}?</b> ${effect}</p>
    <button id="pause-go" class="solid" ref=${first} type="button" disabled=${isStale()} onClick=${go}>${isResume ? 'Resume' : 'Pause'} ${what}</button><${Leave}>Leave it</${Leave}>`;
}

function changesOf(order, price, quantity) {
  const changes = {};
  const isNew = (value, old) => value !== null && value.compare(Decimal.of(old)) !== 0;
  if (isNew(price, order.price)) changes.price = price.toString();
  if (isNew(quantity, order.quantity)) changes.quantity = quantity.toString();
  return changes;
}

function AmendWords({ order, changes, fault }) {
  if (fault) return html`<p class="wrong" role="status"><code>${fault.code}</code> ${fault.words}</p>`;
  const market = marketOf(order);
  const price = (text) => amount(text, market.priceDigits);
  const parts = [
    changes.price ? `Limit ${price(order.price)} → ${price(changes.price)}.` : null,
    changes.quantity ? `Whole quantity ${plain(order.quantity)} → ${plain(changes.quantity)} ${market.base}.` : null,
  ].filter(Boolean);
  if (!parts.length) return html`<p><span class="quiet">Nothing is changed yet.</span></p>`;
  return html`<p><b>${parts.join(' ')}</b> Checked by the service when you amend.</p>`;
}

function Amend({ order }) {
  const { phase, answer, send } = useRequest();
  const first = useFirst();
  const [price, setPrice] = useState(order.price);
  const [quantity, setQuantity] = useState(order.quantity);
  const market = marketOf(order);
  if (!market) return html`<${Result}>This run of the service does not trade ${order.symbol}: it can be cancelled, not amended.</${Result}>`;
  const exact = { price: Decimal.read(price), quantity: Decimal.read(quantity) };
  const fault = faultOfPrice(market, exact.price) ?? faultOfQuantity(market, exact.quantity, Decimal.of(order.filled));
  const changes = fault ? {} : changesOf(order, exact.price, exact.quantity);
  const isReady = !fault && Object.keys(changes).length > 0 && !isStale();
  const amend = () => isReady && send(() => api.amendOrder(order.id, changes)).then(() => readOrder(order.id));
  if (phase === 'sent') return WAITING;
  if (phase === 'refused') return html`<${Failed} answer=${answer} effect="it was amended" />`;
  if (phase === 'done') {
    const { body } = answer;
    return html`<${Result}><b>Amended</b> to ${plain(body.quantity)} ${market.base} at ${amount(body.price, market.priceDigits)}.</${Result}>`;
  }
  const field = (name, value, set, ref = null) => html`<label>${name}<input ref=${ref} inputmode="decimal" autocomplete="off" value=${value} onInput=${(event) => set(event.target.value)} onKeyDown=${toButton} /></label>`;
  return html`${field('Limit', price, setPrice, first)}${field('Whole quantity', quantity, setQuantity)}
    <${AmendWords} order=${order} changes=${changes} fault=${fault} />
    <button id="amend-go" class="solid" type="button" disabled=${!isReady} onClick=${amend}>Amend</button><${Leave}>Leave it</${Leave}>`;
}

// Enter in a field goes to the button; it never sends.
function toButton(event) {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  document.getElementById('amend-go')?.focus();
}

const ACTIONS = {
  cancel: { view: Cancel, label: 'Cancel this order', className: 'action danger' },
  amend: { view: Amend, label: 'Amend this order', className: 'action' },
  pause: { view: Pause, label: 'Pause this order', className: 'action' },
  resume: { view: Pause, label: 'Resume this order', className: 'action' },
  release: { view: Release, label: 'Release this order', className: 'action' },
};

export function StoryAction({ order }) {
  const action = ACTIONS[ui.action];
  if (!action) return null;
  return html`<div class=${action.className} role="group" aria-label=${action.label}><${action.view} order=${order} /></div>`;
}
