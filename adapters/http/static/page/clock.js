// The service's time. The browser's clock may be wrong by hours, and is never shown or sent: each
// answer says when the service wrote it, to the second (`Date`), and each heartbeat to the
// microsecond. Between them the page counts on with a clock that nobody can set.

const SECOND = 1000;

let offset = null; // the service's time less performance.now(), in milliseconds

// An answer's time is a bound from below when it has come, and one from above when it was asked.
export function hearDate(text, askedAt) {
  const date = Date.parse(text ?? '');
  if (Number.isNaN(date)) return;
  const lowest = date - performance.now();
  const highest = date + SECOND - askedAt;
  if (offset === null || offset < lowest) offset = lowest;
  else if (offset > highest) offset = highest;
}

export function hearTime(text) {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) offset = time - performance.now();
}

export const isKnown = () => offset !== null;

// Milliseconds since 1970, as the service counts them; null before its first answer.
export const now = () => (offset === null ? null : performance.now() + offset);

// How long something took or has been, by a clock that nobody can set.
export const ticks = () => performance.now();
