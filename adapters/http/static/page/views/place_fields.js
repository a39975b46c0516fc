// The fields of a new order. A fault stands under its field, in a line that is always there.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { Decimal } from '../decimal.js';
import { store } from '../store.js';
import { GLYPH, TIMES_IN_FORCE } from '../words.js';

const MANY = 100; // ticks, with Shift

function Below({ id, faults, field, children }) {
  const all = faults.filter((one) => one.field === field);
  const title = all.map((one) => `${one.code}: ${one.words}`).join('\n');
  const [first] = all;
  const more = all.length > 1 ? ` (+${all.length - 1})` : '';
  return html`<div class="below" id=${id}>${first ? html`<span class="fault" title=${title}><code>${first.code}</code> ${first.words}${more}</span>` : children}</div>`;
}

// One of a few, as buttons: arrows move within, as in any group of radio buttons.
function Choice({ label, id, options, value, onChange, text = (one) => one, classOf = () => '' }) {
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const index = (options.indexOf(value) + by + options.length) % options.length;
    onChange(options[index]);
    event.currentTarget.children[index].focus();
  };
  return html`<div class="field"><span id=${id}>${label}</span><div class="segments" role="radiogroup" aria-labelledby=${id} onKeyDown=${move}>
    ${options.map((one) => html`<button key=${one} type="button" role="radio" aria-checked=${value === one} tabindex=${value === one ? 0 : -1} class=${classOf(one)} onClick=${() => onChange(one)}>${text(one)}</button>`)}
  </div></div>`;
}

function SymbolAndSide({ form, change, market, faults }) {
  const choose = (event) => {
    const next = store.markets.get(event.target.value);
    const touch = next.touchFor(form.side);
    change({ symbol: next.symbol, price: touch ? touch.toFixed(next.priceDigits) : '', quantity: '' });
  };
  const { touch } = market;
  const prices = touch ? `bid ${touch.bid.grouped(market.priceDigits)} · ask ${touch.ask.grouped(market.priceDigits)}` : 'no usable book';
  const state = market.canTrade ? 'trades' : `does not trade now: ${market.trouble ?? 'not known'}`;
  return html`<div class="pair">
      <label class="field"><span>Symbol</span><select value=${form.symbol} onChange=${choose}>${[...store.markets.keys()].map((symbol) => html`<option key=${symbol} value=${symbol}>${symbol}</option>`)}</select></label>
      <${Choice} label="Side" id="side-name" options=${['BUY', 'SELL']} value=${form.side} onChange=${(side) => change({ side })} text=${(side) => `${GLYPH[side]} ${side}`} classOf=${(side) => side.toLowerCase()} />
    </div>
    <${Below} faults=${faults} field="symbol"><span class="quiet">${prices} · ${state}</span></${Below}>`;
}

function Quantity({ form, change, market, faults }) {
  const isWrong = faults.some((one) => one.field === 'quantity');
  return html`<label class="field"><span>Quantity</span><span class="unit">
      <input id="place-quantity" inputmode="decimal" autocomplete="off" autofocus value=${form.quantity} aria-describedby="below-quantity" aria-invalid=${isWrong} onInput=${(event) => change({ quantity: event.target.value })} /><i>${market.base}</i></span></label>
    <${Below} id="below-quantity" faults=${faults} field="quantity"><span class="quiet">in steps of ${String(market.step)}</span></${Below}>`;
}

function Limit({ form, change, market, faults }) {
  const isWrong = faults.some((one) => one.field === 'price');
  const write = (value) => change({ price: value.toFixed(market.priceDigits) });
  const step = (event) => {
    const way = { ArrowUp: 1n, ArrowDown: -1n }[event.key];
    const price = Decimal.read(form.price);
    if (!way || price === null || market.tick.sign === 0) return;
    event.preventDefault();
    const ticks = new Decimal(event.shiftKey ? way * BigInt(MANY) : way, 0);
    write(price.plus(market.tick.times(ticks)));
  };
  const { touch } = market;
  const set = (name, value) => html`<button class="plain" type="button" onClick=${() => write(value)}>${name}</button>`;
  return html`<label class="field"><span>Limit</span><span class="unit">
      <input id="place-price" inputmode="decimal" autocomplete="off" value=${form.price} aria-describedby="below-price" aria-invalid=${isWrong} onInput=${(event) => change({ price: event.target.value })} onKeyDown=${step} /><i>${market.quote}</i></span></label>
    <${Below} id="below-price" faults=${faults} field="price">${touch ? html`<span class="quiet">set to</span> ${set('bid', touch.bid)} ${set('ask', touch.ask)} <span class="quiet wide">· ↑ ↓ one tick, with Shift ${MANY}</span>` : null}</${Below}>`;
}

export function Fields({ form, change, market, faults, isOff }) {
  const minutes = html` <input class="tiny" inputmode="numeric" aria-label="Minutes" value=${form.minutes} onInput=${(event) => change({ minutes: event.target.value })} /> <span class="quiet">min</span>`;
  return html`<fieldset disabled=${isOff}>
    <${SymbolAndSide} form=${form} change=${change} market=${market} faults=${faults} />
    <${Quantity} form=${form} change=${change} market=${market} faults=${faults} />
    <${Limit} form=${form} change=${change} market=${market} faults=${faults} />
    <${Choice} label="Works" id="works-name" options=${Object.keys(TIMES_IN_FORCE)} value=${form.timeInForce} onChange=${(timeInForce) => change({ timeInForce })} />
    <div class="below"><span class="quiet">${TIMES_IN_FORCE[form.timeInForce]}</span>${form.timeInForce === 'GTD' ? minutes : null}</div>
    <label class="field"><span>Your own id</span><input class="mono" placeholder="optional" maxlength="36" autocomplete="off" value=${form.clientOrderId} onInput=${(event) => change({ clientOrderId: event.target.value })} /></label>
    <${Below} faults=${faults} field="client_order_id" />
  </fieldset>`;
}
