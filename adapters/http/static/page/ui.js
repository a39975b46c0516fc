// The state of the page itself: what is chosen, open, sorted. What is traded is in store.js.

const PLACE = 'trade-executor';

function readKept() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    return {};
  }
}

const kept = readKept();

export const ui = {
  view: 'desk', // or 'reports', 'service'
  part: 'orders', // on a phone: 'orders', 'depth' or 'fills'
  symbol: null,
  tab: 'open', // or 'look', 'ended'
  filter: '',
  sort: { key: 'createdAt', isDown: true },
  frozen: null, // a sort is a snapshot: the place of each order by its id
  cursor: null, // the id of the chosen order
  story: null, // the id of the order whose story is open
  action: null, // what is asked for in the story: 'amend', 'pause', 'resume', 'cancel', 'release'
  dialog: null, // 'place', 'halt', 'cancel-all', 'help', 'token'
  zoom: 20, // of the depth, in basis points each way
  hasNotices: false,
  hasKeys: kept.hasKeys ?? true,
  theme: kept.theme ?? 'auto',
};

let draw = () => {};
let isQueued = false;

export function drawWith(action) {
  draw = action;
}

// One redraw a frame, however much has changed.
export function update(change) {
  if (change) Object.assign(ui, change);
  if (isQueued) return;
  isQueued = true;
  requestAnimationFrame(() => {
    isQueued = false;
    draw();
  });
}

export function keep(change) {
  Object.assign(ui, change);
  try {
    localStorage.setItem(PLACE, JSON.stringify({ hasKeys: ui.hasKeys, theme: ui.theme }));
  } catch {
    // a private window: the choice lasts as long as the page
  }
  update();
}

export const phone = matchMedia('(max-width: 760px)');
export const isCalm = matchMedia('(prefers-reduced-motion: reduce)');

export const closeDialog = () => update({ dialog: null });
export const goTo = (hash) => {
  if (location.hash !== hash) location.hash = hash;
};
