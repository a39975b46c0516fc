// Trouble on demand, for tests: it stands between the page and the network. What there is to be is in
// localStorage ("meddle"), so that it is there from the first request on and outlives a reload.
{
  const fetchOf = window.fetch.bind(window);
  const trouble = () => {
    try {
      return JSON.parse(localStorage.getItem('meddle')) ?? {};
    } catch {
      return {};
    }
  };
  const streams = new Set();
  window.meddled = { sent: [] };

  // Cuts the stream; with `cut` in the trouble it cannot be opened again.
  window.meddled.cutStream = () => {
    for (const stream of streams) stream.abort();
    streams.clear();
  };

  if (trouble().hoursAhead) {
    const now = Date.now.bind(Date);
    Date.now = () => now() + trouble().hoursAhead * 3600000;
  }

  // Whether somebody sees the page; `unseen` says so from the first moment on.
  let isHidden = Boolean(trouble().unseen);
  const { get: isReallyHidden } = Object.getOwnPropertyDescriptor(Document.prototype, 'hidden');
  Object.defineProperty(document, 'hidden', { get: () => isHidden || isReallyHidden.call(document) });
  window.meddled.hide = (isNow) => {
    isHidden = isNow;
    document.dispatchEvent(new Event('visibilitychange'));
  };

  if (trouble().timesFaster) {
    const wait = window.setTimeout.bind(window);
    window.setTimeout = (action, milliseconds = 0) => wait(action, milliseconds / trouble().timesFaster);
  }

  const json = (body, status = 200) => new Response(JSON.stringify(body), {
    status, headers: { 'Content-Type': 'application/json', Date: new Date().toUTCString() },
  });

  // So many open orders, in pages.
  function manyOrders(url, count) {
    const limit = Number(url.searchParams.get('limit'));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const items = [];
    for (let i = from; i < Math.min(count, from + limit); i += 1) {
      const at = new Date(Date.UTC(2026, 0, 1) - i * 1000).toISOString().replace('Z', '000Z');
      items.push({
        id: `01M0000000000000000${String(i).padStart(7, '0')}`, client_order_id: null, symbol: 'BTCUSDT',
        side: i % 2 ? 'BUY' : 'SELL', quantity: '1.5', price: i % 2 ? `${20000 + i}.01` : `${200000 + i}.99`,
        time_in_force: 'GTC', status: i % 5 ? 'NEW' : 'PARTIALLY_FILLED', reason: null, filled: i % 5 ? '0' : '0.25',
        remaining: i % 5 ? '1.5' : '1.25', average_price: i % 5 ? null : '64000.12', created_at: at, updated_at: at,
      });
    }
    const end = from + limit;
    return json({ items, next_cursor: end < count ? String(end) : null });
  }

  function answer(path, options) {
    const { cut, many } = trouble();
    const method = options.method ?? 'GET';
    const url = new URL(path, location.origin);
    if (cut && url.pathname === '/api/v1/stream') throw new TypeError('cut');
    if (many && url.pathname === '/api/v1/orders' && url.searchParams.get('status') === 'open') return manyOrders(url, many);
    if (method !== 'GET') window.meddled.sent.push({ method, path: url.pathname, headers: options.headers, body: options.body ?? null });
    return null;
  }

  window.fetch = async (path, options = {}) => {
    const own = answer(path, options);
    if (own) return own;
    if (String(path).includes('/api/v1/stream')) {
      const cutter = new AbortController();
      streams.add(cutter);
      return fetchOf(path, { ...options, signal: AbortSignal.any([options.signal, cutter.signal]) });
    }
    const isPlacing = options.method === 'POST' && String(path).endsWith('/api/v1/orders');
    const got = await fetchOf(path, options);
    if (isPlacing && trouble().losesAnswer) await new Promise(() => {}); // the answer never comes
    return got;
  };
}
