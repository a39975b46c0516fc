// Which orders the table shows, and in which order.
// A sort is a snapshot: rows never move under the pointer. A click on a heading sorts anew, and new
// orders come on top.

import { Decimal } from './decimal.js';
import { store } from './store.js';
import { ui, update } from './ui.js';
import { awayOf, gainOf } from './words.js';
import { wantsLook, why } from './why.js';

export const COLUMNS = [
  { key: 'side', name: 'Order', of: (order) => order.symbol + order.side },
  { key: 'filled', name: 'Filled / quantity', of: (order) => Decimal.of(order.filled).dividedBy(Decimal.of(order.quantity), 6) },
  { key: 'limit', name: 'Limit', isRight: true, of: (order) => Decimal.of(order.price) },
  { key: 'away', name: 'To touch', isRight: true, unit: 'bps', of: awayOf },
  { key: 'average', name: 'Average', isRight: true, of: (order) => (order.average_price === null ? null : Decimal.of(order.average_price)) },
  { key: 'gain', name: 'vs limit', isRight: true, unit: 'bps', of: (order) => gainOf(order.side, order.average_price, order.price) },
  { key: 'now', name: 'Now', of: (order) => why(order).chip ?? '~' },
  { key: 'name', name: 'Name', of: (order) => order.client_order_id ?? '~' },
  { key: 'createdAt', name: 'Age', isRight: true, of: (order) => order.created_at },
];

export const listOf = (tab) => ({ open: () => store.open, look: () => store.open.filter(wantsLook), ended: () => store.ended })[tab]();

const textOf = (order) => `${order.symbol} ${order.side} ${order.status} ${order.reason ?? ''} ${order.client_order_id ?? ''} ${order.id} ${order.time_in_force}`.toLowerCase();

export function visibleOrders() {
  let list = listOf(ui.tab);
  const words = ui.filter.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length) {
    list = list.filter((order) => {
      const text = textOf(order);
      return words.every((word) => text.includes(word));
    });
  }
  if (ui.frozen?.tab !== ui.tab) return list;
  const { places } = ui.frozen;
  return [...list].sort((a, b) => (places.get(a.id) ?? -1) - (places.get(b.id) ?? -1));
}

function compare(a, b) {
  if (a === null || b === null) return Number(b !== null) - Number(a !== null);
  if (a instanceof Decimal) return a.compare(b);
  return a < b ? -1 : Number(a > b);
}

export function sortBy(column) {
  const isAge = column.key === 'createdAt';
  const isDown = ui.sort.key === column.key ? !ui.sort.isDown : isAge;
  let frozen = null;
  if (!isAge || !isDown) {
    const pairs = listOf(ui.tab).map((order) => [order.id, column.of(order)]);
    pairs.sort(([, a], [, b]) => (isDown ? compare(b, a) : compare(a, b)));
    frozen = { tab: ui.tab, places: new Map(pairs.map(([id], i) => [id, i])) };
  }
  update({ sort: { key: column.key, isDown }, frozen });
}

export const showTab = (tab) => update({ tab, frozen: null, sort: { key: 'createdAt', isDown: true } });
