// Webhooks, chats and mailboxes that are told of orders, and what they have not been told yet.

import { html, useEffect, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import { clockOf, NONE, since, whole } from '../words.js';
import { Chip } from './parts.js';

const PAUSE = 10000; // milliseconds

function useTargets() {
  const [targets, setTargets] = useState([]);
  useEffect(() => {
    const ask = async () => {
      const answer = await api.readWebhooks();
      if (answer.isOk) setTargets(answer.body.items);
    };
    ask();
    const timer = setInterval(ask, PAUSE);
    return () => clearInterval(timer);
  }, []);
  return targets;
}

function State({ one }) {
  if (one.disabled) return html`<${Chip} level="alarm">disabled</${Chip}> it answered 410; the next start of the service tries it again`;
  if (one.problem) return html`<${Chip} level="warn">failing</${Chip}> ${one.problem}${one.next_attempt_at ? `, again at ${clockOf(one.next_attempt_at)} UTC` : ''}`;
  return 'takes what it is told';
}

function Target({ one }) {
  const given = one.dead_letters.length;
  return html`<tr><th scope="row">${one.target}</th><td class="wrap"><${State} one=${one} /></td>
    <td class="right">${whole(one.waiting_events)}</td><td>${one.oldest_at ? `${since(one.oldest_at)} ago` : NONE}</td>
    <td class="right">${given ? html`<${Chip} level="warn">${whole(given)}</${Chip}>` : '0'}</td></tr>`;
}

export function Notifications() {
  const targets = useTargets();
  if (!targets.length) return null;
  return html`<section class="card wide-card"><h2>Notifications</h2><table>
    <thead><tr><th scope="col">Target</th><th scope="col">State</th><th scope="col" class="right">Events waiting</th><th scope="col">Oldest</th><th scope="col" class="right">Given up</th></tr></thead>
    <tbody>${targets.map((one) => html`<${Target} key=${one.target} one=${one} />`)}</tbody>
  </table></section>`;
}
