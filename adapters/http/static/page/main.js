// The operator's page. Begin here: what is shown is made of views (views/), what it is made from is the
// store (store.js), which reading.js keeps true to the service.

import { html, render } from '../vendor/htm-preact/standalone.mjs';
import './ink.js';
import { listen } from './keyboard.js';
import { unanswered } from './placing.js';
import { start } from './reading.js';
import { isStale, link, store } from './store.js';
import { readAddress } from './story.js';
import { drawWith, phone, ui, update } from './ui.js';
import { Banner } from './views/banner.js';
import { CancelAll } from './views/cancel_all.js';
import { Depth } from './views/depth.js';
import { Fills } from './views/fills.js';
import { Foot, PhoneBar } from './views/foot.js';
import { Halt } from './views/halt.js';
import { Help } from './views/help.js';
import { Orders } from './views/orders.js';
import { Place } from './views/place.js';
import { Reports } from './views/reports.js';
import { Service } from './views/service.js';
import { Story } from './views/story.js';
import { Symbols } from './views/symbols.js';
import { Token } from './views/token.js';
import { moneyOf } from './words.js';

const DIALOGS = { place: Place, halt: Halt, help: Help, token: Token, 'cancel-all': CancelAll };

const VIEWS = { desk: Desk, reports: Reports, service: Service };

function Desk() {
  // What lies under a story is not drawn.
  const right = ui.story ? html`<div class="panel" /><div class="panel" /><${Story} />` : html`<${Depth} /><${Fills} />`;
  return html`<main class="desk"><${Orders} />${right}</main>`;
}

function App() {
  const OpenDialog = DIALOGS[ui.dialog];
  const View = VIEWS[ui.view];
  return html`<div class=${`app part-${ui.part} ${link.state}`}>
    <${Banner} /><${Symbols} />
    <${View} />
    <${Foot} /><${PhoneBar} />
    ${OpenDialog ? html`<${OpenDialog} />` : null}
  </div>`;
}

const root = document.getElementById('page');

function title() {
  const marks = [
    store.readiness?.real_money ? 'REAL MONEY' : null,
    store.halt?.halted ? 'HALTED' : null,
    isStale() ? 'not live' : null,
  ];
  return [...marks.filter(Boolean), 'Trade Executor'].join(' · ');
}

function draw() {
  document.title = title();
  document.documentElement.dataset.money = moneyOf(store.readiness).kind;
  render(html`<${App} />`, root);
}

root.replaceChildren();
drawWith(draw);
listen();
addEventListener('hashchange', readAddress);
phone.addEventListener('change', () => update());
readAddress();
if (unanswered()) update({ dialog: 'place' });
draw();
start();
