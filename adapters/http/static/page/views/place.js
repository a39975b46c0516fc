// The form of a new order. Beside it stands what the service says would become of it now.

import { html, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { Decimal } from '../decimal.js';
import { useDryRun } from '../dry_run.js';
import { forget, newKey, place, unanswered } from '../placing.js';
import { readOrder } from '../reading.js';
import { faultOfPrice, faultOfQuantity, faultOfValue } from '../rules.js';
import { isStale, store, takeOrder } from '../store.js';
import { ui } from '../ui.js';
import { amount, betterWord, clockOf, moneyOf, plain } from '../words.js';
import { Dialog, Head, Refusal } from './parts.js';
import { Fields } from './place_fields.js';
import { DryRun, Placed } from './place_beside.js';

const MINUTE = 60000;

function emptyForm() {
  const market = store.markets.get(ui.symbol);
  const price = market?.touch ? market.touch.bid.toFixed(market.priceDigits) : '';
  return { symbol: ui.symbol, side: 'SELL', quantity: '', price, timeInForce: 'GTC', minutes: '30', clientOrderId: '' };
}

// What was sent before a reload, as it was typed.
function formOf(order) {
  return {
    ...emptyForm(), symbol: order.symbol, side: order.side, quantity: order.quantity, price: order.price,
    timeInForce: order.time_in_force, clientOrderId: order.client_order_id ?? '',
  };
}

// When a `GTD` order would expire: to the minute, so that the order is the same from one look to the next.
const endOf = (form) => new Date(Math.ceil(clock.now() / MINUTE + Number(form.minutes)) * MINUTE);

// The order that the form says: the body of the request.
function orderOf(form) {
  const order = {
    symbol: form.symbol, side: form.side, quantity: form.quantity.trim(), price: form.price.trim(), time_in_force: form.timeInForce,
  };
  if (form.timeInForce === 'GTD') order.expires_at = endOf(form).toISOString();
  if (form.clientOrderId.trim()) order.client_order_id = form.clientOrderId.trim();
  return order;
}

function faultsOf(form, market) {
  const price = Decimal.read(form.price);
  const quantity = Decimal.read(form.quantity);
  const faults = [faultOfQuantity(market, quantity), faultOfPrice(market, price)].filter(Boolean);
  const value = faults.length ? null : faultOfValue(market, price, quantity);
  if (value) faults.push(value);
  if (form.timeInForce === 'GTD' && !(Number(form.minutes) > 0 && clock.isKnown())) {
    faults.push({ field: 'expires_at', code: 'EXPIRES_AT_MISSING', words: 'how many minutes?' });
  }
  return faults;
}

const worded = ({ field, code, detail }) => ({ field, code, words: detail });

function untilWords(form) {
  if (form.timeInForce === 'GTC') return 'until cancelled';
  if (form.timeInForce === 'GTD') return `until ${clockOf(endOf(form).getTime())} UTC`;
  return form.timeInForce === 'IOC' ? 'now, the rest expires' : 'all of it now, or nothing';
}

function Effect({ form, market }) {
  const money = moneyOf(store.readiness);
  return html`<b>${form.side} ${plain(form.quantity)} ${market.base} at ${amount(form.price, market.priceDigits)} ${betterWord(form.side)}</b>, ${untilWords(form)}.
    <span class="effect"> ${money.confirm(money.where)}</span>`;
}

function Said({ phase, answer, form, market, faults, isTouched, isAgain }) {
  if (phase === 'sent') return html`Sent. Waiting until it is on disk…`;
  if (isStale()) return html`<b>Placing is off while the stream is lost.</b>`;
  if (isAgain) return html`<b>This order was sent, and the answer is not known.</b> To ask again with the same key places it once, never twice.`;
  if (phase === 'refused') return html`<${Refusal} answer=${answer} effect="it was placed" />`;
  if (!faults.length) return html`<${Effect} form=${form} market=${market} />`;
  if (!isTouched) return html`<span class="quiet">Say how much, and at which limit.</span>`;
  return html`<b>It would be refused</b>: ${faults.map((one, i) => html`${i ? ', ' : ''}<code>${one.code}</code>`)}.`;
}

function goLabel(form, isReady, isAgain) {
  const market = store.markets.get(form.symbol);
  const what = isReady ? `${form.side} ${plain(form.quantity)} ${market.base}` : form.side;
  const real = store.readiness?.real_money ? ', real money' : '';
  return isAgain ? `Ask again: ${what}${real}` : `${what}${real}`;
}

// The key and the words of one form, and what became of them.
function usePlacing() {
  const [sent] = useState(unanswered);
  const [form, setForm] = useState(() => (sent ? formOf(sent.order) : emptyForm()));
  const key = useRef(sent?.key ?? newKey());
  const body = useRef(sent?.order ?? null);
  const isUnderWay = useRef(false);
  const [state, setState] = useState({ phase: sent ? 'unknown' : 'edit', answer: null });
  const send = async () => {
    if (isUnderWay.current) return; // a second press, however it comes
    isUnderWay.current = true;
    body.current ??= orderOf(form);
    setState({ phase: 'sent', answer: null });
    const answer = await place(body.current, key.current);
    if (answer.isOk) {
      takeOrder(answer.body);
      readOrder(answer.body.id);
      setState({ phase: 'done', answer });
      return; // for good: this form has placed its order
    }
    isUnderWay.current = false;
    const isUnknown = !answer.isAnswered || answer.status >= 500 || answer.status === 401;
    if (!isUnknown) body.current = null; // refused: the words may change, and the key stays
    setState({ phase: isUnknown ? 'unknown' : 'refused', answer });
  };
  const startAnew = () => {
    forget();
    key.current = newKey();
    body.current = null;
    setForm(emptyForm());
    setState({ phase: 'edit', answer: null });
  };
  const change = (fields) => {
    setForm({ ...form, ...fields });
    if (state.phase === 'refused') setState({ phase: 'edit', answer: null });
  };
  return { ...state, form, change, send, startAnew, key: key.current };
}

function toButton(event) {
  if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
  event.preventDefault(); // Enter in a field goes to the button; it never sends
  document.getElementById('place-go')?.focus();
}

export function Place() {
  const placing = usePlacing();
  const [isTouched, setTouched] = useState(false);
  const { form, phase, answer, send } = placing;
  const market = store.markets.get(form.symbol);
  const money = moneyOf(store.readiness);
  const local = market ? faultsOf(form, market) : [];
  const isAsked = market && !isStale() && local.length === 0 && phase !== 'done';
  const dry = useDryRun(isAsked ? orderOf(form) : null);
  if (!market) return html`<${Dialog} label="New order" className="sheet"><${Head} title="New order" /><p>${store.isLoaded ? `${form.symbol ?? 'No symbol'} is not traded here.` : 'Reading what is traded…'}</p></${Dialog}>`;
  if (phase === 'done') return html`<${Placed} id=${answer.body.id} money=${money} />`;
  const isAgain = phase === 'unknown';
  const refusals = dry.isCurrent ? dry.run?.refusals ?? dry.refusal?.faults ?? [] : [];
  const faults = local.length ? local : refusals.map(worded);
  const told = phase === 'refused' ? answer.faults.map(worded) : [];
  const isReady = faults.length === 0 && phase !== 'sent' && !isStale() && store.readiness !== null;
  const change = (fields) => {
    setTouched(true);
    placing.change(fields);
  };
  return html`<${Dialog} label="New order" className=${`place money-${money.kind}`}>
    <form onSubmit=${(event) => event.preventDefault()} onKeyDown=${toButton}>
      <${Head} title="New order"><span class="money"><b>${money.chip}</b></span></${Head}>
      <div class="two">
        <${Fields} form=${form} change=${change} market=${market} faults=${[...told, ...(isTouched ? faults : [])]} isOff=${phase === 'sent' || isAgain} />
        <${DryRun} form=${form} market=${market} run=${dry.run} />
      </div>
      <footer>
        <p><${Said} phase=${phase} answer=${answer} form=${form} market=${market} faults=${faults} isTouched=${isTouched} isAgain=${isAgain} />
          <span class="key-note">Key ${placing.key.slice(0, 8)}…: pressing twice places one order. ${isAgain ? html`<button class="plain" type="button" onClick=${placing.startAnew}>Give it up and begin anew</button>` : null}</span></p>
        <button id="place-go" class=${money.kind === 'real' ? 'solid-danger' : 'solid'} type="button" disabled=${!isReady} onClick=${send}>${goLabel(form, isReady, isAgain)}</button>
      </footer>
    </form></${Dialog}>`;
}
