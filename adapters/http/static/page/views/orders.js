// The table of orders. However many there are, only the rows in sight are in the page.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { COLUMNS, listOf, showTab, sortBy, visibleOrders } from '../order_list.js';
import { readMoreEnded } from '../reading.js';
import { isOpen, isStale, marketOf, store } from '../store.js';
import { openStory } from '../story.js';
import { phone, ui, update } from '../ui.js';
import { why } from '../why.js';
import { amount, awayOf, gainOf, millis, NONE, percent, plain, shareOf, short, signed, span, whole } from '../words.js';
import { NoOrders } from './no_orders.js';
import { Age, Chip, Key, Progress, Side } from './parts.js';

const ROW = 32; // pixels, as in the style sheet
const ROW_PHONE = 68;
const HEAD = 28;
const SPARE = 4; // rows beyond what is in sight
const EARLY = 600; // pixels before the end of the list at which more is read

const Missing = html`<i class="quiet">${NONE}</i>`;

function Away({ order }) {
  if (!isOpen(order)) return null;
  const away = marketOf(order)?.canTrade ? awayOf(order) : null;
  if (away === null) return Missing;
  return away.sign <= 0 ? 'at touch' : away.grouped(1);
}

function Now({ order, reason }) {
  const chip = isOpen(order)
    ? reason.chip && html`<${Chip} level=${reason.level}>${reason.chip}</${Chip}>`
    : html`<${Chip} level=${order.status === 'FILLED' ? 'firm' : 'quiet'}>${order.status}</${Chip}>`;
  return html`${chip}<span class="text">${reason.text}</span>`;
}

function Filled({ order, digits }) {
  const isZero = Number(order.filled) === 0;
  return html`<span class="amount">
      <b class=${isZero ? 'zero' : ''}>${isZero ? '0' : amount(order.filled, digits)}</b><i>/ ${plain(order.quantity)}</i>
    </span><span class="percent">${percent(shareOf(order))}</span><${Progress} order=${order} />`;
}

function Row({ order, index, height }) {
  const market = marketOf(order);
  const prices = market?.priceDigits ?? 8;
  const reason = why(order);
  const away = isOpen(order) && market?.canTrade ? awayOf(order) : null;
  const gain = gainOf(order.side, order.average_price, order.price);
  const until = isOpen(order) ? clock.now() : millis(order.updated_at);
  const marks = `${ui.cursor === order.id ? 'on' : ''} ${ui.story === order.id ? 'opened' : ''}`;
  const cell = (name, content, more = '') => html`<span role="gridcell" class=${`c-${name} ${more}`}>${content}</span>`;
  return html`<div role="row" id=${`row-${order.id}`} aria-rowindex=${index + 2} aria-selected=${ui.cursor === order.id}
      class=${`row ${marks}`} style=${{ transform: `translateY(${index * height}px)` }} onClick=${() => openStory(order.id)}>
    ${cell('side', html`<${Side} side=${order.side} symbol=${order.symbol} />`)}
    ${cell('filled', html`<${Filled} order=${order} digits=${market?.quantityDigits ?? 8} />`)}
    ${cell('limit', amount(order.price, prices), 'right')}
    ${cell('away', html`<${Away} order=${order} />`, `right ${away && away.sign <= 0 ? 'reached' : ''}`)}
    ${cell('average', order.average_price === null ? Missing : amount(order.average_price, prices), 'right')}
    ${cell('gain', gain === null ? Missing : signed(gain), 'right')}
    ${cell('now', html`<${Now} order=${order} reason=${reason} />`, reason.level)}
    ${cell('name', order.client_order_id ?? short(order.id), 'mono')}
    ${cell('age', span(until - millis(order.created_at)), 'right')}
  </div>`;
}

function Columns() {
  return html`<div role="row" class="row columns" aria-rowindex="1">${COLUMNS.map((column) => {
    const isSorted = ui.sort.key === column.key;
    const sort = isSorted ? (ui.sort.isDown ? 'descending' : 'ascending') : 'none';
    const arrow = isSorted ? html`<span class="arrow" aria-hidden="true">${ui.sort.isDown ? '↓' : '↑'}</span>` : null;
    const name = column.key === 'createdAt' ? 'age' : column.key;
    return html`<span key=${column.key} role="columnheader" aria-sort=${sort} class=${`c-${name} ${column.isRight ? 'right' : ''}`}>
      <button type="button" onClick=${() => sortBy(column)}>${column.name}${column.unit ? html` <i>${column.unit}</i>` : null}${arrow}</button>
    </span>`;
  })}</div>`;
}

