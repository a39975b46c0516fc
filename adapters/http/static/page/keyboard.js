// The keys of the desk. Single keys can be switched off (a screen reader's user may want that); arrows,
// Enter and Escape work always.

import { visibleOrders } from './order_list.js';
import { isOpen, isStale, store } from './store.js';
import { closeStory, openStory } from './story.js';
import { goTo, ui, update } from './ui.js';

function move(by) {
  const list = visibleOrders();
  const index = list.findIndex((order) => order.id === ui.cursor);
  const next = list[Math.max(0, Math.min(list.length - 1, index + by))];
  if (!next) return;
  if (ui.story) openStory(next.id);
  else update({ cursor: next.id, symbol: store.markets.has(next.symbol) ? next.symbol : ui.symbol });
}

const chosen = () => {
  const order = store.orders.get(ui.story ?? ui.cursor);
  return order && isOpen(order) ? order : null;
};

function openWith(action) {
  const order = chosen();
  if (order) openStory(order.id, action);
}

const KEYS = {
  '/': () => {
    update({ view: 'desk' });
    document.getElementById('find')?.focus();
  },
  j: () => move(1),
  k: () => move(-1),
  n: () => isStale() || update({ dialog: 'place' }),
  x: () => openWith('cancel'),
  a: () => isStale() || openWith('amend'),
  1: () => goTo('#/'),
  2: () => goTo('#/reports'),
  3: () => goTo('#/service'),
  '?': () => update({ dialog: 'help' }),
};

function closeTop() {
  if (ui.hasNotices) update({ hasNotices: false });
  else if (ui.action) update({ action: null });
  else if (ui.story) closeStory();
}

function press(event) {
  if (event.metaKey || event.ctrlKey || event.altKey || ui.dialog) return;
  const inside = (selector) => event.target.closest?.(selector);
  if (event.key === 'Escape') {
    closeTop();
    return;
  }
  if (inside('input, select, textarea')) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && (event.target === document.body || inside('.rows'))) {
    event.preventDefault();
    move(by);
  } else if (event.key === 'Enter' && !inside('button, a') && ui.cursor) {
    event.preventDefault();
    openStory(ui.cursor);
  } else if (ui.hasKeys && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

export const listen = () => document.addEventListener('keydown', press);
