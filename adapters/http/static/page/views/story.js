// One order's story, over the right part of the desk: nothing beneath it moves.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { DepthPlot } from '../charts/depth_plot.js';
import { fillsOf, PricePath } from '../charts/price_path.js';
import { Decimal, sum } from '../decimal.js';
import { isOpen, isStale, marketOf, store } from '../store.js';
import { closeStory } from '../story.js';
import { ui, update } from '../ui.js';
import { why } from '../why.js';
import { sentenceOf, useNow } from '../why_now.js';
import { amount, betterWord, clockOf, gainOf, millis, NONE, percent, plain, shareOf, signed, span } from '../words.js';
import { Age, Chip, Close, Copy, Key, Progress, Side } from './parts.js';
import { Report } from './report.js';
import { StoryAction } from './story_actions.js';
import { Timeline } from './timeline.js';

const WAITS = new Set(['GTC', 'GTD']); // the others are over at once

const toggle = (action) => update({ action: ui.action === action ? null : action });

function Buttons({ order }) {
  if (!isOpen(order)) return null;
  const isOff = isStale();
  const title = isOff ? 'Off while the stream is lost' : '';
  const isCancelling = order.status === 'PENDING_CANCEL';
  const pausing = order.paused ? 'resume' : 'pause';
  return html`
    ${order.reason === 'ON_HOLD' ? html`<button class="small" type="button" disabled=${isOff} title=${title} aria-expanded=${ui.action === 'release'} onClick=${() => toggle('release')}>Release…</button>` : null}
    ${WAITS.has(order.time_in_force) ? html`<button class="small" type="button" disabled=${isOff || isCancelling} title=${title} aria-expanded=${ui.action === pausing} onClick=${() => toggle(pausing)}>${order.paused ? 'Resume…' : 'Pause…'}</button>` : null}
    <button class="small" type="button" disabled=${isOff || isCancelling} title=${title} aria-expanded=${ui.action === 'amend'} onClick=${() => toggle('amend')}>Amend…</button>
    <button class="small danger" type="button" disabled=${isCancelling} aria-expanded=${ui.action === 'cancel'} onClick=${() => toggle('cancel')}>Cancel…<${Key}>x</${Key}></button>`;
}

function Title({ order, reason }) {
  const market = marketOf(order);
  const until = order.expires_at ? ` until ${order.expires_at.slice(0, 10)} ${clockOf(order.expires_at)} UTC` : '';
  return html`<header>
    <div class="title">
      <h2><${Side} side=${order.side} /> ${plain(order.quantity)} ${market?.base ?? order.symbol} at ${amount(order.price, market?.priceDigits ?? 8)} ${betterWord(order.side)}</h2>
      <${Chip} level=${isOpen(order) ? 'firm' : 'quiet'}>${order.status}</${Chip}>
      ${reason.chip && reason.chip !== order.status ? html`<${Chip} level=${reason.level}>${reason.chip}</${Chip}>` : null}
      <${Close} onClick=${closeStory} />
    </div>
    <div class="meta">
      <span>${order.symbol}</span><span>${order.time_in_force}${until}</span><span class="mono">${order.id}</span><${Copy} text=${order.id} label="copy id" />
      ${order.client_order_id ? html`<span class="mono">${order.client_order_id}</span>` : null}<${Age} />
      <span class="gap"></span><${Buttons} order=${order} />
    </div>
  </header>`;
}

