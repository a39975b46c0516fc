// Halt and resume all trading. The halt works also while the stream is lost.

import { html, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import { store, takeHalt } from '../store.js';
import { closeDialog } from '../ui.js';
import { awayOf, clockOf, whole } from '../words.js';
import { Dialog, Head, Refusal, useRequest } from './parts.js';

const count = (number, one, many) => `${whole(number)} ${number === 1 ? one : many}`;

function Answered({ answer }) {
  const { body } = answer;
  const flying = body.children_in_flight;
  const kept = body.on_disk === false ? body.detail ?? 'It is not on disk yet.' : 'It survives restarts.';
  const text = body.halted
    ? html`<b>It holds since ${clockOf(body.since, true)} UTC.</b> ${flying ? `${count(flying, 'child order', 'child orders')} left before and may still fill.` : 'Nothing is in flight.'} ${kept}`
    : html`<b>Child orders may leave again.</b>`;
  return html`<p role="status">${text}</p><p class="row-of"><button class="solid" type="button" onClick=${closeDialog}>Close</button></p>`;
}

function AskHalt({ send }) {
  const [reason, setReason] = useState('');
  const toButton = (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    document.getElementById('halt-go')?.focus();
  };
  return html`<p><b>No child order leaves after the answer</b>, on all ${count(store.markets.size, 'symbol', 'symbols')}. ${count(store.open.length, 'open order stays and waits', 'open orders stay and wait')}. Orders can still be placed and cancelled. It survives restarts.</p>
    <label class="field"><span>Reason, for whoever comes next</span><input id="halt-reason" autofocus maxlength="200" autocomplete="off" value=${reason} onInput=${(event) => setReason(event.target.value)} onKeyDown=${toButton} /></label>
    <p class="row-of"><button id="halt-go" class="solid-danger" type="button" onClick=${() => send(true, reason.trim())}>Halt all trading</button><button type="button" onClick=${closeDialog}>Let it trade</button></p>`;
}

function AskResume({ send }) {
  const { halt } = store;
  const words = halt.reason ? `: “${halt.reason}”` : '';
  const reached = store.open.filter((order) => awayOf(order)?.sign <= 0).length;
  return html`<p>Halted since <b>${clockOf(halt.since)} UTC</b>${words}.</p>
    <p><b>${whole(reached)} of ${count(store.open.length, 'open order', 'open orders')}</b> ${reached === 1 ? 'is' : 'are'} at the touch and may send a child order at once.</p>
    <p class="row-of"><button id="resume-go" class="solid-danger" type="button" autofocus onClick=${() => send(false, '')}>Resume trading on ${count(store.markets.size, 'symbol', 'symbols')}</button><button type="button" onClick=${closeDialog}>Stay halted</button></p>`;
}

export function Halt() {
  const request = useRequest();
  const [wasHalted] = useState(store.halt?.halted ?? false);
  const { phase, answer } = request;
  const send = (isOn, reason) => request.send(() => api.setHalt(isOn, reason)).then((outcome) => outcome?.isOk && takeHalt(outcome.body));
  const title = phase === 'done' ? (answer.body.halted ? 'Trading is halted' : 'Trading goes on') : wasHalted ? 'Resume trading' : 'Halt trading';
  return html`<${Dialog} label=${title} className="sheet"><${Head} title=${title} />
    ${phase === 'sent' ? html`<p role="status">Asked. Waiting for the service…</p>` : null}
    ${phase === 'done' ? html`<${Answered} answer=${answer} />` : null}
    ${phase === 'refused' ? html`<p><${Refusal} answer=${answer} effect=${wasHalted ? 'trading goes on' : 'trading is halted'} /></p>` : null}
    ${phase === 'ask' || phase === 'refused' ? html`<${wasHalted ? AskResume : AskHalt} send=${send} />` : null}
  </${Dialog}>`;
}
