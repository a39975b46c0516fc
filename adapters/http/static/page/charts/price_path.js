// The best prices while an order was open, with its limit and its fills.

import { html, useRef } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { ink, themeKey } from '../ink.js';
import { isOpen, marketOf, store } from '../store.js';
import { clockOf, millis } from '../words.js';
import { axis, BARE, drawIn, stepped, useChart } from './chart.js';

const NEAR = 60; // basis points: a limit further away would flatten the path
const STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
const ARRIVALS = new Set(['ACCEPTED', 'AMENDED']);
const FILLS = new Set(['PART_FILLED', 'FILLED']);

export const fillsOf = (history) => history.filter((event) => FILLS.has(event.kind));

// The limit over time: [{ at, price }], oldest first.
function limitsOf(order, history) {
  const limits = history.filter((event) => ARRIVALS.has(event.kind) && event.price !== null)
    .map((event) => ({ at: millis(event.occurred_at), price: Number(event.price) }));
  return limits.length ? limits : [{ at: millis(order.created_at), price: Number(order.price) }];
}

function dataOf({ order, market, history }) {
  const from = millis(order.created_at);
  const until = isOpen(order) ? clock.now() : millis(order.updated_at);
  const limits = limitsOf(order, history);
  const kept = store.prices.get(order.id) ?? [];
  const lastKept = kept.length ? kept[kept.length - 1].at : from - 1000;
  const path = [...kept, ...market.path.filter((one) => one.at > lastKept && one.at <= until + 60000)];
  const fills = fillsOf(history).map((event) => millis(event.occurred_at));
  const times = [...new Set([from, until, ...limits.map(({ at }) => at), ...fills, ...path.map(({ at }) => at)])].sort((a, b) => a - b);
  const seen = new Map(path.map((one) => [one.at, one]));
  const limitAt = (at) => (at > until || at < from ? null : limits.findLast((one) => one.at <= at)?.price ?? null);
  const touchAt = (at, side) => {
    const point = seen.get(at);
    return point ? point[side] : undefined; // undefined: no point, and no gap either
  };
  return [times.map((at) => at / 1000), times.map((at) => touchAt(at, 'bid')), times.map((at) => touchAt(at, 'ask')), times.map(limitAt)];
}

function rangeOf(now, low, high) {
  const { order, history } = now;
  const limit = Number(order.price);
  const prices = fillsOf(history).map((event) => Number(event.price));
  let least = Math.min(low ?? limit, ...prices);
  let most = Math.max(high ?? limit, ...prices);
  const isNear = Math.abs(limit - (least + most) / 2) / limit < NEAR / 1e4;
  if (isNear) {
    least = Math.min(least, limit);
    most = Math.max(most, limit);
  }
  const room = Math.max(limit / 1e4, (most - least) * 0.12);
  return [least - room, most + room];
}

// A dot for each child order: where its fills were on average, as large as what they brought.
function drawFills(plot, { order, history, marked }) {
  const children = new Map();
  for (const event of fillsOf(history)) {
    const child = children.get(event.child_id) ?? { at: millis(event.occurred_at), value: 0, quantity: 0, id: event.child_id };
    child.value += Number(event.price) * Number(event.quantity);
    child.quantity += Number(event.quantity);
    children.set(event.child_id, child);
  }
  const most = Math.max(...[...children.values()].map((one) => one.quantity), 0);
  drawIn(plot, (ctx, bbox, ratio) => {
    ctx.setLineDash([]);
    for (const child of children.values()) {
      const x = plot.valToPos(child.at / 1000, 'x', true);
      const y = plot.valToPos(child.value / child.quantity, 'y', true);
      const isMarked = marked === child.id;
      ctx.beginPath();
      ctx.arc(x, y, (2.5 + 4.5 * Math.sqrt(child.quantity / most)) * ratio, 0, 7);
      ctx.fillStyle = ink(order.side === 'SELL' ? '--sell' : '--buy');
      ctx.globalAlpha = 0.78;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.lineWidth = (isMarked ? 2.5 : 1) * ratio;
      ctx.strokeStyle = ink(isMarked ? '--ink' : '--surface');
      ctx.stroke();
    }
  });
}

function optionsOf(now) {
  const { order, market } = now.current;
  const isSell = order.side === 'SELL';
  const line = (color, width) => ({ stroke: ink(color), width, points: { show: false }, spanGaps: false });
  const timeOf = (tick) => clockOf(tick * 1000).slice(0, tick % 60 ? 8 : 5);
  const priceOf = (tick) => tick.toFixed(market.priceDigits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
  return {
    ...BARE,
    padding: [10, 10, 0, 0],
    scales: {
      x: { time: false, range: (plot, low, high) => [low, high + Math.max(2, (high - low) * 0.03)] },
      y: { range: (plot, low, high) => rangeOf(now.current, low, high) },
    },
    axes: [
      axis({ space: 64, size: 22, incrs: STEPS, values: (plot, ticks) => ticks.map(timeOf) }),
      axis({ size: 66, space: 30, values: (plot, ticks) => ticks.map(priceOf) }),
    ],
    series: [
      {},
      isSell ? line('--buy', 1.5) : line('--ink-4', 1),
      isSell ? line('--ink-4', 1) : line('--sell', 1.5),
      { stroke: ink('--ink'), width: 1.5, dash: [5, 4], paths: stepped(1), points: { show: false } },
    ],
    hooks: { draw: [(plot) => drawFills(plot, now.current)] },
  };
}

// `history` are the order's events; `marked` is the id of the child order that is ringed.
export function PricePath({ order, history, marked }) {
  const now = useRef({});
  const market = marketOf(order);
  now.current = { order, market, history, marked };
  const lastSeen = market.path[market.path.length - 1]?.at;
  const box = useChart(
    () => optionsOf(now),
    () => dataOf(now.current),
    `${order.id}-${themeKey()}`,
    [isOpen(order) ? lastSeen : 0, history.length, store.prices.get(order.id), order.price, order.status, marked],
  );
  const fills = fillsOf(history).length;
  return html`<div class="plot" ref=${box} role="img" aria-label=${`Prices since ${clockOf(order.created_at)}, limit ${order.price}, ${fills} fills`}></div>`;
}