function Figures({ order, history }) {
  const market = marketOf(order);
  const prices = market?.priceDigits ?? 8;
  const quantities = market?.quantityDigits ?? 8;
  const gain = gainOf(order.side, order.average_price, order.price);
  const fills = fillsOf(history);
  const children = new Set(history.map((event) => event.child_id).filter(Boolean)).size;
  const value = sum(fills.map((event) => Decimal.of(event.price).times(Decimal.of(event.quantity))));
  const until = isOpen(order) ? clock.now() : millis(order.updated_at);
  const figure = (name, text, unit, more = null) => html`<div><dt>${name}</dt><dd>${text}<i>${unit}</i></dd>${more}</div>`;
  return html`<dl class="figures">
    ${figure('Filled', amount(order.filled, quantities), percent(shareOf(order)), html`<dd class="under"><${Progress} order=${order} /></dd>`)}
    ${figure(isOpen(order) ? 'Left' : 'Not filled', amount(order.remaining, quantities), market?.base)}
    ${figure('Average', order.average_price === null ? NONE : amount(order.average_price, prices), gain === null ? '' : `${signed(gain)} bps vs limit`)}
    ${figure('Value', fills.length ? value.grouped(Math.min(prices + 2, value.placesNeeded)) : NONE, market?.quote)}
    ${figure(isOpen(order) ? 'Open for' : 'Was open', span(until - millis(order.created_at)), `${children} ${children === 1 ? 'child order' : 'child orders'}`)}
  </dl>`;
}

function Charts({ order, history, marked }) {
  const [chart, setChart] = useState('path');
  const market = marketOf(order);
  if (!market) return null;
  const isSell = order.side === 'SELL';
  const tab = (name, text) => html`<button type="button" role="tab" aria-selected=${chart === name} onClick=${() => setChart(name)}>${text}</button>`;
  const legend = html`<span class="keyline"><i class=${isSell ? 'buy' : 'sell'}>━</i> ${isSell ? 'best bid' : 'best ask'} <i class="quiet">━</i> ${isSell ? 'best ask' : 'best bid'} <i>╍</i> limit <i class=${order.side.toLowerCase()}>●</i> fills</span>`;
  return html`<section class="path" aria-label="Charts">
    <div class="switch"><div role="tablist" aria-label="Chart">${tab('path', 'Price, limit, fills')}${tab('book', 'Book now')}</div>${chart === 'path' ? legend : null}</div>
    ${chart === 'path' ? html`<${PricePath} order=${order} history=${history} marked=${marked} />` : html`<${DepthPlot} market=${market} order=${isOpen(order) ? order : null} />`}
  </section>`;
}

function titleOfWhy(order, reason) {
  if (!isOpen(order)) return 'How it ended';
  return reason.level === 'go' ? 'What it does now' : 'Why it is not filling now';
}

export function Story() {
  const order = store.orders.get(ui.story);
  const history = store.events.get(ui.story) ?? [];
  const [marked, setMarked] = useState(null);
  const panel = useRef(null);
  useEffect(() => {
    if (!ui.action) panel.current?.focus({ preventScroll: true });
    setMarked(null);
  }, [ui.story]);
  if (!order) {
    const text = store.isLoaded ? 'No such order, or it cannot be read now.' : 'Reading the order…';
    return html`<section class="story" aria-label="Order" tabindex="-1" ref=${panel}><header><div class="title"><h2>${text}</h2><${Close} onClick=${closeStory} /></div></header></section>`;
  }
  return html`<${OpenStory} order=${order} history=${history} marked=${marked} setMarked=${setMarked} panel=${panel} />`;
}

function OpenStory({ order, history, marked, setMarked, panel }) {
  const reason = why(order);
  const sentence = sentenceOf(order, useNow(order)) ?? reason.sentence;
  return html`<section class=${`story ${isStale() ? 'stale' : ''}`} aria-label=${`Order ${order.id}`} tabindex="-1" ref=${panel}>
    <${Title} order=${order} reason=${reason} />
    <${StoryAction} key=${`${order.id}-${ui.action}`} order=${order} />
    <${Figures} order=${order} history=${history} />
    <div class="body">
      <div class="column" tabindex="0" role="group" aria-label="State and charts">
        <section class=${`why ${reason.level}`}><h3>${titleOfWhy(order, reason)}</h3><p>${sentence}</p>${reason.act ? html`<p class="act">${reason.act}</p>` : null}</section>
        <${Charts} order=${order} history=${history} marked=${marked} />
        <${Report} order=${order} />
      </div>
      <${Timeline} order=${order} history=${history} marked=${marked} setMarked=${setMarked} />
    </div>
  </section>`;
}