function Tabs() {
  const tabs = [
    ['open', 'Open', whole(store.open.length)],
    ['look', 'Need a look', whole(listOf('look').length)],
    ['ended', 'Ended', store.hasMoreEnded ? `${whole(store.ended.length)}+` : whole(store.ended.length)],
  ];
  return html`<div class="tabs" role="tablist" aria-label="Orders">${tabs.map(([name, text, count]) => html`
    <button key=${name} role="tab" aria-selected=${ui.tab === name} type="button" onClick=${() => showTab(name)}>
      ${text}<i class=${name === 'look' && count !== '0' ? 'some' : ''}>${count}</i>
    </button>`)}</div>`;
}

function Find({ list, box }) {
  const press = (event) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      update({ filter: '' });
      event.target.blur();
    }
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      box.current.focus();
      if (list[0]) update({ cursor: list[0].id });
    }
  };
  return html`<label class="find">
    <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5" /><path d="M10.5 10.5 14 14" /></svg>
    <input id="find" type="search" placeholder=${phone.matches ? 'Filter' : 'BTCUSDT sell on_hold'} aria-label="Filter orders" value=${ui.filter} onInput=${(event) => update({ filter: event.target.value })} onKeyDown=${press} />
    <${Key}>/</${Key}>
  </label>`;
}

// What of the list is in sight, and the cursor kept there.
function useWindow(box, list, height) {
  const [sight, setSight] = useState({ top: 0, height: 600 });
  const look = () => setSight({ top: box.current.scrollTop, height: box.current.clientHeight });
  useLayoutEffect(() => {
    const watch = new ResizeObserver(look);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const node = box.current;
    const index = list.findIndex((order) => order.id === ui.cursor);
    if (index < 0) return;
    const head = phone.matches ? 0 : HEAD;
    const end = head + (index + 1) * height;
    if (index * height < node.scrollTop) node.scrollTop = index * height;
    else if (end > node.scrollTop + node.clientHeight) node.scrollTop = end - node.clientHeight;
  }, [ui.cursor]);
  const first = Math.max(0, Math.floor(sight.top / height) - SPARE);
  const last = Math.min(list.length, Math.ceil((sight.top + sight.height) / height) + SPARE);
  return { first, last, look };
}

export function Orders() {
  const box = useRef(null);
  const list = visibleOrders();
  const height = phone.matches ? ROW_PHONE : ROW;
  const { first, last, look } = useWindow(box, list, height);
  const shown = list.slice(first, last);
  const scroll = () => {
    look();
    const node = box.current;
    if (ui.tab === 'ended' && node.scrollTop + node.clientHeight > node.scrollHeight - EARLY) readMoreEnded();
  };
  const isEmpty = list.length === 0;
  const active = shown.some((order) => order.id === ui.cursor) ? `row-${ui.cursor}` : null;
  return html`<section class=${`panel orders ${isStale() ? 'stale' : ''}`} aria-label="Orders">
    <div class="head"><h2 class="hidden">Orders</h2><${Tabs} /><${Age} /><span class="gap"></span><${Find} list=${list} box=${box} /></div>
    <div class="rows" role=${isEmpty ? 'group' : 'grid'} tabindex="0" ref=${box} aria-label=${`${ui.tab} orders; j and k move, Enter opens`}
        aria-rowcount=${isEmpty ? null : list.length + 1} aria-activedescendant=${active} onScroll=${scroll}>
      ${isEmpty ? html`<${NoOrders} />` : html`<${Columns} /><div class="spacer" role="rowgroup" style=${{ height: `${list.length * height}px` }}>
        ${shown.map((order, i) => html`<${Row} key=${order.id} order=${order} index=${first + i} height=${height} />`)}
      </div>`}
    </div>
  </section>`;
}
