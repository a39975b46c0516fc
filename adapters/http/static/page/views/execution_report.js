// The execution report of an order: what its execution cost against what the market showed, in basis
// points, each with a word beside it and its benchmark. The service counts; this shows.

import { html } from '../../vendor/htm-preact/standalone.mjs';
import { Decimal } from '../decimal.js';
import { NONE, plain, signed } from '../words.js';

const MEASURES = [
  ['arrival', 'Arrival slippage'],
  ['shortfall', 'Implementation shortfall'],
  ['price_improvement', 'Price improvement'],
  ['effective_spread', 'Effective spread'],
  ['markout_1s', 'Markout 1 s'],
  ['markout_10s', 'Markout 10 s'],
  ['markout_60s', 'Markout 60 s'],
  ['interval_vwap', 'Slippage to VWAP'],
  ['limit_vwap', 'Slippage to VWAP at the limit'],
  ['participation', 'Participation'],
];

const MISSING = {
  NOTHING_FILLED: 'nothing is filled',
  NO_ARRIVAL_MID: 'the book was not usable when it came',
  NO_END_MID: 'the book was not usable when it ended',
  NO_OFFER_TOUCH: 'the book was not usable at the offer',
  NO_PRICE_THEN: 'no price is known for that time',
  ORDER_OPEN: 'known when the order has ended',
  FEE_NOT_VALUED: 'a fee was paid in another asset',
  TRADES_NOT_RECORDED: 'public trades are not recorded (--trades), or not all of them',
  NO_TRADES: 'nobody traded meanwhile',
  TOO_MANY_SECONDS: 'it was open for too long',
};
const missingWords = (code) => MISSING[code] ?? code;

export const bps = (figure) => (figure.bps === null ? NONE : signed(Decimal.of(figure.bps)));
const shown = (name, figure) => (name === 'participation' ? bps(figure).replace('+', '') : bps(figure)); // neither cost nor gain

// What stands behind a figure: what it is compared with, of what it is made, and what is missing.
function about(name, figures) {
  const figure = figures[name];
  if (figure.bps === null) return missingWords(figure.missing) ?? 'not known';
  const parts = name === 'shortfall' ? `, of it execution ${bps(figures.execution)}, unfilled ${bps(figures.unfilled)}, fees ${bps(figures.fees)}` : '';
  return `${figure.benchmark}${parts}${figure.missing ? ` (of a part: ${missingWords(figure.missing)})` : ''}`;
}

export function Figures({ figures }) {
  return html`<table><thead><tr><th scope="col">Measure</th><th scope="col" class="right">bps</th><th scope="col"><span class="hidden">in words</span></th><th scope="col">against</th></tr></thead>
    <tbody>${MEASURES.map(([name, text]) => html`<tr key=${name}><th scope="row">${text}</th><td class="right">${shown(name, figures[name])}</td><td>${figures[name].word ?? ''}</td><td class="quiet" title=${about(name, figures)}>${about(name, figures)}</td></tr>`)}</tbody>
  </table>`;
}

export function ExecutionReport({ report }) {
  const { figures, arrival_mid: arrival, order } = report;
  const state = order.status === 'FILLED' || report.end_mid !== null ? 'final' : 'so far';
  const mid = arrival === null ? 'the book was not usable when it came' : `mid at arrival ${plain(arrival)}`;
  return html`<section class="report"><h3>Execution report <span class="keyline">basis points, ${state}; ${mid}</span></h3>
    <${Figures} figures=${figures} /></section>`;
}
