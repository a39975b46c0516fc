// Opens and closes the story of one order, and keeps the address in step: a story is a link.

import { readStory } from './reading.js';
import { isOpen, store } from './store.js';
import { goTo, ui, update } from './ui.js';

const VIEWS = new Set(['service', 'reports']);

export function openStory(id, action = null) {
  const isOther = ui.story !== id;
  Object.assign(ui, { view: 'desk', story: id, cursor: id, action });
  goTo(`#/orders/${id}`);
  chooseOf(id);
  if (isOther) readStory(id).then(() => chooseOf(id));
  update();
}

function chooseOf(id) {
  const order = store.orders.get(id);
  if (!order || ui.story !== id) return;
  if (store.markets.has(order.symbol)) ui.symbol = order.symbol;
  if (ui.tab === 'ended' ? isOpen(order) : !isOpen(order)) Object.assign(ui, { tab: isOpen(order) ? 'open' : 'ended', frozen: null });
  update();
}

export function closeStory() {
  update({ story: null, action: null });
  goTo('#/');
  document.querySelector('.orders .rows')?.focus({ preventScroll: true });
}

export function readAddress() {
  const [, what, id] = location.hash.split('/');
  if (what === 'orders' && id) {
    if (ui.story !== id) openStory(id);
  } else if (VIEWS.has(what)) update({ view: what, story: null, action: null });
  else update({ view: 'desk', story: null, action: null });
}
