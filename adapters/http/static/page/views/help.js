// The keys, and whether single keys do anything.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { keep, ui } from '../ui.js';
import { Dialog, Head } from './parts.js';

const KEYS = [
  [['/'], 'filter the orders'],
  [['j', 'k'], 'next, previous order; the story follows'],
  [['Enter'], 'open the order’s story'],
  [['n'], 'new order'],
  [['x'], 'cancel the chosen order; asks first'],
  [['a'], 'amend the chosen order'],
  [['1', '2', '3'], 'desk, reports, service'],
  [['Esc'], 'close what is on top'],
  [['?'], 'this'],
];

export function Help() {
  return html`<${Dialog} label="Keyboard" className="sheet help"><${Head} title="Keyboard" />
    <dl>${KEYS.map(([keys, text]) => html`<div key=${text}><dt>${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dt><dd>${text}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" checked=${ui.hasKeys} onChange=${(event) => keep({ hasKeys: event.target.checked })} /> Single keys do this</label>
  </${Dialog}>`;
}
