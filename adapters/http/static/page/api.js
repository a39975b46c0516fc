// Calls to the service. Every call ends in an `Outcome`; none throws.
// An outcome is `answered` (the service said so, with a status and a body) or not: then it is not
// known whether the service did anything, and the same call may be made again where it has a key.

import { hearDate, ticks } from './clock.js';
import { authorization } from './token.js';

const PATIENCE = 8000; // milliseconds; the service itself answers within five seconds
const CANCEL_ALL_PATIENCE = 30000; // it may take 20 seconds
const REPORT_PATIENCE = 30000; // of a thousand orders
const UNKNOWN = 'TIMEOUT';
const CSV = 'text/csv';

let onUnauthorized = () => {};

// Called when the service wants a token, or takes this one no more.
export function whenUnauthorized(action) {
  onUnauthorized = action;
}

class Outcome {
  constructor(status, body) {
    this.status = status;
    this.body = body;
  }

  get isAnswered() {
    return this.status > 0 && this.code !== UNKNOWN;
  }

  get isOk() {
    return this.status >= 200 && this.status < 300;
  }

  get code() {
    return this.isOk ? null : this.body?.code ?? `HTTP_${this.status}`;
  }

  // Why not, in the service's words.
  get words() {
    if (this.status === 0) return 'The service did not answer.';
    return this.body?.detail ?? this.body?.title ?? `The service answered ${this.status}.`;
  }

  // What is wrong with which field: [{field, code, detail}].
  get faults() {
    if (this.isOk || !this.body) return [];
    return this.body.errors ?? [this.body];
  }
}

async function read(answer) {
  try {
    return answer.headers.get('Content-Type').startsWith(CSV) ? await answer.blob() : await answer.json();
  } catch {
    return null; // no JSON: a proxy's page
  }
}

async function call(method, path, { body, headers = {}, patience = PATIENCE, accept = 'application/json' } = {}) {
  const askedAt = ticks();
  const request = {
    method,
    headers: { Accept: accept, ...authorization(), ...headers },
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  };
  if (body !== undefined) {
    request.headers['Content-Type'] = 'application/json';
    request.body = JSON.stringify(body);
  }
  try {
    const answer = await fetch(path, request);
    hearDate(answer.headers.get('Date'), askedAt);
    const outcome = new Outcome(answer.status, await read(answer));
    if (answer.status === 401) onUnauthorized();
    return outcome;
  } catch {
    return new Outcome(0, null);
  }
}

const ORDERS = '/api/v1/orders';
const query = (values) => {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return known.length ? `?${new URLSearchParams(known)}` : '';
};

export const readReadiness = () => call('GET', '/readyz');
export const readHalt = () => call('GET', '/api/v1/halt');
export const readSymbols = () => call('GET', '/api/v1/symbols');
export const readBook = (symbol, limit) => call('GET', `/api/v1/symbols/${symbol}/book?limit=${limit}`);
export const readOrder = (id) => call('GET', `${ORDERS}/${id}`);
export const readOrders = (status, cursor = null, limit = 500) => call('GET', ORDERS + query({ status, limit, cursor }));
export const readSummary = (id) => call('GET', `${ORDERS}/${id}/summary`);
export const readNow = (id) => call('GET', `${ORDERS}/${id}/now`);
export const readReport = (id) => call('GET', `${ORDERS}/${id}/report`);
export const readPeriod = (period) => call('GET', `/api/v1/report${query(period)}`, { patience: REPORT_PATIENCE });
// The body is a file.
export const readPeriodFile = (period) => call('GET', `/api/v1/report${query(period)}`, { patience: REPORT_PATIENCE, accept: CSV });
export const readWebhooks = () => call('GET', '/api/v1/webhooks');
export const readEvents = (id, cursor = null) => call('GET', `${ORDERS}/${id}/events${query({ cursor })}`);

export const readChildren = (id, cursor = null) => call('GET', `${ORDERS}/${id}/children${query({ cursor })}`);
export const readTouches = (id) => call('GET', `${ORDERS}/${id}/touches`);
export const readPrices = (id, step, cursor) => call('GET', `${ORDERS}/${id}/prices${query({ step, cursor })}`);

export const placeOrder = (order, key) => call('POST', ORDERS, { body: order, headers: { 'Idempotency-Key': key } });
export const amendOrder = (id, terms) => call('PATCH', `${ORDERS}/${id}`, { body: terms });
// Says what would become of an order now; nothing is kept.
export const tryOrder = (order) => call('POST', `${ORDERS}?validate_only=true`, { body: order });
export const cancelAll = (symbol) => call('DELETE', ORDERS + query({ symbol }), { patience: CANCEL_ALL_PATIENCE });
export const cancelOrder = (id) => call('DELETE', `${ORDERS}/${id}`);
export const pauseOrder = (id) => call('POST', `${ORDERS}/${id}/pause`, { body: {} });
export const resumeOrder = (id) => call('POST', `${ORDERS}/${id}/resume`, { body: {} });
export const releaseOrder = (id) => call('POST', `${ORDERS}/${id}/release`, { body: {} });
export const setHalt = (isOn, reason) => call('POST', `/api/v1/${isOn ? 'halt' : 'resume'}`, { body: reason ? { reason } : {} });
