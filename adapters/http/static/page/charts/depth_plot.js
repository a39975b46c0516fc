// The depth of a book, with our own waiting limits in a lane beneath it.

import { html, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import { Decimal, sum } from '../decimal.js';
import { fontOf, ink, themeKey } from '../ink.js';
import { store } from '../store.js';
import { ui } from '../ui.js';
import { Side } from '../views/parts.js';
import { inReach } from '../why.js';
import { awayOf, plain, whole } from '../words.js';
import { axis, BARE, drawIn, stepped, useChart } from './chart.js';

const LANE = 0.26; // of the height, for our limits
const WIDER = 1.1; // levels just beyond what is in sight belong to the curve
const FAR = 2.5; // the most that a chosen limit widens the range

const middleOf = (market) => (market.touch ? (market.touch.bid.toNumber() + market.touch.ask.toNumber()) / 2 : null);
const inkOf = (side) => ink(side === 'SELL' ? '--sell' : '--buy');

// A scale that grows at once and shrinks slowly: the curve moves, the axis does not jump.
function steady(plot, high) {
  const old = plot.steady ?? high;
  if (high > old) plot.steady = high * 1.1;
  else plot.steady = high < old * 0.55 ? high * 1.2 : old;
  return plot.steady;
}

function curve(levels, isIn) {
  const points = [];
  let total = 0;
  for (const level of levels) {
    const price = level.price.toNumber();
    if (!isIn(price)) break;
    total += level.quantity.toNumber();
    points.push([price, total]);
  }
  return points;
}

function dataOf({ market, range }) {
  const mid = middleOf(market);
  if (mid === null || !market.book) return [[], [], []];
  const room = mid * (range / 1e4) * WIDER;
  const bids = curve(market.book.bids, (price) => price >= mid - room).reverse();
  const asks = curve(market.book.asks, (price) => price <= mid + room);
  return [
    [...bids, ...asks].map(([price]) => price),
    [...bids.map(([, total]) => total), ...asks.map(() => null)],
    [...bids.map(() => null), ...asks.map(([, total]) => total)],
  ];
}

function shadeReach(plot, { market, order }) {
  const touch = order && market.touchFor(order.side)?.toNumber();
  if (!touch) return;
  const limit = Decimal.of(order.price).toNumber();
  drawIn(plot, (ctx, bbox) => {
    const from = plot.valToPos(Math.min(touch, limit), 'x', true);
    const to = plot.valToPos(Math.max(touch, limit), 'x', true);
    const isReached = awayOf(order).sign <= 0;
    ctx.fillStyle = ink(isReached ? (order.side === 'SELL' ? '--sell-wash' : '--buy-wash') : '--shade');
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
  });
}

// Limits that touch each other are one mark, with their sum.
function marksOf(plot, orders, bbox, ratio) {
  const marks = new Map();
  for (const order of orders) {
    const x = plot.valToPos(Number(order.price), 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const slot = `${order.side}${Math.round(x / (5 * ratio))}`;
    const mark = marks.get(slot) ?? { x, side: order.side, quantity: 0 };
    mark.quantity += Number(order.remaining);
    marks.set(slot, mark);
  }
  return [...marks.values()];
}

function drawMark(ctx, mark, floor, height, ratio) {
  ctx.fillStyle = inkOf(mark.side);
  ctx.fillRect(Math.round(mark.x) - 1.5 * ratio, floor - height, 3 * ratio, height);
  const size = 3.5 * ratio;
  const way = mark.side === 'SELL' ? 1 : -1;
  const middle = floor - height - 6 * ratio + size * 0.4;
  ctx.beginPath();
  ctx.moveTo(mark.x - size, middle - way * size * 0.8);
  ctx.lineTo(mark.x + size, middle - way * size * 0.8);
  ctx.lineTo(mark.x, middle + way * size);
  ctx.closePath();
  ctx.fill();
}

function drawChosen(plot, ctx, order, bbox, ratio) {
  const x = Math.round(plot.valToPos(Number(order.price), 'x', true));
  ctx.strokeStyle = ink('--ink');
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x + 0.5, bbox.top);
  ctx.lineTo(x + 0.5, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = fontOf(11 * ratio, 600);
  ctx.fillStyle = ink('--ink');
  const isFlipped = x + ctx.measureText('limit').width + 10 * ratio > bbox.left + bbox.width;
  ctx.textAlign = isFlipped ? 'right' : 'left';
  ctx.fillText('limit', x + (isFlipped ? -5 : 5) * ratio, bbox.top + 12 * ratio);
}

function drawLimits(plot, { market, order, orders }) {
  drawIn(plot, (ctx, bbox, ratio) => {
    const zero = plot.valToPos(0, 'y', true);
    const floor = bbox.top + bbox.height;
    ctx.lineWidth = ratio;
    ctx.strokeStyle = ink('--line-2');
    ctx.beginPath();
    ctx.moveTo(bbox.left, zero);
    ctx.lineTo(bbox.left + bbox.width, zero);
    ctx.stroke();
    const marks = marksOf(plot, orders, bbox, ratio);
    const most = Math.max(...marks.map((mark) => mark.quantity), 0);
    const room = floor - zero - 9 * ratio;
    for (const mark of marks) drawMark(ctx, mark, floor, Math.max(4 * ratio, Math.sqrt(mark.quantity / most) * room), ratio);
    if (order && market.touch) drawChosen(plot, ctx, order, bbox, ratio);
  });
}

function quantityTicks(ticks) {
  const known = ticks.filter((tick) => tick !== null);
  const step = known.length > 1 ? known[1] - known[0] : 1;
  const digits = step >= 1 ? 0 : Math.min(8, Math.ceil(-Math.log10(step)));
  const text = (tick) => (step >= 1000 ? `${Math.round(tick / 1000)}k` : tick.toFixed(digits));
  return ticks.map((tick) => (tick === null ? '' : tick === 0 ? '0' : text(tick)));
}

function optionsOf(now, setPoint) {
  const aboveZero = (plot, splits) => splits.map((split) => (split < 0 ? null : split));
  const series = (name, align) => ({ stroke: ink(`--${name}`), fill: ink(`--${name}-wash`), width: 1.25, paths: stepped(align), points: { show: false } });
  return {
    ...BARE,
    padding: [8, 8, 0, 0],
    scales: {
      x: {
        time: false,
        range: () => {
          const mid = middleOf(now.current.market) ?? 1;
          const room = mid * (now.current.range / 1e4);
          return [mid - room, mid + room];
        },
      },
      y: {
        range: (plot, low, high) => {
          const most = steady(plot, high || 1);
          return [-most * LANE, most * 1.06];
        },
      },
    },
    axes: [
      axis({
        space: 84,
        size: 22,
        values: (plot, ticks) => {
          const digits = Math.min(now.current.market.priceDigits, Math.max(0, Math.ceil(-Math.log10(ticks[1] - ticks[0] || 1) - 1e-9)));
          return ticks.map((tick) => (Decimal.read(tick.toFixed(8)) ?? Decimal.of('0')).grouped(digits));
        },
      }),
      axis({ size: 40, side: 3, space: 34, filter: aboveZero, grid: { stroke: ink('--grid'), width: 1, filter: aboveZero }, values: (plot, ticks) => quantityTicks(ticks) }),
    ],
    series: [{}, series('buy', -1), series('sell', 1)],
    hooks: {
      drawClear: [(plot) => shadeReach(plot, now.current)],
      draw: [(plot) => drawLimits(plot, now.current)],
      setCursor: [(plot) => setPoint(plot.cursor.left >= 0 ? plot.posToVal(plot.cursor.left, 'x') : null)],
    },
  };
}

// What an order to the price under the pointer, or the chosen one, finds in the book.
function Reach({ market, order, point }) {
  if (!market.touch) return html`<span class="quiet">The book is not usable now.</span>`;
  if (point === null && !order) return html`<span class="quiet">Point at a price: what stands in the book up to there.</span>`;
  const at = point === null ? Decimal.of(order.price) : Decimal.of(point.toFixed(market.priceDigits));
  const isBelow = point !== null && point <= middleOf(market);
  const side = point === null ? order.side : isBelow ? 'SELL' : 'BUY';
  const got = inReach(market, side, at, point === null ? Decimal.of(order.remaining) : null);
  const average = got.average ? html` at <b>${got.average.grouped(market.priceDigits)}</b>` : null;
  if (point !== null) {
    return html`<${Side} side=${side} /> to <b>${at.grouped(market.priceDigits)}</b>: <b>${plain(got.quantity)} ${market.base}</b> in the book${average}`;
  }
  const away = awayOf(order);
  return html`<${Side} side=${side} /> to its limit: <b>${plain(got.quantity)}</b> of ${plain(order.remaining)} ${market.base} in reach now${average ?? `, ${away.grouped(1)} bps to go`}`;
}

// `order` is the chosen one, if it is open and of this market.
export function DepthPlot({ market, order }) {
  const [point, setPoint] = useState(null);
  const now = useRef({});
  const orders = store.open.filter((one) => one.symbol === market.symbol);
  const away = order ? awayOf(order) : null;
  const range = Math.max(ui.zoom, away ? Math.min(ui.zoom * FAR, Math.abs(away.toNumber()) * 1.12) : 0);
  now.current = { market, order, orders, range };
  const limits = orders.reduce((text, one) => text + one.updated_at.slice(-8), '');
  const box = useChart(
    () => optionsOf(now, setPoint),
    () => dataOf(now.current),
    `${market.symbol}-${themeKey()}`,
    [market.book?.updateId, market.touch?.updateId, order?.id, order?.price, ui.zoom, limits],
  );
  const touch = market.touch ? `best bid ${market.touch.bid}, best ask ${market.touch.ask}` : 'no usable book';
  return html`<p class="reach" aria-live="off"><${Reach} market=${market} order=${order} point=${point} /></p>
    <div class="plot" ref=${box} role="img" aria-label=${`Depth of ${market.symbol}: ${touch}; ${whole(orders.length)} of our orders are open`}></div>`;
}

export const openQuantity = (orders, side) => sum(orders.filter((one) => one.side === side).map((one) => Decimal.of(one.remaining)));
