// An order on its way to the service, so that it is placed once, whatever happens to the page.
// A form has a key from the moment it opens. What has been sent is noted for this tab before it
// leaves, and struck off when the service has answered. After a reload in between, the form comes back
// with the same key and the same words: to ask again with them places nothing twice.

import * as api from './api.js';

const PLACE = 'trade-executor-sent';

// A UUID, also where crypto.randomUUID is not there: plain HTTP to another machine.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function note(sent) {
  try {
    if (sent) sessionStorage.setItem(PLACE, JSON.stringify(sent));
    else sessionStorage.removeItem(PLACE);
  } catch {
    // Nothing can be kept here; the page still sends one key once.
  }
}

// What was sent and not answered: { key, order }, or null.
export function unanswered() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

export const forget = () => note(null);

export async function place(order, key) {
  note({ key, order });
  const answer = await api.placeOrder(order, key);
  if (answer.isAnswered && answer.status < 500 && answer.status !== 401) note(null);
  return answer;
}
